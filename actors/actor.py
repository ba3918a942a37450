"""The base of all actors: one inbox, one entry, one way to end.

Pykka stops an actor whose handler raises, loses what waits in its inbox, and makes later
senders raise. Here the inbox belongs to the actor's *place* (``InboxAddress``): a handler that
raises ends this instance only, what waits is kept, and the supervisor puts a new instance on
the same inbox. An ``AckError`` is an answer to the one who asked, not a death.
"""

from __future__ import annotations

import abc
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

import pykka

from actors.address import Inbox, InboxAddress
from playback.errors import AckError

M = TypeVar("M")


class Supervisor(Protocol):
    """Whoever replaces an actor that died."""

    def actor_died(self, error: Exception) -> None:
        """Take note, and start a successor on the same inbox."""


class Actor(pykka.ThreadingActor, abc.ABC, Generic[M]):
    """A thread with an inbox of type ``M``; ``handle`` is its only entry.

    Built but not started, it is an ordinary object: tests call ``handle`` and look at what the
    addresses it was given were told.
    """

    use_daemon_thread = True  # a hung actor must not keep the process from ending

    def __init__(self, address: InboxAddress[M], supervisor: Supervisor | None = None) -> None:
        super().__init__()
        self.inbox = address.inbox
        self.actor_inbox: Any = address.inbox
        self.actor_ref.actor_inbox = self.actor_inbox
        self._supervisor = supervisor

    def on_receive(self, message: M) -> object:
        """Pykka's entry; see the module's docstring for what an exception does."""
        try:
            return self.handle(message)
        except AckError:
            raise
        except Exception as error:
            self._die(error)
            raise

    def on_failure(
        self,
        exception_type: type[BaseException] | None,  # noqa: ARG002  (Pykka's signature)
        exception_value: BaseException | None,
        traceback: TracebackType | None,  # noqa: ARG002  (Pykka's signature)
    ) -> None:
        """Pykka's ending after a told message; a refusal that nobody asked for is a death too."""
        if isinstance(exception_value, AckError):
            self._die(exception_value)

    def _die(self, error: Exception) -> None:
        """End this instance, whatever was being handled, and leave the inbox to the successor."""
        self.actor_inbox = Inbox()  # Pykka empties it on the way out
        self.actor_stopped.set()
        pykka.ActorRegistry.unregister(self.actor_ref)
        try:
            self.release()
        finally:
            if self._supervisor is not None:
                self._supervisor.actor_died(error)

    @abc.abstractmethod
    def handle(self, message: M) -> object:
        """Act on one message; what it returns answers an ``ask``."""

    def release(self) -> None:
        """Give back what this actor owns; called from both endings."""

    def on_stop(self) -> None:
        """Pykka's orderly ending."""
        self.release()
