"""StorageActor: group commit, the unsaved mode and its end, the daily copy.

Built, not started, with a real database: ``handle`` is called, and what it told is looked at.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from actors.address import DeadlineReached, InboxAddress
from actors.messages import (
    Commit,
    Flush,
    GiveSignOfLife,
    SaveChange,
    StorageFailed,
    StorageInbox,
    StorageRecovered,
)
from actors.storage_actor import FIRST_COPY_S, StorageActor, start_thread
from actors.telemetry import Count, NoTelemetry
from playback.queue_diff import whole_change
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.units import Ticks
from storage.database import Database, open_database
from storage.player_store import PlayerStore
from tests.storage.failing import full, locked, read_only
from tests.storage.states import PLAYER, STATE, entry, queue

M = TypeVar("M")
FAILURES = [locked, full, read_only]
Failing = Callable[[Database], AbstractContextManager[None]]
BIG = SavedState(PLAYER, queue(2000), {"a": "1"})


class Spy(Generic[M]):
    """An ``Address`` that remembers what it was told."""

    def __init__(self) -> None:
        self.received: list[M] = []

    def tell(self, message: M) -> None:
        self.received.append(message)


class Counting(NoTelemetry):
    """Counts save failures."""

    def __init__(self) -> None:
        self.failures = 0

    def count(self, what: Count, amount: int = 1) -> None:
        self.failures += amount * (what is Count.SAVE_FAILURES)


class Clock:
    """Stands until it is put on."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Bench:
    """An actor that is not running, and everything around it."""

    path: Path
    database: Database
    queue: Spy[StorageFailed | StorageRecovered] = field(default_factory=Spy)
    telemetry: Counting = field(default_factory=Counting)
    clock: Clock = field(default_factory=Clock)
    address: InboxAddress[StorageInbox] = field(default_factory=lambda: InboxAddress("storage"))
    started: list[Callable[[], None]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    saved: int = 0

    def __post_init__(self) -> None:
        self.store = PlayerStore(self.database)
        self.actor = StorageActor(
            address=self.address,
            store=self.store,
            queue=self.queue,
            telemetry=self.telemetry,
            start=self.started.append,
            clock=self.clock,
        )

    def save(self, change: QueueChange) -> None:
        self.saved += 1
        self.actor.handle(SaveChange(self.saved, change))

    def flush(self, name: str) -> None:
        self.actor.handle(Flush(lambda: self.released.append(name)))

    def run_inbox(self) -> None:
        """Handle what the actor told itself."""
        while not self.address.inbox.empty():
            self.actor.handle(self.address.inbox.get().message)

    def wake_after(self, seconds: float) -> None:
        self.clock.now_s += seconds
        self.actor.handle(DeadlineReached())

    @property
    def alarm_in_s(self) -> float:
        assert self.address.inbox.deadline_s is not None
        return self.address.inbox.deadline_s - self.clock.now_s

    def on_disk(self) -> SavedState:
        """What another program finds in the database now."""
        other = open_database(self.path)
        state = PlayerStore(other).load()
        other.close()
        return state


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """With today's copy taken, so that the only alarms are retries."""
    database = open_database(tmp_path / "wkmp.db", busy_timeout_s=0.0)
    database.backups.take()
    yield Bench(database.path, database)
    database.close()


@pytest.fixture
def bench_without_copy(tmp_path: Path) -> Iterator[Bench]:
    database = open_database(tmp_path / "wkmp.db", busy_timeout_s=0.0)
    yield Bench(database.path, database)
    database.close()


def appended(number: int) -> QueueChange:
    return QueueChange(upserts=((number - 1, entry(number)),))


def at(ticks: int) -> QueueChange:
    return QueueChange(player=SavedPlayer(elapsed=Ticks(ticks)), relaxed=True)


def commits(database: Database) -> list[str]:
    """The statements that end a transaction, as they are executed from now on."""
    found: list[str] = []

    def note(statement: str) -> None:
        if statement in {"COMMIT", "ROLLBACK"}:
            found.append(statement)

    database.connection.set_trace_callback(note)
    return found


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


@pytest.mark.parametrize("failing", FAILURES)
def test_a_failed_commit_is_told_once_and_releases_who_waits(
    bench: Bench, failing: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    with failing(bench.database):
        bench.save(whole_change(BIG))
        bench.flush("first")
        bench.run_inbox()
        assert bench.released == ["first"]
        (failed,) = bench.queue.received
        assert isinstance(failed, StorageFailed)
        assert failed.message.startswith("changes are not being saved: the ")
        bench.save(appended(1))
        bench.flush("second")
        bench.run_inbox()
    assert bench.released == ["first", "second"]
    assert bench.queue.received == [failed]
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert bench.telemetry.failures == 1
    assert bench.on_disk() == SavedState()


def test_retries_come_later_and_later_up_to_half_a_minute(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
        delays = []
        for _ in range(9):
            delays.append(bench.alarm_in_s)
            bench.wake_after(bench.alarm_in_s)
    assert delays == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30])
    assert len(bench.queue.received) == 1
    assert bench.telemetry.failures == 10


def test_an_alarm_that_is_early_retries_nothing(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
        bench.wake_after(0.4)
        assert bench.telemetry.failures == 1
        assert bench.alarm_in_s == pytest.approx(0.1)


@pytest.mark.parametrize("failing", FAILURES)
def test_once_writing_works_the_whole_state_is_asked_for_and_written(
    bench: Bench, failing: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with failing(bench.database):
        bench.save(whole_change(BIG))
        bench.run_inbox()
    bench.wake_after(0.5)
    assert bench.queue.received[1:] == [StorageRecovered()]
    bench.save(appended(7))  # told before QueueActor heard of it
    bench.flush("before")
    assert bench.released == ["before"]
    ended = commits(bench.database)
    bench.save(whole_change(STATE))
    bench.flush("after")
    assert bench.released == ["before"]
    bench.run_inbox()
    assert ended == ["COMMIT"]
    assert bench.released == ["before", "after"]
    assert bench.on_disk() == STATE
    assert "Changes are being saved again" in caplog.text
    assert bench.queue.received[1:] == [StorageRecovered()]


def test_after_the_recovery_changes_are_saved_as_before(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
    bench.wake_after(0.5)
    bench.save(whole_change(SavedState(entries=queue(1))))
    bench.save(appended(2))
    bench.run_inbox()
    bench.save(appended(3))
    bench.flush("third")
    assert bench.released == []
    bench.run_inbox()
    assert bench.on_disk().entries == queue(3)
    assert bench.alarm_in_s > 3600  # the copy's: no retry is left


def test_a_whole_state_that_cannot_be_written_is_told_again_but_not_logged_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with full(bench.database):
        bench.save(whole_change(BIG))
        bench.run_inbox()
        bench.wake_after(0.5)  # a small row still fits
        assert [type(each) for each in bench.queue.received] == [StorageFailed, StorageRecovered]
        bench.save(whole_change(BIG))
        bench.run_inbox()
        assert isinstance(bench.queue.received[-1], StorageFailed)
        assert bench.alarm_in_s == pytest.approx(1.0)
        assert len(caplog.records) == 1
    bench.wake_after(1.0)
    bench.save(whole_change(BIG))
    bench.run_inbox()
    assert bench.on_disk() == BIG


def test_the_state_is_asked_for_again_if_it_stays_away(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
    bench.wake_after(0.5)
    assert bench.alarm_in_s == pytest.approx(30)
    bench.wake_after(30)
    assert bench.queue.received[1:] == [StorageRecovered(), StorageRecovered()]


def test_a_whole_state_that_comes_unasked_ends_the_unsaved_mode_and_tells_so(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
    bench.save(whole_change(STATE))
    bench.run_inbox()
    assert bench.on_disk() == STATE
    assert bench.queue.received[1:] == [StorageRecovered()]


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


def test_started_for_real_it_writes_and_recovers(tmp_path: Path) -> None:
    """The one test with a thread: inbox and alarm as in the daemon."""
    path = tmp_path / "wkmp.db"
    database = open_database(path, busy_timeout_s=0.0)
    told: Spy[StorageFailed | StorageRecovered] = Spy()
    recovered, flushed = threading.Event(), threading.Event()

    class Listener(Spy[StorageFailed | StorageRecovered]):
        def tell(self, message: StorageFailed | StorageRecovered) -> None:
            told.tell(message)
            if isinstance(message, StorageFailed):
                blocker.close()
            else:
                recovered.set()

    blocker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    address: InboxAddress[StorageInbox] = InboxAddress("storage")
    actor = StorageActor(
        address=address,
        store=PlayerStore(database),
        queue=Listener(),
        telemetry=NoTelemetry(),
    )
    actor._start_actor_loop()
    address.tell(SaveChange(1, appended(1)))
    assert recovered.wait(5.0)
    address.tell(SaveChange(2, whole_change(STATE)))
    address.tell(Flush(flushed.set))
    assert flushed.wait(5.0)
    other = open_database(path)
    assert PlayerStore(other).load() == STATE
    other.close()
    address.ask(GiveSignOfLife(), timeout_s=5.0)
    address.tell(SaveChange(3, QueueChange(removed=None)))
    actor.actor_ref.stop(timeout=5.0)
    assert PlayerStore(database).load().entries == ()
    database.close()
    assert [type(each) for each in told.received] == [StorageFailed, StorageRecovered]


def test_the_copy_runs_in_a_thread_that_does_not_keep_the_process_from_ending() -> None:
    seen: list[bool] = []
    ran = threading.Event()

    def work() -> None:
        seen.append(threading.current_thread().daemon)
        ran.set()

    start_thread(work)
    assert ran.wait(5.0)
    assert seen == [True]
