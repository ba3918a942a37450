"""Three copies are kept; a copy that fails costs none of them."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from playback.errors import StorageError
from playback.saved import QueueChange
from storage.backups import Backups
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.storage.failing import refused_by_the_kernel

DAY_S = 24 * 3600.0


def written_in(copy: Path) -> list[tuple[str]]:
    connection = sqlite3.connect(copy)
    rows = connection.execute("SELECT value FROM settings").fetchall()
    connection.close()
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wkmp.db"


def test_the_three_newest_copies_are_kept_in_order(path: Path) -> None:
    store = PlayerStore(open_database(path))
    for number in range(1, 6):
        store.apply([QueueChange(settings=(("n", str(number)),))], durable=True)
        store.backups.take()
    store.close()
    copies = sorted(path.parent.glob("*backup*"))
    assert [copy.name for copy in copies] == [f"wkmp.db.backup-{n}" for n in (1, 2, 3)]
    assert [written_in(copy) for copy in copies] == [[("5",)], [("4",)], [("3",)]]


def test_a_copy_holds_what_was_committed_and_not_what_is_being_written(path: Path) -> None:
    database = open_database(path)
    PlayerStore(database).apply([QueueChange(settings=(("n", "1"),))], durable=True)
    with database.transaction() as connection:
        connection.execute("UPDATE settings SET value = '2'")
        database.backups.take()
    database.close()
    assert written_in(database.backups.copy(1)) == [("1",)]


def test_a_copy_that_fails_leaves_the_others_and_says_why(path: Path) -> None:
    database = open_database(path)
    database.backups.take()
    database.close()
    good = database.backups.copy(1).read_bytes()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match=f"Copying the database {path}: the database is damaged"):
        database.backups.take()
    assert database.backups.copy(1).read_bytes() == good
    assert not database.backups.copy(2).exists()


def test_a_copy_for_which_there_is_no_room_takes_none(path: Path) -> None:
    database = open_database(path)
    with refused_by_the_kernel(database), pytest.raises(StorageError, match="Copying the database"):
        database.backups.take()
    database.close()
    assert list(path.parent.glob("*backup*")) == []


def test_the_rest_of_an_interrupted_copy_is_not_in_the_way(path: Path) -> None:
    database = open_database(path)
    path.with_name("wkmp.db.backup-new").write_bytes(b"half a copy")
    database.backups.take()
    database.close()
    assert written_in(database.backups.copy(1)) == []


def test_a_copy_is_due_at_once_when_there_is_none_and_a_day_after_the_last(path: Path) -> None:
    backups = Backups(path)
    assert backups.due_in_s() == 0.0
    open_database(path).close()
    backups.take()
    assert DAY_S - 60 < backups.due_in_s() <= DAY_S
    for age_s, least, most in ((DAY_S + 1, 0.0, 0.0), (DAY_S / 2, DAY_S / 2 - 60, DAY_S / 2)):
        then_s = time.time() - age_s
        os.utime(backups.copy(1), (then_s, then_s))
        assert least <= backups.due_in_s() <= most


def test_a_copy_from_the_future_does_not_put_the_next_one_off_for_ever(path: Path) -> None:
    open_database(path).close()
    Backups(path).take()
    future_s = time.time() + 1000 * DAY_S
    os.utime(Backups(path).copy(1), (future_s, future_s))
    assert Backups(path).due_in_s() == DAY_S
