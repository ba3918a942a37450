"""What a queue must sound like, worked out from the signals its files were made of.

Nothing of the player takes part: signals are formulas of time, evaluated at the rate of the
output, so that nothing is decoded or resampled here; the mix is a sum with the gains that the
definition of an equal-power crossfade gives in the middle of each frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tests.sounds import Codec, Signal, make, sweep

RATE_HZ = 44_100

Stereo: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: a sweep between two frequencies, or silence at level 0.

    Attributes:
        tenths: its length in tenths of a second, a whole number of frames at every rate.
    """

    name: str
    codec: Codec
    rate_hz: int = RATE_HZ
    channels: int = 2
    tenths: int = 20
    low_hz: float = 200.0
    high_hz: float = 4000.0
    level: float = 0.35

    @property
    def file_name(self) -> str:
        return f"{self.name}{self.codec.suffix}"

    @property
    def frames(self) -> int:
        """Its length at the rate of the output."""
        return self.tenths * RATE_HZ // 10

    @property
    def exact(self) -> bool:
        """Whether it comes out bit by bit: nothing is lost, nothing is resampled."""
        return self.codec.lossless and self.codec.value.bits == 16 and self.rate_hz == RATE_HZ

    def write(self, folder: Path) -> Path:
        """Make the file."""
        signal = self._signal(self.tenths * self.rate_hz // 10, self.rate_hz)
        return make(folder / self.file_name, signal, self.codec, self.rate_hz)

    def heard(self) -> Stereo:
        """Return the signal at the rate of the output; mono is on both sides."""
        signal = self._signal(self.frames, RATE_HZ)
        return np.repeat(signal, 2, axis=1) if self.channels == 1 else signal

    def samples(self) -> npt.NDArray[np.int16]:
        """Return the 16 bit samples that an exact piece comes out as."""
        return np.rint(self.heard() * 32_767).astype(np.int16)

    def _signal(self, frames: int, rate_hz: int) -> Signal:
        return sweep(
            frames, rate_hz, low_hz=self.low_hz, high_hz=self.high_hz, level=self.level,
            channels=self.channels,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mix:
    """A queue's sound.

    Attributes:
        sound: the frames, full scale = 1.
        starts: where each piece begins, in frames.
        alone: the frames of each piece, counted in the piece, in which nothing else sounds.
    """

    sound: Stereo
    starts: tuple[int, ...]
    alone: tuple[slice, ...]


def mix(pieces: Sequence[Piece], crossfade_s: int) -> Mix:
    """Crossfade pieces one after the other, by equal power, none over more than its half."""
    lengths = [piece.frames for piece in pieces]
    overlaps = [min(crossfade_s * RATE_HZ, a // 2, b // 2) for a, b in pairwise(lengths)]
    starts = [0]
    for length, overlap in zip(lengths, overlaps, strict=False):
        starts.append(starts[-1] + length - overlap)
    sound = np.zeros((starts[-1] + lengths[-1], 2))
    alone: list[slice] = []
    for piece, start, before, after in zip(
        pieces, starts, (0, *overlaps), (*overlaps, 0), strict=True
    ):
        heard = piece.heard()
        heard[:before] *= np.sin(_quarter_turn(before))
        heard[len(heard) - after :] *= np.cos(_quarter_turn(after))
        sound[start : start + len(heard)] += heard
        alone.append(slice(before, len(heard) - after))
    return Mix(sound * (32_767 / 32_768), tuple(starts), tuple(alone))


def _quarter_turn(frames: int) -> Stereo:
    """Return πu/2 for the middle of each frame of a fade, shape (frames, 1)."""
    turn: Stereo = np.pi / 2 * (np.arange(frames, dtype=np.float64)[:, None] + 0.5)
    return turn / max(frames, 1)
