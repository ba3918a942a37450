from __future__ import annotations

import io

import pytest

from wkmp.analysis_progress import Progress
from wkmp.progress_bar import ProgressBar, duration, summary

HALF = Progress(
    running=True, files=4, measured=1, failed=1, size_bytes=1000, done_bytes=500, begun_s=100.0,
    uri="a/b.flac", failure="c.mp3: torn",
)  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5000, "83 min"),
        (5400, "2 h"),
        (100_000, "28 h"),
        (200_000, "2 d"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_summary_says_what_is_known() -> None:
    assert summary(HALF, 160.0) == "2 of 4 files, 50 %, 60 s left"
    assert summary(Progress(running=True, files=4, size_bytes=9), 0.0) == "0 of 4 files, 0 %"
    assert summary(Progress(running=True), 0.0) == "looking for files"
    assert summary(Progress(files=0), 0.0) == "0 of 0 files, 100 %"


def test_in_a_terminal_the_line_is_drawn_over_and_failures_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "64")
    out = Terminal()
    bar = ProgressBar(out)
    bar.show(HALF, 160.0)
    bar.show(HALF, 160.0)
    drawn = "████████████············ 2 of 4 files, 50 %, 60 s left  a/b.flac"
    assert out.getvalue() == f"cannot be measured: c.mp3: torn\n{drawn[:63]}"
    bar.say("end")
    assert out.getvalue().endswith("\r\x1b[2Kend\n")


def test_in_a_pipe_there_is_a_line_now_and_then() -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    bar.show(Progress(running=True), 100.0)
    for done in range(0, 1001, 10):
        bar.show(Progress(running=True, files=100, measured=done // 10, size_bytes=1000,
                          done_bytes=done, begun_s=100.0), 100.0)  # fmt: skip
    lines = out.getvalue().splitlines()
    assert len(lines) == 21
    assert lines[0] == "0 of 100 files, 0 %"
    assert lines[-1] == "100 of 100 files, 100 %, 0 s left"
