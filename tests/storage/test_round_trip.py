"""What is written comes back after the database was closed and opened again."""

from __future__ import annotations

import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from playback.options import Options
from playback.player import PlayerState
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId, Ticks
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.storage.states import PLAYER, STATE, entry, queue, ranges, songs


def stored(path: Path) -> SavedState:
    """What a new start would load."""
    store = PlayerStore(open_database(path))
    try:
        return store.load()
    finally:
        store.close()


def apply(path: Path, *changes: QueueChange, durable: bool = True) -> None:
    store = PlayerStore(open_database(path))
    store.load()
    store.apply(changes, durable=durable)
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "wkmp.db"


def test_a_new_database_holds_the_default_state(path: Path) -> None:
    assert stored(path) == SavedState()


def test_a_whole_state_comes_back(path: Path) -> None:
    store = PlayerStore(open_database(path))
    store.write_whole(STATE)
    store.close()
    assert stored(path) == STATE


def test_a_whole_state_leaves_nothing_of_the_one_before(path: Path) -> None:
    store = PlayerStore(open_database(path))
    store.write_whole(STATE)
    other = SavedState(SavedPlayer(), (entry(3),), STATE.settings)
    store.write_whole(other)
    store.close()
    assert stored(path) == other


@pytest.mark.parametrize("field", [field.name for field in fields(SavedPlayer)])
def test_every_field_of_the_player_is_written_when_it_alone_changes(path: Path, field: str) -> None:
    changed = replace(SavedPlayer(), **{field: getattr(PLAYER, field)})
    assert changed != SavedPlayer()
    apply(path, QueueChange(player=SavedPlayer()))
    apply(path, QueueChange(player=changed))
    assert stored(path).player == changed


@pytest.mark.parametrize("field", [field.name for field in fields(Options)])
def test_every_option_is_written_when_it_alone_changes(path: Path, field: str) -> None:
    one: dict[str, Any] = {field: getattr(PLAYER.options, field)}
    changed = SavedPlayer(options=replace(Options(), **one))
    assert changed != SavedPlayer()
    apply(path, QueueChange(player=SavedPlayer()))
    apply(path, QueueChange(player=changed))
    assert stored(path).player == changed


def test_the_last_player_of_a_group_is_the_one_that_stays(path: Path) -> None:
    first, last = SavedPlayer(elapsed=Ticks(1)), SavedPlayer(elapsed=Ticks(2))
    apply(path, QueueChange(player=first), QueueChange(player=last), QueueChange())
    assert stored(path).player == last


def test_changes_of_a_group_are_applied_in_their_order(path: Path) -> None:
    apply(
        path,
        QueueChange(upserts=((0, entry(1)), (1, entry(2)))),
        QueueChange(removed=(EntryId(1),), moves=((EntryId(2), 0, 9),)),
        QueueChange(upserts=((1, entry(1, version=10)),), settings=(("a", "1"),)),
        QueueChange(settings=(("a", "2"), ("b", "3"))),
    )
    state = stored(path)
    assert state.entries == (entry(2, version=9), entry(1, version=10))
    assert state.settings == {"a": "2", "b": "3"}


def test_clearing_the_queue_keeps_the_settings(path: Path) -> None:
    apply(path, QueueChange(upserts=((0, entry(1)),), settings=(("a", "1"),)))
    apply(path, QueueChange(removed=None))
    assert stored(path) == SavedState(settings={"a": "1"})


def test_a_position_write_touches_nothing_else(path: Path) -> None:
    apply(path, QueueChange(upserts=tuple(enumerate(queue(3))), player=PLAYER))
    moved_on = replace(PLAYER, elapsed=Ticks(42))
    apply(path, QueueChange(player=moved_on, relaxed=True), durable=False)
    assert stored(path) == SavedState(moved_on, queue(3))


def test_a_saved_field_that_makes_no_sense_gets_its_default_and_a_warning(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    apply(path, QueueChange(player=PLAYER))
    database = open_database(path)
    database.connection.execute("UPDATE player SET value = '\"dancing\"' WHERE key = 'state'")
    database.close()
    assert stored(path).player == replace(PLAYER, state=PlayerState.STOP)
    assert "saved state makes no sense" in caplog.text


@settings(max_examples=60, deadline=None)
@given(song=songs, span=ranges)
def test_any_song_and_any_range_come_back_exactly(
    song: Song, span: tuple[Ticks, Ticks | None] | None
) -> None:
    before = QueueEntry(EntryId(1), song, 3, 4, span)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wkmp.db"
        apply(path, QueueChange(upserts=((0, before),)))
        (after,) = stored(path).entries
    assert after == before
