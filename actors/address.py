"""Typed addresses: the narrow face one actor shows to another.

An address belongs to a *place* in the house, not to an actor object: when an actor dies, its
successor takes over the same inbox, and nobody who holds the address notices. Telling never
raises into the sender.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import pykka

# Pykka's reference refuses a dead actor's inbox; an address outlives its actor, so it makes
# the envelopes itself (docs/decisions.md).
from pykka._envelope import Envelope

M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Request(Generic[R_co]):
    """Base of a message whose sender waits for a reply of type ``R_co``."""

    __slots__ = ()


class Address(Protocol[M_contra]):
    """Anything that can be told a message."""

    def tell(self, message: M_contra) -> None:
        """Leave ``message`` in the inbox; never blocks, never raises."""


class DeadlineReached:
    """Inbox → its own actor: the time the actor asked to be woken at has come."""

    __slots__ = ()


class Inbox:
    """An actor's mailbox, with at most one alarm.

    ``SimpleQueue`` is a third quicker than ``Queue``. The alarm replaces timer threads: while
    it is None the thread sleeps without a tick.
    """

    def __init__(self) -> None:
        self._messages: queue.SimpleQueue[Envelope[Any]] = queue.SimpleQueue()
        self.deadline_s: float | None = None
        """``time.monotonic()`` reading at which ``DeadlineReached`` is due; one shot."""

    def put(self, envelope: Envelope[Any]) -> None:
        """Add at the end."""
        self._messages.put(envelope)

    def get(self) -> Envelope[Any]:
        """Take the oldest message, or the alarm once it is due and nothing is waiting."""
        if self.deadline_s is None:
            return self._messages.get()
        try:
            return self._messages.get(timeout=max(0.0, self.deadline_s - time.monotonic()))
        except queue.Empty:
            self.deadline_s = None
            return Envelope(DeadlineReached())

    def empty(self) -> bool:
        """Return whether nothing is waiting."""
        return self._messages.empty()


class InboxAddress(Generic[M]):
    """The address of one actor's place: its name and its inbox."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox = Inbox()

    def tell(self, message: M) -> None:
        """Leave ``message`` in the inbox; never blocks, never raises."""
        self.inbox.put(Envelope(message))

    def ask(self, request: Request[R], *, timeout_s: float) -> R:
        """Ask from an edge (start-up, test, watchdog); never from a peer.

        Raises:
            pykka.Timeout: no answer in ``timeout_s`` seconds.
            Exception: whatever the handler raised.
        """
        future: pykka.ThreadingFuture[R] = pykka.ThreadingFuture()
        self.inbox.put(Envelope(request, reply_to=future))
        reply: R = future.get(timeout=timeout_s)
        return reply

    def ask_soon(self, request: Request[R], loop: asyncio.AbstractEventLoop) -> asyncio.Future[R]:
        """Ask from the event loop, which is called back instead of waiting."""
        reply: LoopReply[R] = LoopReply(loop)
        self.inbox.put(Envelope(request, reply_to=reply))  # type: ignore[arg-type]
        return reply.future


class LoopReply(Generic[R]):
    """The end of a question that an event loop holds; Pykka sets it from the actor's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[R] = loop.create_future()

    def set(self, value: R) -> None:
        """Hand the answer over to the loop."""
        self._post(lambda: self.future.set_result(value))

    def set_exception(self, exc_info: Any = None) -> None:  # noqa: ANN401  (Pykka's own tuple)
        """Hand the exception being handled over to the loop."""
        error = (exc_info or sys.exc_info())[1]
        self._post(lambda: self.future.set_exception(error))

    def _post(self, settle: Callable[[], None]) -> None:
        def unless_given_up() -> None:
            if not self.future.done():
                settle()

        try:
            self._loop.call_soon_threadsafe(unless_given_up)
        except RuntimeError:
            return  # the loop has closed: nobody waits any more
