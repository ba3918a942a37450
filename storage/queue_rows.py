"""The play queue as rows: thousands at a time, so plain SQL."""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
from collections.abc import Iterable
from typing import Any, Final

from playback.saved import QueueChange
from playback.song import Song, Span
from playback.status import QueueEntry
from playback.units import Ticks
from storage.text import loaded, stored

_UPSERT_ENTRY = "INSERT OR REPLACE INTO queue_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT_PLACE = "INSERT OR REPLACE INTO queue_places VALUES (?, ?, ?)"
_READ_ENTRIES = """
    SELECT id, uri, tag_names, tag_values, duration_s, last_modified, audio_format,
        priority, range, span_file, span
    FROM queue_entries
"""
_READ_PLACES = "SELECT id, version FROM queue_places ORDER BY position, id"
_MOVE = "UPDATE queue_places SET position = ?, version = ? WHERE id = ?"

_list: Final = json.JSONEncoder(separators=(",", ":")).encode


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

    The database sorts the narrow table only: sorting wide rows takes it twice as long. The
    garbage collector rests meanwhile: a hundred thousand new tuples would wake it again
    and again for nothing, which doubles the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        entries = {row[0]: row for row in connection.execute(_READ_ENTRIES)}
        places = connection.execute(_READ_PLACES)
        return _entries([(*entries[id_], version) for id_, version in places if id_ in entries])
    finally:
        if collecting:
            gc.enable()


def _entries(rows: list[tuple[Any, ...]]) -> tuple[QueueEntry, ...]:
    """Build the entries column by column: half the time of a call for each row."""
    if not rows:
        return ()
    (
        ids,
        uris,
        names,
        values,
        durations,
        modified,
        formats,
        priorities,
        ranges,
        files,
        spans,
        versions,
    ) = zip(*rows, strict=True)
    texts = [uri if isinstance(uri, str) else loaded(uri) for uri in uris]
    parts = [
        None if file is None else Span(loaded(file), *_range(text))
        for file, text in zip(files, spans, strict=True)
    ]
    songs = map(Song, texts, durations, _tags(names, values), modified, formats, parts)
    asked = [None if text is None else _range(text) for text in ranges]
    return tuple(map(QueueEntry, ids, songs, priorities, versions, asked))


def _row(entry: QueueEntry) -> tuple[object, ...]:
    song = entry.song
    return (
        entry.id,
        stored(song.uri),
        _list([name for name, _ in song.tags]),
        _list([value for _, value in song.tags]),
        song.duration_s,
        song.last_modified,
        song.audio_format,
        entry.priority,
        None if entry.range is None else _list(entry.range),
        None if song.span is None else stored(song.span.file),
        None if song.span is None else _list((song.span.start, song.span.end)),
    )


def _tags(names: Iterable[str], values: Iterable[str]) -> list[tuple[tuple[str, str], ...]]:
    """Parse the tags of all rows.

    The values take one call of the C parser; the names are the same few lists for thousands
    of songs, parsed once and shared.
    """
    shared = {text: tuple(map(sys.intern, json.loads(text))) for text in set(names)}
    return [
        tuple(zip(shared[text], each, strict=True))
        for text, each in zip(names, json.loads(f"[{','.join(values)}]"), strict=True)
    ]


def _range(text: str) -> tuple[Ticks, Ticks | None]:
    start, end = json.loads(text)
    return Ticks(start), None if end is None else Ticks(end)
