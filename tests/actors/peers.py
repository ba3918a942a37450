"""Doubles for actors' addresses: they record and answer; they never assert."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pykka

from actors.actor import Actor
from actors.address import InboxAddress, ReplyTo, Request
from actors.telemetry import NoTelemetry

M = TypeVar("M")
R = TypeVar("R")

PATIENCE_S = 10.0
"""How long a test waits for what should happen at once."""


class Spy(Generic[M]):
    """An address that remembers what it was told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.received: list[M] = []
        self._arrivals: queue.SimpleQueue[M] = queue.SimpleQueue()

    def tell(self, message: M) -> None:
        self.received.append(message)
        self._arrivals.put(message)

    def next(self) -> M:
        """Wait for the next message that was not yet waited for."""
        return self._arrivals.get(timeout=PATIENCE_S)


class AnsweringPeer(Spy[Any]):
    """Answers every question with what ``answer`` makes of it."""

    name = "peer"

    def __init__(self, answer: Callable[[], Any]) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[Request[Any]] = []

    def ask(self, request: Request[R], *, timeout_s: float) -> R:
        assert timeout_s > 0
        self.asked.append(request)
        reply: R = self.answer()
        return reply

    def put_question(self, request: Request[Any], reply_to: ReplyTo) -> None:
        self.asked.append(request)
        try:
            answer = self.answer()
        except Exception:  # noqa: BLE001 - as an actor does with whatever is raised
            reply_to.set_exception()
        else:
            reply_to.set(answer)


class CountingTelemetry(NoTelemetry):
    """Remembers restarts, interventions and rounds."""

    def __init__(self) -> None:
        self.restarts: list[str] = []
        self.interventions: list[tuple[str, int]] = []
        self.rounds = 0
        self.round_over = threading.Semaphore(0)

    def actor_restarted(self, actor: str) -> None:
        self.restarts.append(actor)

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        self.interventions.append((intervention_type, queue_entry_id))

    def round_took(self, seconds: float) -> None:
        assert seconds >= 0
        self.rounds += 1
        self.round_over.release()


class Perform(Request[Any]):
    """What a test's actor is asked or told to do, in its own thread."""

    def __init__(self, do: Callable[[Any], Any]) -> None:
        self.do = do


class Performer(Actor[Any]):
    """A real actor that does whatever a message says; counts its endings."""

    def __init__(self, address: InboxAddress[Any], supervisor: Any = None) -> None:
        super().__init__(address, supervisor)
        self.releases = 0

    def handle(self, message: Any) -> Any:
        return message.do(self) if isinstance(message, Perform) else None

    def release(self) -> None:
        self.releases += 1


class Hang:
    """Holds an actor in a handler until it is let go."""

    def __init__(self, address: InboxAddress[Any]) -> None:
        self._entered, self._free = threading.Event(), threading.Event()
        address.tell(Perform(self._hold))

    def _hold(self, _: object) -> None:
        self._entered.set()
        self._free.wait(PATIENCE_S)

    def wait_until_hung(self) -> None:
        assert self._entered.wait(PATIENCE_S)

    def let_go(self) -> None:
        self._free.set()


def start(actor: Actor[Any]) -> None:
    """Start an actor that was built by hand, as its place does."""
    pykka.ActorRegistry.register(actor.actor_ref)
    actor._start_actor_loop()
