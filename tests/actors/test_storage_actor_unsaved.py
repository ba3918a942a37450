"""StorageActor while writing fails: unsaved, told once, tried again, and made whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from actors.messages import StateSaved, StorageFailed, StorageRecovered
from actors.telemetry import Count
from playback.queue_diff import whole_change
from playback.saved import SavedState
from storage.database import Database
from tests.actors.storage_bench import Bench, appended, commits, storage_bench
from tests.storage.failing import full, locked, read_only
from tests.storage.states import PLAYER, STATE, queue

FAILURES = [locked, full, read_only]
Failing = Callable[[Database], AbstractContextManager[None]]
BIG = SavedState(PLAYER, queue(2000), {"a": "1"})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with storage_bench(tmp_path, copied_today=True) as bench:
        yield bench


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
    assert bench.telemetry.counts == {Count.SAVE_FAILURES: 1}
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
    assert bench.telemetry.counts == {Count.SAVE_FAILURES: 10}


def test_an_alarm_that_is_early_retries_nothing(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(appended(1))
        bench.run_inbox()
        bench.wake_after(0.4)
        assert bench.telemetry.counts == {Count.SAVE_FAILURES: 1}
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
    assert bench.queue.received[1:] == [StorageRecovered()]
    bench.run_inbox()
    assert ended == ["COMMIT"]
    assert bench.released == ["before", "after"]
    assert bench.on_disk() == STATE
    assert "Changes are being saved again" in caplog.text
    assert bench.queue.received[1:] == [StorageRecovered(), StateSaved()]


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
    assert bench.queue.received[1:] == [StateSaved()]
