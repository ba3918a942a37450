"""What DecoderActor asks of a decode worker, and what a worker is to it.

Whoever decodes stands behind two protocols, so that tests can look at the requests instead of
starting threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from audio.ring import Ring
from playback.plan import Priority
from playback.units import ChainId, EntryId, Frames, Ticks

NO_FRAMES: Final = Frames(0)


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """Decode this span of this file for this chain.

    Attributes:
        offset: file-absolute tick of the first frame wanted.
        end: file-absolute tick after the last one; None = to the file's end.
        before: frames that are in the chain's ring already; ``offset`` is where they end.
    """

    queue_entry_id: EntryId
    chain_id: ChainId
    uri: str
    offset: Ticks
    end: Ticks | None
    priority: Priority
    before: Frames = NO_FRAMES


@dataclass(slots=True, eq=False)
class Grant:
    """Leave to decode a stretch of audio into the ring; reported once with ``GrantSpent``.

    Attributes:
        frames: how many; the last block may go a little over.
        threshold: the ring level whose crossing has to be told at once.
        given_s: ``time.monotonic()`` reading.
        revoked: set by the giver; the worker ends after the block it is at.
    """

    ring: Ring
    frames: Frames
    threshold: Frames
    given_s: float
    revoked: bool = False


class Worker(Protocol):
    """One chain's decoder. None of these calls waits for it."""

    def grant(self, grant: Grant) -> None:
        """Let it work; the file is opened with the first grant."""

    def set_priority(self, priority: Priority) -> None:
        """The chain has moved in the play order."""

    def cancel(self) -> None:
        """Nobody wants the chain any more; it tells ``WorkerExited`` when it is gone."""


class WorkerFactory(Protocol):
    """Makes the workers."""

    def request(self, request: DecodeRequest) -> Worker:
        """Give a chain its worker; it waits for a grant.

        Raises:
            DecodeError: of kind ``RESOURCES``, if the machine has no thread left.
        """

    def close(self) -> None:
        """No request will come for now: keep nothing in reserve."""
