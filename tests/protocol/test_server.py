"""The server on real sockets: greeting, pipelining, many clients, where it listens."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actors.messages import Done, Subsystem, SubsystemsChanged
from protocol.server import Server
from protocol.services import Limits, Listen
from tests.protocol.talk import GREETING, TIMEOUT_S, House, Wire, running


def test_a_client_is_greeted_before_it_says_anything() -> None:
    with running(House()) as runs, Wire(runs.address) as wire:
        assert wire.read(len(GREETING)) == GREETING


@pytest.mark.parametrize(
    ("data", "replies"),
    [
        (b"ping\nping\ngetvol\n", b"OK\nOK\nvolume: 100\nOK\n"),
        (b"ping\r\nping\r\n", b"OK\nOK\n"),
        (b"idle\nnoidle\nping\n", b"OK\nOK\n"),
        (b"command_list_ok_begin\nping\nping\ncommand_list_end\n", b"list_OK\nlist_OK\nOK\n"),
        (b"ping\nclose\nping\n", b"OK\n"),
        (b"ping\nPING\nping\n", b"OK\n"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"\n", b""),
    ],
)
def test_requests_in_one_packet_are_answered_in_order(data: bytes, replies: bytes) -> None:
    with running(House()) as runs, runs.connect() as wire:
        wire.send(data)
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.read_all() == replies


def test_a_request_may_come_in_pieces() -> None:
    with running(House()) as runs, runs.connect() as wire:
        for piece in (b"se", b"tvol", b' "4', b'2"\npi'):
            wire.send(piece)
            runs.clients()  # the loop has seen it
        assert wire.reply() == b"OK\n"
        wire.send(b"ng\n")
        assert wire.reply() == b"OK\n"


def test_a_change_told_from_another_thread_wakes_who_waits() -> None:
    with running(House()) as runs, runs.connect() as wire, runs.connect() as other:
        wire.send(b"idle player\n")
        assert other.ask(b"ping") == b"OK\n"
        runs.changed(Subsystem.MIXER)
        runs.changed(Subsystem.PLAYER)
        assert wire.reply() == b"changed: player\nOK\n"
        assert wire.ask(b"idle") == b"changed: mixer\nOK\n"
        assert other.ask(b"idle player") == b"changed: player\nOK\n"


def test_telling_a_server_whose_loop_has_closed_harms_nobody() -> None:
    with running(House()) as runs:
        server = runs.server
    server.tell(SubsystemsChanged(frozenset({Subsystem.PLAYER})))


def test_small_replies_are_not_held_back_by_the_kernel() -> None:
    with running(House()) as runs, runs.connect() as wire:
        wire.ask(b"ping")

        async def options() -> list[int]:
            (connection,) = runs.server._connections
            assert connection._transport is not None
            raw = connection._transport.get_extra_info("socket")
            return [
                raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
                raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            ]

        assert all(runs.in_loop(options()))


def test_a_hundred_clients_are_served_and_the_next_is_shown_out() -> None:
    with running(House()) as runs:
        wires = [runs.connect() for _ in range(100)]
        for wire in wires:
            wire.send(b"idle player\n")
        with Wire(runs.address) as one_more:
            assert one_more.read_all() == b""
        runs.changed(Subsystem.PLAYER)
        for wire in wires:
            assert wire.reply() == b"changed: player\nOK\n"
        assert wires[0].ask(b"ping") == b"OK\n"
        wires.pop().socket.close()
        runs.until_clients(99)
        with runs.connect() as again:
            assert again.ask(b"ping") == b"OK\n"
        for wire in wires:
            wire.socket.close()
        runs.until_clients(0)


def test_a_local_socket_is_for_this_user_and_local_clients_are_known(tmp_path: Path) -> None:
    path = tmp_path / "run" / "socket"
    with running(House(), local=path) as runs, Wire(runs.local) as wire:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert wire.read(len(GREETING)) == GREETING
        assert wire.ask(b"config") == b"music_directory: /nonexistent\nOK\n"
    assert not path.exists()


def test_a_socket_left_behind_is_replaced_and_a_living_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with running(House(), local=path) as runs, Wire(runs.local) as wire:
        assert wire.read(len(GREETING)) == GREETING
        with pytest.raises(OSError, match="in use"), running(House(), local=path):
            pass
        assert wire.ask(b"ping") == b"OK\n"


def test_an_address_in_use_leaves_nothing_open(tmp_path: Path) -> None:
    with running(House()) as runs, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        async def start() -> None:
            server = Server(House().services(), runs.loop)
            listen = Listen(("127.0.0.1",), taken.getsockname()[1], tmp_path / "socket")
            with pytest.raises(OSError, match="in use"):
                await server.start(listen)
            assert server.addresses == ()
            assert not (tmp_path / "socket").exists()

        runs.in_loop(start())


def test_several_addresses_are_listened_on() -> None:
    with running(House(), addresses=("127.0.0.1", "127.0.0.2")) as runs:
        assert {host for host, _ in runs.server.addresses} == {"127.0.0.1", "127.0.0.2"}
        for address in runs.server.addresses:
            with Wire(address) as wire:
                assert wire.read(len(GREETING)) == GREETING


def test_stopping_hangs_up_on_everybody() -> None:
    with running(House()) as runs:
        wire = runs.connect()
        wire.send(b"idle\n")
        runs.clients()
    assert wire.read_all() == b""
    wire.socket.close()


ACTIVATED = """
import asyncio, os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
from protocol.server import Server
from protocol.services import Listen
from tests.protocol.talk import House

