"""Every message of the engine, grouped by receiver. The field names are the contract.

Commands are imperatives and go down, events are past participles and go up. Messages are
frozen; sound does not travel in them: a chain's ring is handed over once, and what travels
afterwards is "frames were added", "frames were taken", "ended". Every message about sound
names its chain; news of a chain that is no longer planned is dropped by its receiver.

``sent_s`` is the sender's ``time.monotonic()`` reading; the five latency histograms are taken
from it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from actors.address import DeadlineReached, Request
from audio.device import OutputFormat
from audio.ring import Ring
from playback.errors import FailureKind
from playback.insertion import InsertAt as InsertAt  # noqa: PLC0414 - exported with its messages
from playback.options import ReplayGainMode, Switch
from playback.plan import EnginePlan, Priority
from playback.player import PlayerState
from playback.saved import QueueChange
from playback.song import Song
from playback.units import ChainId, EntryId, Frames, Ticks

T = TypeVar("T")


# To everybody


@dataclass(frozen=True, slots=True)
class GiveSignOfLife(Request[None]):
    """WatchdogActor → anybody: answer, so that it is known you can."""


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """QueueActor → Decoder-, Buffer-, Mixer-, WatchdogActor: a setting has a new value."""

    key: str
    old: int
    new: int


# To DecoderActor


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

    ``end`` is the file's end in file-absolute ticks, None if the container does not say.
    """

    chain_id: ChainId
    end: Ticks | None
    audio_format: str
    bitrate_kbps: int


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


# To BufferActor


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
    """Decode worker → BufferActor: the last frame is in the ring.

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


# To MixerActor


@dataclass(frozen=True, slots=True)
class StartCurrent:
    """QueueActor → MixerActor: the plan's current slot is to sound (play, advance, seek)."""

    plan: EnginePlan
    sent_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """QueueActor → MixerActor: fall silent, keep everything."""

    plan: EnginePlan


@dataclass(frozen=True, slots=True)
class Stop:
    """QueueActor → MixerActor: fall silent, give the device back."""

    plan: EnginePlan


@dataclass(frozen=True, slots=True)
class BufferThresholdReached:
    """BufferActor → MixerActor: the ring holds enough to start. Repeats are harmless."""

    queue_entry_id: EntryId
    chain_id: ChainId
    threshold_ms: int
    buffer_level_ms: int
    sent_s: float


@dataclass(frozen=True, slots=True)
class ChooseDevice:
    """QueueActor → MixerActor: play to this device from now on."""

    plugin: str
    device: str


@dataclass(frozen=True, slots=True)
class EnableOutput:
    """QueueActor → MixerActor: the output is switched on or off by a client."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class OutputOpened:
    """Sink thread → MixerActor: the device is open and takes this format."""

    session: int
    format: OutputFormat


@dataclass(frozen=True, slots=True)
class PeriodPlayed:
    """Sink thread → MixerActor: the device has taken one period; there is credit for another.

    ``session`` names the sink thread, ``epoch`` the drop after which the period was rendered.
    """

    session: int
    epoch: int
    frames: Frames


@dataclass(frozen=True, slots=True)
class DeviceStumbled:
    """Sink thread → MixerActor: an xrun; the period was written again."""

    session: int


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """Sink thread → MixerActor: the device could not be opened, or went away."""

    session: int
    message: str


# To QueueActor: events of the engine


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
class EndpointDiscovered:
    """DecoderActor → QueueActor: where the file really ends, and what it is.

    ``end`` is file-absolute; None where the container does not say.
    """

    queue_entry_id: EntryId
    chain_id: ChainId
    end: Ticks | None
    audio_format: str
    bitrate_kbps: int


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
    """StorageActor → QueueActor: send the whole state again, then saving works as before."""


# To QueueActor: commands of a session. Each answers ``Done`` or raises ``AckError``.


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The answer to a command: its value, and the change that must be durable before OK.

    ``change`` is 0 if nothing has to be saved.
    """

    value: T
    change: int = 0


