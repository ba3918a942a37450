"""Any channel layout to stereo: one matrix per layout, applied to columns of samples.

Mono is doubled. More than two channels are mixed down by ITU-R BS.775: centre and surrounds at
−3 dB into their side, a back centre at −6 dB into both, the low-frequency channel left out
(it repeats what the others carry, and would take headroom). Each side is

    L = g · (FL + √½·FC + √½·SL + √½·BL + ½·BC),   g = 1 / max(sum of either side's factors)

so that a full-scale input in every channel gives at most full scale: no downmix can clip.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audio.ring import CHANNELS, Block

Factors = tuple[tuple[float, float], ...]
"""What each input channel gives to the left and to the right."""
Column = np.ndarray[tuple[int], np.dtype[Any]]
"""One channel's samples of any type, shape (frames,)."""

_MINUS_3_DB: Final = math.sqrt(0.5)
_MINUS_6_DB: Final = 0.5
_LEFT: Final = (1.0, 0.0)
_RIGHT: Final = (0.0, 1.0)
_LEFT_SURROUND: Final = (_MINUS_3_DB, 0.0)
_RIGHT_SURROUND: Final = (0.0, _MINUS_3_DB)

_PLACES: Final[Mapping[str, tuple[float, float]]] = {
    "FL": _LEFT,
    "FR": _RIGHT,
    "FC": (_MINUS_3_DB, _MINUS_3_DB),
    "LFE": (0.0, 0.0),
    "BL": _LEFT_SURROUND,
    "BR": _RIGHT_SURROUND,
    "FLC": (1.0, _MINUS_3_DB * _MINUS_6_DB),
    "FRC": (_MINUS_3_DB * _MINUS_6_DB, 1.0),
    "BC": (_MINUS_6_DB, _MINUS_6_DB),
    "SL": _LEFT_SURROUND,
    "SR": _RIGHT_SURROUND,
    "TC": (_MINUS_6_DB, _MINUS_6_DB),
    "TFL": _LEFT_SURROUND,
    "TFC": (_MINUS_6_DB, _MINUS_6_DB),
    "TFR": _RIGHT_SURROUND,
    "TBL": _LEFT_SURROUND,
    "TBC": (_MINUS_6_DB, _MINUS_6_DB),
    "TBR": _RIGHT_SURROUND,
    "DL": _LEFT,
    "DR": _RIGHT,
    "WL": _LEFT_SURROUND,
    "WR": _RIGHT_SURROUND,
    "LFE2": (0.0, 0.0),
}
"""FFmpeg's short channel names, in its own order."""

_USUAL: Final[Mapping[int, tuple[str, ...]]] = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""Order of channels where a file does not say: that of FLAC and of WAV."""


def is_usual_order(names: Sequence[str]) -> bool:
    """Say whether some channels, none of them twice, come in FFmpeg's own order."""
    wanted = set(names)
    return bool(names) and [name for name in _PLACES if name in wanted] == list(names)


def named(codec: Iterable[str], container: Sequence[str]) -> tuple[str, ...]:
    """Return the names a codec gives its channels, or the container's if it has none."""
    names = tuple(codec)
    unnamed = not any(name in _PLACES for name in names)
    return tuple(container) if unnamed and len(container) == len(names) else names


@lru_cache(maxsize=64)
def downmix(names: tuple[str, ...]) -> Factors:
    """Return what each channel of a layout gives to left and right.

    Args:
        names: FFmpeg's short names in the order of the samples. Where none of them is known the
            usual order for their number is taken; beyond eight channels the first two are left
            and right and the rest is silent.
    """
    if len(names) == 1:
        return ((1.0, 1.0),)
    if len(names) == CHANNELS:
        return (_LEFT, _RIGHT)
    if not any(name in _PLACES for name in names):
        names = _USUAL.get(len(names), ("FL", "FR") + ("",) * (len(names) - CHANNELS))
    places = [_PLACES.get(name, (0.0, 0.0)) for name in names]
    loudest = max(sum(left for left, _ in places), sum(right for _, right in places))
    if loudest <= 0.0:
        return ((1.0, 1.0),) + ((0.0, 0.0),) * (len(names) - 1)
    return tuple((left / loudest, right / loudest) for left, right in places)


def mix_into(out: Block, columns: Sequence[Column], factors: Factors, scale: float) -> None:
    """Write ``scale`` × the downmix of ``columns`` into ``out`` (frames, 2).

    Plain element-wise products in a fixed order, so that the same samples give the same bits
    in blocks of any size. Stereo and mono are only scaled.
    """
    if len(columns) <= CHANNELS:
        for side, column in enumerate(columns):
            _scale_into(out[:, side], column, scale)
        if len(columns) == 1:
            out[:, 1] = out[:, 0]
        return
    out[:] = 0.0
    part = np.empty(len(out), dtype=np.float32)
    for column, sides in zip(columns, factors, strict=True):
        for side, factor in enumerate(sides):
            if factor:
                _scale_into(part, column, scale * factor)
                out[:, side] += part


def _scale_into(out: npt.NDArray[np.float32], column: Column, scale: float) -> None:
    """Multiply in float32, whatever the samples are: exact for up to 24 bits and powers of 2."""
    np.multiply(column, np.float32(scale), out=out, dtype=np.float32, casting="unsafe")
