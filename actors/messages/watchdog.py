"""Messages to WatchdogActor."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from actors.address import Request
from playback.plan import EnginePlan, Priority
from playback.player import PlayerState
from playback.units import ChainId, EntryId, Frames


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
