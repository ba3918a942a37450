"""What clients see as ``error:``: one text per cause, gone when the cause is cured."""

from __future__ import annotations

import enum
from typing import TypeAlias, assert_never

from actors.messages import (
    MusicLost,
    MusicRestored,
    OutputLost,
    OutputRestored,
    SideOutputFailed,
    SideOutputRestored,
    StateSaved,
    StorageFailed,
)

ProblemNews: TypeAlias = (
    OutputLost
    | OutputRestored
    | SideOutputFailed
    | SideOutputRestored
    | MusicLost
    | MusicRestored
    | StorageFailed
    | StateSaved
)


class Problem(enum.IntEnum):
    """Causes, the most pressing first."""

    OUTPUT = 1
    MUSIC = 2
    STORAGE = 3
    DECODE = 4
    SIDE_OUTPUT = 5


class Problems:
    """The problems there are now."""

    def __init__(self) -> None:
        self._texts: dict[Problem, str] = {}
        self._sides: dict[int, str] = {}

    def hear(self, news: ProblemNews) -> None:
        """Something has been lost, or is back."""
        match news:
            case OutputLost(text):
                self.note(Problem.OUTPUT, text)
            case OutputRestored():
                self.cured(Problem.OUTPUT)
            case SideOutputFailed(number, text):
                self._sides[number] = text
                self.note(Problem.SIDE_OUTPUT, text)
            case SideOutputRestored(number):
                self._side_restored(number)
            case MusicLost(text):
                self.note(Problem.MUSIC, text)
            case MusicRestored():
                self.cured(Problem.MUSIC)
            case StorageFailed(text):
                self.note(Problem.STORAGE, text)
            case StateSaved():
                self.cured(Problem.STORAGE)
            case _:
                assert_never(news)

    def note(self, problem: Problem, text: str) -> None:
        """There is a problem, or it has a new text."""
        self._texts[problem] = text

    def cured(self, problem: Problem) -> None:
        """That problem is over."""
        self._texts.pop(problem, None)

    def _side_restored(self, number: int) -> None:
        self._sides.pop(number, None)
        if self._sides:
            self.note(Problem.SIDE_OUTPUT, next(iter(self._sides.values())))
        else:
            self.cured(Problem.SIDE_OUTPUT)

    def is_noted(self, problem: Problem) -> bool:
        """Return whether there is that problem."""
        return problem in self._texts

    def clear(self) -> None:
        """The user has read them all; what persists comes back with its next occurrence."""
        self._texts.clear()
        self._sides.clear()

    @property
    def text(self) -> str | None:
        """The most pressing problem's text; None if all is well."""
        return self._texts[min(self._texts)] if self._texts else None
