"""Keeps a fault that repeats from filling the log."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

WINDOW_S: Final = 60.0
_REMEMBERED: Final = 256
_NEVER_DROPPED: Final = "[WATCHDOG]"


@dataclass(slots=True)
class _Seen:
    shown_s: float
    dropped: int = 0


class Repeats:
    """Remembers which lines were shown lately; no timers, so nothing wakes up for it.

    Not to be called by two threads at once: ``logging`` holds its handler's lock around it.
    """

    def __init__(self) -> None:
        self._seen: dict[Hashable, _Seen] = {}

    def passed(self, fault: Hashable, message: str, now_s: float) -> str | None:
        """Return what to show for a line: itself, itself with a count, or None for nothing.

        A watchdog intervention is shown each time: it is a bug, and alerts read these lines.

        Args:
            fault: what the line is about; equal ones are repeats, whatever their words.
            message: the line.
            now_s: the time, by any clock that goes on.
        """
        if _NEVER_DROPPED in message:
            return message
        seen = self._seen.get(fault)
        if seen is not None and now_s - seen.shown_s < WINDOW_S:
            seen.dropped += 1
            return None
        self._seen.pop(fault, None)
        if len(self._seen) >= _REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[fault] = _Seen(now_s)
        if seen is None or not seen.dropped:
            return message
        return f"{message} (and {seen.dropped} times more since it was last shown)"
