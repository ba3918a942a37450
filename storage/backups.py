"""Copies of the database: three are kept, the newest is ``NAME.backup-1``.

A copy is written beside them under a name of its own, synced, and only then renamed, so that a
power cut never costs a good copy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from playback.errors import StorageError
from storage.failures import in_words
from storage.inspection import Sound, inspect, reading

KEPT: Final = 3
INTERVAL_S: Final = 24 * 3600.0


class Backups:
    """The copies of one database."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def copy(self, number: int) -> Path:
        """Return where copy ``number`` (1 = newest) is kept."""
        return self._beside(f".backup-{number}")

    def due_in_s(self) -> float:
        """Return in how many seconds the daily copy is due; 0 if it already is."""
        try:
            age_s = time.time() - self.copy(1).stat().st_mtime
        except OSError:
            return 0.0
        return min(max(0.0, INTERVAL_S - age_s), INTERVAL_S)

    def take(self) -> None:
        """Copy the database as it is now; other connections may go on writing.

        Raises:
            StorageError: the copy could not be made; the older ones are as they were.
        """
        fresh = self._beside(".backup-new")
        try:
            fresh.unlink(missing_ok=True)
            with reading(self._database) as connection:
                connection.execute("VACUUM INTO ?", (str(fresh),))
            sync(fresh)
            for number in range(KEPT, 1, -1):
                with contextlib.suppress(FileNotFoundError):
                    self.copy(number - 1).replace(self.copy(number))
            fresh.replace(self.copy(1))
            sync(fresh.parent)
        except sqlite3.Error as error:
            raise self._failed(in_words(error)) from error
        except OSError as error:
            raise self._failed(str(error)) from error
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)  # half a copy would fill a full disk for good

    def replace_damaged(self) -> tuple[Path, Path | None]:
        """Set the damaged database aside and put the newest good copy in its place.

        Returns:
            Where the damaged file is now, and which copy was restored (None: no good one).
        """
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        aside = self._beside(f".corrupt-{stamp}")
        good = next(self._good(), None)
        fresh = self._beside(".restored")
        if good is not None:
            shutil.copyfile(good, fresh)
            sync(fresh)
        self._put_log_aside(Path(f"{aside}-wal"))
        if good is None:
            self._database.replace(aside)
        else:
            self._keep_as(aside)
            fresh.replace(self._database)
        sync(self._database.parent)
        return aside, good

    def _put_log_aside(self, aside: Path) -> None:
        """Keep the log with its database, for whoever wants to rescue more; drop its index."""
        log = self._beside("-wal")
        if log.exists() and log.stat().st_size > 0:
            log.replace(aside)
        log.unlink(missing_ok=True)
        self._beside("-shm").unlink(missing_ok=True)

    def _keep_as(self, aside: Path) -> None:
        """Give the damaged file a second name, so that at no moment there is no database."""
        try:
            aside.hardlink_to(self._database)
        except OSError:  # a file system without links
            self._database.replace(aside)

    def _good(self) -> Iterator[Path]:
        for number in range(1, KEPT + 1):
            with contextlib.suppress(StorageError):
                if isinstance(inspect(self.copy(number)), Sound):
                    yield self.copy(number)

    def _beside(self, suffix: str) -> Path:
        return self._database.with_name(self._database.name + suffix)

    def _failed(self, why: str) -> StorageError:
        return StorageError(f"Copying the database {self._database}: {why}")


def sync(path: Path) -> None:
    """Bring a file, or a directory's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
