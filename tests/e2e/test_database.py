"""The database under a running daemon: locked, spoiled, from the future."""

from __future__ import annotations

import contextlib
import sqlite3

from tests.daemon import Daemon
from tests.waiting import until


def database(daemon: Daemon) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(daemon.data / "wkmp.db", isolation_level=None))


def test_changes_that_cannot_be_saved_are_told_and_saved_later(daemon: Daemon) -> None:
    client = daemon.connect()
    with database(daemon) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert client.send("setvol 33") == ([], "OK")
        assert client.send("crossfade 4") == ([], "OK")
        told = until(lambda: client.status().get("error", ""), "the user is told")
        assert told.startswith("changes are not being saved: ")
        assert client.status()["volume"] == "33"
        other.execute("ROLLBACK")
    until(lambda: "error" not in client.status(), "they are being saved again", 40)
    assert client.send("repeat 1") == ([], "OK")
    daemon.kill()
    daemon.start()
    status = daemon.connect().status()
    assert (status["volume"], status["xfade"], status["repeat"]) == ("33", "4", "1")
    assert daemon.log.count("WARNING") == 1


def test_a_spoiled_database_is_set_aside_and_the_music_goes_on(daemon: Daemon) -> None:
    daemon.stop()
    for file in daemon.data.glob("wkmp.db*"):
        file.unlink()
    (daemon.data / "wkmp.db").write_bytes(b"This is no database." * 1000)
    daemon.start()
    assert daemon.connect().send("setvol 50") == ([], "OK")
    [line] = [line for line in daemon.log.splitlines() if "WARNING" in line]
    files = [file for file in daemon.data.iterdir() if file.is_file()]
    [aside] = [file for file in files if file.read_bytes()[:7] == b"This is"]
    assert aside.name in line


def test_a_database_from_the_future_is_left_alone(daemon: Daemon) -> None:
    daemon.stop()
    with database(daemon) as opened:
        [(version,)] = opened.execute("PRAGMA user_version")
        opened.execute(f"PRAGMA user_version = {version + 1000}")
    before = (daemon.data / "wkmp.db").read_bytes()
    refused = daemon.command("run")
    assert refused.returncode == 1
    assert "newer" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (daemon.data / "wkmp.db").read_bytes() == before
