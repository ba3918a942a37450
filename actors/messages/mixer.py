"""Messages to MixerActor."""

from __future__ import annotations

from dataclasses import dataclass

from audio.device import OutputFormat
from playback.plan import EnginePlan
from playback.units import ChainId, EntryId, Frames


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
    """QueueActor → MixerActor: an output is switched on or off by a client."""

    id: int
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
    """Sink thread → MixerActor: the device could not be opened, or went away.

    ``substitute`` means that opening it again leads to its fallback.
    """

    session: int
    message: str
    substitute: bool = False
