"""The shapes of fades: gain as a function of the place in the fade.

A fade of ``length`` frames is sampled in the middle of each frame: u = (k + ½) / length. So a
fade-in is its fade-out read backwards, neither begins or ends with a doubled 0 or 1, and of two
passages that overlap each frame gets the gains of one and the same u. There the pairs obey:

* linear, cosine: in + out = 1, exactly, in float32;
* equal power: in² + out² = 1 to within rounding;
* exponential, logarithmic: √in + √out = 1 to within rounding.

A gain depends on k alone, never on how a fade is cut into blocks. Written for the render path:
with ``out`` nothing is allocated.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from playback.passage import Curve

Gains: TypeAlias = npt.NDArray[np.float32]

_ONE: Final = np.float32(1.0)
_HALF: Final = np.float32(0.5)
_PI: Final = np.float32(math.pi)
_HALF_PI: Final = np.float32(math.pi / 2)
_PIECE: Final = 4096
_MIDDLES: Final = np.arange(_PIECE, dtype=np.float32) + _HALF


def fade_in(curve: Curve, start: int, count: int, length: int, out: Gains | None = None) -> Gains:
    """Return the rising gains of frames ``start`` to ``start + count`` of a fade.

    Args:
        curve: its shape.
        start: first frame, counted from the beginning of the fade.
        count: frames wanted; the range must lie inside the fade.
        length: frames of the whole fade, > 0.
        out: where to put them, contiguous, shape (n,) or (n, 1), n ≥ count; None allocates.

    Returns:
        ``out[:count]``, float32.

    Raises:
        ValueError: the fade has no length, or the range leaves it.
    """
    return _fill(curve, start, count, length, out, rising=True)


def fade_out(curve: Curve, start: int, count: int, length: int, out: Gains | None = None) -> Gains:
    """Return the falling gains of a fade; arguments and errors as for ``fade_in``."""
    return _fill(curve, start, count, length, out, rising=False)


def _fill(
    curve: Curve, start: int, count: int, length: int, out: Gains | None, *, rising: bool
) -> Gains:
    if length <= 0:
        raise ValueError("a fade without length has no gains")
    if start < 0 or count < 0 or start + count > length:
        raise ValueError(f"frames {start} to {start + count} leave a fade of {length}")
    gains = np.empty(count, dtype=np.float32) if out is None else out[:count]
    flat = gains.reshape(-1)
    done = 0
    while done < count:
        # From a multiple of the piece on, which float32 holds exactly: so the sum is rounded
        # once, and a frame of a long fade gets the same u in whichever block it comes.
        inside = (start + done) % _PIECE
        piece = flat[done : done + _PIECE - inside]
        base = np.float32(start + done - inside)
        np.add(_MIDDLES[inside : inside + len(piece)], base, out=piece)
        np.divide(piece, np.float32(length), out=piece)
        _shape(curve, piece, rising=rising)
        done += len(piece)
    return gains


def _shape(curve: Curve, gains: Gains, *, rising: bool) -> None:
    """Replace u by the curve's gain, in place."""
    match curve:
        case Curve.LINEAR:
            _complement(gains, times=2 if rising else 1)
        case Curve.EXPONENTIAL | Curve.LOGARITHMIC:
            if not rising:
                _complement(gains)
            np.multiply(gains, gains, out=gains)
        case Curve.COSINE:
            np.multiply(gains, _PI, out=gains)
            np.cos(gains, out=gains)
            np.multiply(gains, _HALF, out=gains)
            np.add(gains, _HALF, out=gains)
            _complement(gains, times=1 if rising else 2)
        case Curve.EQUAL_POWER:
            np.multiply(gains, _HALF_PI, out=gains)
            (np.sin if rising else np.cos)(gains, out=gains)


def _complement(gains: Gains, times: int = 1) -> None:
    """Replace g by 1 − g, in place.

    Done twice it is not idle: it rounds g to a multiple of 2⁻²⁴, of which 1 − g is one too, so
    that a pair's sum has no rounding error.
    """
    for _ in range(times):
        np.subtract(_ONE, gains, out=gains)
