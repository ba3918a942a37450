"""The conversation with one client, without a socket: request lines in, replies out.

One command is answered after the other. A reply leaves in one piece, after everything its
commands changed is durable; only what is too long for that (the pages of a large listing) is sent
as it comes, each page waiting until the client has taken the one before.

Anything that is no MPD client (a browser, say) is let go without a word: the first byte of a
request is a small letter, or there is no answer.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final

from actors.messages import Flush, Subsystem
from playback.errors import AckCode, AckError
from protocol.client import Client
from protocol.hub import Hub
from protocol.idle import ALL, IdleState, subsystem
from protocol.registry import COMMANDS, Answer, Command
from protocol.rendering import acknowledge, encode
from protocol.services import PROTOCOL_VERSION, Services
from protocol.tokenizer import MalformedCommandError, decode_line, split_line

PAGE_BYTES: Final = 262_144
"""A reply that has grown longer is sent so far, before the rest is made."""

Send = Callable[[bytes], Awaitable[None]]

_LIST_BEGINS: Final = {"command_list_begin": False, "command_list_ok_begin": True}

_log = logging.getLogger(__name__)


class LeaveError(Exception):
    """The connection is to be closed, after what has been sent."""


class CommandList:
    """The lines between ``command_list_begin`` and ``command_list_end``."""

    def __init__(self, *, tells_each: bool) -> None:
        self.tells_each = tells_each
        self.lines: list[str] = []
        self.size = 0

    def add(self, line: str, limit_bytes: int) -> None:
        """Add a request; a list that grows too long ends the conversation."""
        self.size += len(line) + 1
        if self.size > limit_bytes:
            raise LeaveError
        self.lines.append(line)


class Session:
    """Turns request lines into replies.

    Args:
        send: gives bytes to the client; waits while the client does not take them.
    """

    def __init__(
        self,
        services: Services,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
        send: Send,
        *,
        notify: Callable[[bytes], None],
        is_local: bool = False,
    ) -> None:
        self.client = Client(services, hub, loop, is_local=is_local)
        self.mailbox = self.client.mailbox
        self._services = services
        self._loop = loop
        self._send = send
        self._notify = notify
        self._idle = IdleState()
        self._list: CommandList | None = None
        self._reply = bytearray()

    @property
    def greeting(self) -> bytes:
        """What is said first."""
        return f"OK MPD {PROTOCOL_VERSION}\n".encode()

    @property
    def waiting(self) -> bool:
        """Whether the client is in ``idle``."""
        return self._idle.waiting

    def changed(self, subsystems: Iterable[Subsystem]) -> None:
        """Note what has changed; answers a client that is in ``idle`` for it."""
        told = self._idle.changed(subsystems)
        if told:
            self._notify(encode([*(f"changed: {each}" for each in told), "OK"]))

    async def handle(self, request: bytes) -> None:
        """Answer one request line (without its end).

        Raises:
            LeaveError: the connection is to be closed.
        """
        line = decode_line(request)
        if not line or not "a" <= line[0] <= "z":
            raise LeaveError
        if self._idle.waiting:
            await self._leave_idle(line)
        elif self._list is not None:
            await self._gather(self._list, line)
        elif line in _LIST_BEGINS:
            self._list = CommandList(tells_each=_LIST_BEGINS[line])
        elif line != "noidle":  # which says nothing when nobody is idle
            await self._answer(line)

    # One command

    async def _answer(self, line: str) -> None:
        if await self._run(line, index=0):
            self._reply += b"OK\n"
        await self._finish()

    async def _run(self, line: str, index: int) -> bool:
        """Run one command and add to the reply; False if it was refused."""
        name = ""
        try:
            word, arguments = split_line(line)
            found = COMMANDS.find(word, self.client.permissions)
            name = word
            if name == "idle" and index == 0 and self._list is None:
                self._begin_idle(arguments)
                return False
            await self._execute(found, arguments)
        except AckError as error:
            self._refuse(error, index, name)
            if isinstance(error, MalformedCommandError):
                await self._finish()
                raise LeaveError from error
            return False
        except LeaveError:
            await self._finish()
            raise
        except Exception:  # noqa: BLE001  (whatever it is, this client and the others go on)
            _log.exception("The command %r failed; this is a bug", line[:200])
            unknown = AckError(AckCode.UNKNOWN, "internal error; see the log")
            self._refuse(unknown, index, name)
            return False
        return True

    async def _execute(self, found: Command, arguments: list[str]) -> None:
        began_s = time.perf_counter()
        if not found.available(self.client):
            raise AckError(AckCode.UNKNOWN, f'unknown command "{found.name}"')
        answer = found.handler(self.client, *found.arguments(arguments))
        await self._take(answer)
        self._services.telemetry.command_took(found.name, time.perf_counter() - began_s)

    async def _take(self, answer: Answer) -> None:
        """Add an answer to the reply, whichever way it comes."""
        if isinstance(answer, AsyncIterator):
            async for page in answer:
                self._reply += encode(page)
                if len(self._reply) > PAGE_BYTES:
                    await self._flush()
            return
        lines = await answer if inspect.isawaitable(answer) else answer
        if lines is not None:
            self._reply += encode(lines)

    def _refuse(self, error: AckError, index: int, name: str) -> None:
        self._reply += encode([acknowledge(error, index, name)])
        self._services.telemetry.command_refused(error.code)

    # Sending

    async def _finish(self) -> None:
        """Send the reply, once what its commands have changed is on disk."""
        if self.client.change:
            self.client.change = 0
            await self._until_durable()
        if self._reply:
            await self._flush()

    async def _flush(self) -> None:
        reply, self._reply = bytes(self._reply), bytearray()
        await self._send(reply)

    async def _until_durable(self) -> None:
        durable: asyncio.Future[None] = self._loop.create_future()

        def settle() -> None:
            if not durable.done():
                durable.set_result(None)

        def done() -> None:
            try:
                self._loop.call_soon_threadsafe(settle)
            except RuntimeError:
                return  # the loop has closed: nobody waits any more

        self._services.storage.tell(Flush(done))
        await durable

    # Command lists

    async def _gather(self, gathered: CommandList, line: str) -> None:
        if line != "command_list_end":
            if line == "noidle" or line.split(maxsplit=1)[0] == "idle":
                raise LeaveError
            gathered.add(line, self._services.limits.command_list_bytes)
            return
        try:
            await self._run_list(gathered)
        finally:
            self._list = None
        await self._finish()

    async def _run_list(self, gathered: CommandList) -> None:
        for index, line in enumerate(gathered.lines):
            if not await self._run(line, index):
                return
            if gathered.tells_each:
                self._reply += b"list_OK\n"
        self._reply += b"OK\n"

    # Idle

    def _begin_idle(self, arguments: list[str]) -> None:
        awaited = frozenset(map(subsystem, arguments)) or ALL
        told = self._idle.begin(awaited)
        if told:
            self._reply += encode([*(f"changed: {each}" for each in told), "OK"])

    async def _leave_idle(self, line: str) -> None:
        if line != "noidle":
            raise LeaveError
        self._idle.cancel()
        self._reply += b"OK\n"
        await self._finish()
