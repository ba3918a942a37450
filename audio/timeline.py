"""Timestamps of one file as frame numbers, and what a jump between two of them means."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_LONGEST_HOLE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scale between a container's timestamps and frames.

    Attributes:
        rate_hz: frames per second.
        time_base: seconds per timestamp unit.
        origin: timestamp of frame 0, the first that a decode from the start yields.
    """

    rate_hz: int
    time_base: Fraction
    origin: int = 0

    def frame(self, pts: int) -> int:
        """Return the frame nearest to a timestamp."""
        units = (pts - self.origin) * self.time_base.numerator * self.rate_hz
        ticks = self.time_base.denominator
        return (2 * units + ticks) // (2 * ticks)

    def pts(self, frame: int) -> int:
        """Return the timestamp at or before a frame."""
        units = self.time_base.numerator * self.rate_hz
        return frame * self.time_base.denominator // units + self.origin

    def hole(self, expected: int, found: int, packet_frames: int) -> int:
        """Return how many frames were lost before a packet that stands at ``found``.

        Coarse timestamps jitter by a unit; a lost packet leaves a hole of about its own size.
        More than a minute is no hole but a nonsensical timestamp.
        """
        hole = found - expected
        unit = -(-2 * self.time_base.numerator * self.rate_hz // self.time_base.denominator)
        least = max(unit, packet_frames * 3 // 4)
        return hole if least <= hole <= _LONGEST_HOLE_S * self.rate_hz else 0
