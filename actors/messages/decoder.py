"""Messages to DecoderActor."""

from __future__ import annotations

from dataclasses import dataclass

from audio.ring import Ring
from playback.errors import FailureKind
from playback.plan import EnginePlan
from playback.profile import NO_PROFILE, Profile
from playback.units import ChainId, EntryId, Frames, Ticks


@dataclass(frozen=True, slots=True)
class Enqueued:
    """QueueActor → DecoderActor: an entry came into the queue; ``plan`` is what follows from it."""

    queue_entry_id: EntryId
    passage_id: int | None
    position: int
    plan: EnginePlan
    sent_s: float


@dataclass(frozen=True, slots=True)
class QueueAdvanced:
    """QueueActor → DecoderActor: another entry is current; ``plan`` is what follows from it."""

    previous_current: EntryId | None
    new_current: EntryId | None
    new_next: EntryId | None
    plan: EnginePlan
    sent_s: float


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """Queue-, WatchdogActor → Decoder-, MixerActor: an edit changed who plays when.

    The WatchdogActor hands the queue's plan to one who has lost it, before it asks for the cure.
    """

    plan: EnginePlan


@dataclass(frozen=True, slots=True)
class RequestDecode:
    """WatchdogActor → DecoderActor: this chain has no buffer; see to it as the plan says."""

    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class RingOpened:
    """BufferActor → Decoder-, MixerActor: the chain's ring, handed over once."""

    queue_entry_id: EntryId
    chain_id: ChainId
    ring: Ring


@dataclass(frozen=True, slots=True)
class RingLow:
    """BufferActor → DecoderActor: the ring has drained below its mark."""

    chain_id: ChainId
    level: Frames


@dataclass(frozen=True, slots=True)
class SourceOpened:
    """Decode worker → DecoderActor: the file is open; what it says about itself.

    ``end`` is the file's end in file-absolute ticks, None if the container does not say;
    ``profile`` is how it sounds, by its tags and by what was measured.
    """

    chain_id: ChainId
    end: Ticks | None
    audio_format: str
    bitrate_kbps: int
    profile: Profile = NO_PROFILE


@dataclass(frozen=True, slots=True)
class GrantSpent:
    """Decode worker → DecoderActor: the grant is used up, cut short by pre-emption, or was enough.

    ``frames`` counts what went into the ring; ``ended`` that nothing follows.
    """

    chain_id: ChainId
    frames: Frames
    ended: bool


@dataclass(frozen=True, slots=True)
class DecodeFailed:
    """Decode worker → DecoderActor → Queue-, BufferActor: nothing (more) comes from this chain.

    Kind ``DAMAGED`` means that less than half of the passage could be decoded; that part is in
    the ring, complete, to be played. After any other kind there is nothing to play.
    """

    queue_entry_id: EntryId
    chain_id: ChainId
    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class WorkerExited:
    """Decode worker → DecoderActor: its thread is over and its file closed."""

    chain_id: ChainId
