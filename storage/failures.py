"""SQLite's error codes in words that tell a user what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

_PRIMARY_CODE: Final = 0xFF  # the extended codes carry the primary one in their low byte

_WORDS: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "the database is locked by another program; close it",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program; close it",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "the database is read-only; check its permissions and the disk",
    sqlite3.SQLITE_PERM: "the database may not be written; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; check its directory",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check it and its free space",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; restart wkmp to restore it",
    sqlite3.SQLITE_NOTADB: "the database is damaged; restart wkmp to restore it",
}


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; -1 if the error does not come from SQLite."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & _PRIMARY_CODE


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file itself is broken."""
    return primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def in_words(error: sqlite3.Error) -> str:
    """Say what is wrong and what to do, with SQLite's own text behind it."""
    words = _WORDS.get(primary_code(error))
    return str(error) if words is None else f"{words} ({error})"
