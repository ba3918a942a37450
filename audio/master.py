"""What is done to the whole mix: the rise after a pause, and the listener's volume."""

from __future__ import annotations

from typing import TypeAlias

from audio.gain_ramp import GainRamp, RampState, volume_gain
from audio.ring import Block

MasterState: TypeAlias = tuple[RampState, RampState]


class Master:
    """Two gains in a row; at rest at 1 they leave a block untouched.

    Args:
        period: the most frames that ``apply`` gets at once; a volume is reached within them.
    """

    def __init__(self, period: int) -> None:
        self._period = period
        self._resume = GainRamp(1.0, period)
        self._volume = GainRamp(1.0, period)

    def set_volume(self, volume: int, *, at_once: bool) -> None:
        """Go to MPD's volume (0–100) within one period, or at once while nothing sounds."""
        if at_once:
            self._volume.jump(volume_gain(volume))
        else:
            self.aim_at(volume_gain(volume))

    @property
    def risen(self) -> float:
        """How far a rise has got: 1 if there is none."""
        return self._resume.gain

    def rise(self, frames: int, *, start: float = 0.0) -> None:
        """Rise from silence, or from ``start``, within the next ``frames`` frames."""
        self._resume.jump(start)
        self._resume.move(1.0, frames)

    def settle(self) -> None:
        """Be up, without a rise; right while nothing sounds."""
        self._resume.jump(1.0)

    def apply(self, block: Block) -> bool:
        """Multiply ``block`` (frames, 2) in place; return whether anything was altered."""
        rising = self._resume.apply(block)
        return self._volume.apply(block) or rising

    def state(self) -> MasterState:
        """Return what ``go_back`` takes."""
        return self._resume.state(), self._volume.state()

    def go_back(self, state: MasterState) -> None:
        """Be as it was."""
        resume, volume = state
        self._resume.restore(resume)
        self._volume.restore(volume)

    @property
    def wanted(self) -> float:
        """The gain that the listener's volume asks for."""
        return self._volume.target

    def aim_at(self, wanted: float) -> None:
        """Go to a gain within one period, unless that is under way."""
        if wanted != self._volume.target:
            self._volume.move(wanted, self._period)