@dataclass(frozen=True, slots=True)
class AddSongs(Request[Done[tuple[EntryId, ...]]]):
    """Session → QueueActor: add songs; all or none."""

    songs: tuple[Song, ...]
    at: InsertAt | None = None


@dataclass(frozen=True, slots=True)
class ClearQueue(Request[Done[None]]):
    """Session → QueueActor: remove everything and stop."""


@dataclass(frozen=True, slots=True)
class DeleteRange(Request[Done[None]]):
    """Session → QueueActor: remove positions ``start`` to ``end`` (exclusive; None = the end)."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class DeleteId(Request[Done[None]]):
    """Session → QueueActor: remove one entry."""

    id: EntryId


@dataclass(frozen=True, slots=True)
class MoveRange(Request[Done[None]]):
    """Session → QueueActor: move positions ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    to: InsertAt


@dataclass(frozen=True, slots=True)
class MoveId(Request[Done[None]]):
    """Session → QueueActor: move one entry."""

    id: EntryId
    to: InsertAt


@dataclass(frozen=True, slots=True)
class SwapPositions(Request[Done[None]]):
    """Session → QueueActor: exchange two entries by position."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class SwapIds(Request[Done[None]]):
    """Session → QueueActor: exchange two entries by id."""

    first: EntryId
    second: EntryId


@dataclass(frozen=True, slots=True)
class ShuffleRange(Request[Done[None]]):
    """Session → QueueActor: shuffle positions ``start`` to ``end`` (None = the end)."""

    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class SetPriority(Request[Done[None]]):
    """Session → QueueActor: MPD's ``prio`` over ranges (exclusive ends; None = the end)."""

    priority: int
    ranges: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class SetPriorityOfIds(Request[Done[None]]):
    """Session → QueueActor: MPD's ``prioid``."""

    priority: int
    ids: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True)
class SetRange(Request[Done[None]]):
    """Session → QueueActor: MPD's ``rangeid``; None as range resets it."""

    id: EntryId
    range: tuple[Ticks, Ticks | None] | None


@dataclass(frozen=True, slots=True)
class AddTag(Request[Done[None]]):
    """Session → QueueActor: MPD's ``addtagid``."""

    id: EntryId
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class ClearTags(Request[Done[None]]):
    """Session → QueueActor: MPD's ``cleartagid``; None = all tags."""

    id: EntryId
    tag: str | None


@dataclass(frozen=True, slots=True)
class PlayPosition(Request[Done[None]]):
    """Session → QueueActor: ``play``; None = go on, or the current or first song."""

    position: int | None


@dataclass(frozen=True, slots=True)
class PlayId(Request[Done[None]]):
    """Session → QueueActor: ``playid``."""

    id: EntryId


@dataclass(frozen=True, slots=True)
class SetPause(Request[Done[None]]):
    """Session → QueueActor: ``pause``; None toggles."""

    paused: bool | None


@dataclass(frozen=True, slots=True)
class StopPlaying(Request[Done[None]]):
    """Session → QueueActor: ``stop``."""


@dataclass(frozen=True, slots=True)
class SkipNext(Request[Done[None]]):
    """Session → QueueActor: ``next``."""


@dataclass(frozen=True, slots=True)
class SkipPrevious(Request[Done[None]]):
    """Session → QueueActor: ``previous``."""


@dataclass(frozen=True, slots=True)
class SeekPosition(Request[Done[None]]):
    """Session → QueueActor: ``seek``."""

    position: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SeekId(Request[Done[None]]):
    """Session → QueueActor: ``seekid``."""

    id: EntryId
    seconds: float


@dataclass(frozen=True, slots=True)
class SeekCurrent(Request[Done[None]]):
    """Session → QueueActor: ``seekcur``; with ``relative`` the seconds are signed."""

    seconds: float
    relative: bool = False


@dataclass(frozen=True, slots=True)
class ChangeOptions(Request[Done[None]]):
    """Session → QueueActor: set the options that are not None."""

    repeat: bool | None = None
    random: bool | None = None
    single: Switch | None = None
    consume: Switch | None = None
    crossfade_s: int | None = None
    mixramp_db: float | None = None
    mixramp_delay_s: float | None = None  # nan or ≤ 0 = off
    replay_gain_mode: ReplayGainMode | None = None
    volume: int | None = None


