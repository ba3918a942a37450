"""What clients see as ``error:``: one text per cause, gone when the cause is cured."""

from __future__ import annotations

import enum


class Problem(enum.IntEnum):
    """Causes, the most pressing first."""

    OUTPUT = 1
    STORAGE = 2
    DECODE = 3


class Problems:
    """The problems there are now."""

    def __init__(self) -> None:
        self._texts: dict[Problem, str] = {}

    def note(self, problem: Problem, text: str) -> None:
        """There is a problem, or it has a new text."""
        self._texts[problem] = text

    def cured(self, problem: Problem) -> None:
        """That problem is over."""
        self._texts.pop(problem, None)

    def clear(self) -> None:
        """The user has read them all; what persists comes back with its next occurrence."""
        self._texts.clear()

    @property
    def text(self) -> str | None:
        """The most pressing problem's text; None if all is well."""
        return self._texts[min(self._texts)] if self._texts else None
