"""What a codec calls a sample, as float32 in ±1, and what cannot be a sample at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from audio.ring import Block


@dataclass(frozen=True, slots=True)
class SampleCoding:
    """One of FFmpeg's sample types.

    Attributes:
        dtype: of one sample in memory.
        full_scale: the value that means 1.0; a power of two, so that dividing by it is exact.
        is_float: True if any bit pattern may appear, also those that are not numbers.
    """

    dtype: npt.DTypeLike
    full_scale: int = 1
    is_float: bool = False


_CODINGS: Final[Mapping[str, SampleCoding]] = {
    "u8": SampleCoding(np.uint8, 1 << 7),
    "s16": SampleCoding(np.int16, 1 << 15),
    "s32": SampleCoding(np.int32, 1 << 31),
    "s64": SampleCoding(np.int64, 1 << 63),
    "flt": SampleCoding(np.float32, is_float=True),
    "dbl": SampleCoding(np.float64, is_float=True),
}


def coding(format_name: str) -> SampleCoding:
    """Look up FFmpeg's name of a sample type, packed (``s16``) or planar (``s16p``)."""
    return _CODINGS[format_name.removesuffix("p")]


# Bit patterns of float32 without the sign, compared as integers: below the first normal number
# are zero and the denormals, from 64.0 on what no recording holds, the infinities and NaN.
_ABSOLUTE: Final = np.uint32(0x7FFF_FFFF)
_SMALLEST: Final = np.uint32(0x0080_0000)
_SPAN: Final = np.uint32(np.float32(64.0).view(np.uint32) - _SMALLEST)


def sanitise(block: Block) -> None:
    """Set NaN, infinities, denormals and values from ±64 (+36 dBFS) to zero, in place.

    One such value would spread through the resampler, and denormals slow arithmetic 30 times.
    """
    bits = block.view(np.uint32) & _ABSOLUTE
    bits -= _SMALLEST  # what is too small wraps around and is too large as well
    block[bits >= _SPAN] = 0.0
