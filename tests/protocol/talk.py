"""Talking to the server in tests: a session without a socket, and a real one with raw sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from actors.address import Request
from actors.messages import Done, EditSticker, Flush, Subsystem, SubsystemsChanged
from actors.published import Published
from library.music_directory import MusicDirectory
from library.stickers import StickerEdit
from library.stored_playlists import StoredPlaylists
from playback.song import Song
from playback.status import PlayerStatus, QueueEntry
from playback.units import EntryId
from protocol import commands
from protocol.hub import Hub
from protocol.permissions import EVERYTHING, Permission
from protocol.server import Server
from protocol.services import Access, AdminCommand, Limits, Listen, Services, Stickers
from protocol.session import LeaveError, Session

T = TypeVar("T")
TIMEOUT_S = 10.0
CLOSED = "<closed>"
GREETING = b"OK MPD 0.24.0\n"

commands.load()


def entries(*songs: Song) -> tuple[QueueEntry, ...]:
    """Return a queue of these songs, with ids from 1."""
    return tuple(QueueEntry(EntryId(index), song) for index, song in enumerate(songs, 1))


class ScriptedQueue:
    """QueueActor's stand-in: remembers what it is asked, and answers as it is told to."""

    def __init__(self) -> None:
        self.asked: list[Request[Any]] = []
        self.answer: object = Done(None)
        """Given to whoever asks; an exception is raised instead."""
        self.pending: list[asyncio.Future[Any]] = []
        self.is_silent = False
        self.on_ask: Callable[[], None] = lambda: None

    def ask_soon(self, request: Request[T], loop: asyncio.AbstractEventLoop) -> asyncio.Future[T]:
        future: asyncio.Future[Any] = loop.create_future()
        self.asked.append(request)
        self.on_ask()
        if self.is_silent:
            self.pending.append(future)
        elif isinstance(self.answer, Exception):
            loop.call_soon_threadsafe(future.set_exception, self.answer)
        else:
            loop.call_soon_threadsafe(future.set_result, self.answer)
        return future


