"""Looks measurements up beside the writer."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from playback.errors import StorageError
from playback.measurement import METHOD, FileVersion, MeasuredFile
from storage.failures import in_words
from storage.measurement_rows import READ_MEASURED, measured_of
from storage.text import loaded, stored

BUSY_TIMEOUT_S: Final = 1.0
_COUNT: Final = "SELECT count(*), count(failure) FROM measurements WHERE method = ?"

_FAILURES: Final = """SELECT uri, failure FROM measurements
    WHERE failure IS NOT NULL AND method = ? ORDER BY uri LIMIT ?"""


@dataclass(frozen=True, slots=True)
class MeasuredCount:
    """How many files something is known of; those that are gone are among them.

    Attributes:
        files: measured, or found not to be measurable.
        failed: how many of them could not be measured.
    """

    files: int
    failed: int


class MeasurementReader:
    """Any thread may ask; each answer has its own connection.

    All methods raise ``StorageError`` if the database cannot be read.

    Args:
        path: the database; it must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, uri: str, version: FileVersion) -> MeasuredFile | None:
        """Return what is known of this very version of a file."""
        with self._connection() as connection:
            return self._found(connection, uri, version)

    def unknown(
        self, files: Iterator[tuple[str, FileVersion]]
    ) -> Iterator[tuple[str, FileVersion]]:
        """Pass on those of ``files`` of which nothing is known."""
        with self._connection() as connection:
            for uri, version in files:
                if self._found(connection, uri, version) is None:
                    yield uri, version

    def count(self) -> MeasuredCount:
        """Count them."""
        with self._connection() as connection:
            return MeasuredCount(*connection.execute(_COUNT, (METHOD,)).fetchone())

    def failures(self, most: int) -> list[tuple[str, str]]:
        """Return URI and reason of files that could not be measured, by URI."""
        with self._connection() as connection:
            rows = connection.execute(_FAILURES, (METHOD, most)).fetchall()
        return [(loaded(uri), reason) for uri, reason in rows]

    def _found(
        self, connection: sqlite3.Connection, uri: str, version: FileVersion
    ) -> MeasuredFile | None:
        rows = connection.execute(f"{READ_MEASURED} WHERE uri = ?", (stored(uri),))
        file = next(map(measured_of, rows), None)
        is_current = file is not None and file.version == version and file.method == METHOD
        return file if is_current else None

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        place = f"file:{quote(str(self._path))}?mode=ro"
        try:
            connection = sqlite3.connect(place, uri=True, timeout=BUSY_TIMEOUT_S)
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StorageError(f"Reading {self._path}: {in_words(error)}") from error
