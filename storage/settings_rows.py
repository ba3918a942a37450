"""The settings table: what users change at run time, as they wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from peewee import SqliteDatabase

from playback.settings import SPECS
from storage.models import SettingRow
from storage.text import stored


def read_settings(database: SqliteDatabase) -> dict[str, str]:
    """Return every row, those that this version does not know included."""
    rows = SettingRow.select(SettingRow.key, SettingRow.value).tuples().execute(database)
    return dict(rows)


def write_settings(connection: sqlite3.Connection, settings: Iterable[tuple[str, str]]) -> None:
    """Write these, leave the others."""
    connection.executemany(
        "INSERT OR REPLACE INTO settings VALUES (?, ?)",
        [(key, stored(value)) for key, value in settings],
    )


def missing_settings(
    table: Mapping[str, str], defaults: Mapping[str, int]
) -> tuple[tuple[str, str], ...]:
    """Return the rows that the table lacks, with wkmp.ini's default or the built-in one."""
    return tuple(
        (key, str(defaults.get(key, spec.default)))
        for key, spec in SPECS.items()
        if key not in table
    )


def differing_defaults(table: Mapping[str, str], defaults: Mapping[str, int]) -> tuple[str, ...]:
    """Name each of wkmp.ini's defaults that the table overrules, in one sentence for the log."""
    return tuple(
        f"Setting {key} is {table[key]} (changed at run time); [defaults] in wkmp.ini says {value}"
        for key, value in defaults.items()
        if key in table and table[key] != str(value)
    )
