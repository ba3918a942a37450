"""The processes that measure: what is found, what is passed on, and what a file can do to them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from library.song_files import version_of
from playback.measurement import MeasuredFile, Measurement, Outcome, Unmeasurable
from playback.saved import QueueChange
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.sounds import Codec, make, noise
from wkmp.analysis_process import CannotListen, Listener, NobodyWaits, analyse
from wkmp.analysis_wire import Begun, Found, Job, Later, Measured, News, Passed, Trouble

# Does to itself what a codec might do to it, by the name of the file.
ACTOR = """
import json, os, sys, time
print('{"at": 0}', flush=True)
for line in sys.stdin:
    path = json.loads(line)
    if "crash" in path:
        os.abort()
    if "killed" in path:
        os.kill(os.getpid(), 9)
    if "leave" in path:
        sys.exit(3)
    while "hang" in path:
        time.sleep(60)
    for _ in range(3 if "slow" in path else 0):
        time.sleep(0.4)
        print('{"at": 0}', flush=True)
    print(json.dumps({"outcome": {"reason": "played"}}), flush=True)
"""


@pytest.fixture
def stop() -> Iterator[tuple[int, int]]:
    """A pipe: nobody waits any more once its second end is closed."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


@pytest.fixture
def actor(stop: tuple[int, int]) -> Iterator[Listener]:
    with closing(Listener((sys.executable, "-c", ACTOR), patience_s=1.0, stop_fd=stop[0])) as actor:
        yield actor


@pytest.fixture
def listener(stop: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with closing(Listener(stop_fd=stop[0])) as listener:
        yield listener


PLAYED = Unmeasurable("played")


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("crash", Unmeasurable("decoding it ended the process (SIGABRT)")),
        ("leave", Unmeasurable("decoding it ended the process (status 3)")),
        ("hang", Unmeasurable("decoding it gave nothing for 1 s")),
        ("killed", Later("the process that decodes was killed")),
        ("slow", PLAYED),
        ("in\udcff order\n", PLAYED),
    ],
)
def test_a_file_that_takes_the_listener_along_ends_nothing(
    actor: Listener, path: str, outcome: Outcome | Later
) -> None:
    assert [actor.measure(each) for each in ("a", path, "b")] == [PLAYED, outcome, PLAYED]


def test_a_listener_that_does_not_start_is_no_files_fault(stop: tuple[int, int]) -> None:
    with closing(Listener(("false",), stop_fd=stop[0])) as broken, pytest.raises(CannotListen):
        broken.measure("a")


def test_when_nobody_waits_any_more_a_hanging_file_is_left(
    actor: Listener, stop: tuple[int, int]
) -> None:
    actor.measure("a")
    os.close(stop[1])
    with pytest.raises(NobodyWaits):
        actor.measure("hang")


# A whole analysis, with real files


class House:
    """A music directory, a database, and news of analyses."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.database = folder / "wkmp.db"
        self.store = PlayerStore(open_database(self.database))
        self.news: list[News] = []

    def song(self, name: str) -> Path:
        (self.music / name).parent.mkdir(exist_ok=True)
        return make(self.music / name, noise(44_100, level=0.1), Codec.FLAC16)

    def analyse(self, listener: Listener, below: str = "") -> list[News]:
        """Run one, keep what it measures, and return its news."""
        self.news = []
        analyse(Job(str(self.music), str(self.database), below), listener, self._hear)
        return self.news

    def _hear(self, news: News) -> None:
        self.news.append(news)
        if isinstance(news, Measured):
            self.store.apply((QueueChange(measured=(news.file,)),), durable=False)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


def measured(news: list[News]) -> list[MeasuredFile]:
    return [each.file for each in news if isinstance(each, Measured)]


def test_each_file_is_measured_once_until_it_changes(house: House, listener: Listener) -> None:
    first, second = house.song("a/1.flac"), house.song("b.flac")
    (house.music / "broken.mp3").write_bytes(b"nothing" * 1000)
    found, *rest = house.analyse(listener)
    assert isinstance(found, Found)
    assert (found.files, found.known) == (3, 0)
    assert found.size_bytes == sum(p.stat().st_size for p in (first, second)) + 7000
    assert [each.uri for each in rest if isinstance(each, Begun)] == [
        "a/1.flac", "b.flac", "broken.mp3",
    ]  # fmt: skip
    one, two, broken = measured(rest)
    assert isinstance(one.outcome, Measurement)
    assert one.outcome.loudness_lufs == pytest.approx(-13.9, abs=0.2)
    assert (two.uri, two.version) == ("b.flac", version_of(second))
    assert isinstance(broken.outcome, Unmeasurable)
    assert house.analyse(listener) == [Found(0, 0, 3)]
    os.utime(first, ns=(1, 1))
    assert [file.uri for file in measured(house.analyse(listener))] == ["a/1.flac"]


def test_an_analysis_can_be_restricted(house: House, listener: Listener) -> None:
    house.song("a/1.flac"), house.song("a/2.flac"), house.song("b.flac")
    assert [file.uri for file in measured(house.analyse(listener, "a/2.flac"))] == ["a/2.flac"]
    assert [file.uri for file in measured(house.analyse(listener, "a"))] == ["a/1.flac"]
    assert house.analyse(listener, "c") == [Trouble(f"there are no songs in {house.music / 'c'}")]


def test_a_file_that_changes_while_it_is_measured_is_left_for_the_next_time(
    house: House, listener: Listener
) -> None:
    song = house.song("a.flac")
    size = song.stat().st_size

    def touch(news: News) -> None:
        house._hear(news)
        if isinstance(news, Begun):
            os.utime(song, ns=(1, 1))

    analyse(Job(str(house.music), str(house.database), ""), listener, touch)
    assert house.news[-1] == Passed("a.flac", size, "it has changed meanwhile")
    assert len(measured(house.analyse(listener))) == 1


def test_a_file_that_may_not_be_read_is_tried_again(house: House, listener: Listener) -> None:
    (house.music / "gone.flac").symlink_to(house.song("a.flac"))
    real = house.music / "a.flac"

    def remove(news: News) -> None:
        house._hear(news)
        if isinstance(news, Begun):
            real.unlink(missing_ok=True)

    analyse(Job(str(house.music), str(house.database), "gone.flac"), listener, remove)
    assert isinstance(house.news[-1], Passed)
    assert measured(house.news) == []


def test_a_database_that_cannot_be_read_is_trouble(house: House, listener: Listener) -> None:
    house.song("a.flac")
    house.database = house.music / "absent.db"
    (trouble,) = house.analyse(listener)
    assert isinstance(trouble, Trouble)
    assert "absent.db" in trouble.reason


def test_the_process_works_only_when_nobody_else_wants_to(tmp_path: Path) -> None:
    script = (
        "import os; from wkmp.low_priority import step_back; step_back();"
        "print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0),"
        "open('/proc/self/oom_score_adj').read().strip())"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert said.stdout.split() == ["19", str(os.SCHED_IDLE), "1000"]
