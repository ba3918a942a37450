"""The store of queue, player, outputs, settings and stickers: one change, one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from peewee import DatabaseError

from library.stickers import StickerEdit
from playback.errors import StorageError
from playback.queue_diff import whole_change
from playback.saved import QueueChange, SavedPlayer, SavedState
from storage.backups import Backups
from storage.database import Database
from storage.measurement_rows import write_measured
from storage.passage_rows import read_passages, write_passages
from storage.player_rows import read_player, write_player
from storage.queue_rows import read_queue, write_queue
from storage.settings_rows import (
    differing_defaults,
    missing_settings,
    read_settings,
    write_settings,
)
from storage.sticker_rows import write_sticker


class PlayerStore:
    """Reads and writes what outlives a restart.

    It remembers the player it wrote last, so that a position every five seconds is one small
    row. Whoever holds it is the database's only writer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._player: SavedPlayer | None = None

    @property
    def backups(self) -> Backups:
        """The copies of this store's database."""
        return self._database.backups

    def load(self) -> SavedState:
        """Return everything.

        Raises:
            StorageError: the database cannot be read.
        """
        try:
            self._player = read_player(self._database.peewee)
            entries = read_queue(self._database.connection)
            passages = read_passages(self._database.connection)
            self._database.connection.execute("PRAGMA shrink_memory")  # what it read is not needed
        except (DatabaseError, sqlite3.Error, ValueError) as error:
            raise StorageError(f"Loading the state from {self._database.path}: {error}") from error
        return SavedState(self._player, entries, self.settings(), passages)

    def settings(self) -> dict[str, str]:
        """Return the settings as users wrote them.

        Raises:
            StorageError: the database cannot be read.
        """
        try:
            return read_settings(self._database.peewee)
        except DatabaseError as error:
            raise StorageError(f"Reading the settings: {error}") from error

    def seed_settings(self, defaults: Mapping[str, int]) -> tuple[str, ...]:
        """Write missing settings with wkmp.ini's ``[defaults]`` or the built-in default.

        Returns:
            A sentence for the log for each of ``defaults`` that the table overrules.

        Raises:
            StorageError: they cannot be written.
        """
        table = self.settings()
        missing = missing_settings(table, defaults)
        if missing:
            with self._database.transaction() as connection:
                write_settings(connection, missing)
        return differing_defaults(table, defaults)

    def apply(self, changes: Sequence[QueueChange], *, durable: bool) -> None:
        """Write the changes, in their order, in one transaction.

        Args:
            changes: what was acknowledged since the last call.
            durable: return only when a power cut can no longer take them.

        Raises:
            StorageError: nothing was written; the text says why and what to do.
        """
        player = next((c.player for c in reversed(changes) if c.player is not None), None)
        before = None if any(change.whole for change in changes) else self._player
        with self._database.transaction(durable=durable) as connection:
            for change in changes:
                write_queue(connection, change)
                write_settings(connection, change.settings)
                write_passages(connection, change)
                write_measured(connection, change.measured)
            if player is not None:
                write_player(connection, player, before)
        self._player = player or self._player

    def write_whole(self, state: SavedState) -> None:
        """Replace everything by ``state`` in one durable transaction.

        Raises:
            StorageError: nothing was written; the text says why and what to do.
        """
        self.apply((whole_change(state),), durable=True)

    def edit_sticker(self, edit: StickerEdit) -> bool:
        """Write an edit, for readers to see; it is durable with the next durable transaction.

        Returns:
            Whether it has changed anything.

        Raises:
            StorageError: nothing was written; the text says why and what to do.
        """
        with self._database.transaction(durable=False) as connection:
            return write_sticker(connection, edit)

    def try_writing(self) -> None:
        """Commit a row that means nothing, durably, and so all that was written before.

        Raises:
            StorageError: it does not; the text says why and what to do.
        """
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO player VALUES ('written', 'true')")
            connection.execute("DELETE FROM player WHERE key = 'written'")

    def close(self) -> None:
        """Close the database."""
        self._database.close()
