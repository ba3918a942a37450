"""From the mix to what a device takes: scale, dither, round, saturate, pack.

Full scale is a power of two (2¹⁵, 2²³, 2³¹), so a float that came from an integer goes back to
exactly that integer. Written for the render path: everything is allocated in the constructor.
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np
import numpy.typing as npt

from audio.device import SampleFormat
from audio.ring import CHANNELS, Block

BYTES: Final = {
    SampleFormat.S16: 2,
    SampleFormat.S24_3: 3,
    SampleFormat.S24: 4,
    SampleFormat.S32: 4,
    SampleFormat.FLOAT: 4,
}
"""Bytes of one sample in memory."""

BITS: Final = {
    SampleFormat.S16: 16,
    SampleFormat.S24_3: 24,
    SampleFormat.S24: 24,
    SampleFormat.S32: 32,
    SampleFormat.FLOAT: 32,
}
"""Significant bits of one sample."""

_FULL_SCALE: Final = {
    SampleFormat.S16: 2.0**15,
    SampleFormat.S24_3: 2.0**23,
    SampleFormat.S24: 2.0**23,
    SampleFormat.S32: 2.0**31,
    SampleFormat.FLOAT: 1.0,
}
_HIGHEST: Final = {
    SampleFormat.S16: 2.0**15 - 1,
    SampleFormat.S24_3: 2.0**23 - 1,
    SampleFormat.S24: 2.0**23 - 1,
    SampleFormat.S32: 2.0**31 - 128,  # the largest float32 below 2³¹
    SampleFormat.FLOAT: 1.0,
}
_DITHERED: Final = (SampleFormat.S16, SampleFormat.S24_3, SampleFormat.S24)
_NOISE_SAMPLES: Final = 65_536


class SampleConverter:
    """Converts blocks to one sample format.

    Args:
        sample: what the device takes.
        max_frames: the longest block it will be given.
        seed: of the dither noise.
    """

    def __init__(self, sample: SampleFormat, max_frames: int, seed: int = 0) -> None:
        self.clipped = 0
        """Samples that were saturated, since the beginning."""
        self._sample = sample
        self._scale = np.float32(_FULL_SCALE[sample])
        self._highest = np.float32(_HIGHEST[sample])
        self._lowest = np.float32(-_FULL_SCALE[sample])
        samples = max_frames * CHANNELS
        self._scaled: npt.NDArray[np.float32] = np.empty(samples, dtype=np.float32)
        self._beyond: npt.NDArray[np.bool_] = np.empty(samples, dtype=np.bool_)
        self._packed: npt.NDArray[np.uint8] = np.empty(samples * BYTES[sample], dtype=np.uint8)
        self._integers: npt.NDArray[np.int32] = np.empty(samples, dtype="<i4")
        self._bytes = self._packed.data
        self._noise = _triangular(samples, seed) if sample in _DITHERED else None
        self._dice = random.Random(seed)  # noqa: S311  (noise, no secret)

    def convert(self, block: Block, frames: int, *, dither: bool) -> memoryview:
        """Convert the first ``frames`` of ``block`` (frames, 2) for the device.

        What is not a number becomes silence; what is beyond full scale is saturated and
        counted. Dither is triangular, ±1 LSB; formats finer than the mix never get it.

        Returns:
            The samples, interleaved, little endian; valid until the next call.
        """
        scaled = self._scaled[: frames * CHANNELS]
        np.multiply(block[:frames].reshape(-1), self._scale, out=scaled)
        if dither and self._noise is not None:
            at = self._dice.randrange(_NOISE_SAMPLES)
            np.add(scaled, self._noise[at : at + len(scaled)], out=scaled)
        if self._sample is not SampleFormat.FLOAT:
            np.rint(scaled, out=scaled)
        self._saturate(scaled)
        self._pack(scaled)
        return self._bytes[: len(scaled) * BYTES[self._sample]]

    def _saturate(self, scaled: npt.NDArray[np.float32]) -> None:
        if not len(scaled):
            return
        # One pass each tells whether there is anything to do; both are NaN if any sample is.
        lowest, highest = scaled.min(), scaled.max()
        if lowest >= self._lowest and highest <= self._highest:
            return
        if np.isnan(lowest):
            np.nan_to_num(scaled, copy=False, nan=0.0, posinf=np.inf, neginf=-np.inf)
        beyond = self._beyond[: len(scaled)]
        for outside, bound in ((np.greater, self._highest), (np.less, self._lowest)):
            outside(scaled, bound, out=beyond)
            self.clipped += int(np.count_nonzero(beyond))
        np.clip(scaled, self._lowest, self._highest, out=scaled)

    def _pack(self, scaled: npt.NDArray[np.float32]) -> None:
        target = self._packed[: len(scaled) * BYTES[self._sample]]
        match self._sample:
            case SampleFormat.S16:
                np.copyto(target.view("<i2"), scaled, casting="unsafe")
            case SampleFormat.S24_3:
                integers = self._integers[: len(scaled)]
                np.copyto(integers, scaled, casting="unsafe")
                octets = integers.view(np.uint8)
                for place in range(3):  # byte planes: three long copies, not one per sample
                    target[place::3] = octets[place::4]
            case SampleFormat.S24 | SampleFormat.S32:
                np.copyto(target.view("<i4"), scaled, casting="unsafe")
            case SampleFormat.FLOAT:
                np.copyto(target.view("<f4"), scaled)


def _triangular(samples: int, seed: int) -> npt.NDArray[np.float32]:
    """Return noise between −1 and 1, triangularly distributed, for blocks of ``samples``.

    A block begins anywhere in the first 65,536, at random, so no period is heard: pieces
    repeat, but never at the same distance.
    """
    source = np.random.default_rng(seed)
    length = _NOISE_SAMPLES + samples
    noise = source.random(length, dtype=np.float32) - source.random(length, dtype=np.float32)
    return np.asarray(noise, dtype=np.float32)
