"""Whether the music directory is there, which chains wait for it, and when to look again.

A stick that is not mounted yet, or not any more, is no fault of any song: its chain *waits*, and
is tried again with growing patience until one of those that were tried has got its file, or has
failed for a reason of its own. DecoderActor goes by this in every state of the player.
"""

from __future__ import annotations

import logging
from collections.abc import Set as AbstractSet

from actors import backoff
from actors.address import Address
from actors.messages import MusicLost, MusicRestored
from playback.units import ChainId

_log = logging.getLogger(__name__)


def complain(text: str) -> None:
    """Say in the log that the music directory is absent; also for who finds out at the start."""
    _log.warning("No music: %s", text)


class AbsentMusic:
    """Who waits for the music directory, with one alarm.

    Args:
        queue: is told when it is lost, at each vain attempt, and when it is back.
    """

    def __init__(self, queue: Address[MusicLost | MusicRestored]) -> None:
        self._queue = queue
        self._waiting: set[ChainId] = set()
        self._tried: set[ChainId] = set()
        self._lost = False
        self._patience_s = backoff.FIRST_S
        self._retry_s: float | None = None

    @property
    def retry_s(self) -> float | None:
        """When to try again, as a monotonic reading; None if nobody waits."""
        return self._retry_s if self._waiting else None

    def misses(self, chain: ChainId, text: str, now_s: float) -> None:
        """The chain found no music directory: it waits."""
        if not self._lost:
            complain(text)
        self._lost = True
        self._queue.tell(MusicLost(text))
        self._tried.discard(chain)
        self._waiting.add(chain)
        if self._retry_s is None:
            self._retry_s = now_s + self._patience_s

    def due(self, now_s: float) -> frozenset[ChainId]:
        """Return who is to be tried again now; nobody until it is time."""
        if self.retry_s is None or now_s < self.retry_s:
            return frozenset()
        chains = frozenset(self._waiting)
        self._waiting.clear()
        self._tried |= chains
        self._retry_s = None
        self._patience_s = backoff.longer(self._patience_s)
        return chains

    def hurry(self, now_s: float) -> None:
        """It may be back, or somebody wants to hear it: try at once."""
        if self._waiting:
            self._retry_s = now_s
            self._patience_s = backoff.FIRST_S

    def found(self, chain: ChainId, now_s: float) -> None:
        """The chain has its file, or failed for a reason of its own.

        If it was one that had found no directory, that is back. If not, its file may lie
        elsewhere, and others have to find out.
        """
        if chain in self._tried or not (self._waiting or self._tried):
            self._restored()
        self.hurry(now_s)

    def keep(self, planned: AbstractSet[ChainId], *, opening: bool) -> None:
        """Forget who has left the plan; once nobody needs the directory it is not missed.

        Args:
            planned: the chains there are.
            opening: whether one of them has not found out yet.
        """
        self._waiting &= planned
        self._tried &= planned
        if not (self._waiting or self._tried or opening):
            self._restored()

    def _restored(self) -> None:
        self._tried.clear()
        self._patience_s = backoff.FIRST_S
        if self._lost:
            self._lost = False
            _log.info("The music directory is there")
            self._queue.tell(MusicRestored())