async def main():
    server = Server(House().services(), asyncio.get_running_loop())
    await server.start(Listen(addresses=()))
    print(server.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop()

asyncio.run(main())
"""


def test_sockets_handed_over_by_systemd_are_used() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        # As systemd does it: the first socket is descriptor 3 of the process.
        process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" -c "$1" 3<&{listening.fileno()}', sys.executable, ACTIVATED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            env={**os.environ, "LISTEN_FDS": "1"},
            cwd=Path(__file__).parents[2],
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            assert port == listening.getsockname()[1]
            with Wire(("127.0.0.1", port)) as wire:
                assert wire.read(len(GREETING)) == GREETING
        finally:
            process.stdin.close()
            assert process.wait(TIMEOUT_S) == 0
            process.stdout.close()


def test_a_client_that_has_closed_its_side_is_answered_all_the_same() -> None:
    house = House()
    house.queue.is_silent = True
    with running(house) as runs, runs.connect() as wire:
        wire.send(b"play\nping\n")
        wire.socket.shutdown(socket.SHUT_WR)
        runs.clients()

        async def answer() -> None:
            house.queue.pending[0].set_result(Done(None))

        runs.in_loop(answer())
        assert wire.read_all() == b"OK\nOK\n"
        runs.until_clients(0)


# Time


def test_a_client_that_says_nothing_is_cut_off() -> None:
    with running(House(limits=Limits(timeout_s=0.2))) as runs, runs.connect() as wire:
        began_s = time.monotonic()
        assert wire.read_all() == b""
        assert 0.15 < time.monotonic() - began_s < 5


def test_half_a_line_is_nothing() -> None:
    with running(House(limits=Limits(timeout_s=0.2))) as runs, runs.connect() as wire:
        wire.send(b"pin")
        assert wire.read_all() == b""


def test_a_client_in_idle_is_left_alone_and_nobody_looks_after_it() -> None:
    house = House(limits=Limits(timeout_s=0.2))
    with running(house) as runs, runs.connect() as idler, runs.connect() as silent:
        idler.send(b"idle\n")
        assert silent.read_all() == b""  # the timeout has passed for the other

        async def alarms() -> list[object]:
            return [connection._alarm for connection in runs.server._connections]

        assert runs.in_loop(alarms()) == [None]
        runs.changed(Subsystem.PLAYER)
        assert idler.reply() == b"changed: player\nOK\n"


def test_after_idle_the_clock_runs_again() -> None:
    with running(House(limits=Limits(timeout_s=0.2))) as runs, runs.connect() as wire:
        wire.send(b"idle\n")
        runs.changed(Subsystem.PLAYER)
        assert wire.reply() == b"changed: player\nOK\n"
        assert wire.read_all() == b""


def test_a_client_that_keeps_talking_stays() -> None:
    with running(House(limits=Limits(timeout_s=0.3))) as runs, runs.connect() as wire:
        end_s = time.monotonic() + 0.9
        while time.monotonic() < end_s:
            assert wire.ask(b"ping") == b"OK\n"


def test_a_client_that_waits_for_its_answer_is_not_cut_off() -> None:
    house = House(limits=Limits(timeout_s=0.2))
    house.queue.is_silent = True
    with running(house) as runs, runs.connect() as waiting, runs.connect() as silent:
        waiting.send(b"play\n")
        runs.clients()
        assert silent.read_all() == b""

        async def answer() -> None:
            house.queue.pending[0].set_result(Done(None))

        runs.in_loop(answer())
        assert waiting.reply() == b"OK\n"
