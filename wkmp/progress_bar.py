"""How far an analysis is, on one line of a terminal, or as a line now and then in a pipe."""

from __future__ import annotations

import shutil
import sys
from typing import Final, TextIO

from wkmp.analysis_progress import Progress

_BAR: Final = 24
_LINES: Final = 20
"""In a pipe a line is written for each twentieth of the work."""


def summary(progress: Progress, now_s: float) -> str:
    """Say in words how far it is."""
    if progress.files is None:
        return "looking for files" if progress.running else "nothing was looked for"
    words = [f"{progress.done} of {progress.files} files", f"{int(progress.share * 100)} %"]
    left_s = progress.left_s(now_s)
    if left_s is not None:
        words.append(f"{duration(left_s)} left")
    return ", ".join(words)


def duration(seconds: float) -> str:
    """Say how long something takes, no more exactly than anybody can know."""
    for unit_s, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 1.5 * unit_s:
            return f"{round(seconds / unit_s)} {name}"
    return f"{round(seconds)} s"


class ProgressBar:
    """Shows one analysis.

    Args:
        out: where to.
    """

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._in_terminal = out.isatty()
        self._shown = ""
        self._failures = 0
        self._step = -1

    def show(self, progress: Progress, now_s: float) -> None:
        """Show how far it is now."""
        if progress.failed > self._failures:
            self._failures = progress.failed
            self.say(f"cannot be measured: {progress.failure}")
        if self._in_terminal:
            self._draw(f"{_bar(progress.share)} {summary(progress, now_s)}  {progress.uri}")
        elif progress.files is not None and int(progress.share * _LINES) > self._step:
            self._step = int(progress.share * _LINES)
            self.say(summary(progress, now_s))

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self._erase()
        self._out.write(f"{line}\n")
        self._out.flush()

    def _draw(self, line: str) -> None:
        shown = line[: shutil.get_terminal_size().columns - 1]
        if shown != self._shown:
            self._erase()
            self._out.write(shown)
            self._out.flush()
            self._shown = shown

    def _erase(self) -> None:
        if self._shown:
            self._out.write("\r\x1b[2K")
            self._shown = ""


def _bar(share: float) -> str:
    done = round(_BAR * min(1.0, share))
    return "█" * done + "·" * (_BAR - done)
