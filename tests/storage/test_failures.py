"""Writing that fails writes nothing, says why and what to do, and works again afterwards."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playback.errors import StorageError
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.units import Ticks
from storage.database import Database, open_database
from storage.failures import in_words
from storage.player_store import PlayerStore
from tests.storage.failing import full, locked, read_only, refused_by_the_kernel
from tests.storage.states import queue

Failing = Callable[[Database], contextlib.AbstractContextManager[None]]
CASES = [
    pytest.param(locked, "locked by another program; close it", id="locked"),
    pytest.param(full, "the disk is full; free some space", id="full"),
    pytest.param(read_only, "read-only; check its permissions", id="read-only"),
    pytest.param(refused_by_the_kernel, "the disk", id="refused by the kernel"),
]
FIRST = QueueChange(upserts=tuple(enumerate(queue(5))), player=SavedPlayer(elapsed=Ticks(1)))
SECOND = QueueChange(upserts=tuple(enumerate(queue(2000))), player=SavedPlayer(elapsed=Ticks(2)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "wkmp.db", busy_timeout_s=0.0)
    yield database
    database.close()


@pytest.mark.parametrize(("failing", "words"), CASES)
def test_a_failed_change_is_named_and_leaves_the_state_before(
    database: Database, failing: Failing, words: str
) -> None:
    store = PlayerStore(database)
    store.apply([FIRST], durable=True)
    with failing(database), pytest.raises(StorageError, match=words):
        store.apply([SECOND], durable=True)
    assert store.load() == SavedState(SavedPlayer(elapsed=Ticks(1)), queue(5))


@pytest.mark.parametrize(("failing", "words"), CASES)
def test_the_same_change_succeeds_once_writing_works_again(
    database: Database, failing: Failing, words: str
) -> None:
    store = PlayerStore(database)
    store.apply([FIRST], durable=True)
    with failing(database), pytest.raises(StorageError, match=words):
        store.apply([SECOND], durable=True)
    store.apply([SECOND], durable=True)
    assert store.load() == SavedState(SavedPlayer(elapsed=Ticks(2)), queue(2000))


def test_whether_writing_works_can_be_tried_without_changing_anything(database: Database) -> None:
    store = PlayerStore(database)
    store.apply([FIRST], durable=True)
    before = store.load()
    for failing in (locked, read_only, refused_by_the_kernel):
        with failing(database), pytest.raises(StorageError):
            store.try_writing()
    store.try_writing()
    assert store.load() == before


def test_an_error_that_is_not_from_sqlite_keeps_its_own_text() -> None:
    assert in_words(sqlite3.ProgrammingError("Cannot operate on a closed database.")) == (
        "Cannot operate on a closed database."
    )


def test_loading_from_a_broken_table_is_a_storage_error(database: Database) -> None:
    store = PlayerStore(database)
    database.connection.execute("DROP TABLE queue_places")
    with pytest.raises(StorageError, match="queue_places"):
        store.load()
