"""What all connections of one server share: who is there, and what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from actors.messages import Subsystem
from protocol.channels import Mailbox


class Member(Protocol):
    """A connection, as the others see it."""

    mailbox: Mailbox

    def changed(self, subsystems: Iterable[Subsystem]) -> None:
        """Collect changes; answers if the connection waits for one of them."""


class Hub:
    """The connections of one server, and the update job that they all may see.

    Used from the event loop only.

    Args:
        later: calls a function soon, from the event loop.
    """

    def __init__(self, later: Callable[[Callable[[], None]], object]) -> None:
        self._later = later
        self._members: set[Member] = set()
        self._started_s = time.monotonic()
        self._jobs = 0
        self.updating: int | None = None
        """The job that is reading the music directory anew, if there is one."""
        self.updated_at: int | None = None
        """Unix seconds of the end of the latest job."""

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
        """Tell all connections."""
        for member in self:
            member.changed(subsystems)

    def update(self, work: Callable[[], None]) -> int:
        """Start an update job that does ``work``; returns its number.

        Both ends of a job are told as MPD does it: the end even if nothing has changed, and after
        the job has left the status.
        """
        self._jobs += 1
        self.updating = self._jobs
        self.changed({Subsystem.UPDATE})
        self._later(lambda: self._finish(work))
        return self._jobs

    def _finish(self, work: Callable[[], None]) -> None:
        work()
        self.updating = None
        self.updated_at = int(time.time())
        self.changed({Subsystem.UPDATE, Subsystem.DATABASE})
