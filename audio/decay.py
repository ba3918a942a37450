"""How a mix that has run dry falls silent: its last frame, held and ramped down to zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from audio.ring import Block


@dataclass(frozen=True, slots=True)
class Decay:
    """A ramp of ``length`` frames from the levels of ``frame`` down to silence.

    Attributes:
        frame: the last frame that sounded: left, right.
        done: frames of the ramp that have been played.
    """

    length: int
    frame: tuple[float, float] = (0.0, 0.0)
    done: int = 0

    @property
    def over(self) -> bool:
        """True once it is silent."""
        return self.done >= self.length or self.frame == (0.0, 0.0)

    def add_to(self, out: Block) -> Decay:
        """Add what follows to ``out`` (frames, 2); returns the decay that is left."""
        count = min(len(out), self.length - self.done)
        left = np.arange(self.length - self.done - 1, self.length - self.done - 1 - count, -1)
        out[:count] += (left / self.length)[:, None] * np.array(self.frame)
        return replace(self, done=self.done + count)
