"""The sockets: accepts clients, cuts their bytes into lines, and bounds what each may cost.

All of it lives in one event loop. A client can neither block the others nor grow: what it sends
is read no further than it is answered, what it does not take is made no further, and if nothing
moves for the timeout it is cut off.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from actors.messages import SubsystemsChanged
from protocol import commands
from protocol.hub import Hub
from protocol.services import Listen, Services
from protocol.session import LeaveError, Session
from protocol.sockets import handed_over, local_socket

UNREAD_BYTES: Final = 65_536
"""Requests that are read ahead of their answers."""
UNSENT_BYTES: Final = 1_048_576
"""An answer waits while the client has not taken more than this."""

_log = logging.getLogger(__name__)

commands.load()


class Connection(asyncio.Protocol):
    """One client's socket."""

    def __init__(self, server: Server, *, is_local: bool) -> None:
        self._server = server
        self._loop = server.loop
        self._limits = server.services.limits
        self._session = Session(
            server.services,
            server.hub,
            server.loop,
            self._send,
            notify=self._write,
            is_local=is_local,
        )
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._work: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._active_s = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or close without a word if there are too many already."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._server.hub) >= self._limits.connections:
            self._transport.abort()
            self._transport = None
            return
        raw = self._transport.get_extra_info("socket")
        if raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport.set_write_buffer_limits(high=UNSENT_BYTES)
        self._server.connections.add(self)
        self._server.hub.join(self._session)
        self._write(self._session.greeting)
        self._note_activity()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's)
        """Forget the client; what it has asked for is not answered any more."""
        self._transport = None
        self._writable.set()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._work is not None:
            self._work.cancel()
        self._server.connections.discard(self)
        self._server.hub.leave(self._session)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; answers begin unless one is under way."""
        self._received += data
        if len(self._received) > UNREAD_BYTES and self._transport is not None:
            self._transport.pause_reading()
        if self._work is None and self._transport is not None:
            self._work = self._loop.create_task(self._answer_all())

    def pause_writing(self) -> None:
        """Called when the client takes its answers too slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called when the client has taken enough."""
        self._note_activity()
        self._writable.set()

    # Answering

    async def _answer_all(self) -> None:
        """Answer whole lines until there are no more."""
        try:
            while (line := self._next_line()) is not None:
                self._note_activity()
                await self._session.handle(line)
        except LeaveError:
            self.close()
        finally:
            self._work = None
            self._note_activity()

    def _next_line(self) -> bytes | None:
        end = self._received.find(b"\n")
        if end < 0:
            if len(self._received) > self._limits.line_bytes:
                raise LeaveError
            if self._transport is not None:
                self._transport.resume_reading()
            return None
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    async def _send(self, data: bytes) -> None:
        self._write(data)
        if not self._writable.is_set():
            await self._writable.wait()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Close after what has been written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once; what has not been taken is lost."""
        if self._transport is not None:
            self._transport.abort()

    # The timeout

    def _note_activity(self) -> None:
        self._active_s = self._loop.time()

    def _watch(self) -> None:
        """Look again when the client could have been still for too long, and not before."""
        now_s, due_s = self._loop.time(), self._active_s + self._limits.timeout_s
        answering = self._work is not None and self._writable.is_set()
        if self._session.waiting or answering:
            due_s = now_s + self._limits.timeout_s
        elif now_s >= due_s:
            self.abort()
            return
        self._alarm = self._loop.call_at(due_s, self._watch)


class Server:
    """Everything that clients connect to. An ``Address`` of ``SubsystemsChanged``.

    Args:
        loop: where it lives; ``start`` and ``stop`` are awaited there.
    """

    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop) -> None:
        self.services = services
        self.loop = loop
        self.hub = Hub(loop.call_soon)
        self.connections: set[Connection] = set()
        self._servers: list[asyncio.AbstractServer] = []
        self._socket: Path | None = None

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of every network address that is listened on."""
        names = [
            each.getsockname()
            for server in self._servers
            for each in cast("asyncio.Server", server).sockets
            if each.family != socket.AF_UNIX
        ]
        return tuple((name[0], name[1]) for name in names)

    @property
    def local_socket(self) -> Path | None:
        """The local socket that is listened on."""
        return self._socket

    def tell(self, message: SubsystemsChanged) -> None:
        """Wake the clients that wait for this; from any thread."""
        with suppress(RuntimeError):  # the loop has closed: nobody waits any more
            self.loop.call_soon_threadsafe(self.hub.changed, message.subsystems)

    async def start(self, listen: Listen) -> None:
        """Listen.

        Raises:
            OSError: an address cannot be listened on.
        """
        for given in handed_over():
            self._servers.append(await self._listen_on(given))
        for address in listen.addresses:
            server = await self.loop.create_server(
                lambda: Connection(self, is_local=False), address, listen.port
            )
            self._servers.append(server)
        if listen.socket is not None:
            self._servers.append(await self._listen_on(local_socket(listen.socket)))
            self._socket = listen.socket

    async def stop(self) -> None:
        """Listen no more and close all connections."""
        for server in self._servers:
            server.close()
        for connection in tuple(self.connections):
            connection.close()
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)
        self._servers.clear()

    async def _listen_on(self, given: socket.socket) -> asyncio.AbstractServer:
        is_local = given.family == socket.AF_UNIX
        if is_local:
            return await self.loop.create_unix_server(
                lambda: Connection(self, is_local=True), sock=given
            )
        return await self.loop.create_server(lambda: Connection(self, is_local=False), sock=given)