@dataclass(frozen=True, slots=True)
class ClearError(Request[Done[None]]):
    """Session → QueueActor: ``clearerror``."""


@dataclass(frozen=True, slots=True)
class SwitchOutput(Request[Done[None]]):
    """Session → QueueActor: enable, disable, or toggle (None) an output."""

    id: int
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class UseDevice(Request[Done[None]]):
    """Session → QueueActor: play to another device from now on."""

    plugin: str
    device: str


@dataclass(frozen=True, slots=True)
class SetSetting(Request[Done[int]]):
    """Session → QueueActor: a setting's new value as the user wrote it; answers the value used."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class ResumePlaying(Request[None]):
    """Start-up → QueueActor: the engine stands; go on where the saved state ended."""


@dataclass(frozen=True, slots=True)
class SaveNow(Request[int]):
    """Shutdown → QueueActor: save state and position; answers the change's number."""


# To StorageActor


@dataclass(frozen=True, slots=True)
class SaveChange:
    """QueueActor → StorageActor: an acknowledged change; numbers grow by one."""

    number: int
    change: QueueChange


@dataclass(frozen=True, slots=True)
class Flush:
    """Session → StorageActor: call ``done`` once everything told before is on disk."""

    done: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Commit:
    """StorageActor → itself: commit what has gathered; stands behind it in the inbox."""


# To WatchdogActor


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """Actor or event loop → WatchdogActor: the answer to ``GiveSignOfLife``."""

    name: str


@dataclass(frozen=True, slots=True)
class PlayerStateChanged:
    """QueueActor → WatchdogActor: rounds run only while playing."""

    state: PlayerState


class StuckState(enum.StrEnum):
    """The four ways in which the event system can have failed."""

    MISSING_CURRENT_BUFFER = "missing_current_buffer"
    MIXER_NOT_STARTED = "mixer_not_started"
    MISSING_NEXT_BUFFER = "missing_next_buffer"
    MISSING_QUEUED_BUFFER = "missing_queued_buffer"


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """QueueActor's answer in a round: the plan as it stands."""

    plan: EnginePlan
    failed: frozenset[EntryId]


@dataclass(frozen=True, slots=True)
class DecoderSnapshot:
    """DecoderActor's answer: chains at work, those whose decode failed, those still connecting.

    ``stream_limit`` is the effective number of streams; ``plan_version`` the plan it follows.
    """

    plan_version: int
    chains: frozenset[ChainId]
    failed: frozenset[ChainId]
    connecting: frozenset[ChainId]
    stream_limit: int
    priorities: tuple[tuple[ChainId, Priority], ...] = ()


@dataclass(frozen=True, slots=True)
class RingState:
    """Level and completeness of one ring, as BufferActor last heard of it.

    Not as it is: what a worker has written and not yet reported has not been told to the
    MixerActor either. Whatever is at the threshold here has been told.
    """

    level: Frames
    complete: bool


@dataclass(frozen=True, slots=True)
class BufferSnapshot:
    """BufferActor's answer."""

    rings: dict[ChainId, RingState]
    threshold: Frames


@dataclass(frozen=True, slots=True)
class MixerSnapshot:
    """MixerActor's answer: what it follows and what it does.

    Attributes:
        sounding: chains that are being mixed; none while held (paused) or starved.
        output_ready: False while the output is lost, being opened or switched off; a device
            that is closed because nothing plays is ready.
        completed: chains whose end the queue may not have heard of yet.
        starved: chains that stopped because a ring ran dry; all their rings must hold the
            threshold before they go on.
        starts: how often sound has begun or gone on; tells two idle moments apart.
    """

    plan_version: int
    sounding: tuple[ChainId, ...]
    output_ready: bool
    completed: frozenset[ChainId] = frozenset()
    starved: tuple[ChainId, ...] = ()
    starts: int = 0


@dataclass(frozen=True, slots=True)
class GetQueueSnapshot(Request[QueueSnapshot]):
    """WatchdogActor → QueueActor."""


