"""The program: command line, configuration, start and stop, logging, metrics."""

import os

VERSION = "0.1.0"

# Read once, when numpy is first imported; saves a thread that wkmp has no use for.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
