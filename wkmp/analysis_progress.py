"""How far an analysis is, and how that is told to a shell through the one door."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an analysis is, or how far the last one came.

    Attributes:
        running: True until it has ended.
        below: what it is restricted to.
        files: how many there are to be measured; None until they are found.
        measured: how many have been.
        failed: how many could not be.
        later: how many were left for the next time.
        known: how many needed no measuring.
        size_bytes: of all files to be measured.
        done_bytes: of those that are done with.
        uri: the file that is being measured.
        begun_s: monotonic clock when measuring began.
        ended_s: the same when it ended.
        failure: the latest file that could not be measured, and why.
        trouble: why it has ended before its time.
    """

    running: bool = False
    below: str = ""
    files: int | None = None
    measured: int = 0
    failed: int = 0
    later: int = 0
    known: int = 0
    size_bytes: int = 0
    done_bytes: int = 0
    uri: str = ""
    begun_s: float = field(default_factory=time.monotonic)
    ended_s: float | None = None
    failure: str = ""
    trouble: str = ""

    @property
    def done(self) -> int:
        """How many files are done with."""
        return self.measured + self.failed + self.later

    @property
    def share(self) -> float:
        """How much is done, 0 … 1, by size."""
        return self.done_bytes / self.size_bytes if self.size_bytes else float(not self.running)

    def left_s(self, now_s: float) -> float | None:
        """Return how long the rest will take; None while nobody can know."""
        if not self.running or not self.done_bytes:
            return None
        return (now_s - self.begun_s) * (1.0 / self.share - 1.0)


def states_of(progress: Progress) -> dict[str, float]:
    """Return how many files of an analysis are in each state."""
    waiting = (progress.files or 0) - progress.done if progress.running else 0
    return {
        "measured": progress.measured,
        "failed": progress.failed,
        "later": progress.later,
        "waiting": waiting,
    }


def pairs_of(progress: Progress, now_s: float) -> list[tuple[str, str]]:
    """Write progress as the pairs of an answer; clocks as seconds that have passed."""
    pairs: list[tuple[str, str]] = []
    for each in fields(progress):
        value = getattr(progress, each.name)
        if value is not None:
            shown = f"{now_s - value:.3f}" if each.name in _CLOCKS else str(value)
            pairs.append((each.name, shown.replace("\n", " ")))
    return pairs


def progress_of(pairs: Sequence[tuple[str, str]], now_s: float) -> Progress:
    """Read the pairs of an answer."""
    said = dict(pairs)
    values: dict[str, object] = {}
    for each in fields(Progress):
        text = said.get(each.name)
        if text is None:
            values[each.name] = None
        elif each.name in _CLOCKS:
            values[each.name] = now_s - float(text)
        elif each.name == "running":
            values[each.name] = text == str(True)
        else:
            values[each.name] = text if each.name in _TEXTS else int(text)
    return Progress(**values)  # type: ignore[arg-type]  # by name


_CLOCKS: Final = frozenset({"begun_s", "ended_s"})
_TEXTS: Final = frozenset({"below", "uri", "failure", "trouble"})
