"""A slot's gain envelope in frames of the working rate.

A pure function of the position in the passage. It is applied when a block leaves the playout
ring, never baked into the ring, so that an edit can change it up to the last moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.curves import fade_in, fade_out
from playback.passage import Curve
from playback.plan import Slot
from playback.units import ticks_to_frames

Gains = npt.NDArray[np.float32]
"""One gain per frame: shape (frames, 1), float32."""


@dataclass(frozen=True, slots=True)
class FrameEnvelope:
    """Fades as frame counts; positions are frames since the passage's start.

    Attributes:
        fade_in: frames over which the gain rises from the start; 0 = none.
        fade_out_start: frame at which it begins to fall.
        fade_out: frames over which it falls; 0 = none.
    """

    fade_in: int = 0
    fade_in_curve: Curve = Curve.EQUAL_POWER
    fade_out_start: int = 0
    fade_out: int = 0
    fade_out_curve: Curve = Curve.EQUAL_POWER

    @classmethod
    def of(cls, slot: Slot, rate_hz: int) -> FrameEnvelope:
        """Convert a slot's points with the one rounding rule, then subtract."""
        start = ticks_to_frames(slot.passage.start, rate_hz)
        points = slot.envelope
        fade_in = fade_out_start = fade_out = 0
        if points.fade_in_end is not None:
            fade_in = max(0, ticks_to_frames(points.fade_in_end, rate_hz) - start)
        if points.fade_out_start is not None and slot.passage.end is not None:
            fade_out_start = ticks_to_frames(points.fade_out_start, rate_hz) - start
            end = ticks_to_frames(slot.passage.end, rate_hz) - start
            fade_out = max(0, end - fade_out_start)
        return cls(fade_in, points.fade_in_curve, fade_out_start, fade_out, points.fade_out_curve)

    def is_unity(self, position: int, count: int) -> bool:
        """Return whether all ``count`` frames from ``position`` on have gain 1."""
        rising = self.fade_in and position < self.fade_in
        falling = self.fade_out and position + count > self.fade_out_start
        return not rising and not falling

    def gain(self, position: int) -> float:
        """Return the gain of one frame."""
        out = np.empty((1, 1), dtype=np.float32)
        self.fill(position, out, np.empty_like(out))
        return float(out[0, 0])

    def fill(self, position: int, out: Gains, scratch: Gains) -> None:
        """Write the gains of ``len(out)`` frames from ``position`` on into ``out`` (frames, 1).

        ``scratch`` has at least the same shape; it is used where both fades overlap.
        """
        count = len(out)
        out.fill(1.0)
        if self.fade_in and position < self.fade_in:
            rising = min(count, self.fade_in - position)
            fade_in(self.fade_in_curve, position, rising, self.fade_in, out[:rising])
        if self.fade_out and position + count > self.fade_out_start:
            skip = max(0, self.fade_out_start - position)
            at = max(0, position - self.fade_out_start)
            falling = min(count - skip, self.fade_out - at)
            if falling > 0:
                gains = scratch[:falling]
                fade_out(self.fade_out_curve, at, falling, self.fade_out, gains)
                out[skip : skip + falling] *= gains
            out[skip + max(0, falling) :] = 0.0
