"""Finding out whether a PCM opens, without being caught in it.

Opening, dropping and closing a PCM hold Python's interpreter lock, and one that belongs to a
sound server waits in there for the server's answer: a server that hangs would take the whole
daemon with it. So whoever has reason to doubt asks a child process first, which can be killed.
"""

from __future__ import annotations

import enum
import subprocess
import sys
from typing import Final

_TRY_TO_OPEN: Final = """
import os, sys, alsaaudio
try:
    alsaaudio.PCM(alsaaudio.PCM_PLAYBACK, alsaaudio.PCM_NONBLOCK, device=sys.argv[1])
except alsaaudio.ALSAAudioError:
    os._exit(1)
os._exit(0)
"""


class Answer(enum.Enum):
    """What came of an attempt to open a PCM."""

    OPENED = enum.auto()
    REFUSED = enum.auto()
    """At once: no such device, busy, no server."""
    SILENT = enum.auto()
    """Not within the time: its server hangs."""


def probe(name: str, timeout_s: float = 2.0) -> Answer:
    """Open the PCM called ``name`` in a child process and leave it again."""
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", _TRY_TO_OPEN, name],
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Answer.SILENT
    return Answer.OPENED if child.returncode == 0 else Answer.REFUSED
