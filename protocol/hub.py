"""What all connections of one server share: who is there, and what has changed.

While a command list runs, changes are held back, so that one that is made of many commands is
one piece of news, as it is with MPD; but not for long, since a list may be.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from actors.messages import Subsystem
from library.pictures import EmbeddedPictures
from protocol.channels import Mailbox
from protocol.services import Services
from protocol.updates import Updates

HELD_AT_MOST_S: Final = 0.05


class Member(Protocol):
    """A connection, as the others see it."""

    mailbox: Mailbox

    def changed(self, subsystems: Iterable[Subsystem]) -> None:
        """Collect changes; answers if the connection waits for one of them."""


class Hub:
    """The connections of one server, and its collaborators. Used from the event loop only."""

    def __init__(self, services: Services, loop: asyncio.AbstractEventLoop) -> None:
        self.services = services
        self.loop = loop
        self.updates = Updates(services.music, loop, self.changed)
        self.pictures = EmbeddedPictures()
        self.playlist_edits = asyncio.Lock()
        """Held while a stored playlist is changed."""
        self._members: set[Member] = set()
        self._started_s = time.monotonic()
        self._lists = 0
        self._held: set[Subsystem] = set()

    def __iter__(self) -> Iterator[Member]:
        """Go through all connections."""
        return iter(tuple(self._members))

    def __len__(self) -> int:
        return len(self._members)

    @property
    def uptime_s(self) -> int:
        """Seconds since the start; from 1, for a client that takes zeros for another server."""
        return 1 + int(time.monotonic() - self._started_s)

    def join(self, member: Member) -> None:
        """A connection is there."""
        self._members.add(member)

    def leave(self, member: Member) -> None:
        """A connection is gone."""
        self._members.discard(member)
        if member.mailbox.channels:
            self.changed({Subsystem.SUBSCRIPTION})

    def changed(self, subsystems: Iterable[Subsystem]) -> None:
        """Tell all connections, or remember to, while a command list runs."""
        if self._lists and not self._held:
            self.loop.call_later(HELD_AT_MOST_S, self._tell_held)
        self._held.update(subsystems)
        if not self._lists:
            self._tell_held()

    @contextlib.contextmanager
    def one_piece(self) -> Iterator[None]:
        """Make what changes within one piece of news."""
        self._lists += 1
        try:
            yield
        finally:
            self._lists -= 1
            if not self._lists:
                self._tell_held()

    def _tell_held(self) -> None:
        held, self._held = frozenset(self._held), set()
        if held:
            for member in self:
                member.changed(held)
