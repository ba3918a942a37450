"""What the sink thread needs of an output device, whatever it is made of.

Only the sink thread opens, writes and closes. ``delay`` and ``drop`` are called by the
MixerActor from its own thread, also while a ``write`` blocks.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from playback.errors import SinkError
from playback.units import Frames


class RateRefusedError(SinkError):
    """The device is there, but takes no format at the rate it was asked for.

    Attributes:
        text: what it does not take; the message adds advice.
    """

    def __init__(self, text: str, advice: str) -> None:
        super().__init__(f"{text}; {advice}")
        self.text = text


class SubstituteReadyError(SinkError):
    """The device is lost, but another opening leads to its substitute, at once."""


class SampleFormat(enum.StrEnum):
    """Layouts of one sample, little endian; names as in ALSA."""

    S16 = "S16_LE"
    S24_3 = "S24_3LE"
    S24 = "S24_LE"
    S32 = "S32_LE"
    FLOAT = "FLOAT_LE"


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What a device is asked for, or what it really took.

    Attributes:
        rate_hz: frames per second; the working rate.
        period: frames the device takes at once.
        buffer: frames the device holds.
    """

    rate_hz: int
    sample: SampleFormat
    channels: int
    period: Frames
    buffer: Frames


class WriteResult(enum.Enum):
    """How a write ended."""

    PLAYED = enum.auto()
    XRUN = enum.auto()
    """The device had run dry; it has recovered, and the period was written again."""
    DROPPED = enum.auto()
    """A ``drop`` came in between; the period was not played, or not whole."""


class Device(Protocol):
    """An open or openable output."""

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open and return what the device really took.

        Raises:
            SinkError: it cannot be opened, or takes none of the formats.
        """

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called; what was rendered in an older epoch is stale."""

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until the device has taken the whole period.

        With the ``epoch`` in which it was rendered, a stale period is refused as DROPPED even
        if the ``drop`` came before this call; without, only a ``drop`` during it counts.

        Raises:
            SinkError: the device is lost, or takes nothing any more.
        """

    def delay(self) -> Frames:
        """Return how many written frames have not been heard yet; 0 while it is not open."""

    def heard_frames(self) -> Frames:
        """Return how many frames have been heard since ``open``; ``close`` does not forget it.

        Who is told that the device was lost may ask when it is closed already. The count is
        written − delay, both of the same instant; ``delay`` with a count of one's own would miss
        a period whose write has ended but not been reported yet.
        """

    def drop(self) -> Frames:
        """Throw away what was written but not heard; a blocked ``write`` returns DROPPED.

        Returns what ``heard_frames`` was at that instant: the stream goes on from that frame. Never
        raises: of a lost device the next ``write`` tells.
        """

    def close(self) -> None:
        """Close without playing what is left. Safe to call twice."""
