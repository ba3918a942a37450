"""The play queue as rows: thousands at a time, so plain SQL."""

from __future__ import annotations

import gc
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from playback.saved import QueueChange
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId, Ticks
from storage.text import loaded, stored

_UPSERT_ENTRY = "INSERT OR REPLACE INTO queue_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT_PLACE = "INSERT OR REPLACE INTO queue_places VALUES (?, ?, ?)"
_MOVE = "UPDATE queue_places SET position = ?, version = ? WHERE id = ?"


def write_queue(connection: sqlite3.Connection, change: QueueChange) -> None:
    """Apply the queue's part of a change, inside the caller's transaction."""
    if change.removed is None:
        connection.execute("DELETE FROM queue_entries")
        connection.execute("DELETE FROM queue_places")
    elif change.removed:
        ids = [(entry,) for entry in change.removed]
        connection.executemany("DELETE FROM queue_entries WHERE id = ?", ids)
        connection.executemany("DELETE FROM queue_places WHERE id = ?", ids)
    if change.upserts:
        connection.executemany(_UPSERT_ENTRY, (_row(entry) for _, entry in change.upserts))
        connection.executemany(
            _UPSERT_PLACE,
            ((entry.id, position, entry.version) for position, entry in change.upserts),
        )
    if change.moves:
        moves = ((position, version, entry) for entry, position, version in change.moves)
        connection.executemany(_MOVE, moves)


def read_queue(connection: sqlite3.Connection) -> tuple[QueueEntry, ...]:
    """Return all entries in position order.

    The garbage collector rests meanwhile: a hundred thousand new tuples would wake it again
    and again for nothing, which doubles the time.
    """
    places = connection.execute("SELECT id, version FROM queue_places ORDER BY position, id")
    versions: dict[int, int] = dict(places)
    collecting = gc.isenabled()
    gc.disable()
    try:
        rows = connection.execute("SELECT * FROM queue_entries").fetchall()
        entries = {row[0]: (row, tags) for row, tags in zip(rows, _tag_lists(rows), strict=True)}
        return tuple(
            _entry(*entries[entry], version)
            for entry, version in versions.items()
            if entry in entries
        )
    finally:
        if collecting:
            gc.enable()


def _row(entry: QueueEntry) -> tuple[object, ...]:
    song = entry.song
    return (
        entry.id,
        stored(song.uri),
        json.dumps([text for pair in song.tags for text in pair]),
        song.duration_s,
        song.last_modified,
        song.audio_format,
        entry.priority,
        None if entry.range is None else json.dumps(entry.range),
    )


def _tag_lists(rows: Iterable[tuple[Any, ...]]) -> list[list[str]]:
    """Parse the tags of all rows at once: one call of the C parser instead of thousands."""
    lists: list[list[str]] = json.loads(f"[{','.join([row[2] for row in rows])}]")
    return lists


def _entry(row: tuple[Any, ...], tags: list[str], version: int) -> QueueEntry:
    each = iter(tags)
    song = Song(loaded(row[1]), row[3], tuple(zip(each, each, strict=False)), row[4], row[5])
    return QueueEntry(EntryId(row[0]), song, row[6], version, _range(row[7]))


def _range(text: str | None) -> tuple[Ticks, Ticks | None] | None:
    if text is None:
        return None
    start, end = json.loads(text)
    return Ticks(start), None if end is None else Ticks(end)
