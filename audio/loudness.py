"""How loud a recording is: EBU R128, that is ITU-R BS.1770-4, and how high its peaks reach.

Loudness is the K-weighted mean power of 400 ms blocks that overlap by three quarters, those left
out that are quieter than −70 LUFS or by more than 10 LU quieter than the mean of the others.
Blocks end every 100 ms, so the power of each tenth of a second (a *step*) is all that is needed.

Which blocks count is known at the end only. They are not kept but counted, in classes of 0.01 LU
with the exact sum of their powers: a day needs no more memory than a minute, and the result can
be off only by what lies in the very class of the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from audio.k_weighting import KWeighting, Signal
from audio.resample import Resampler
from audio.ring import Block

STEPS_PER_S: Final = 10
_STEPS_IN_BLOCK: Final = 4
_ABSOLUTE_GATE_LUFS: Final = -70.0
_RELATIVE_GATE_LU: Final = -10.0
_TOP_LUFS: Final = 50.0
_CLASSES_PER_LU: Final = 100
_OFFSET_DB: Final = -0.691
"""Makes a full-scale 997 Hz sine in one channel −3.01 LUFS."""

STEREO: Final = (1.0, 1.0)
SURROUND: Final = (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)
"""Weights of left, right, centre, low frequencies, left and right surround."""


def loudness_of(power: float) -> float:
    """Return the loudness in LUFS of a weighted mean power; −inf for silence."""
    return _OFFSET_DB + 10.0 * math.log10(power) if power > 0.0 else -math.inf


class Steps:
    """Turns frames into the power of each tenth of a second.

    Where 100 ms are no whole number of frames, steps begin at ``floor(k · rate / 10)``.

    Args:
        rate_hz: of the frames.
        weights: one per channel.
    """

    def __init__(self, rate_hz: int, weights: Sequence[float]) -> None:
        self._rate_hz = rate_hz
        self._weights = np.array(weights)
        self._weighting = KWeighting(rate_hz, len(weights))
        self._frames = 0
        self._number = 0
        self._sum = 0.0

    def push(self, signal: Signal) -> Signal:
        """Take frames (channels, n); return the mean power of each step that is complete."""
        if not signal.shape[1]:
            return np.empty(0)
        begin, end = self._frames, self._frames + signal.shape[1]
        self._frames = end
        squares = self._weights @ np.square(self._weighting(signal))
        first, last = self._number, end * STEPS_PER_S // self._rate_hz
        while self._edge(last + 1) <= end:
            last += 1
        edges = [self._edge(number) for number in range(first, last + 1)]
        cuts = [0, *(edge - begin for edge in edges[1:] if edge < end)]
        sums = np.add.reduceat(squares, cuts)
        sums[0] += self._sum
        complete = last - first
        self._number = last
        self._sum = float(sums[complete]) if len(sums) > complete else 0.0
        powers: Signal = sums[:complete] / np.diff(edges)
        return powers

    def rest(self) -> tuple[float, float] | None:
        """Return mean power and seconds of the last step if it is not complete, else None."""
        frames = self._frames - self._edge(self._number)
        return (self._sum / frames, frames / self._rate_hz) if frames else None

    def _edge(self, number: int) -> int:
        return number * self._rate_hz // STEPS_PER_S


class IntegratedLoudness:
    """Gates and averages; what it keeps does not grow."""

    def __init__(self) -> None:
        classes = int((_TOP_LUFS - _ABSOLUTE_GATE_LUFS) * _CLASSES_PER_LU)
        self._counts: npt.NDArray[np.int64] = np.zeros(classes, dtype=np.int64)
        self._sums = np.zeros(classes)
        self._steps = np.empty(0)

    def push(self, powers: Signal) -> None:
        """Take the mean powers of further steps."""
        steps = np.concatenate((self._steps, powers))
        self._steps = steps[max(0, len(steps) - _STEPS_IN_BLOCK + 1) :]
        if len(steps) < _STEPS_IN_BLOCK:
            return
        blocks = np.lib.stride_tricks.sliding_window_view(steps, _STEPS_IN_BLOCK).mean(axis=1)
        blocks = blocks[blocks > 10.0 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET_DB) / 10.0)]
        levels = _OFFSET_DB + 10.0 * np.log10(blocks)
        places = ((levels - _ABSOLUTE_GATE_LUFS) * _CLASSES_PER_LU).astype(np.int64)
        np.clip(places, 0, len(self._counts) - 1, out=places)
        np.add.at(self._counts, places, 1)
        np.add.at(self._sums, places, blocks)

    @property
    def lufs(self) -> float | None:
        """The loudness so far; None if nothing was longer than 0.4 s and louder than −70 LUFS."""
        heard = self._counts > 0
        counts, sums = self._counts[heard], self._sums[heard]
        if not len(counts):
            return None
        gate = sums.sum() / counts.sum() * 10.0 ** (_RELATIVE_GATE_LU / 10.0)
        loud = sums / counts > gate
        return loudness_of(float(sums[loud].sum() / counts[loud].sum()))


class Peaks:
    """The highest sample, and the highest point of the curve between samples.

    The curve is what a converter or resampler makes of the samples: four times as many values,
    as BS.1770 has it; above 96 kHz twice as many, and from 192 kHz on the samples will do.
    """

    def __init__(self, rate_hz: int) -> None:
        self.sample = 0.0
        self._between = 0.0
        factor = 4 if rate_hz < 96_000 else 2 if rate_hz < 192_000 else 1
        self._finer = Resampler(rate_hz, factor * rate_hz) if factor > 1 else None

    def push(self, block: Block) -> None:
        """Take frames (n, 2)."""
        self.sample = max(self.sample, _highest(block))
        if self._finer is not None:
            self._between = max(self._between, _highest(self._finer.push(block)))

    def finish(self) -> None:
        """Look at what the resampler still holds; nothing can be pushed after that."""
        if self._finer is not None:
            self._between = max(self._between, _highest(self._finer.flush()))
            self._finer = None

    @property
    def true(self) -> float:
        """The true peak so far, linear; never below the sample peak."""
        return max(self.sample, self._between)


def _highest(block: Block) -> float:
    return max(float(block.max()), -float(block.min())) if block.size else 0.0
