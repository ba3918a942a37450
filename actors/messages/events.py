"""Messages to QueueActor: events of the engine."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from audio.device import OutputFormat
from playback.profile import NO_PROFILE, Profile
from playback.units import ChainId, EntryId, Frames, Ticks


class CompletionReason(enum.StrEnum):
    """Why a passage stopped sounding."""

    NATURAL = "natural"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    REMOVED = "removed"
    DECODE_FAILED = "decode_failed"
    INVALID_TIMING = "invalid_timing"


@dataclass(frozen=True, slots=True)
class PassageStarted:
    """MixerActor → QueueActor: the first frame of the chain has been heard."""

    queue_entry_id: EntryId
    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class CrossfadeStarted:
    """MixerActor → QueueActor: from here on both chains sound."""

    from_entry_id: EntryId
    from_chain_id: ChainId
    to_entry_id: EntryId
    to_chain_id: ChainId


@dataclass(frozen=True, slots=True)
class PassageCompleted:
    """MixerActor → QueueActor: the chain has sounded for the last time."""

    queue_entry_id: EntryId
    chain_id: ChainId
    reason: CompletionReason
    frames_played: Frames
    sent_s: float


@dataclass(frozen=True, slots=True)
class PositionUpdated:
    """MixerActor → QueueActor: this many frames of the chain had been heard at ``at_s``.

    ``frames`` counts from the chain's first frame (its slot's offset); ``advancing`` tells
    whether sound keeps coming.
    """

    queue_entry_id: EntryId
    chain_id: ChainId
    frames: Frames
    at_s: float
    advancing: bool


@dataclass(frozen=True, slots=True)
class UnderrunDetected:
    """MixerActor → QueueActor: the chain's ring ran dry while it was to sound."""

    queue_entry_id: EntryId
    chain_id: ChainId


@dataclass(frozen=True, slots=True)
class XrunDetected:
    """MixerActor → QueueActor: the device ran dry; ``total`` since the start."""

    total: int


@dataclass(frozen=True, slots=True)
class OutputLost:
    """MixerActor → QueueActor: no sound comes out; it is tried again by itself."""

    message: str


@dataclass(frozen=True, slots=True)
class OutputRestored:
    """MixerActor → QueueActor: the device is back; what was playing goes on."""

    format: OutputFormat


@dataclass(frozen=True, slots=True)
class SideOutputFailed:
    """Side thread → QueueActor: a side output cannot be written to; it is tried again by itself."""

    id: int
    message: str


@dataclass(frozen=True, slots=True)
class SideOutputRestored:
    """Side thread → QueueActor: it can be written to again, or there is nothing to write."""

    id: int


@dataclass(frozen=True, slots=True)
class MusicLost:
    """DecoderActor → QueueActor: the music directory is not there; it is tried again by itself."""

    message: str


@dataclass(frozen=True, slots=True)
class MusicRestored:
    """DecoderActor → QueueActor: the music directory is back; what waited for it goes on."""


@dataclass(frozen=True, slots=True)
class EndpointDiscovered:
    """DecoderActor → QueueActor: where the file really ends, and what it is.

    ``end`` is file-absolute; None where the container does not say. ``profile`` is how it sounds.
    """

    queue_entry_id: EntryId
    chain_id: ChainId
    end: Ticks | None
    audio_format: str
    bitrate_kbps: int
    profile: Profile = NO_PROFILE


@dataclass(frozen=True, slots=True)
class StreamLimitChanged:
    """DecoderActor → QueueActor: no more than this many files can be open (0 = no limit)."""

    streams: int


@dataclass(frozen=True, slots=True)
class WatchdogIntervened:
    """WatchdogActor → listeners: the event system had failed and was put right."""

    intervention_type: str
    queue_entry_id: EntryId
    total: int


@dataclass(frozen=True, slots=True)
class PeerRestarted:
    """Supervisor → QueueActor: this actor was replaced and knows nothing; tell it all again."""

    name: str


@dataclass(frozen=True, slots=True)
class StorageFailed:
    """StorageActor → QueueActor: changes are not being saved."""

    message: str


@dataclass(frozen=True, slots=True)
class StorageRecovered:
    """StorageActor → QueueActor: writing works; send the whole state."""


@dataclass(frozen=True, slots=True)
class StateSaved:
    """StorageActor → QueueActor: the whole state is on disk again, and changes are saved."""
