"""Every older schema becomes the newest one, and keeps what is in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import peewee
import pytest

from playback.errors import StorageError
from playback.saved import SavedPlayer, SavedState
from playback.song import Song
from playback.status import OutputStatus, QueueEntry
from playback.units import EntryId, Ticks
from storage import migrations
from storage.database import open_database
from storage.models import MODELS
from storage.player_store import PlayerStore

# Written out, not taken from the migrations: what lies on a user's disk does not change with them.
SCHEMA_1 = """
CREATE TABLE queue_entries (
    id INTEGER PRIMARY KEY, uri NOT NULL, tag_names TEXT NOT NULL, tag_values TEXT NOT NULL,
    duration_s REAL, last_modified INTEGER, audio_format TEXT, priority INTEGER NOT NULL,
    range TEXT);
CREATE TABLE queue_places (
    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, version INTEGER NOT NULL);
CREATE TABLE player (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outputs (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, plugin TEXT NOT NULL, enabled INTEGER NOT NULL,
    device TEXT NOT NULL);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
SCHEMA_2 = f"""{SCHEMA_1}
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, uri NOT NULL, name TEXT NOT NULL DEFAULT '',
    start INTEGER NOT NULL DEFAULT 0, "end" INTEGER, fade_in INTEGER, fade_out INTEGER,
    lead_in INTEGER, lead_out INTEGER, fade_in_curve TEXT, fade_out_curve TEXT);
CREATE UNIQUE INDEX passages_uri_name ON passages (uri, name);
PRAGMA user_version = 2;
"""
SCHEMA_3 = f"""{SCHEMA_2}
ALTER TABLE outputs ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 3;
"""
SCHEMA_4 = f"""{SCHEMA_3}
ALTER TABLE queue_entries ADD COLUMN span_file;
ALTER TABLE queue_entries ADD COLUMN span TEXT;
PRAGMA user_version = 4;
"""
SCHEMA_5 = f"""{SCHEMA_4}
CREATE TABLE stickers (
    kind TEXT NOT NULL, uri NOT NULL, name NOT NULL, value NOT NULL,
    PRIMARY KEY (kind, uri, name)) WITHOUT ROWID;
CREATE INDEX stickers_kind_name ON stickers (kind, name, uri);
PRAGMA user_version = 5;
"""
SCHEMA_6 = f"""{SCHEMA_5}
CREATE TABLE measurements (
    uri NOT NULL PRIMARY KEY, modified_ns INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
    method INTEGER NOT NULL, failure TEXT, loudness_lufs REAL, sample_peak REAL, true_peak REAL,
    silence_before INTEGER, silence_after INTEGER, start_ramp BLOB, end_ramp BLOB) WITHOUT ROWID;
PRAGMA user_version = 6;
"""
SCHEMAS = {1: SCHEMA_1, 2: SCHEMA_2, 3: SCHEMA_3, 4: SCHEMA_4, 5: SCHEMA_5, 6: SCHEMA_6}
ROWS = """
INSERT INTO queue_entries (id, uri, tag_names, tag_values, duration_s, last_modified,
    audio_format, priority, range) VALUES
    (5, 'a.flac', '["Artist","Title"]', '["A","B"]', 1.5, 17, '44100:16:2', 3, '[1,null]'),
    (4, 'b.flac', '[]', '[]', NULL, NULL, NULL, 0, NULL);
INSERT INTO queue_places VALUES (4, 1, 8), (5, 0, 7);
INSERT INTO player VALUES ('current', '5'), ('elapsed', '99');
INSERT INTO outputs (id, name, plugin, enabled, device) VALUES (0, 'card', 'alsa', 1, 'hw:0');
INSERT INTO settings VALUES ('watchdog_enabled', '0');
"""
MEANING = SavedState(
    SavedPlayer(
        current=EntryId(5),
        elapsed=Ticks(99),
        outputs=(OutputStatus(0, "card", "alsa", True, "hw:0"),),
    ),
    (
        QueueEntry(
            EntryId(5),
            Song("a.flac", 1.5, (("Artist", "A"), ("Title", "B")), 17, "44100:16:2"),
            priority=3,
            version=7,
            range=(Ticks(1), None),
        ),
        QueueEntry(EntryId(4), Song("b.flac"), version=8),
    ),
    {"watchdog_enabled": "0"},
)


def write(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table's columns: name, type, NOT NULL, default, key."""
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    found = {
        name: [row[1:] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        for (name,) in tables
    }
    connection.close()
    return found


def test_there_is_a_literal_schema_for_every_version() -> None:
    assert list(SCHEMAS) == list(migrations.MIGRATIONS) == list(range(1, migrations.LATEST + 1))


@pytest.mark.parametrize("version", SCHEMAS)
def test_every_version_is_brought_up_to_date_with_its_data(tmp_path: Path, version: int) -> None:
    path = tmp_path / "wkmp.db"
    write(path, SCHEMAS[version] + ROWS)
    store = PlayerStore(open_database(path))
    assert store.load() == MEANING
    store.close()
    write(tmp_path / "expected.db", SCHEMAS[migrations.LATEST])
    assert columns(path) == columns(tmp_path / "expected.db")


def test_a_new_database_has_the_newest_schema(tmp_path: Path) -> None:
    open_database(tmp_path / "wkmp.db").close()
    write(tmp_path / "expected.db", SCHEMAS[migrations.LATEST])
    assert columns(tmp_path / "wkmp.db") == columns(tmp_path / "expected.db")


def test_the_models_name_exactly_the_columns_of_the_tables(tmp_path: Path) -> None:
    open_database(tmp_path / "wkmp.db").close()
    tables = {
        name: [column[0] for column in row] for name, row in columns(tmp_path / "wkmp.db").items()
    }

    def names(model: type[peewee.Model]) -> list[str]:
        return [field.column_name for field in model._meta.sorted_fields]

    assert {model._meta.table_name: names(model) for model in MODELS} == tables


def test_a_copy_is_taken_before_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "wkmp.db"
    write(path, SCHEMA_1 + ROWS)
    before = columns(path)
    open_database(path).close()
    assert columns(tmp_path / "wkmp.db.backup-1") == before


def test_no_copy_is_taken_when_there_is_nothing_to_migrate(tmp_path: Path) -> None:
    open_database(tmp_path / "wkmp.db").close()
    open_database(tmp_path / "wkmp.db").close()
    assert list(tmp_path.glob("*.backup-*")) == []


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wkmp.db"
    write(path, SCHEMA_1 + ROWS)
    before = columns(path)
    broken = {**migrations.MIGRATIONS, 2: (*migrations.MIGRATIONS[2], "DELETE FROM nowhere")}
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    to = migrations.LATEST
    with pytest.raises(
        StorageError, match=rf"Bringing .*wkmp\.db up to schema {to}: no such table: nowhere"
    ):
        open_database(path)
    assert columns(path) == before
    monkeypatch.undo()
    store = PlayerStore(open_database(path))
    assert store.load() == MEANING
    store.close()
