"""Whether what is written goes to systemd's journal, which reads priorities."""

from __future__ import annotations

import os
from typing import Final, TextIO

ERROR: Final = "<3>"
"""Before a line: an error, see sd-daemon(3)."""


def goes_to_journal(stream: TextIO) -> bool:
    """Return whether systemd has connected this stream to its journal."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(about.st_dev), str(about.st_ino))
