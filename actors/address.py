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
from pykka.messages import _ActorStop

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


class ReplyTo(Protocol):
    """Where an answer goes."""

    def set(self, value: Any) -> None:  # noqa: ANN401 - whatever the question is answered with
        """Give the answer."""

    def set_exception(self, exc_info: Any = None) -> None:  # noqa: ANN401 - Pykka's own tuple
        """Give the exception being handled as the answer."""


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
        self._reader_waits = False

    def put(self, envelope: Envelope[Any]) -> None:
        """Add at the end."""
        self._messages.put(envelope)

    def get(self) -> Envelope[Any]:
        """Take the oldest message, or the alarm once it is due and nothing is waiting."""
        self._reader_waits = True
        try:
            if self.deadline_s is None:
                return self._messages.get()
            return self._messages.get(timeout=max(0.0, self.deadline_s - time.monotonic()))
        except queue.Empty:
            self.deadline_s = None
            return Envelope(DeadlineReached())
        finally:
            self._reader_waits = False

    def empty(self) -> bool:
        """Return whether nothing is waiting."""
        return self._messages.empty()

    @property
    def at_rest(self) -> bool:
        """Whether its reader has done everything and would take a message at once."""
        return self._reader_waits and self._messages.empty()


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
        reply: Reply[R] = Reply()
        self.inbox.put(Envelope(request, reply_to=reply))  # type: ignore[arg-type]
        try:
            return reply.get(timeout_s)
        except queue.Empty:
            raise pykka.Timeout(f"{self.name} gave no answer in {timeout_s:g} s") from None

    def request_stop(self) -> Reply[None]:
        """Let whoever reads this inbox handle what waits, then end; the reply says that it has."""
        reply: Reply[None] = Reply()
        self.inbox.put(Envelope(_ActorStop(), reply_to=reply))  # type: ignore[arg-type]
        return reply

    def ask_then(self, request: Request[R], then: Callable[[R], None]) -> None:
        """Ask without waiting: ``then`` is called from the answering thread.

        An exception is not an answer: ``then`` is not called.
        """
        self.inbox.put(Envelope(request, reply_to=CallReply(then)))  # type: ignore[arg-type]

    def put_question(self, request: Request[Any], reply_to: ReplyTo) -> None:
        """Ask without waiting: the answer goes to ``reply_to``, in the answering thread."""
        self.inbox.put(Envelope(request, reply_to=reply_to))  # type: ignore[arg-type]

    def ask_soon(self, request: Request[R], loop: asyncio.AbstractEventLoop) -> asyncio.Future[R]:
        """Ask from the event loop, which is called back instead of waiting."""
        reply: LoopReply[R] = LoopReply(loop)
        self.inbox.put(Envelope(request, reply_to=reply))  # type: ignore[arg-type]
        return reply.future


def error_in(exc_info: Any) -> BaseException:  # noqa: ANN401  (Pykka's own tuple)
    """Return the exception of Pykka's ``(type, value, traceback)``, or the one being handled."""
    error = (exc_info or sys.exc_info())[1]
    return error if isinstance(error, BaseException) else RuntimeError("no answer, and no reason")


class Reply(Generic[R]):
    """The end of a question that one thread waits at; cheaper than Pykka's future."""

    __slots__ = ("_answer",)

    def __init__(self) -> None:
        self._answer: queue.SimpleQueue[Callable[[], R]] = queue.SimpleQueue()

    def set(self, value: R) -> None:
        """Give the answer."""
        self._answer.put(lambda: value)

    def set_exception(self, exc_info: Any = None) -> None:  # noqa: ANN401  (Pykka's own tuple)
        """Give the exception being handled as the answer."""
        error = error_in(exc_info)

        def fail() -> R:
            raise error

        self._answer.put(fail)

    def get(self, timeout_s: float) -> R:
        """Wait for the answer.

        Raises:
            queue.Empty: none came in ``timeout_s`` seconds.
            Exception: whatever the handler raised.
        """
        return self._answer.get(timeout=timeout_s)()


class CallReply(Generic[R]):
    """The end of a question nobody waits at: the answer is a call."""

    __slots__ = ("_then",)

    def __init__(self, then: Callable[[R], None]) -> None:
        self._then = then

    def set(self, value: R) -> None:
        """Call with the answer, in the answering thread."""
        self._then(value)

    def set_exception(self, exc_info: Any = None) -> None:  # noqa: ANN401  (Pykka's own tuple)
        """Leave it: who raises has given no answer."""


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
        error = error_in(exc_info)
        self._post(lambda: self.future.set_exception(error))

    def _post(self, settle: Callable[[], None]) -> None:
        def unless_given_up() -> None:
            if not self.future.done():
                settle()

        try:
            self._loop.call_soon_threadsafe(unless_given_up)
        except RuntimeError:
            return  # the loop has closed: nobody waits any more