@dataclass(frozen=True, slots=True)
class GetDecoderSnapshot(Request[DecoderSnapshot]):
    """WatchdogActor → DecoderActor."""


@dataclass(frozen=True, slots=True)
class GetBufferSnapshot(Request[BufferSnapshot]):
    """WatchdogActor → BufferActor."""


@dataclass(frozen=True, slots=True)
class GetMixerSnapshot(Request[MixerSnapshot]):
    """WatchdogActor → MixerActor."""


@dataclass(frozen=True, slots=True)
class StartMixer:
    """WatchdogActor → MixerActor: look again whether the current slot can start."""


@dataclass(frozen=True, slots=True)
class RunRound(Request[tuple[StuckState, ...]]):
    """Test → WatchdogActor: run one round now; answers what was cured."""


# To listeners outside the engine


class Subsystem(enum.StrEnum):
    """MPD's idle subsystems, in the order in which they are printed."""

    DATABASE = "database"
    STORED_PLAYLIST = "stored_playlist"
    PLAYLIST = "playlist"
    PLAYER = "player"
    MIXER = "mixer"
    OUTPUT = "output"
    OPTIONS = "options"
    STICKER = "sticker"
    UPDATE = "update"
    SUBSCRIPTION = "subscription"
    MESSAGE = "message"
    NEIGHBOR = "neighbor"
    MOUNT = "mount"
    PARTITION = "partition"


@dataclass(frozen=True, slots=True)
class SubsystemsChanged:
    """QueueActor → server: wake the clients that wait for these."""

    subsystems: frozenset[Subsystem]


# Inboxes

QueueCommand: TypeAlias = (
    AddSongs
    | ClearQueue
    | DeleteRange
    | DeleteId
    | MoveRange
    | MoveId
    | SwapPositions
    | SwapIds
    | ShuffleRange
    | SetPriority
    | SetPriorityOfIds
    | SetRange
    | AddTag
    | ClearTags
    | PlayPosition
    | PlayId
    | SetPause
    | StopPlaying
    | SkipNext
    | SkipPrevious
    | SeekPosition
    | SeekId
    | SeekCurrent
    | ChangeOptions
    | ClearError
    | SwitchOutput
    | UseDevice
    | SetSetting
)
EngineEvent: TypeAlias = (
    PassageStarted
    | CrossfadeStarted
    | PassageCompleted
    | PositionUpdated
    | UnderrunDetected
    | XrunDetected
    | OutputLost
    | OutputRestored
    | EndpointDiscovered
    | StreamLimitChanged
    | DecodeFailed
    | StorageFailed
    | StorageRecovered
    | PeerRestarted
)
QueueInbox: TypeAlias = (
    QueueCommand
    | EngineEvent
    | ResumePlaying
    | SaveNow
    | GetQueueSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
DecoderInbox: TypeAlias = (
    Enqueued
    | QueueAdvanced
    | PlanChanged
    | RequestDecode
    | RingOpened
    | RingLow
    | SourceOpened
    | GrantSpent
    | DecodeFailed
    | WorkerExited
    | SettingChanged
    | GetDecoderSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
BufferInbox: TypeAlias = (
    OpenRing
    | CloseRing
    | FramesAdded
    | ChainEnded
    | RingDrained
    | DecodeFailed
    | SettingChanged
    | GetBufferSnapshot
    | GiveSignOfLife
)
MixerInbox: TypeAlias = (
    StartCurrent
    | PlanChanged
    | Pause
    | Stop
    | RingOpened
    | BufferThresholdReached
    | ChooseDevice
    | EnableOutput
    | OutputOpened
    | PeriodPlayed
    | DeviceStumbled
    | DeviceLost
    | StartMixer
    | SettingChanged
    | GetMixerSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
StorageInbox: TypeAlias = SaveChange | Flush | Commit | GiveSignOfLife | DeadlineReached
WatchdogInbox: TypeAlias = (
    PlayerStateChanged | SettingChanged | SignOfLife | RunRound | GiveSignOfLife | DeadlineReached
)
