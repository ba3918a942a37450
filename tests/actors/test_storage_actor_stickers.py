"""StorageActor and stickers: seen at once, durable with the next flush, refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import EditSticker, StorageFailed
from library.stickers import RemoveSticker, SetSticker, Subject
from playback.errors import AckCode, AckError
from playback.saved import QueueChange, SavedPlayer
from playback.units import Ticks
from storage.sticker_rows import StickerReader
from tests.actors.storage_bench import Bench, storage_bench
from tests.storage.failing import locked, read_only

SONG = Subject("song", "1.flac")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with storage_bench(tmp_path, copied_today=True) as bench:
        yield bench


def rate(bench: Bench, value: str) -> object:
    return bench.actor.handle(EditSticker(SetSticker(SONG, "rating", value)))


def statements(bench: Bench) -> list[str]:
    """How each transaction begins to be written, and what ends it, from now on."""
    found: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith("PRAGMA synchronous") or statement == "COMMIT":
            found.append(statement.removeprefix("PRAGMA "))

    bench.database.connection.set_trace_callback(note)
    return found


def test_a_sticker_is_seen_at_once_and_durable_with_the_flush(bench: Bench) -> None:
    written = statements(bench)
    assert rate(bench, "5") is True
    assert StickerReader(bench.path).value(SONG, "rating") == "5"
    assert written == ["synchronous = NORMAL", "COMMIT"]
    bench.flush("client")
    assert bench.released == []
    bench.run_inbox()
    assert bench.released == ["client"]
    assert written[2:] == ["synchronous = FULL", "COMMIT"]


def test_many_stickers_are_made_durable_together(bench: Bench) -> None:
    written = statements(bench)
    for number in range(100):
        rate(bench, str(number))
    bench.flush("client")
    bench.run_inbox()
    assert written == ["synchronous = NORMAL", *["COMMIT"] * 100, "synchronous = FULL", "COMMIT"]


def test_a_position_saved_meanwhile_makes_the_sticker_durable_too(bench: Bench) -> None:
    written = statements(bench)
    rate(bench, "5")
    bench.save(QueueChange(player=SavedPlayer(elapsed=Ticks(1)), relaxed=True))
    bench.flush("client")
    bench.run_inbox()
    assert bench.released == ["client"]
    assert written[2:] == ["synchronous = FULL", "COMMIT"]


def test_what_changed_nothing_waits_for_nothing(bench: Bench) -> None:
    assert bench.actor.handle(EditSticker(RemoveSticker(SONG, None))) is False
    bench.flush("client")
    assert bench.released == ["client"]


def test_a_sticker_that_cannot_be_written_is_refused(bench: Bench) -> None:
    with locked(bench.database), pytest.raises(AckError, match="locked by another") as refused:
        rate(bench, "5")
    assert refused.value.code is AckCode.SYSTEM
    assert bench.queue.received == []
    assert rate(bench, "6") is True


def test_a_disk_that_fails_before_it_is_durable_is_told(bench: Bench) -> None:
    rate(bench, "5")
    with read_only(bench.database):
        bench.flush("client")
        bench.run_inbox()
    assert bench.released == ["client"]
    (failed,) = bench.queue.received
    assert isinstance(failed, StorageFailed)


def test_a_sticker_that_is_saved_does_not_end_the_unsaved_state(bench: Bench) -> None:
    with locked(bench.database):
        bench.save(QueueChange(player=SavedPlayer(elapsed=Ticks(1))))
        bench.run_inbox()
    assert len(bench.queue.received) == 1
    rate(bench, "5")
    bench.flush("client")
    bench.run_inbox()
    assert bench.released == ["client"]
    assert len(bench.queue.received) == 1  # the state as a whole has not come yet


def test_the_ending_makes_stickers_durable(bench: Bench) -> None:
    rate(bench, "5")
    written = statements(bench)
    bench.actor.release()
    assert written == ["synchronous = FULL", "COMMIT"]
