"""Finding out whether a PCM opens, without being caught in it.

Opening, dropping and closing a PCM hold Python's interpreter lock, and one that belongs to a
sound server waits in there for the server's answer: a server that hangs would take the whole
daemon with it. So whoever has reason to doubt asks a child process first, which can be killed.
"""

from __future__ import annotations

import enum
import subprocess
import sys
import time
from typing import Final

_TRY_TO_OPEN: Final = """
import os, sys, alsaaudio
try:
    alsaaudio.PCM(alsaaudio.PCM_PLAYBACK, alsaaudio.PCM_NONBLOCK, device=sys.argv[1])
except alsaaudio.ALSAAudioError:
    os._exit(1)
os._exit(0)
"""


_OF_THE_KERNEL: Final = ("hw:", "plughw:")
"""PCMs that lead to a card without a server in between; they do not hang."""

_alive_s: dict[str, float] = {}
"""When the PCM of that name last showed life, by the monotonic clock."""


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


def note_alive(name: str) -> None:
    """Remember that the PCM has just done what it was told."""
    _alive_s[name] = time.monotonic()


def note_lost(name: str) -> None:
    """Remember that the PCM has failed; it has to be probed before it is trusted again."""
    _alive_s.pop(name, None)


def answers(name: str, within_s: float) -> bool:
    """Return whether the PCM can be called without being caught in it.

    If it showed life in the last ``within_s`` seconds that is enough; else it is probed, which
    takes some 50 ms, and up to two seconds if it hangs.
    """
    if name.startswith(_OF_THE_KERNEL):
        return True
    if time.monotonic() - _alive_s.get(name, float("-inf")) < within_s:
        return True
    note_lost(name)
    if probe(name) is Answer.SILENT:
        return False
    note_alive(name)
    return True