class ScriptedStorage:
    """StorageActor's stand-in: everything is on disk at once, or when the test says so."""

    def __init__(self) -> None:
        self.flushes: list[Flush] = []
        self.told = asyncio.Event()
        self.is_slow = False
        self.edit: Callable[[StickerEdit], bool] = lambda _edit: True
        """Changes a sticker, as StorageActor does."""

    def ask_soon(
        self, request: EditSticker, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[bool]:
        future: asyncio.Future[bool] = loop.create_future()
        future.set_result(self.edit(request.edit))
        return future

    def tell(self, message: Flush) -> None:
        self.flushes.append(message)
        self.told.set()
        if not self.is_slow:
            message.done()


class Counted:
    """Server telemetry that remembers."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.refused: list[int] = []

    def command_took(self, command: str, seconds: float) -> None:
        assert seconds >= 0
        self.took.append(command)

    def command_refused(self, code: int) -> None:
        self.refused.append(code)


@dataclass
class House:
    """Everything a server needs, as stand-ins."""

    music: Path = Path("/nonexistent")
    playlists: Path | None = None
    stickers: Stickers | None = None
    unasked: Permission = EVERYTHING
    passwords: dict[str, Permission] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    admin: dict[str, AdminCommand] = field(default_factory=dict)
    shut_downs: list[None] | None = None
    queue: ScriptedQueue = field(default_factory=ScriptedQueue)
    storage: ScriptedStorage = field(default_factory=ScriptedStorage)
    status: Published[PlayerStatus] = field(default_factory=lambda: Published(PlayerStatus()))
    telemetry: Counted = field(default_factory=Counted)

    def services(self) -> Services:
        ends = self.shut_downs
        return Services(
            queue=self.queue,
            storage=self.storage,
            status=self.status,
            music=MusicDirectory(self.music),
            playlists=StoredPlaylists(self.playlists, 100) if self.playlists else None,
            stickers=self.stickers,
            access=Access(unasked=self.unasked, passwords=self.passwords),
            limits=self.limits,
            admin=self.admin,
            shut_down=None if ends is None else lambda: ends.append(None),
            telemetry=self.telemetry,
        )

    def show(self, **status: Any) -> None:
        """Publish another player status."""
        self.status.publish(PlayerStatus(**status))


class Talk:
    """A client of a session without a socket."""

    def __init__(self, hub: Hub, *, is_local: bool = False) -> None:
        self.hub = hub
        self.said = bytearray()
        """What the session has sent and nobody has looked at."""
        self.parts: list[bytes] = []
        """The same, write by write."""
        self.told = asyncio.Event()
        """Set when something was sent."""
        self.closed = False
        self.session = Session(hub, self._send, notify=self._take, is_local=is_local)
        hub.join(self.session)

    async def send(self, *lines: str | bytes) -> None:
        """Send request lines, until the session hangs up."""
        for line in lines:
            if self.closed:
                return
            try:
                await self.session.handle(line.encode() if isinstance(line, str) else line)
            except LeaveError:
                self.closed = True

    async def ask(self, *lines: str | bytes) -> str:
        """Send request lines and return all that came since the last look."""
        await self.send(*lines)
        return self.heard()

    def heard(self) -> str:
        """Return all that came since the last look."""
        text = self.said.decode()
        self.said.clear()
        return text

    async def _send(self, data: bytes) -> None:
        self._take(data)

    def _take(self, data: bytes) -> None:
        self.said += data
        self.parts.append(data)
        self.told.set()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a test's coroutine to its end."""

    async def in_time() -> T:
        async with asyncio.timeout(TIMEOUT_S):
            return await work

    return asyncio.run(in_time())


def hub_of(house: House) -> Hub:
    """Return a hub in the running loop."""
    return Hub(house.services(), asyncio.get_running_loop())


def answer(*lines: str | bytes, house: House | None = None) -> str:
    """Return what is answered, and ``<closed>`` behind it if the session hangs up."""

    async def conversation() -> str:
        talk = Talk(hub_of(house or House()))
        heard = await talk.ask(*lines)
        return heard + (CLOSED if talk.closed else "")

    return run(conversation())


def listed(*lines: str, ok: bool = False, house: House | None = None) -> str:
    """Return what a command list is answered."""
    begin = "command_list_ok_begin" if ok else "command_list_begin"
    return answer(begin, *lines, "command_list_end", house=house)


def asked(house: House, *lines: str | bytes, is_local: bool = False) -> str:
    """Return what a new client is answered."""

    async def conversation() -> str:
        return await Talk(hub_of(house), is_local=is_local).ask(*lines)

    return run(conversation())


class Wire:
    """A client with a real socket."""

    def __init__(self, address: tuple[str, int] | Path, *, receive_buffer: int = 0) -> None:
        family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(str(address) if isinstance(address, Path) else address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, count: int) -> bytes:
        """Return exactly ``count`` bytes, or fewer if the server hangs up."""
        data = bytearray()
        while len(data) < count and (more := self.socket.recv(count - len(data))):
            data += more
        return bytes(data)

    def read_all(self) -> bytes:
        """Return everything up to the end of the connection."""
        data = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while more := self.socket.recv(65_536):
                data += more
        return bytes(data)

    def reply(self) -> bytes:
        """Return everything up to ``OK`` or an ACK."""
        data = bytearray()
        while more := self.socket.recv(65_536):
            data += more
            last = data[data.rfind(b"\n", 0, -1) + 1 :]
            if data.endswith(b"\n") and last.startswith((b"OK", b"ACK")):
                break
        return bytes(data)

    def ask(self, request: bytes) -> bytes:
        """Send a line and return its reply."""
        self.send(request + b"\n")
        return self.reply()


@dataclass
class Running:
    """A server on free ports."""

    house: House
    server: Server
    loop: asyncio.AbstractEventLoop

    @property
    def address(self) -> tuple[str, int]:
        return self.server.addresses[0]

    @property
    def local(self) -> Path:
        assert self.server.local_socket is not None
        return self.server.local_socket

    def connect(self, *, receive_buffer: int = 0) -> Wire:
        """Connect and take the greeting."""
        wire = Wire(self.address, receive_buffer=receive_buffer)
        assert wire.read(len(GREETING)) == GREETING
        return wire

    def changed(self, *subsystems: Subsystem) -> None:
        """Tell the server as QueueActor does."""
        self.server.tell(SubsystemsChanged(frozenset(subsystems)))

    def in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(TIMEOUT_S)

    def clients(self) -> int:
        """Return how many clients there are, after everything the loop has before it."""

        async def count() -> int:
            return len(self.server.hub)

        return self.in_loop(count())

    def until_clients(self, wanted: int) -> None:
        """Wait until there are so many clients."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while self.clients() != wanted:  # asking lets the loop go on with what it has to do
            assert time.monotonic() < deadline_s, f"{self.clients()} clients, not {wanted}"


@contextlib.contextmanager
def running(
    house: House, *, addresses: Sequence[str] = ("127.0.0.1",), local: Path | None = None
) -> Iterator[Running]:
    """Run a server in a thread of its own."""
    loop = asyncio.new_event_loop()
    problems: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: problems.append(context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = Server(house.services(), loop)
    runs = Running(house, server, loop)
    try:
        runs.in_loop(server.start(Listen(tuple(addresses), 0, local)))
        yield runs
    finally:
        runs.in_loop(server.stop())
        runs.in_loop(_quiet())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()
    assert not problems, problems


async def _quiet() -> None:
    """Let the tasks of connections that have ended end too."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=TIMEOUT_S)
    await asyncio.get_running_loop().shutdown_default_executor()
