"""How much a click there is: what sounds above 10 kHz where the music has nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.engine_rig import RATE_HZ

EDGE_HZ = 10_000
WINDOW = round(0.02 * RATE_HZ)
"""Frames that are looked at around an event: 20 ms."""
TAPS = 255
PERMITTED = 10 ** (1 / 10)
"""1 dB."""
ROUNDING = WINDOW * 2.0 ** (-2 * 23)
"""The energy of float32 roundings in the window; no ear and no ramp gets near it."""

Mix = npt.NDArray[np.float64]


def high_pass() -> Mix:
    """A linear-phase filter: nothing below 9 kHz (−110 dB), everything above 11 kHz."""
    at = np.arange(TAPS) - TAPS // 2
    low = 2 * EDGE_HZ / RATE_HZ * np.sinc(2 * EDGE_HZ / RATE_HZ * at) * np.kaiser(TAPS, 11.0)
    low /= low.sum()
    high: Mix = -low
    high[TAPS // 2] += 1.0
    return high


def energy_above_10_khz(signal: npt.ArrayLike, event: int) -> float:
    """Sum up the squares of what is above 10 kHz within 10 ms before and behind a frame.

    Args:
        signal: shape (frames, 2); silence is assumed around it.
        event: the frame.
    """
    whole = np.asarray(signal, dtype=np.float64)
    around = WINDOW // 2 + TAPS
    padded = np.pad(whole, ((around, around), (0, 0)))[event : event + 2 * around]
    high = np.stack([np.convolve(side, high_pass(), "same") for side in padded.T])
    middle = high[:, around - WINDOW // 2 : around + WINDOW // 2]
    return float((middle**2).sum())


def assert_no_click(heard: npt.ArrayLike, reference: Mix, event: int) -> None:
    """An event clicks no more than the ramp that is specified for it, but for 1 dB."""
    found = energy_above_10_khz(heard, event)
    permitted = energy_above_10_khz(reference, event) * PERMITTED + ROUNDING
    assert found <= permitted, f"{10 * np.log10(found / permitted):.1f} dB too much at {event}"
