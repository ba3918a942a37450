"""The K-weighting of ITU-R BS.1770: a high shelf, as a head has it, and a high-pass.

Both are biquads, which a loop over samples would run a thousand times too slowly in Python. The
cascade is a linear system with four states, so L frames at once are two matrix products,

    y = T·u + O·x        T: the impulse response as a Toeplitz matrix, O: what the states give
    x' = A^L·x + R·u     R: what each frame leaves in the states

and the states between those blocks follow from the same recurrence, solved by doubling. Nothing is
approximated: the result differs from the loop's by rounding in float64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Signal: TypeAlias = npt.NDArray[np.float64]
"""Frames to be measured, shape (channels, frames)."""

_BLOCK: Final = 64
"""Frames in one matrix product: longer costs more multiplications, shorter more overhead."""
_STATES: Final = 4
_FORGOTTEN: Final = 1e-20
"""Below this a state's influence is far under the last bit of any sample."""
_SILENT: Final = 1e-30
"""States smaller than this are set to zero before they become denormal numbers, which are slow."""


@dataclass(frozen=True, slots=True)
class Biquad:
    """``b0 + b1/z + b2/z²`` over ``1 + a1/z + a2/z²``."""

    b: tuple[float, float, float]
    a: tuple[float, float]


def shelf(rate_hz: int) -> Biquad:
    """Return the first stage: +4 dB above 1.7 kHz.

    The standard tabulates it for 48 kHz only; these are the analogue values behind its table.
    Below 4 kHz nothing is left to raise, and half the rate comes too near to the shelf's corner.
    """
    if rate_hz < 4000:
        return Biquad((1.0, 0.0, 0.0), (0.0, 0.0))
    k = math.tan(math.pi * 1681.974450955533 / rate_hz)
    damping = k / 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    middle = high**0.4996667741545416
    norm = 1.0 + damping + k * k
    return Biquad(
        (
            (high + middle * damping + k * k) / norm,
            2.0 * (k * k - high) / norm,
            (high - middle * damping + k * k) / norm,
        ),
        (2.0 * (k * k - 1.0) / norm, (1.0 - damping + k * k) / norm),
    )


def high_pass(rate_hz: int) -> Biquad:
    """Return the second stage: what is below 40 Hz hardly counts."""
    k = math.tan(math.pi * 38.13547087602444 / rate_hz)
    damping = k / 0.5003270373238773
    norm = 1.0 + damping + k * k
    return Biquad((1.0, -2.0, 1.0), (2.0 * (k * k - 1.0) / norm, (1.0 - damping + k * k) / norm))


class KWeighting:
    """Weights a stream; equal input gives equal output in blocks of any size.

    Args:
        rate_hz: of the frames.
        channels: how many.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        system, entry, exit_, through = _cascade(shelf(rate_hz), high_pass(rate_hz))
        powers = [np.eye(_STATES)]
        for _ in range(_BLOCK):
            powers.append(powers[-1] @ system)
        self._powers = powers
        self._states = np.stack([exit_ @ power for power in powers[:_BLOCK]])
        self._residue = np.stack([power @ entry for power in powers[_BLOCK - 1 :: -1]], axis=1)
        impulse = np.concatenate(([through], self._states[:-1] @ entry))
        lag = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
        self._toeplitz = np.where(lag >= 0, impulse[lag], 0.0)
        self._steps = _doublings(powers[_BLOCK])
        self._state = np.zeros((channels, _STATES))

    def __call__(self, signal: Signal) -> Signal:
        """Return the weighted frames, of the same shape."""
        channels, frames = signal.shape
        whole = frames - frames % _BLOCK
        weighted = np.empty_like(signal)
        if whole:
            rows = signal[:, :whole].reshape(channels, -1, _BLOCK)
            weighted[:, :whole] = self._blocks(rows).reshape(channels, whole)
        if whole < frames:
            weighted[:, whole:] = self._rest(signal[:, whole:])
        self._state[np.abs(self._state) < _SILENT] = 0.0
        return weighted

    def _blocks(self, rows: Signal) -> Signal:
        """Filter rows of ``_BLOCK`` frames, shape (channels, rows, frames)."""
        states = np.concatenate((self._state[:, None], rows @ self._residue.T), axis=1)
        for distance, step in self._steps:
            if distance >= states.shape[1]:
                break
            states[:, distance:] = states[:, distance:] + states[:, :-distance] @ step
        self._state = states[:, -1].copy()
        filtered: Signal = rows @ self._toeplitz.T + states[:, :-1] @ self._states.T
        return filtered

    def _rest(self, signal: Signal) -> Signal:
        """Filter fewer frames than a row has."""
        count = signal.shape[1]
        filtered: Signal = (
            signal @ self._toeplitz[:count, :count].T + self._state @ self._states[:count].T
        )
        self._state = (
            self._state @ self._powers[count].T + signal @ self._residue[:, _BLOCK - count :].T
        )
        return filtered


def _cascade(first: Biquad, second: Biquad) -> tuple[Signal, Signal, Signal, float]:
    """Return A, B, C, D of ``x' = A·x + B·u``, ``y = C·x + D·u`` (transposed direct form II)."""
    (b0, b1, b2), (a1, a2) = first.b, first.a
    (d0, d1, d2), (c1, c2) = second.b, second.a
    between = np.array([1.0, 0.0, 0.0, 0.0])  # the first stage's output, without b0·u
    out = d0 * between + np.array([0.0, 0.0, 1.0, 0.0])
    system = np.stack(
        (
            np.array([0.0, 1.0, 0.0, 0.0]) - a1 * between,
            -a2 * between,
            np.array([0.0, 0.0, 0.0, 1.0]) + d1 * between - c1 * out,
            d2 * between - c2 * out,
        )
    )
    through = d0 * b0
    entry = np.array([b1 - a1 * b0, b2 - a2 * b0, d1 * b0 - c1 * through, d2 * b0 - c2 * through])
    return system, entry, out, through


def _doublings(power: Signal) -> list[tuple[int, Signal]]:
    """Return what a state gives 1, 2, 4 … rows later, transposed, until that is nothing."""
    steps: list[tuple[int, Signal]] = []
    distance = 1
    while np.max(np.abs(power)) > _FORGOTTEN:
        steps.append((distance, power.T))
        power, distance = power @ power, distance * 2
    return steps
