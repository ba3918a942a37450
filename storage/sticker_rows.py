"""The stickers' table: written by StorageActor, read from any thread through short connections."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, assert_never
from urllib.parse import quote

from library.stickers import (
    Comparison,
    CountSticker,
    RemoveSticker,
    SetSticker,
    StickerEdit,
    StickerOrder,
    StickerSearch,
    Subject,
)
from playback.errors import StorageError
from storage.failures import in_words
from storage.text import loaded, stored

BUSY_TIMEOUT_S: Final = 1.0

_COUNT: Final = """INSERT INTO stickers VALUES (?, ?, ?, ?) ON CONFLICT (kind, uri, name)
    DO UPDATE SET value = CAST(CAST(value AS INTEGER) + ? AS TEXT)"""
_TESTS: Final[Mapping[Comparison, str]] = {
    Comparison.EQUALS: "value = ?",
    Comparison.LESS: "value < ?",
    Comparison.GREATER: "value > ?",
    Comparison.NUMBER_EQUALS: "CAST(value AS INTEGER) = CAST(? AS INTEGER)",
    Comparison.NUMBER_LESS: "CAST(value AS INTEGER) < CAST(? AS INTEGER)",
    Comparison.NUMBER_GREATER: "CAST(value AS INTEGER) > CAST(? AS INTEGER)",
    Comparison.CONTAINS: "instr(value, ?) > 0",
    Comparison.STARTS_WITH: "instr(value, ?) = 1",
}
_ORDERS: Final[Mapping[StickerOrder, str]] = {
    StickerOrder.URI: "uri",
    StickerOrder.VALUE: "value",
    StickerOrder.NUMBER: "CAST(value AS INTEGER)",
}


def write_sticker(connection: sqlite3.Connection, edit: StickerEdit) -> bool:
    """Carry an edit out, inside the caller's transaction; returns whether it changed anything."""
    match edit:
        case SetSticker(subject, name, value):
            row = (*_key(subject), stored(name), stored(value))
            done = connection.execute("INSERT OR REPLACE INTO stickers VALUES (?, ?, ?, ?)", row)
        case CountSticker(subject, name, difference, first):
            count = (*_key(subject), stored(name), str(first), difference)
            done = connection.execute(_COUNT, count)
        case RemoveSticker(subject, name):
            which, values = ("", ()) if name is None else (" AND name = ?", (stored(name),))
            sql = f"DELETE FROM stickers WHERE kind = ? AND uri = ?{which}"  # noqa: S608  (constants)
            done = connection.execute(sql, (*_key(subject), *values))
        case _:
            assert_never(edit)
    return done.rowcount > 0


class StickerReader:
    """Reads stickers beside the writer. Any thread may ask; each answer has its own connection.

    All methods raise ``StorageError`` if the database cannot be read.

    Args:
        path: the database; it must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def value(self, subject: Subject, name: str) -> str | None:
        """Return a sticker's value, None if there is no such sticker."""
        rows = self._rows(
            "SELECT value FROM stickers WHERE kind = ? AND uri = ? AND name = ?",
            (*_key(subject), stored(name)),
        )
        return rows[0][0] if rows else None

    def all_of(self, subject: Subject) -> list[tuple[str, ...]]:
        """Return names and values of a subject's stickers, by name."""
        return self._rows(
            "SELECT name, value FROM stickers WHERE kind = ? AND uri = ? ORDER BY name",
            _key(subject),
        )

    def found(self, search: StickerSearch) -> list[tuple[str, ...]]:
        """Return URIs and values of what is looked for."""
        where = ["kind = ?", "name = ?"]
        values = [stored(search.kind), stored(search.name)]
        if search.below:  # all that begins with "below/": "0" is what follows "/"
            where += ["uri > ?", "uri < ?"]
            values += [stored(f"{search.below}/"), stored(f"{search.below}0")]
        if search.test is not None:
            comparison, operand = search.test
            where.append(_TESTS[comparison])
            values.append(stored(operand))
        direction = "DESC" if search.descending else "ASC"
        order = f"{_ORDERS[search.order]} {direction}, uri {direction}"
        sql = f"SELECT uri, value FROM stickers WHERE {' AND '.join(where)} ORDER BY {order}"  # noqa: S608  (constants)
        return self._rows(sql, values)

    def names(self) -> list[str]:
        """Return all stickers' names, each once, sorted."""
        return [row[0] for row in self._rows("SELECT DISTINCT name FROM stickers ORDER BY name")]

    def names_and_kinds(self, kind: str | None) -> list[tuple[str, ...]]:
        """Return names with the kinds that they occur at; of one kind only, if it is given."""
        which, values = ("", ()) if kind is None else ("WHERE kind = ?", (stored(kind),))
        sql = f"SELECT DISTINCT name, kind FROM stickers {which} ORDER BY name, kind"  # noqa: S608  (constants)
        return self._rows(sql, values)

    def _rows(
        self, sql: str, values: tuple[str | bytes, ...] | list[str | bytes] = ()
    ) -> list[tuple[str, ...]]:
        try:
            with self._connection() as connection:
                rows = connection.execute(sql, values)
                return [tuple(map(loaded, row)) for row in rows]
        except sqlite3.Error as error:
            raise StorageError(in_words(error)) from error

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        place = f"file:{quote(str(self._path))}?mode=ro"
        connection = sqlite3.connect(place, uri=True, timeout=BUSY_TIMEOUT_S)
        try:
            yield connection
        finally:
            connection.close()


def _key(subject: Subject) -> tuple[str | bytes, str | bytes]:
    return stored(subject.kind), stored(subject.uri)
