"""Queues for tests: songs named by letters, and what a client would see of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from playback.errors import AckCode, AckError
from playback.insertion import InsertAt
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.units import EntryId


def songs(names: str) -> list[Song]:
    """Make one song per letter."""
    return [Song(f"{name}.flac", duration_s=60.0) for name in names]


def queue_of(names: str, *, seed: int = 1, current: int | None = None, **options: Any) -> PlayQueue:
    """Make a queue of one song per letter, which plays position ``current`` if given."""
    queue = PlayQueue(Random(seed))
    queue.add(songs(names))
    if current is not None:
        queue.play(current, is_playing=False)
    queue.change_options(**options)
    return queue


def names(queue: PlayQueue) -> str:
    """Return the queue's songs by position."""
    return "".join(name_of(queue, row.id) for row in queue.entries)


def name_of(queue: PlayQueue, entry: EntryId | None) -> str:
    """Return an entry's letter; "-" for none."""
    return "-" if entry is None else queue.entry(entry).song.uri.removesuffix(".flac")


def current(queue: PlayQueue) -> str:
    """Return the current song's letter; "-" for none."""
    return name_of(queue, queue.current)


def upcoming(queue: PlayQueue, count: int, skip: str = "") -> str:
    """Return the letters of what will sound."""
    ids = queue.upcoming(count, ids_of(queue, skip))
    return "".join(name_of(queue, entry) for entry in ids)


def order(queue: PlayQueue) -> str:
    """Return the letters in random play order."""
    return "".join(name_of(queue, entry) for entry in queue.order)


def ids_of(queue: PlayQueue, letters: str) -> frozenset[EntryId]:
    """Return the ids of all entries with these letters."""
    return frozenset(row.id for row in queue.entries if row.song.uri[0] in letters)


def id_of(queue: PlayQueue, letter: str) -> EntryId:
    """Return the id of the only entry with this letter."""
    (entry,) = ids_of(queue, letter)
    return entry


@contextmanager
def refuses(queue: PlayQueue, code: AckCode, text: str) -> Iterator[None]:
    """Expect that the block is refused with this code and text, and changes nothing."""
    before = state_of(queue)
    with pytest.raises(AckError) as caught:
        yield
    assert (caught.value.code, str(caught.value)) == (code, text)
    assert state_of(queue) == before


def state_of(queue: PlayQueue) -> tuple[object, ...]:
    """Return everything that can be seen of a queue."""
    return (
        queue.entries,
        queue.version,
        queue.next_entry_id,
        queue.options,
        queue.current,
        queue.order,
    )


def at(text: str) -> InsertAt:
    """Read MPD's ``POS``, ``+N`` or ``-N``."""
    return InsertAt(int(text.lstrip("+-")), text[0] if text[0] in "+-" else "")
