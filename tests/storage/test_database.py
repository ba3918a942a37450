"""Opening: new, newer, damaged, and places where no database can be."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from playback.errors import StorageError
from playback.saved import SavedState
from storage.database import Durability, open_database
from storage.player_store import PlayerStore
from tests.storage.states import STATE, entry, queue

BIG = SavedState(STATE.player, queue(500), STATE.settings)  # many pages, so that a middle exists


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wkmp.db"


def save(path: Path, state: SavedState) -> None:
    store = PlayerStore(open_database(path))
    store.write_whole(state)
    store.close()


def stored(path: Path) -> SavedState:
    store = PlayerStore(open_database(path))
    try:
        return store.load()
    finally:
        store.close()


def overwrite(path: Path, offset: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(range(1, 256)) * (count // 255) + bytes(count % 255))


def break_header(path: Path) -> None:
    overwrite(path, 0, 100)


def break_middle(path: Path) -> None:
    overwrite(path, 4096, path.stat().st_size - 2 * 4096)


def cut_in_half(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def replace_by_text(path: Path) -> None:
    path.write_text("this is no database\n" * 500)


DAMAGES = [break_header, break_middle, cut_in_half, replace_by_text]


def test_missing_directories_are_made(tmp_path: Path) -> None:
    open_database(tmp_path / "a" / "b" / "wkmp.db").close()
    assert (tmp_path / "a" / "b" / "wkmp.db").is_file()


def test_an_empty_file_is_taken_for_a_new_database(path: Path) -> None:
    path.touch()
    assert stored(path) == SavedState()


@pytest.mark.parametrize(
    ("durability", "durable", "level"),
    [
        (Durability.POWER, True, 2),
        (Durability.POWER, False, 1),
        (Durability.PROCESS, True, 1),
        (Durability.PROCESS, False, 1),
    ],
)
def test_a_commit_waits_for_the_disk_only_if_it_has_to(
    path: Path, durability: Durability, *, durable: bool, level: int
) -> None:
    database = open_database(path, durability=durability)
    for before in (True, False):
        with database.transaction(durable=before):
            pass
        with database.transaction(durable=durable) as connection:
            assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
    assert database.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_transaction_that_raises_writes_nothing(path: Path) -> None:
    database = open_database(path)

    def fail_halfway() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO settings VALUES ('a', '1')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with database.transaction() as connection:
        assert connection.execute("SELECT * FROM settings").fetchall() == []
    database.close()


def test_a_database_of_a_newer_version_is_refused_and_left_untouched(path: Path) -> None:
    save(path, STATE)
    # The newer daemon was killed: its schema version stands only in the write-ahead log.
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM settings").fetchall()  # keeps the log from being folded in
    log = path.with_name("wkmp.db-wal")
    before = path.read_bytes(), log.read_bytes()
    assert before[1]
    copy = path.with_name("copy.db")
    copy.write_bytes(before[0])
    copy.with_name("copy.db-wal").write_bytes(before[1])
    reader.close()
    newer.close()
    with pytest.raises(StorageError, match=r"copy\.db was written by a newer wkmp \(schema 99"):
        open_database(copy)
    assert (copy.read_bytes(), copy.with_name("copy.db-wal").read_bytes()) == before
    assert list(path.parent.glob("copy.db.*")) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_and_the_copy_restored(
    path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    save(path, BIG)
    store = PlayerStore(open_database(path))
    store.backups.take()
    store.close()
    damage(path)
    broken = path.read_bytes()
    assert stored(path) == BIG
    (aside,) = path.parent.glob("wkmp.db.corrupt-*")
    assert aside.read_bytes() == broken
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert str(aside) in record.getMessage()
    assert f"the copy {path}.backup-1 was restored" in record.getMessage()


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_a_copy_a_new_database_is_begun(
    path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    save(path, BIG)
    damage(path)
    assert stored(path) == SavedState()
    (aside,) = path.parent.glob("wkmp.db.corrupt-*")
    assert f"It was set aside as {aside}; a new one was begun" in caplog.text


def test_the_newest_copy_that_is_good_is_restored(path: Path) -> None:
    for number in (1, 2, 3):
        state = SavedState(STATE.player, (entry(number),), STATE.settings)
        store = PlayerStore(open_database(path))
        store.write_whole(state)
        store.backups.take()
        store.close()
    break_header(path)
    break_header(path.with_name("wkmp.db.backup-1"))
    assert stored(path).entries == (entry(2),)


def test_the_log_of_a_damaged_database_goes_with_it(path: Path) -> None:
    save(path, BIG)
    break_header(path)
    path.with_name("wkmp.db-wal").write_bytes(b"the log of before")
    assert stored(path) == SavedState()
    (aside,) = path.parent.glob("wkmp.db.corrupt-*[0-9]")
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"the log of before"


def test_a_database_after_a_restore_is_not_restored_again(path: Path) -> None:
    save(path, BIG)
    break_middle(path)
    stored(path)
    save(path, STATE)
    assert stored(path) == STATE
    assert len(list(path.parent.glob("wkmp.db.corrupt-*[0-9]"))) == 1


@pytest.mark.parametrize("name", ["file/wkmp.db", "folder"])
def test_a_place_where_no_database_can_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=str(tmp_path / name)):
        open_database(tmp_path / name)


def test_a_foreign_lock_at_the_start_is_named(path: Path) -> None:
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("CREATE TABLE t (a)")
    foreign.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageError, match="locked by another program"):
        open_database(path, busy_timeout_s=0.0)
    foreign.close()
