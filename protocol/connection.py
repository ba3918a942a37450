"""One client's socket: cuts its bytes into lines, and bounds what it may cost.

What a client sends is read no further than it is answered, what it does not take is made no
further, and if nothing moves for the timeout it is cut off.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Final, cast

from protocol.hub import Hub
from protocol.session import LeaveError, Session

UNREAD_BYTES: Final = 65_536
"""Requests that are read ahead of their answers."""
UNSENT_BYTES: Final = 262_144
"""An answer waits while the client has not taken more than this."""

_log = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """Lives in the event loop, which calls it.

    Args:
        gone: called when the connection is over.
    """

    def __init__(self, hub: Hub, *, is_local: bool, gone: Callable[[Connection], None]) -> None:
        self._hub = hub
        self._loop = hub.loop
        self._limits = hub.services.limits
        self._gone = gone
        self._session = Session(hub, self._send, notify=self._tell, is_local=is_local)
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._has_ended = False
        self._work: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._active_s = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or close without a word if there are too many already."""
        if len(self._hub) >= self._limits.connections:
            cast("asyncio.Transport", transport).abort()
            return
        self._transport = transport = cast("asyncio.Transport", transport)
        raw = transport.get_extra_info("socket")
        if raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # So that a phone that has left the house does not stay connected for ever.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        transport.set_write_buffer_limits(high=UNSENT_BYTES)
        self._hub.join(self._session)
        self._write(self._session.greeting)
        self._note_activity()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's)
        """Forget the client; what it has asked for is not answered any more."""
        self._transport = None
        self._writable.set()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._work is not None:
            self._work.cancel()
        self._hub.leave(self._session)
        self._gone(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; answers begin unless one is under way."""
        self._received += data
        if self._transport is None:
            return
        if len(self._received) > UNREAD_BYTES:
            self._transport.pause_reading()
        if self._work is None:
            self._work = self._loop.create_task(self._answer_all())

    def eof_received(self) -> bool:
        """Answer what has been asked, then close: the client may have closed its side only."""
        self._has_ended = True
        if self._work is None:
            self.close()
        return True

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
        except Exception:  # noqa: BLE001  (one client's trouble is not the others')
            _log.exception("A conversation ended; this is a bug")
            self.abort()
        finally:
            self._work = None
            self._note_activity()
            if self._has_ended:
                self.close()

    def _next_line(self) -> bytes | None:
        end = self._received.find(b"\n")
        length = len(self._received) if end < 0 else end
        if length > self._limits.line_bytes:
            raise LeaveError
        if end < 0:
            if self._transport is not None:
                self._transport.resume_reading()
            return None
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    async def _send(self, data: bytes) -> None:
        self._write(data)
        await self._writable.wait()

    def _tell(self, data: bytes) -> None:
        self._write(data)
        self._note_activity()

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
        """Put the end off. A client in ``idle`` has none: it may be still, and the process too."""
        self._active_s = self._loop.time()
        if self._session.waiting or self._transport is None:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
        elif self._alarm is None:
            self._alarm = self._loop.call_later(self._limits.timeout_s, self._look)

    def _look(self) -> None:
        """Cut a client off that has been still for too long; look again if it has not."""
        being_answered = self._work is not None and self._writable.is_set()
        due_s = self._active_s + self._limits.timeout_s
        if being_answered:
            due_s = self._loop.time() + self._limits.timeout_s
        elif self._loop.time() >= due_s:
            self.abort()
            return
        self._alarm = self._loop.call_at(due_s, self._look)
