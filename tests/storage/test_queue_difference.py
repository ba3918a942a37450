"""The difference of two queues, applied to a real database, turns one into the other."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from playback.queue_diff import diff
from playback.status import QueueEntry
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.storage.states import entry, queue, queues

Entries = tuple[QueueEntry, ...]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PlayerStore]:
    store = PlayerStore(open_database(tmp_path / "wkmp.db"))
    yield store
    store.close()


@settings(max_examples=150, deadline=None)
@given(first=queues(), second=queues(), third=queues())
def test_any_two_edits_in_a_row_leave_exactly_the_new_queue(
    first: Entries, second: Entries, third: Entries
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = PlayerStore(open_database(Path(folder) / "wkmp.db"))
        store.apply([diff((), first)], durable=True)
        assert store.load().entries == first
        store.apply([diff(first, second), diff(second, third)], durable=True)
        assert store.load().entries == third
        store.close()


def renumbered(entries: Entries, old: Entries, version: int) -> Entries:
    """As QueueActor does: an entry whose position changed gets the new version."""
    was = {each.id: position for position, each in enumerate(old)}
    return tuple(
        each if was.get(each.id) == position else replace(each, version=version)
        for position, each in enumerate(entries)
    )


BIG = queue(3000)
SHUFFLED = tuple(random.Random(1).sample(BIG, len(BIG)))


@pytest.mark.parametrize(
    "new",
    [
        pytest.param((*BIG, entry(5000, version=2)), id="append"),
        pytest.param((entry(5000, version=2), *BIG), id="prepend"),
        pytest.param(BIG[1:], id="delete the first"),
        pytest.param(BIG[:-1], id="delete the last"),
        pytest.param(BIG[:1000] + BIG[2000:], id="delete a range"),
        pytest.param((*BIG[1:], BIG[0]), id="move the first to the end"),
        pytest.param((BIG[-1], *BIG[:-1]), id="move the last to the front"),
        pytest.param(SHUFFLED, id="shuffle"),
        pytest.param((), id="clear"),
        pytest.param(tuple(entry(9000 + n) for n in range(10)), id="replace"),
    ],
)
def test_every_common_edit_of_a_long_queue_is_stored(store: PlayerStore, new: Entries) -> None:
    new = renumbered(new, BIG, version=2)
    store.apply([diff((), BIG)], durable=True)
    store.apply([diff(BIG, new)], durable=True)
    assert store.load().entries == new
