"""Messages to BufferActor."""

from __future__ import annotations

from dataclasses import dataclass

from playback.units import ChainId, EntryId, Frames


@dataclass(frozen=True, slots=True)
class OpenRing:
    """DecoderActor → BufferActor: a chain begins and needs a ring."""

    queue_entry_id: EntryId
    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class CloseRing:
    """DecoderActor → BufferActor: the chain has left the plan; its ring may go."""

    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class FramesAdded:
    """Decode worker → BufferActor: the ring holds more than when you last heard of it."""

    chain_id: ChainId
    frames: Frames


@dataclass(frozen=True, slots=True)
class ChainEnded:
    """Decode worker, DecoderActor → BufferActor: the last frame is in the ring.

    ``total`` are the frames written since the chain began.
    """

    chain_id: ChainId
    total: Frames


@dataclass(frozen=True, slots=True)
class RingDrained:
    """MixerActor → BufferActor: reading took the ring below its refill mark.

    ``dry``: it was emptied, and the mixer waits until the threshold is reached again.
    """

    chain_id: ChainId
    dry: bool = False
