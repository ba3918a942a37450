"""``python -m wkmp``."""

import sys

from wkmp.cli import main

sys.exit(main(sys.argv[1:]))
