"""No client can block or crash the daemon, or keep others from being served."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

from tests.daemon import Daemon, running_daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, sine
from tests.waiting import PATIENCE_S, until

GREETING = b"OK MPD 0.24.0\n"
SONG = "a-name-of-some-length-so-that-replies-grow.flac"


def dial(daemon: Daemon, *, greeted: bool = True) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", daemon.port), PATIENCE_S)
    if greeted:
        assert connection.recv(100) == GREETING
    return connection


def hung_up(connection: socket.socket) -> bytes:
    """Read until the daemon hangs up; returns what it said."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            said += piece
    return said


def plays(daemon: Daemon) -> MpdClient:
    make(daemon.music / SONG, sine(100 * 8_000, 8_000, channels=1), Codec.FLAC16, 8_000)
    client = daemon.connect()
    client.send(f"add {SONG}")
    client.send("play")
    until(lambda: float(client.status()["elapsed"]) > 0, "it plays")
    return client


def answers_and_plays_on(client: MpdClient) -> None:
    began_s = time.monotonic()
    first = float(client.status()["elapsed"])
    assert time.monotonic() - began_s < 1.0
    until(lambda: float(client.status()["elapsed"]) > first, "the music goes on")


def test_a_browser_is_let_go_without_a_word(daemon: Daemon) -> None:
    client = plays(daemon)
    with dial(daemon) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert hung_up(browser) == b""
    with dial(daemon) as poster:
        poster.sendall(b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nclear\n")
        assert hung_up(poster) == b""
    assert client.status()["playlistlength"] == "1"
    answers_and_plays_on(client)


GARBAGE = {
    "bytes": b"\x00\x01\x02\xff" * 1000 + b"\n",
    "no UTF-8": b"status \xff\xfe\n",
    "an unclosed quote": b'add "unclosed\n',
    "an endless line": b"x" * 100_000,
    "empty lines": b"\n" * 100,
    "other line ends": b"status\r\n" * 3,
    "an endless list": b"command_list_begin\n" + b"add nothing\n" * 300_000,
    "a list in a list": b"command_list_ok_begin\ncommand_list_begin\nstatus\ncommand_list_end\n",
    "a command while idle": b"noidle\nidle nonsense\nidle\nstatus\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


def test_garbage_harms_nobody(daemon: Daemon) -> None:
    client = plays(daemon)
    for garbage in GARBAGE.values():
        with dial(daemon) as rude, contextlib.suppress(ConnectionError):
            rude.sendall(garbage)
            rude.shutdown(socket.SHUT_WR)
            hung_up(rude)
        answers_and_plays_on(client)
        assert client.status()["playlistlength"] == "1"


def test_who_never_reads_costs_little_and_is_cut_off(tmp_path: Path) -> None:
    with running_daemon(tmp_path, settings={"network": {"connection_timeout": 1}}) as daemon:
        client = plays(daemon)
        client.ask("command_list_begin")
        for _ in range(2_000):
            client.ask(f"add {SONG}")
        assert client.send("command_list_end") == ([], "OK")
        before_mib = memory_mib(daemon.pid)
        with contextlib.ExitStack() as house:
            readers = [house.enter_context(dial(daemon)) for _ in range(10)]
            for reader in readers:
                ask_without_end(reader)
            answers_and_plays_on(daemon.connect())
            assert memory_mib(daemon.pid) - before_mib < 10 * 2
            until(lambda: daemon.metric("wkmp_clients") == 0, "all have been cut off")
        answers_and_plays_on(daemon.connect())


def ask_without_end(reader: socket.socket) -> None:
    """Ask until even the questions are not taken any more, or we are cut off already."""
    reader.settimeout(0.05)
    with contextlib.suppress(TimeoutError, ConnectionError):
        while True:
            reader.sendall(b"playlistinfo\n" * 100)


def memory_mib(pid: int) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096 / 2**20


def test_more_than_the_allowed_connections_are_refused_and_the_first_served(
    daemon: Daemon,
) -> None:
    client = plays(daemon)
    others = [dial(daemon) for _ in range(99)]
    with dial(daemon, greeted=False) as one_too_many:
        assert GREETING not in hung_up(one_too_many)
    answers_and_plays_on(client)
    for other in others:
        other.sendall(b"ping\n")
    assert all(other.recv(10) == b"OK\n" for other in others)
    others.pop().close()
    until(lambda: daemon.metric("wkmp_clients") == 99, "there is room again")
    with dial(daemon) as late:
        late.sendall(b"ping\n")
        assert late.recv(10) == b"OK\n"
    for other in others:
        other.close()


def test_who_hangs_up_in_the_middle_leaves_nothing_behind(daemon: Daemon) -> None:
    client = plays(daemon)
    for request in (b"stat", b"status\n", b"idle\n", b"command_list_begin\nadd x\n", b"listall\n"):
        for _ in range(10):
            with dial(daemon) as hasty:
                hasty.sendall(request)
    until(lambda: daemon.metric("wkmp_clients") == 1, "they are gone")
    answers_and_plays_on(client)


def test_a_client_that_says_nothing_for_too_long_is_cut_off_but_not_one_that_idles(
    tmp_path: Path,
) -> None:
    with (
        running_daemon(tmp_path, settings={"network": {"connection_timeout": 1}}) as daemon,
        dial(daemon) as silent,
        dial(daemon) as idle,
    ):
        idle.sendall(b"idle\n")
        assert hung_up(silent) == b""
        daemon.connect().send("setvol 50")
        assert idle.recv(100) == b"changed: mixer\nOK\n"
