"""A gain that never jumps: it moves to its target in a straight line, frame by frame.

Volume, pause and resume use one each. At rest at 1.0 it leaves a block untouched, which is what
keeps an unaltered passage bit-exact.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from audio.ring import Block

RampState: TypeAlias = tuple[float, float, int]
"""Gain, target, and frames left until it is reached."""


class GainRamp:
    """A linear gain with a target; ``apply`` multiplies blocks and moves on.

    Args:
        gain: where it starts, at rest.
        max_frames: the longest block it will be applied to.
    """

    def __init__(self, gain: float, max_frames: int) -> None:
        self._gain = gain
        self._target = gain
        self._left = 0
        self._steps: npt.NDArray[np.float32] = np.arange(1, max_frames + 1, dtype=np.float32)
        self._line: npt.NDArray[np.float32] = np.empty((max_frames, 1), dtype=np.float32)

    @property
    def gain(self) -> float:
        """The gain of the latest frame."""
        return self._gain

    @property
    def target(self) -> float:
        """Where it is going, or is."""
        return self._target

    def jump(self, gain: float) -> None:
        """Be at ``gain`` at once; only right while nothing sounds."""
        self._gain = self._target = gain
        self._left = 0

    def move(self, target: float, frames: int) -> None:
        """Reach ``target`` with the last of the next ``frames`` frames."""
        self._target = target
        self._left = frames
        if frames <= 0:
            self.jump(target)

    def apply(self, block: Block) -> bool:
        """Multiply ``block`` (frames, 2) in place; return whether anything was altered."""
        if self._left == 0:
            if self._gain == 1.0:
                return False
            block *= np.float32(self._gain)
            return True
        moving = min(self._left, len(block))
        step = (self._target - self._gain) / self._left
        line = self._line[:moving]
        np.multiply(self._steps[:moving, None], np.float32(step), out=line)
        line += np.float32(self._gain)
        block[:moving] *= line
        self._left -= moving
        self._gain = self._target if self._left == 0 else self._gain + step * moving
        if moving < len(block):
            self.apply(block[moving:])
        return True

    def state(self) -> RampState:
        """Return what ``restore`` takes."""
        return self._gain, self._target, self._left

    def restore(self, state: RampState) -> None:
        """Go back to an earlier ``state``."""
        self._gain, self._target, self._left = state


def volume_gain(volume: int) -> float:
    """Return the linear gain of MPD's software volume, 0–100.

    ``(e^(v/25) − 1) / (e^4 − 1)``: 50 is −18.5 dB, as users of MPD have it in their fingers.
    """
    if volume >= 100:
        return 1.0
    return float(np.expm1(volume / 25) / np.expm1(4))
