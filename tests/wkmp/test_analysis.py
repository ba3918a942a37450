"""An analysis from its start to its end, stopped, broken off, and followed by another one."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from playback.errors import StorageError
from playback.measurement import FileVersion, MeasuredFile, Measurement, Unmeasurable
from playback.units import Ticks
from tests.waiting import until
from wkmp.analysis import Analysis
from wkmp.analysis_progress import Progress, pairs_of, progress_of, states_of
from wkmp.analysis_wire import (
    Begun,
    Found,
    Later,
    Measured,
    News,
    Passed,
    Trouble,
    answer_line,
    answer_of,
    news_line,
    news_of,
)

MEASUREMENT = Measurement(
    -12.5, 0.5, 0.75, Ticks(1), Ticks(2), ((-30.0, 0.0), (-1.5, 2.5)), ((-2.0, 0.1),)
)
GOOD = MeasuredFile("a\udcff.flac", FileVersion(1, 100), MEASUREMENT)
BAD = MeasuredFile("b.flac", FileVersion(2, 300), Unmeasurable("no\nsound"))
STORY: tuple[News, ...] = (
    Found(3, 500, 7),
    Begun(GOOD.uri),
    Measured(GOOD),
    Begun(BAD.uri),
    Measured(BAD),
    Passed("c.flac", 100, "gone"),
)


def telling(*news: News, then: str = "") -> tuple[str, ...]:
    """A command that tells some news and then does what is asked of it."""
    text = "".join(news_line(each) for each in news)
    return (sys.executable, "-c", f"import sys, os; print({text!r}, end='', flush=True); {then}")


WAITING = "sys.stdin.read()"


class House:
    """An analysis, and what it has saved."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self.saved: list[MeasuredFile] = []
        self.analysis = Analysis("/music", "/database", self.save, command)

    def save(self, file: MeasuredFile) -> None:
        self.saved.append(file)

    def runs(self, below: str = "") -> Progress:
        assert self.analysis.start(below)
        self.analysis.wait(10.0)
        return self.analysis.progress


@pytest.mark.parametrize("news", [*STORY, Trouble("x")])
def test_news_is_read_as_it_was_told(news: News) -> None:
    assert news_of(news_line(news)) == news


@pytest.mark.parametrize("answer", [MEASUREMENT, BAD.outcome, Later("disk full")])
def test_answers_are_read_as_they_were_given(answer: Measurement | Unmeasurable | Later) -> None:
    assert answer_of(answer_line(answer)) == answer
    assert answer_of('{"at": 1}') is None


def test_all_news_is_counted_and_what_is_measured_is_saved(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House(telling(*STORY))
    with caplog.at_level(logging.INFO):
        end = house.runs()
    assert house.saved == [GOOD, BAD]
    assert not end.running
    assert (end.files, end.known) == (3, 7)
    assert (end.measured, end.failed, end.later) == (1, 1, 1)
    assert (end.size_bytes, end.done_bytes, end.share) == (500, 500, 1.0)
    assert (end.uri, end.trouble, end.failure) == ("", "", "b.flac: no\nsound")
    assert "b.flac cannot be measured: no\nsound" in caplog.messages
    assert "Measuring has ended: 1 files measured, 1 could not be" in caplog.messages


def test_in_the_middle_it_says_how_far_it_is() -> None:
    house = House(telling(*STORY[:3], Begun("b.flac"), then=WAITING))
    assert house.analysis.start("below")
    until(lambda: house.analysis.progress.uri == "b.flac", "the second file is begun")
    now = house.analysis.progress
    assert (now.running, now.below, now.done, now.share) == (True, "below", 1, 0.2)
    assert now.left_s(now.begun_s + 10.0) == pytest.approx(40.0)
    assert states_of(now) == {"measured": 1, "failed": 0, "later": 0, "waiting": 2}
    assert not house.analysis.start("another")
    house.analysis.stop()
    house.analysis.wait(10.0)
    assert not house.analysis.progress.running
    assert house.analysis.progress.trouble == ""


def test_one_that_is_asked_for_meanwhile_follows_if_that_is_wanted(tmp_path: Path) -> None:
    note = tmp_path / "jobs"
    then = f"open({str(note)!r}, 'a').write(sys.argv[1] + chr(10)); sys.stdin.readline()"
    house = House(telling(then=then))
    assert house.analysis.start("first")
    until(lambda: note.exists() and note.read_text("utf-8"), "it has begun")
    assert not house.analysis.start("forgotten")
    assert not house.analysis.start("second", again=True)
    process = house.analysis._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()
    until(lambda: len(note.read_text("utf-8").splitlines()) == 2, "the second one has begun")
    jobs = [json.loads(line) for line in note.read_text("utf-8").splitlines()]
    assert jobs == [
        {"music": "/music", "database": "/database", "below": below}
        for below in ("first", "second")
    ]
    house.analysis.stop()
    house.analysis.wait(10.0)
    assert not house.analysis.progress.running


def test_a_process_that_crashes_is_trouble(caplog: pytest.LogCaptureFixture) -> None:
    end = House(telling(*STORY[:3], then="os.abort()")).runs()
    assert end.trouble == "the process that measures has ended with status -6"
    assert f"Measuring has ended early: {end.trouble}" in caplog.messages


def test_a_line_that_is_cut_off_is_no_news() -> None:
    half = news_line(Measured(GOOD))[:-20]
    end = House(telling(*STORY[:3], then=f"sys.stdout.write({half!r})")).runs()
    assert (end.measured, end.trouble) == (1, "")


def test_one_that_cannot_be_begun_is_trouble(caplog: pytest.LogCaptureFixture) -> None:
    house = House(("/nonexistent/program",))
    assert not house.analysis.start("a")
    assert not house.analysis.progress.running
    assert house.analysis.progress.trouble.startswith("it does not start: ")
    assert "Measuring has ended early: it does not start" in caplog.text


def test_trouble_that_it_tells_of_is_kept() -> None:
    assert House(telling(Trouble("no songs"))).runs().trouble == "no songs"


def test_a_disk_that_takes_nothing_ends_it() -> None:
    house = House(telling(*STORY, then=WAITING))

    def refuse(file: MeasuredFile) -> None:
        raise StorageError(f"disk full at {file.uri}")

    house.analysis._save = refuse
    end = house.runs()
    assert end.trouble == f"disk full at {GOOD.uri}"


def test_progress_goes_through_the_door() -> None:
    progress = Progress(True, "a", 10, 1, 2, 3, 4, 500, 250, "b", 100.0, None, "c: d", "e")
    assert progress_of(pairs_of(progress, 107.0), 7.0) == Progress(
        True, "a", 10, 1, 2, 3, 4, 500, 250, "b", 0.0, None, "c: d", "e"
    )
    assert progress_of(pairs_of(Progress(begun_s=1.0, ended_s=2.0), 3.0), 3.0) == Progress(
        begun_s=1.0, ended_s=2.0
    )
