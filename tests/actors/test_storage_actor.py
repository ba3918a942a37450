"""StorageActor: group commit, endings, the daily copy.

Built, not started, with a real database: ``handle`` is called, and what it told is looked at.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.address import InboxAddress
from actors.messages import (
    Commit,
    Flush,
    GiveSignOfLife,
    SaveChange,
    StateSaved,
    StorageFailed,
    StorageInbox,
    StorageRecovered,
)
from actors.storage_actor import FIRST_COPY_S, GATHER_S, StorageActor, start_thread
from actors.telemetry import NoTelemetry
from playback.queue_diff import whole_change
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.units import Ticks
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.actors.storage_bench import Bench, appended, commits, storage_bench
from tests.spies import Spy
from tests.storage.states import STATE, queue


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with storage_bench(tmp_path, copied_today=True) as bench:
        yield bench


@pytest.fixture
def bench_without_copy(tmp_path: Path) -> Iterator[Bench]:
    with storage_bench(tmp_path, copied_today=False) as bench:
        yield bench


def at(ticks: int) -> QueueChange:
    return QueueChange(player=SavedPlayer(elapsed=Ticks(ticks)), relaxed=True)


def test_changes_that_came_together_are_one_commit(bench: Bench) -> None:
    ended = commits(bench.database)
    for number in range(1, 51):
        bench.save(appended(number))
    assert ended == []
    bench.run_inbox()
    assert ended == ["COMMIT"]
    assert bench.on_disk().entries == queue(50)


def test_the_commit_stands_behind_what_already_waits(bench: Bench) -> None:
    for number in range(1, 4):
        bench.address.tell(SaveChange(number, appended(number)))
    bench.address.tell(Flush(lambda: bench.released.append("first")))
    ended = commits(bench.database)
    bench.run_inbox()
    assert ended == ["COMMIT"]
    assert bench.released == ["first"]


def test_a_flush_is_released_by_the_commit_and_not_before(bench: Bench) -> None:
    bench.save(appended(1))
    bench.flush("first")
    bench.save(appended(2))
    bench.flush("second")
    assert bench.released == []
    seen: list[SavedState] = []
    bench.actor.handle(Flush(lambda: seen.append(bench.on_disk())))
    bench.run_inbox()
    assert bench.released == ["first", "second"]
    assert [state.entries for state in seen] == [queue(2)]


def test_a_flush_with_nothing_to_write_is_released_at_once(bench: Bench) -> None:
    ended = commits(bench.database)
    bench.flush("only")
    assert bench.released == ["only"]
    assert ended == []


def test_changes_that_nobody_waits_for_are_written_by_the_alarm(bench: Bench) -> None:
    ended = commits(bench.database)
    bench.save(appended(1))
    assert bench.address.inbox.empty()
    assert bench.alarm_in_s == pytest.approx(GATHER_S)
    bench.wake_after(GATHER_S)
    assert ended == ["COMMIT"]
    assert bench.alarm_in_s > GATHER_S


def test_each_round_of_changes_gets_its_commit(bench: Bench) -> None:
    ended = commits(bench.database)
    for number in range(1, 4):
        bench.save(appended(number))
        bench.run_inbox()
    assert ended == ["COMMIT"] * 3


@pytest.mark.parametrize(
    ("changes", "level"),
    [([at(1), at(2)], 1), ([at(1), appended(1)], 2), ([appended(1)], 2)],
)
def test_only_a_group_of_mere_positions_does_not_wait_for_the_disk(
    bench: Bench, changes: list[QueueChange], level: int
) -> None:
    for change in changes:
        bench.save(change)
    bench.run_inbox()
    assert bench.database.connection.execute("PRAGMA synchronous").fetchone() == (level,)


def test_what_has_gathered_is_written_when_the_actor_ends(bench: Bench) -> None:
    bench.save(appended(1))
    bench.flush("last")
    bench.actor.release()
    assert bench.released == ["last"]
    assert bench.on_disk().entries == queue(1)
    bench.actor.handle(Commit())  # came too late: nothing is left to write
    assert bench.released == ["last"]


def test_nobody_waits_for_an_actor_that_died_of_a_change(bench: Bench) -> None:
    bench.save(QueueChange(upserts=((0, None),)))  # type: ignore[arg-type]
    bench.flush("who waits")
    with pytest.raises(AttributeError):
        bench.actor.handle(Commit())
    bench.actor.release()
    assert bench.released == ["who waits"]


def test_a_copy_is_made_beside_the_actor_once_a_day(bench_without_copy: Bench) -> None:
    bench = bench_without_copy
    assert bench.alarm_in_s == FIRST_COPY_S
    bench.wake_after(FIRST_COPY_S)
    (work,) = bench.started
    work()
    assert (bench.path.with_name("wkmp.db.backup-1")).is_file()
    bench.wake_after(3600)
    assert len(bench.started) == 1
    assert bench.alarm_in_s == pytest.approx(24 * 3600, abs=60)


def test_a_copy_that_failed_is_tried_again_within_the_hour(
    bench_without_copy: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = bench_without_copy
    in_the_way = bench.path.with_name("wkmp.db.backup-new")
    in_the_way.mkdir()
    bench.wake_after(FIRST_COPY_S)
    bench.started[0]()
    assert "The daily copy of the database failed" in caplog.text
    in_the_way.rmdir()
    bench.wake_after(3600)
    bench.started[1]()
    assert (bench.path.with_name("wkmp.db.backup-1")).is_file()


def test_the_copy_runs_in_a_thread_that_does_not_keep_the_process_from_ending() -> None:
    seen: list[bool] = []
    ran = threading.Event()

    def work() -> None:
        seen.append(threading.current_thread().daemon)
        ran.set()

    start_thread(work)
    assert ran.wait(5.0)
    assert seen == [True]


def test_started_for_real_it_writes_and_recovers(tmp_path: Path) -> None:
    """The one test with the actor's thread: inbox and alarm as in the daemon."""
    database = open_database(tmp_path / "wkmp.db", busy_timeout_s=0.0)
    told: Spy[StorageFailed | StorageRecovered | StateSaved] = Spy()
    flushed = threading.Event()
    address: InboxAddress[StorageInbox] = InboxAddress("storage")
    actor = StorageActor(
        address=address, store=PlayerStore(database), queue=told, telemetry=NoTelemetry()
    )
    actor._start_actor_loop()
    blocker = sqlite3.connect(database.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    address.tell(SaveChange(1, appended(1)))
    told.wait_for(StorageFailed)
    blocker.close()
    told.wait_for(StorageRecovered)
    address.tell(SaveChange(2, whole_change(STATE)))
    address.tell(Flush(flushed.set))
    assert flushed.wait(5.0)
    told.wait_for(StateSaved)
    other = open_database(database.path)
    assert PlayerStore(other).load() == STATE
    other.close()
    address.ask(GiveSignOfLife(), timeout_s=5.0)
    address.tell(SaveChange(3, QueueChange(removed=None)))
    actor.actor_ref.stop(timeout=5.0)
    assert PlayerStore(database).load().entries == ()
    database.close()
    assert len(told.received) == 3
