"""The conversation with one client, without a socket: request lines in, replies out.

One command is answered after the other. Anything that is no MPD client (a browser, say) is let
go without a word: the first byte of a request is a small letter, or there is no answer.

===========  ===================  ============================================================
state        request              answer
===========  ===================  ============================================================
ready        ``command_list_…``   none; the following lines are gathered
ready        ``noidle``           none: the idle was answered already
ready        ``idle``             none until something changes
ready        anything else        its reply
gathering    ``command_list_end`` the replies of all that was gathered, up to the first refusal
gathering    ``noidle``           none
gathering    anything else        none; it is gathered
idle         ``noidle``           ``OK``
idle         anything else        the connection is closed
===========  ===================  ============================================================
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from actors.messages import Subsystem
from playback.errors import AckCode, AckError
from protocol.client import Client
from protocol.hub import Hub
from protocol.idle import ALL, IdleState
from protocol.registry import COMMANDS
from protocol.rendering import acknowledge, encode
from protocol.reply import Reply, Send
from protocol.services import PROTOCOL_VERSION
from protocol.tokenizer import MalformedCommandError, decode_line, split_line
from protocol.turn import Turn

LIST_END: Final = "command_list_end"
INTERNAL_ERROR: Final = AckError(AckCode.UNKNOWN, "internal error; see the log")
_LIST_BEGINS: Final = {"command_list_begin": False, "command_list_ok_begin": True}

_log = logging.getLogger(__name__)


class LeaveError(Exception):
    """The connection is to be closed, after what has been sent."""


class CommandList:
    """The lines between ``command_list_begin`` and ``command_list_end``.

    Attributes:
        tells_each: whether each command is answered with ``list_OK``.
    """

    def __init__(self, *, tells_each: bool) -> None:
        self.tells_each = tells_each
        self.lines: list[str] = []
        self._bytes = 0

    def add(self, line: str, request_bytes: int, limit_bytes: int) -> None:
        """Add a request.

        Raises:
            LeaveError: the list has grown too long.
        """
        self._bytes += request_bytes
        if self._bytes > limit_bytes:
            raise LeaveError
        self.lines.append(line)


class Session:
    """Turns request lines into replies.

    Args:
        send: gives a reply to the client; waits while it does not take it.
        notify: gives it the answer to ``idle``.
    """

    def __init__(
        self, hub: Hub, send: Send, *, notify: Callable[[bytes], None], is_local: bool = False
    ) -> None:
        self.client = Client(hub, is_local=is_local)
        self.mailbox = self.client.mailbox
        self._hub = hub
        self._send = send
        self._notify = notify
        self._idle = IdleState()
        self._list: CommandList | None = None
        self._turn = Turn()

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
            self._notify(encode(_news(told)))

    async def handle(self, request: bytes) -> None:
        """Answer one request line (without its end).

        Raises:
            LeaveError: the connection is to be closed.
        """
        await self._turn.pass_on()
        line = decode_line(request)
        if not "a" <= line[:1] <= "z":
            raise LeaveError
        if line == "noidle":
            await self._leave_idle()
        elif self._idle.waiting:
            raise LeaveError
        elif self._list is None and line in _LIST_BEGINS:
            self._list = CommandList(tells_each=_LIST_BEGINS[line])
        elif self._list is None:
            await self._answer([line])
        elif line == LIST_END:
            gathered, self._list = self._list, None
            await self._answer(gathered.lines, gathered)
        else:
            limit_bytes = self._hub.services.limits.command_list_bytes
            self._list.add(line, len(request) + 1, limit_bytes)

    async def _answer(self, lines: Iterable[str], gathered: CommandList | None = None) -> None:
        reply = Reply(self.client, self._send, self._turn)
        try:
            if gathered is None:
                await self._run_all(lines, reply)
            else:
                with self._hub.one_piece():
                    await self._run_all(lines, reply, tells_each=gathered.tells_each)
        except LeaveError:
            await reply.leave()
            raise
        await reply.leave()

    async def _run_all(
        self, lines: Iterable[str], reply: Reply, *, tells_each: bool = False
    ) -> None:
        for index, line in enumerate(lines):
            await self._turn.pass_on()
            if not await self._run(line, index, reply):
                return
            if tells_each:
                reply.add("list_OK")
        reply.add("OK")

    async def _run(self, line: str, index: int, reply: Reply) -> bool:
        """Run one command and add to the reply; False if nothing more is to be said."""
        name = ""
        try:
            word, arguments = split_line(line)
            found = COMMANDS.find(word, self.client)
            name = word
            began_s = time.perf_counter()
            values = found.arguments(arguments, self.client.permissions)
            if name == "idle":
                return self._begin_idle(values, reply)
            await reply.take(found.handler(self.client, *values))
            self._hub.services.telemetry.command_took(name, time.perf_counter() - began_s)
        except AckError as error:
            self._refuse(error, index, name, reply)
            if isinstance(error, MalformedCommandError):
                raise LeaveError from error
            return False
        except LeaveError:
            raise
        except Exception:  # noqa: BLE001  (the connection, and all others, go on)
            _log.exception("The command %s failed; this is a bug", name)
            self._refuse(INTERNAL_ERROR, index, name, reply)
            return False
        return True

    def _refuse(self, error: AckError, index: int, name: str, reply: Reply) -> None:
        reply.add(acknowledge(error, index, name))
        self._hub.services.telemetry.command_refused(error.code)

    def _begin_idle(self, awaited: Iterable[Subsystem], reply: Reply) -> bool:
        """Wait for changes; what has changed already is the answer."""
        told = self._idle.begin(frozenset(awaited) or ALL)
        if told:
            reply.add(*_news(told))
        return False

    async def _leave_idle(self) -> None:
        if self._idle.waiting:
            self._idle.cancel()
            await self._send(b"OK\n")


def _news(told: Iterable[Subsystem]) -> list[str]:
    return [*(f"changed: {subsystem}" for subsystem in told), "OK"]
