"""The look-ahead gain: two loud passages that sound together stay within full scale.

Equal power keeps the *power* of an overlap; peaks of the two can add up to 1.41. Cutting them is
audible, so the gain goes down just before they come, and back afterwards.

For the sum s[n] of an overlap, the largest gain allowed is r[n] = min(1, 1 / |s[n]|). With a
window of L frames::

    m[n] = min(r[n … n+L])                        what is coming counts already
    h[n] = min(m[n], h[n−1] + 1 / release)        back at a steady pace
    g[n] = mean(h[n−L … n])                       without a corner

Each h[k] under the mean is at most m[k], and its window contains n: so g[n] ≤ r[n], and nothing is
cut. A window that begins with the overlap has nothing before it to get lower in; there
g[n] = min(g[n], r[0 … n]), which begins at 1 as the fade-in begins at 0.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from audio.ring import Block

WINDOW_S: Final = 0.005
RELEASE_S: Final = 0.2
CEILING: Final = 32_765 / 32_768
"""The largest sample that 16 bits hold on both sides of zero, and their dither besides."""

ROUNDING: Final = 1e-9
"""What is so near to 1 is 1: when it has got back, nothing is touched any more."""

Gains = npt.NDArray[np.float64]


class LookaheadState(NamedTuple):
    """Everything that mixing changes, as it was before."""

    held: Gains
    ceiling: float
    young: int


class Lookahead:
    """The gain of an overlap, from its first frame until it is back at 1.

    Args:
        rate_hz: the working rate.
        most: the longest window; shorter than usual only for very short periods.
    """

    def __init__(self, rate_hz: int, most: int) -> None:
        self.window: Final = max(1, min(most, round(WINDOW_S * rate_hz)))
        """Frames beyond what is mixed that have to be known."""
        self._step = 1.0 / max(1, round(RELEASE_S * rate_hz))
        self._held: Gains = np.ones(self.window)
        self._ceiling = 1.0
        self._young = self.window

    @property
    def resting(self) -> bool:
        """True while the gain is 1 and nothing holds it down."""
        return bool(self._held.min() >= 1.0)

    def begin(self) -> None:
        """An overlap begins with the next frame."""
        self._young = 0
        self._ceiling = 1.0

    def apply(self, out: Block, future: Block) -> bool:
        """Lower ``out`` where that is needed.

        Args:
            out: the sum of what sounds, (frames, 2); changed in place.
            future: what follows it, (up to ``window`` frames, 2); what lies beyond counts as quiet.

        Returns:
            True if a frame was changed.
        """
        allowed = np.ones(len(out) + self.window)
        _note(allowed, out)
        _note(allowed[len(out) :], future[: self.window])
        if self.resting and allowed.min() >= 1.0:
            self._young = min(self.window, self._young + len(out))
            return False
        return self._lower(out, allowed)

    def recover(self, out: Block) -> bool:
        """Get back to 1 over a passage that sounds alone again, however loud it is.

        Returns:
            True if a frame was changed.
        """
        return not self.resting and self._lower(out, np.ones(len(out) + self.window))

    def _lower(self, out: Block, allowed: Gains) -> bool:
        out *= self._gains(allowed, len(out))[:, None].astype(np.float32)
        return True

    def state(self) -> LookaheadState:
        """Return what ``restore`` takes."""
        return LookaheadState(self._held, self._ceiling, self._young)

    def restore(self, state: LookaheadState) -> None:
        """Be as it was."""
        self._held, self._ceiling, self._young = state

    def _gains(self, allowed: Gains, count: int) -> Gains:
        coming = np.lib.stride_tricks.sliding_window_view(allowed, self.window + 1)[:count].min(1)
        slope = self._step * np.arange(count)
        coming[0] = min(coming[0], self._held[-1] + self._step)
        held = np.minimum.accumulate(coming - slope) + slope
        held[held > 1.0 - ROUNDING] = 1.0
        whole = np.concatenate((self._held, held))
        self._held = whole[count:]
        sums = np.cumsum(np.concatenate(([0.0], whole)))
        gains = (sums[self.window + 1 :] - sums[:count]) / (self.window + 1)
        return self._not_too_late(gains, allowed[:count])

    def _not_too_late(self, gains: Gains, allowed: Gains) -> Gains:
        """Within the first window no frame before had the time to get lower."""
        young = min(len(gains), self.window - self._young)
        if young > 0:
            lowest = np.minimum.accumulate(np.minimum(allowed[:young], self._ceiling))
            gains[:young] = np.minimum(gains[:young], lowest)
            self._ceiling = float(lowest[-1])
            self._young += young
        return gains


def _note(allowed: Gains, block: Block) -> None:
    """Enter the largest gain that each frame of ``block`` bears."""
    if len(block) == 0:
        return
    peaks = np.abs(block).max(axis=1).astype(np.float64)
    loud = peaks > CEILING
    allowed[: len(block)][loud] = CEILING / peaks[loud]
