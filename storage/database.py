"""Opens the database: whole, at the newest schema, ready for one writer and many readers.

In order: look (read-only), put a damaged file aside and restore a copy, copy before a
migration, migrate. Write-ahead logging lets readers and the daily copy go on during a commit.
"""

from __future__ import annotations

import contextlib
import enum
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from peewee import DatabaseError, SqliteDatabase

from playback.errors import StorageError
from storage.backups import Backups, sync
from storage.failures import in_words
from storage.inspection import Absent, Damaged, Sound, inspect
from storage.migrations import LATEST, migrate, schema_version

BUSY_TIMEOUT_S: Final = 1.0  # how long a commit waits for another program's

_log = logging.getLogger(__name__)


class Durability(enum.StrEnum):
    """What an acknowledged change survives."""

    POWER = "power"
    PROCESS = "process"


class Database:
    """The one writable connection. Any thread may hold it, one at a time."""

    def __init__(self, path: Path, durability: Durability, busy_timeout_s: float) -> None:
        self.path = path
        self.backups = Backups(path)
        self.peewee = SqliteDatabase(
            str(path),
            timeout=busy_timeout_s,
            thread_safe=False,
            check_same_thread=False,
            autoconnect=False,
        )
        self._strongest = "FULL" if durability is Durability.POWER else "NORMAL"
        self._synchronous = ""

    def connect(self) -> None:
        """Open the file, creating it if it is not there."""
        self.peewee.connect()
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA journal_size_limit = 4194304")
        self.connection.execute("PRAGMA cache_size = -8000")  # KiB: a queue of 10,000 fits

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection below peewee, for statements with many rows."""
        connection: sqlite3.Connection = self.peewee.connection()  # type: ignore[no-untyped-call]
        return connection

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Commit what the ``with`` writes, all or nothing.

        Args:
            durable: the commit waits for the disk (unless durability is ``process``).

        Raises:
            StorageError: nothing was written; the text says why and what to do.
        """
        try:
            self._set_synchronous(self._strongest if durable else "NORMAL")
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StorageError(in_words(error)) from error
        except DatabaseError as error:
            raise StorageError(_below_peewee(error)) from error

    def close(self) -> None:
        """Close the connection; the last one folds the log into the file."""
        self.peewee.close()

    def _set_synchronous(self, level: str) -> None:
        if level != self._synchronous:
            self.connection.execute(f"PRAGMA synchronous = {level}")
            self._synchronous = level


def open_database(
    path: Path,
    *,
    durability: Durability = Durability.POWER,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
) -> Database:
    """Open the database at ``path``, creating, restoring or migrating it as needed.

    Raises:
        StorageError: it cannot be created, read or written, or comes from a newer wkmp.
    """
    database = Database(path, durability, busy_timeout_s)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_whole(database, busy_timeout_s)
        database.connect()
        _bring_up_to_date(database)
    except (OSError, DatabaseError, sqlite3.Error) as error:
        database.close()
        why = in_words(error) if isinstance(error, sqlite3.Error) else str(error)
        raise StorageError(f"Opening the database {path}: {why}") from error
    except StorageError:
        database.close()
        raise
    return database


def _make_whole(database: Database, busy_timeout_s: float) -> None:
    """Leave a sound database at the path, or none."""
    match inspect(database.path, busy_timeout_s=busy_timeout_s):
        case Damaged(reason):
            aside, copy = database.backups.replace_damaged()
            instead = "a new one was begun" if copy is None else f"the copy {copy} was restored"
            _log.warning(
                "The database %s is damaged (%s). It was set aside as %s; %s.",
                database.path,
                reason,
                aside,
                instead,
            )
        case Sound(version) if 0 < version < LATEST:
            database.backups.take()
        case Sound() | Absent():
            pass


def _bring_up_to_date(database: Database) -> None:
    if schema_version(database.connection) == LATEST:
        return
    try:
        with database.transaction() as connection:
            migrate(connection)
    except StorageError as error:
        raise StorageError(f"Bringing {database.path} up to schema {LATEST}: {error}") from error
    sync(database.path.parent)


def _below_peewee(error: DatabaseError) -> str:
    cause = error.args[0] if error.args else error
    return in_words(cause) if isinstance(cause, sqlite3.Error) else str(error)
