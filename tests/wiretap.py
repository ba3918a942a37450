"""Listens at every address of an engine, knows what caused what, and loses messages on purpose.

    tap = Wiretap()
    rig = Rig(directory, wrap=tap.wrap)
    tap.lose(BufferThresholdReached, to="MixerActor")

The watchdog's questions and cures, and what a test itself tells, do not pass here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from unittest.mock import patch

from actors.actor import Actor
from actors.address import Address

M = TypeVar("M")

PATIENCE_S: Final = 5.0
HASTY_S: Final = 0.25
LOOK_S: Final = 0.01
"""A wait looks at least so often, for what changes without a message."""

_thread = threading.local()


@contextmanager
def noting_causes() -> Iterator[None]:
    """Let every actor remember which message it is handling, for whom it tells meanwhile."""
    original = Actor.on_receive

    def on_receive(actor: Actor[Any], message: Any) -> object:
        _thread.handling = message
        return original(actor, message)

    with patch.object(Actor, "on_receive", on_receive):
        yield


def being_handled() -> object:
    """Return the message that this thread's actor is handling; None in any other thread."""
    return getattr(_thread, "handling", None)


@dataclass(frozen=True, slots=True)
class Told:
    """One message on its way.

    Attributes:
        at_s: monotonic reading when it was told.
        cause: the message that its sender was handling then.
    """

    receiver: str
    message: Any
    at_s: float
    cause: object


@dataclass(frozen=True, slots=True)
class Loss:
    """Messages that never arrive: of a kind, at a receiver (None = at all), under a condition."""

    kind: type
    to: str | None = None
    when: Callable[[Any], bool] = lambda _message: True

    def takes(self, receiver: str, message: object) -> bool:
        """Return whether the message is lost."""
        here = self.to in (None, receiver)
        return here and isinstance(message, self.kind) and self.when(message)


class Wiretap:
    """All that was told through it, in order.

    Args:
        losses: what never arrives.
        hasty: once something was lost, waits are short: what is waited for will not come.
    """

    def __init__(self, *losses: Loss, hasty: bool = False) -> None:
        self.told: list[Told] = []
        self.lost: list[Told] = []
        self.on_loss: Callable[[], None] = lambda: None
        self._losses = list(losses)
        self._hasty = hasty
        self._changed = threading.Condition()

    def wrap(self, receiver: str, address: Address[M]) -> Address[M]:
        """Stand between the senders and a receiver."""
        return _Line(self, receiver, address)

    def lose(
        self, kind: type, to: str | None = None, when: Callable[[Any], bool] = lambda _: True
    ) -> None:
        """Let no such message arrive from now on."""
        self._losses.append(Loss(kind, to, when))

    def passes(self, receiver: str, message: object) -> bool:
        """Note a message; return whether it is to arrive."""
        told = Told(receiver, message, time.monotonic(), being_handled())
        with self._changed:
            lost = any(loss.takes(receiver, message) for loss in self._losses)
            (self.lost if lost else self.told).append(told)
            self._changed.notify_all()
        if lost and self._hasty:
            self.on_loss()
        return not lost

    def wake(self) -> None:
        """Let who waits look again: something happened that is not a message."""
        with self._changed:
            self._changed.notify_all()

    def of(
        self, kind: type, to: str | None = None, when: Callable[[Any], bool] = lambda _: True
    ) -> list[Told]:
        """Return what arrived of a kind, oldest first."""
        wanted = Loss(kind, to, when)
        with self._changed:
            return [told for told in self.told if wanted.takes(told.receiver, told.message)]

    def messages(
        self, kind: type[M], to: str | None = None, when: Callable[[Any], bool] = lambda _: True
    ) -> list[M]:
        """Return the messages of a kind that arrived, oldest first."""
        return [told.message for told in self.of(kind, to, when)]

    @property
    def patience_s(self) -> float:
        """How long it makes sense to wait for anything now."""
        return HASTY_S if self._hasty and self.lost else PATIENCE_S

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; every message wakes the wait.

        Raises:
            AssertionError: it does not come to hold.
        """
        began_s = time.monotonic()
        while not holds():
            left_s = self._ends_s(began_s) - time.monotonic()
            if left_s <= 0:
                raise AssertionError(f"waited in vain for {what}; told: {self._latest()}")
            with self._changed:
                self._changed.wait(min(left_s, LOOK_S))

    def _latest(self) -> str:
        """Return what was told last, the flow of periods left out."""
        with self._changed:
            kinds = [f"{type(told.message).__name__} → {told.receiver}" for told in self.told]
        return ", ".join([kind for kind in kinds if not kind.startswith("PeriodPlayed")][-12:])

    def _ends_s(self, began_s: float) -> float:
        lost_s = self.lost[0].at_s if self.lost else began_s
        return max(began_s, lost_s) + self.patience_s


class _Line(Generic[M]):
    """An address with a wiretap on it."""

    def __init__(self, tap: Wiretap, receiver: str, address: Address[M]) -> None:
        self._tap = tap
        self._receiver = receiver
        self._address = address

    def tell(self, message: M) -> None:
        if self._tap.passes(self._receiver, message):
            self._address.tell(message)
