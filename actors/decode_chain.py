"""What DecoderActor knows of one chain, and the sums it does about it.

The state is a sum type: each holds only what exists in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from actors.decode_request import DecodeRequest, Grant, Worker
from actors.messages import SourceOpened
from audio.ring import Ring
from playback.plan import Priority, Slot
from playback.player import PlayerState
from playback.units import ChainId, Frames, Ticks, frames_to_ticks, ticks_to_frames


@dataclass(frozen=True, slots=True)
class AwaitingRing:
    """Requested; BufferActor has been asked for a ring."""

    worker: Worker


@dataclass(frozen=True, slots=True)
class Waiting:
    """Has all it needs, and no grant."""

    worker: Worker
    ring: Ring


@dataclass(frozen=True, slots=True)
class Granted:
    """Its worker is decoding."""

    worker: Worker
    ring: Ring
    grant: Grant


@dataclass(frozen=True, slots=True)
class Absent:
    """The music directory is not there; a new worker will go on where the ring ends."""

    ring: Ring


@dataclass(frozen=True, slots=True)
class Ended:
    """Its last frame is in the ring; the worker is gone or going."""

    ring: Ring


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came, or nothing more will; remembered so that it is not tried again."""


ChainState: TypeAlias = AwaitingRing | Waiting | Granted | Absent | Ended | Failed


@dataclass(slots=True)
class Chain:
    """One chain of the plan.

    Attributes:
        slot: as the newest plan has it.
        source: what the open file said about itself; None before.
        asked_end: the passage's end when its worker was asked for; None = the file's.
        counted: frames of its ring that telemetry knows of.
    """

    slot: Slot
    state: ChainState
    source: SourceOpened | None = None
    asked_end: Ticks | None = None
    counted: int = 0

    @property
    def worker(self) -> Worker | None:
        """Whoever decodes it, while somebody does."""
        match self.state:
            case AwaitingRing(worker) | Waiting(worker) | Granted(worker):
                return worker
            case Absent() | Ended() | Failed():
                return None

    @property
    def ring(self) -> Ring | None:
        """Its ring, once there is one."""
        match self.state:
            case Waiting(ring=ring) | Granted(ring=ring) | Absent(ring) | Ended(ring):
                return ring
            case AwaitingRing() | Failed():
                return None


@dataclass(frozen=True, slots=True)
class FillLevels:
    """How far a ring is filled (``goal``), and below which level it is filled again (``mark``)."""

    goal: Frames
    mark: Frames


def fill_levels(ring: Ring, slot: Slot, state: PlayerState, threshold: Frames) -> FillLevels:
    """Current and next fill their ring and are woken at two thirds; others stop at the threshold.

    While the player is stopped nobody gets more than the threshold.
    """
    full = Frames(ring.level + ring.space)
    if slot.priority is Priority.PREFETCH or state is PlayerState.STOP:
        goal = min(threshold, full)
        return FillLevels(goal, goal)
    two_thirds = Frames(-(-ring.capacity * 2 // 3))  # as MixerActor counts it, rounded up
    return FillLevels(full, min(two_thirds, full))


def request_for(slot: Slot, before: int, rate_hz: int) -> DecodeRequest:
    """Return what to ask a worker for: the slot without its first ``before`` frames."""
    return DecodeRequest(
        queue_entry_id=slot.entry,
        chain_id=slot.chain,
        uri=slot.passage.uri,
        offset=end_of(slot, Frames(before), rate_hz) if before else slot.offset,
        end=slot.passage.end,
        priority=slot.priority,
        before=Frames(before),
    )


def failed_and_connecting(
    chains: Iterable[Chain],
) -> tuple[frozenset[ChainId], frozenset[ChainId]]:
    """Return the chains that have failed, and those whose files have not been opened yet."""
    failed, connecting = set(), set()
    for chain in chains:
        if isinstance(chain.state, Failed):
            failed.add(chain.slot.chain)
        elif chain.source is None and not isinstance(chain.state, AwaitingRing):
            connecting.add(chain.slot.chain)
    return frozenset(failed), frozenset(connecting)


def end_of(slot: Slot, total: Frames, rate_hz: int) -> Ticks:
    """Return the file-absolute tick at which a chain of ``total`` frames ends."""
    return frames_to_ticks(ticks_to_frames(slot.offset, rate_hz) + total, rate_hz)


def promised_end(slot: Slot, source: SourceOpened | None) -> Ticks | None:
    """Return where the chain should end, as passage and container say; None if neither does."""
    return _earlier(slot.passage.end, None if source is None else source.end)


def _earlier(*ends: Ticks | None) -> Ticks | None:
    return min((end for end in ends if end is not None), default=None)


def frames_to_end(slot: Slot, rate_hz: int) -> Frames | None:
    """Return how many frames a chain has if the slot's passage is whole; None = to the end."""
    end = slot.passage.end
    if end is None:
        return None
    return Frames(ticks_to_frames(end, rate_hz) - ticks_to_frames(slot.offset, rate_hz))


def is_end_moved(chain: Chain) -> bool:
    """Whether the passage ends elsewhere now than its worker was told.

    That a file's own end has become known is no move.
    """
    file_end = None if chain.source is None else chain.source.end
    return _earlier(chain.slot.passage.end, file_end) != _earlier(chain.asked_end, file_end)


def is_same_frame(end: Ticks, promised: Ticks | None, rate_hz: int) -> bool:
    """Whether a chain ended where it should, to the frame."""
    if promised is None:
        return False
    return ticks_to_frames(end, rate_hz) == ticks_to_frames(promised, rate_hz)


def is_mostly_missing(slot: Slot, end: Ticks, promised: Ticks | None) -> bool:
    """Whether less than half of the passage can be heard, so that it counts as failed.

    What a seek has passed over counts as heard: it is the file that is judged.
    """
    if promised is None:
        return False
    start = slot.passage.start
    return (end - start) * 2 < promised - start
