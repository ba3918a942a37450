"""The base of all actors: one inbox, one entry, one way to end.

Pykka stops an actor whose handler raises, loses what waits in its inbox, and makes later
senders raise. Here the inbox belongs to the actor's *place* (``InboxAddress``): a handler that
raises ends this instance only, what waits is kept, and the supervisor puts a new instance on
the same inbox. An ``AckError`` is an answer to the one who asked, not a death.
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

import pykka

from actors.address import Inbox, InboxAddress
from playback.errors import AckError

M = TypeVar("M")


class Supervisor(Protocol):
    """Whoever replaces an actor that died."""

    def actor_died(self, error: Exception) -> None:
        """Take note, and start a successor on the same inbox."""


class Actor(pykka.ThreadingActor, Generic[M]):
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
            self.actor_inbox = Inbox()  # what waits in the old one is the successor's
            self.actor_stopped.set()
            self.release()
            if self._supervisor is not None:
                self._supervisor.actor_died(error)
            raise

    def handle(self, message: M) -> object:
        """Act on one message; what it returns answers an ``ask``."""
        raise NotImplementedError

    def release(self) -> None:
        """Give back what this actor owns; called from both endings."""

    def on_stop(self) -> None:
        """Pykka's orderly ending."""
        self.release()
