"""Looks at a database file before anything is written to it.

The connection is read-only, so neither a database from a newer wkmp nor a damaged one is
touched by the look: closing a writable connection would fold the write-ahead log into it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from playback.errors import StorageError
from storage.failures import in_words, is_damage
from storage.migrations import LATEST, schema_version


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no database yet."""


@dataclass(frozen=True, slots=True)
class Sound:
    """The file is whole; ``version`` is its schema's."""

    version: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """The file is no database or fails its integrity check."""

    reason: str


Condition: TypeAlias = Absent | Sound | Damaged


@contextlib.contextmanager
def reading(path: Path, *, busy_timeout_s: float = 1.0) -> Iterator[sqlite3.Connection]:
    """Open ``path`` read-only for the time of a ``with``."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_timeout_s
    )
    try:
        yield connection
    finally:
        connection.close()


def inspect(path: Path, *, busy_timeout_s: float = 1.0) -> Condition:
    """Find out what stands at ``path``.

    Raises:
        StorageError: it cannot be read, or comes from a newer wkmp.
    """
    try:
        if not path.exists() or path.stat().st_size == 0:
            return Absent()
        with reading(path, busy_timeout_s=busy_timeout_s) as connection:
            version = schema_version(connection)
            faults = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        if is_damage(error):
            return Damaged(str(error))
        raise StorageError(f"Reading the database {path}: {in_words(error)}") from error
    except OSError as error:
        raise StorageError(f"Reading the database {path}: {error}") from error
    if faults != ["ok"]:
        return Damaged(faults[0].replace("\n", ", "))
    if version > LATEST:
        raise StorageError(
            f"The database {path} was written by a newer wkmp (schema {version}, this one knows "
            f"{LATEST}). It was left untouched: install the newer wkmp, or move the file away."
        )
    return Sound(version)
