"""What the timestamps of a file are worth when a seek has to be exact."""

from __future__ import annotations

import enum
from fractions import Fraction
from typing import Final


class Landing(enum.Enum):
    """How it is told where a seek has landed."""

    EXACT = "every frame has its own timestamp, and it is right"
    COUNTED = "timestamps are the sum of rounded durations: they count packets"
    COARSE = "timestamps are rounded; see ``audio/packet_grid.py``"
    NOWHERE = "they mean nothing: everything is reached from the start"


_BARE: Final = frozenset({"ac3", "eac3", "dts"})
"""Streams without a container: FFmpeg makes the timestamps up, in 1/90,000 s."""
_ROUNDING: Final = frozenset({"matroska,webm", "asf"})
_BY_BYTES: Final = frozenset({"wav", "w64", "aiff", "au"})
"""FFmpeg divides the place in the file by the bytes per second: right for plain samples only."""
_PLAIN: Final = ("pcm_", "dsd_")


def landing_of(container: str, codec: str, time_base: Fraction, rate_hz: int) -> Landing:
    """Return what a stream's timestamps are worth.

    Args:
        container: FFmpeg's name.
        codec: FFmpeg's name.
        time_base: seconds per unit of the timestamps.
        rate_hz: frames per second.
    """
    if container in _BY_BYTES and not codec.startswith(_PLAIN):
        return Landing.NOWHERE
    if (1 / (time_base * rate_hz)).denominator == 1:
        return Landing.EXACT
    if container in _BARE:
        return Landing.COUNTED
    return Landing.COARSE if container in _ROUNDING or "mp4" in container else Landing.NOWHERE


def counted_time_base(samples: int, duration: int, rate_hz: int) -> Fraction:
    """Return the true length of a timestamp's unit, in seconds.

    Args:
        samples: of a packet, per channel.
        duration: what FFmpeg adds per packet.
        rate_hz: frames per second.
    """
    return Fraction(samples, duration * rate_hz)
