"""How the schema came to be, step by step; a step once released never changes.

The schema's version is SQLite's ``user_version``. All missing steps run in one transaction, so
a power cut leaves the old schema or the new one. Steps only add.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

MIGRATIONS: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        """CREATE TABLE queue_entries (
            id INTEGER PRIMARY KEY,
            uri NOT NULL,
            tag_names TEXT NOT NULL,
            tag_values TEXT NOT NULL,
            duration_s REAL,
            last_modified INTEGER,
            audio_format TEXT,
            priority INTEGER NOT NULL,
            range TEXT
        )""",
        """CREATE TABLE queue_places (
            id INTEGER PRIMARY KEY,
            position INTEGER NOT NULL,
            version INTEGER NOT NULL
        )""",
        "CREATE TABLE player (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE outputs (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            plugin TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            device TEXT NOT NULL
        )""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    2: (
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY,
            uri NOT NULL,
            name TEXT NOT NULL DEFAULT '',
            start INTEGER NOT NULL DEFAULT 0,
            "end" INTEGER,
            fade_in INTEGER,
            fade_out INTEGER,
            lead_in INTEGER,
            lead_out INTEGER,
            fade_in_curve TEXT,
            fade_out_curve TEXT
        )""",
        "CREATE UNIQUE INDEX passages_uri_name ON passages (uri, name)",
    ),
    3: ("ALTER TABLE outputs ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0",),
    4: (
        "ALTER TABLE queue_entries ADD COLUMN span_file",
        "ALTER TABLE queue_entries ADD COLUMN span TEXT",
    ),
    5: (
        """CREATE TABLE stickers (
            kind TEXT NOT NULL,
            uri NOT NULL,
            name NOT NULL,
            value NOT NULL,
            PRIMARY KEY (kind, uri, name)
        ) WITHOUT ROWID""",
        "CREATE INDEX stickers_kind_name ON stickers (kind, name, uri)",
    ),
    6: (
        """CREATE TABLE measurements (
            uri NOT NULL PRIMARY KEY,
            modified_ns INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            method INTEGER NOT NULL,
            failure TEXT,
            loudness_lufs REAL,
            sample_peak REAL,
            true_peak REAL,
            silence_before INTEGER,
            silence_after INTEGER,
            start_ramp BLOB,
            end_ramp BLOB
        ) WITHOUT ROWID""",
    ),
}

LATEST: Final = max(MIGRATIONS)


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema's version; 0 means an empty database."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Apply every step the database lacks; the caller holds a transaction."""
    for number in range(schema_version(connection) + 1, LATEST + 1):
        for statement in MIGRATIONS[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
