"""``python -m wkmp``."""

import contextlib
import os
import sys

from wkmp.cli import main

status = main(sys.argv[1:])
with contextlib.suppress(OSError):  # nobody may be reading any more
    sys.stdout.flush()
    sys.stderr.flush()
# Threads that decode, or hang in a driver or a dead network mount, are left to themselves. An
# interpreter that is taken down in order waits for some of them, and crashes with others.
os._exit(status)
