"""No client can block, crash, or fill up the server."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages import Done, Subsystem
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId
from protocol.connection import UNREAD_BYTES, UNSENT_BYTES
from protocol.registry import COMMANDS
from protocol.reply import PART_BYTES
from protocol.services import Limits
from tests.protocol.talk import House, Running, Talk, Wire, hub_of, run, running

BIG_QUEUE = tuple(
    QueueEntry(EntryId(n + 1), Song(f"dir/{n}.flac", tags=(("Title", f"Song {n} " + "x" * 900),)))
    for n in range(10_000)
)
"""As playlistinfo: ten megabytes."""


def big_house(limits: Limits | None = None) -> House:
    house = House(limits=limits or Limits())
    house.show(entries=BIG_QUEUE)
    return house


def unsent(runs: Running) -> int:
    """Return how many bytes the server holds for clients that do not take them."""

    async def held() -> int:
        return sum(
            each._transport.get_write_buffer_size()
            for each in runs.server._connections
            if each._transport is not None
        )

    return runs.in_loop(held())


def serves_others(runs: Running) -> None:
    """Check that another client is answered."""
    with runs.connect() as wire:
        for _ in range(20):
            assert wire.ask(b"ping") == b"OK\n"


def test_a_client_that_never_reads_costs_little_and_is_cut_off() -> None:
    house = big_house(Limits(timeout_s=0.5))
    with running(house) as runs, runs.connect(receive_buffer=4096) as wire:
        began_s = time.monotonic()
        wire.send(b"playlistinfo\n" * 1000)
        most = 0
        while runs.clients():
            most = max(most, unsent(runs))
            assert time.monotonic() - began_s < 8
        assert 0 < most < UNSENT_BYTES + 2 * PART_BYTES


def test_a_slow_client_gets_everything() -> None:
    with running(big_house()) as runs, runs.connect(receive_buffer=65_536) as wire:
        wire.send(b"playlistinfo\n")
        data = bytearray(wire.read(1_000_000))
        serves_others(runs)  # while it dawdles
        assert unsent(runs) > 0
        while not data.endswith(b"\nOK\n"):
            data += wire.socket.recv(65_536)
    assert data.count(b"\nId: ") == len(BIG_QUEUE)
    assert data.count(b"\nOK\n") == 1


def test_a_client_that_sends_without_reading_is_read_no_further() -> None:
    """Ten megabytes of requests whose answers nobody takes."""
    with running(House()) as runs, runs.connect(receive_buffer=4096) as wire:
        wire.socket.settimeout(0.5)
        sent = 0
        requests = b"getvol\n" * 10_000
        with contextlib.suppress(TimeoutError):
            for _ in range(150):
                sent += wire.socket.send(requests)
        assert sent < 10_000_000

        async def unread() -> list[int]:
            return [len(each._received) for each in runs.server._connections]

        (waiting,) = runs.in_loop(unread())
        assert waiting <= UNREAD_BYTES + 262_144
        assert unsent(runs) < UNSENT_BYTES + 2 * PART_BYTES
        serves_others(runs)


@pytest.mark.parametrize(
    ("begin", "end"), [(b"command_list_begin\n", b"command_list_end\n"), (b"", b"")]
)
def test_many_commands_at_once_leave_the_others_their_turn(begin: bytes, end: bytes) -> None:
    house = House(limits=Limits(command_list_bytes=10_000_000))
    with running(house) as runs, runs.connect() as wire, runs.connect() as other:
        wire.send(begin + b"ping\n" * 500_000 + end)
        answered = 0
        while not (begin and select.select([wire.socket], [], [], 0)[0]) and answered < 100:
            assert other.ask(b"ping") == b"OK\n"
            answered += 1
        assert answered >= 10


@pytest.mark.parametrize("size", [65_536, 65_537, 70_000, 200_000])
def test_a_line_of_64_kib_is_the_longest(size: int) -> None:
    with running(House()) as runs, runs.connect() as wire:
        line = b"unknown " + b"x" * (size - 8)
        wire.send(line + b"\nping\n")
        if size <= 65_536:
            assert wire.reply().startswith(b'ACK [5@0] {} unknown command "unknown"\n')
        else:
            assert wire.read_all() == b""


def test_a_line_without_an_end_is_cut_off() -> None:
    with running(House()) as runs, runs.connect() as wire:
        with contextlib.suppress(OSError):  # it hangs up in the middle
            wire.send(b"x" * 1_000_000)
        assert wire.read_all() == b""
        assert runs.clients() == 0


def test_a_command_list_that_grows_too_long_is_cut_off() -> None:
    with running(House(limits=Limits(command_list_bytes=2048))) as runs, runs.connect() as wire:
        with contextlib.suppress(OSError):
            wire.send(b"command_list_begin\n" + b"ping\n" * 3000 + b"command_list_end\n")
        assert wire.read_all() == b""


def hang_up(wire: Wire) -> None:
    """Let the connection end at once when it is closed, as if the client had died."""
    linger = struct.pack("ii", 1, 0)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def test_a_client_that_goes_in_the_middle_harms_nobody() -> None:
    house = big_house()
    house.queue.is_silent = True
    with running(house) as runs:
        for request in (
            b"playlistinfo\n",
            b"play\n",
            b"idle\n",
            b"pi",
            b"command_list_begin\nping\n",
        ):
            with runs.connect(receive_buffer=4096) as wire:
                wire.send(request)
                hang_up(wire)
        runs.until_clients(0)
        serves_others(runs)


def test_an_answer_that_comes_after_its_client_has_gone_is_dropped() -> None:
    house = House()
    house.queue.is_silent = True
    with running(house) as runs:
        with runs.connect() as wire:
            wire.send(b"play\n")
            runs.clients()
            hang_up(wire)
        runs.until_clients(0)

        async def answer() -> None:
            (future,) = house.queue.pending
            if not future.done():
                future.set_result(Done(None, 1))

        runs.in_loop(answer())
        serves_others(runs)


def test_invalid_utf8_is_answered_in_valid_utf8() -> None:
    with running(House()) as runs, runs.connect() as wire:
        for request in (b"setvol \xff\xfe", b'playlistfind title "\xc3"', b"tagtypes \x80"):
            wire.ask(request).decode("utf-8")


# Anything at all

NAMES = st.sampled_from([command.name for command in COMMANDS])
WORDS = st.one_of(
    st.sampled_from(["0", "-1", "1:", "1:3", "+1", "artist", "any", '""', "oneshot", "nan", "all"]),
    st.text(max_size=8).map(lambda text: '"' + text.replace("\n", " ") + '"'),
)
COMMAND_LINES = st.builds(
    lambda name, words: " ".join((name, *words)), NAMES, st.lists(WORDS, max_size=4)
)
LINES = st.one_of(
    COMMAND_LINES.map(lambda line: line.encode("utf-8", "surrogatepass")),
    st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")),
    st.sampled_from(
        [b"idle", b"noidle", b"command_list_begin", b"command_list_ok_begin", b"command_list_end"]
    ),
)


@given(st.lists(LINES, max_size=12))
@settings(deadline=None, max_examples=300)
def test_no_lines_make_a_session_stumble(
    lines: list[bytes],
) -> None:
    house = House()
    house.show(entries=BIG_QUEUE[:3], current=1)
    house.queue.answer = Done((EntryId(1),))

    async def conversation() -> str:
        talk = Talk(hub_of(house))
        await talk.send(*lines)
        talk.hub.changed({Subsystem.PLAYER})
        return talk.heard()

    replies = run(conversation())
    assert "internal error" not in replies
    assert "\r" not in replies
    for line in replies.splitlines():
        assert not line.startswith("ACK") or line.startswith("ACK [")


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_no_bytes_crash_the_server(data: st.DataObject, server: Running) -> None:
    pieces = data.draw(st.lists(st.binary(max_size=100), max_size=6))
    half_closes = data.draw(st.booleans())
    with server.connect() as wire, contextlib.suppress(OSError):  # it may hang up in the middle
        for piece in pieces:
            wire.send(piece)
        if half_closes:
            wire.socket.shutdown(socket.SHUT_WR)
    with server.connect() as wire:
        assert wire.ask(b"ping") == b"OK\n"


@pytest.fixture(name="server", scope="module")
def fixture_server() -> object:
    with running(House()) as runs:
        yield runs


def test_a_crowd_of_odd_clients_does_not_disturb_a_good_one() -> None:
    chance = random.Random(7)
    with running(House()) as runs, runs.connect() as good:
        for _ in range(200):
            with runs.connect() as odd, contextlib.suppress(OSError):
                odd.send(chance.randbytes(chance.randrange(200)))
            assert good.ask(b"ping") == b"OK\n"
        runs.until_clients(1)
