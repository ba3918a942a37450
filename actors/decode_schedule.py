"""Who may decode next: priority, pre-emption, and what to think of a worker that is silent.

Pure: it is told what happens and what time it is, and says what to do. Nothing waits here.

A *grant* lets one worker decode a stretch of audio. So many run at once as there are cores
(*places*). A chain that is hungry gets the next free place, by rank; if none is free, a running
grant of lower priority is revoked and ends after the block it is at. A worker that has added
nothing to its ring for a quarter of a second is *stalled*: a slow disk or a connecting stream
waits, it does not compute, so it gives its place away without being stopped. After ten such
seconds it is *hung*.

Silence is only counted while somebody looks: a machine that slept or was stopped for a minute
has not hung its decoders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playback.plan import Priority
from playback.units import ChainId, Frames

STALLED_AFTER_S: Final = 0.25
HUNG_AFTER_S: Final = 10.0
LOOK_EVERY_S: Final = 1.0
"""How often a stalled worker is looked at."""


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """Who comes first: by priority, then by place in the play order. The smaller one wins."""

    priority: Priority
    place: int


@dataclass(slots=True)
class Running:
    """A grant that has not been reported yet.

    Attributes:
        written: frames in the chain's ring, history included, when last looked at.
        silent_s: for how long of watched time that number has not changed.
        revoked: it was told to end early and will.
    """

    written: Frames
    silent_s: float = 0.0
    revoked: bool = False

    @property
    def stalled(self) -> bool:
        """It waits for something and occupies no place."""
        return self.silent_s >= STALLED_AFTER_S


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, each in the order given."""

    grant: tuple[ChainId, ...] = ()
    revoke: tuple[ChainId, ...] = ()


class DecodeSchedule:
    """The scheduler's memory: ranks, who is hungry, who is running.

    Args:
        places: grants that may run at once without being stalled.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._ranks: dict[ChainId, Rank] = {}
        self._hungry: set[ChainId] = set()
        self._running: dict[ChainId, Running] = {}
        self._looked_s = 0.0

    def rank(self, chain: ChainId, rank: Rank) -> None:
        """Take a chain in, or give it another rank."""
        self._ranks[chain] = rank

    def forget(self, chain: ChainId) -> None:
        """The chain is over; its place is free even if its worker never reports."""
        self._ranks.pop(chain, None)
        self._hungry.discard(chain)
        self._running.pop(chain, None)

    def is_hungry(self, chain: ChainId) -> bool:
        """Whether the chain waits for a grant, or will want another one after this."""
        return chain in self._hungry

    def is_running(self, chain: ChainId) -> bool:
        """Whether a grant of the chain has not been reported yet."""
        return chain in self._running

    def hungry(self, chain: ChainId) -> None:
        """The ring of the chain wants frames; said during a grant, it wants another one after."""
        if chain in self._ranks:
            self._hungry.add(chain)

    def satisfied(self, chain: ChainId) -> None:
        """The ring of the chain is full enough."""
        self._hungry.discard(chain)

    def spent(self, chain: ChainId) -> None:
        """The worker has reported the end of its grant."""
        self._running.pop(chain, None)

    def look(self, now_s: float, written: Callable[[ChainId], Frames]) -> None:
        """Note which workers have got on since the last look.

        Args:
            now_s: reading of a monotonic clock.
            written: how many frames a chain's ring has been given so far.
        """
        watched_s = min(now_s - self._looked_s, LOOK_EVERY_S)
        self._looked_s = now_s
        for chain, running in self._running.items():
            if (frames := written(chain)) != running.written:
                running.written, running.silent_s = frames, 0.0
            else:
                running.silent_s += watched_s

    def hung(self) -> tuple[ChainId, ...]:
        """Chains whose workers are given up."""
        return tuple(c for c, running in self._running.items() if running.silent_s >= HUNG_AFTER_S)

    def decide(self, written: Callable[[ChainId], Frames]) -> Decision:
        """Give free places away, and make room for what is more urgent. Call ``look`` before.

        Args:
            written: as for ``look``; where a new grant begins.
        """
        waiting = sorted(self._hungry - self._running.keys(), key=self._ranks.__getitem__)
        free = max(0, self._places - sum(not r.stalled for r in self._running.values()))
        granted, waiting = waiting[:free], waiting[free:]
        for chain in granted:
            self._hungry.discard(chain)
            self._running[chain] = Running(written(chain))
        return Decision(tuple(granted), self._revoke_for(waiting))

    def _revoke_for(self, waiting: list[ChainId]) -> tuple[ChainId, ...]:
        """Revoke a lower priority for each that waits, unless a place is being freed already."""
        leaving = sum(r.revoked and not r.stalled for r in self._running.values())
        revoked: list[ChainId] = []
        for chain in waiting[leaving:]:
            victim = self._least_urgent()
            if victim is None or self._priority(victim) <= self._priority(chain):
                break
            self._running[victim].revoked = True
            revoked.append(victim)
        return tuple(revoked)

    def _least_urgent(self) -> ChainId | None:
        """The last in rank of those that occupy a place and are not leaving it."""
        busy = [c for c, r in self._running.items() if not (r.stalled or r.revoked)]
        return max(busy, key=self._ranks.__getitem__, default=None)

    def _priority(self, chain: ChainId) -> Priority:
        return self._ranks[chain].priority

    def look_again_s(self) -> float | None:
        """When to look next, as a monotonic reading; None while no grant is running."""
        if not self._running:
            return None
        return self._looked_s + min(_until_next_step_s(r) for r in self._running.values())


def _until_next_step_s(running: Running) -> float:
    """Time until silence would make a running grant stalled, or until the next look at it."""
    if running.stalled:
        return min(LOOK_EVERY_S, max(0.0, HUNG_AFTER_S - running.silent_s))
    return STALLED_AFTER_S - running.silent_s
