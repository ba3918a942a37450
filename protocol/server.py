"""Everything that clients connect to, in one event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from actors.messages import SubsystemsChanged
from protocol import commands
from protocol.connection import Connection
from protocol.hub import Hub
from protocol.services import Listen, Services
from protocol.sockets import handed_over, local_socket

BACKLOG: Final = 64

commands.load()


class Server:
    """An ``Address`` of ``SubsystemsChanged``: whoever tells it wakes the clients that wait.

    Attributes:
        hub: the connections; its length is how many clients there are.

    Args:
        loop: where it lives; ``start`` and ``stop`` are awaited there.
    """

    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.hub = Hub(services, loop)
        self._connections: set[Connection] = set()
        self._listening: list[asyncio.Server] = []
        self._socket: Path | None = None

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of every network address that is listened on."""
        names = [
            each.getsockname()
            for server in self._listening
            for each in server.sockets
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
            self._loop.call_soon_threadsafe(self.hub.changed, message.subsystems)

    async def start(self, listen: Listen) -> None:
        """Listen.

        Raises:
            OSError: an address cannot be listened on; then none is.
        """
        try:
            for given in handed_over():
                await self._listen_on(given)
            for address in listen.addresses:
                self._listening.append(
                    await self._loop.create_server(
                        partial(self._connection, is_local=False),
                        address,
                        listen.port,
                        backlog=BACKLOG,
                    )
                )
            if listen.socket is not None:
                await self._listen_on(local_socket(listen.socket))
                self._socket = listen.socket
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Listen no more and close all connections."""
        for server in self._listening:
            server.close()
        self._listening.clear()
        for end in (Connection.close, Connection.abort):
            for connection in tuple(self._connections):
                end(connection)
            await asyncio.sleep(0)  # a connection's end is the loop's next business
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)
            self._socket = None

    async def _listen_on(self, given: socket.socket) -> None:
        is_local = given.family == socket.AF_UNIX
        make = partial(self._connection, is_local=is_local)
        create = self._loop.create_unix_server if is_local else self._loop.create_server
        self._listening.append(await create(make, sock=given, backlog=BACKLOG))

    def _connection(self, *, is_local: bool) -> Connection:
        connection = Connection(self.hub, is_local=is_local, gone=self._connections.discard)
        self._connections.add(connection)
        return connection
