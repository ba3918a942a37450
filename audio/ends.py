"""Both ends of a recording: how it gets loud, how it gets quiet, and the silence around it.

What is kept of the levels of both ends are two ramps (see ``playback.ramp``): of the steps of
100 ms over the first 30 s each one that is louder than all before it, and of the last 30 s each one
that is louder than all behind it. That is all that a threshold can ever ask for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import Final

import numpy as np

from audio.k_weighting import Signal
from audio.loudness import STEPS_PER_S, loudness_of
from audio.ring import Block
from playback.ramp import REFERENCE_LUFS, Ramp
from playback.units import Frames

ENDS_S: Final = 30
SILENCE: Final = 2.0**-15
"""The last bit of 16: what does not go beyond it is digital silence, dithered or not."""
_LEAST_DB: Final = -90.0
_RISE_DB: Final = 0.5
"""A step that is louder by less than this adds nothing to a ramp."""
_HARDLY_DB: Final = 0.02
"""Levels of a ramp have to grow, and are stored to 0.01 dB."""


def ramp_of(steps: Iterable[tuple[float, float]]) -> Ramp:
    """Return the levels of those of ``(power, seconds)`` that are louder than all before them.

    Where a louder one was long in coming, the last step before it is there too, at the level that
    had been reached: else levels in between would seem to have come gradually.
    """
    points: list[tuple[float, float]] = []
    wanted_db = _LEAST_DB
    before_s = 0.0
    for power, seconds in steps:
        level_db = loudness_of(power) - REFERENCE_LUFS
        if level_db >= wanted_db:
            if points and before_s > points[-1][1]:
                points.append((points[-1][0] + _HARDLY_DB, before_s))
            points.append((level_db, seconds))
            wanted_db = level_db + _RISE_DB
        before_s = seconds
    return tuple(points)


class Ramps:
    """Follows the levels of a stream's steps; keeps those of both ends."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._last: deque[float] = deque(maxlen=ENDS_S * STEPS_PER_S)

    def push(self, powers: Signal) -> None:
        """Take the mean powers of further steps of 0.1 s."""
        self._last.extend(powers)
        room = ENDS_S * STEPS_PER_S - len(self._first)
        self._first.extend(powers[:room])

    def finish(self, rest: tuple[float, float] | None) -> tuple[Ramp, Ramp]:
        """Return the ramps of the beginning and of the end.

        Args:
            rest: mean power and seconds of a last step that was not complete.
        """
        first = list(self._first)
        rest_power, rest_s = rest or (0.0, 0.0)
        if len(first) < ENDS_S * STEPS_PER_S:
            first.append(rest_power)
        start = ((power, number / STEPS_PER_S) for number, power in enumerate(first))
        back = ((power, rest_s + n / STEPS_PER_S) for n, power in enumerate(reversed(self._last)))
        return ramp_of(start), ramp_of(chain([(rest_power, 0.0)], back))


class Silences:
    """Counts the frames of digital silence before the first sound and after the last one."""

    def __init__(self) -> None:
        self._frames = 0
        self._first: int | None = None
        self._after_last = 0

    def push(self, block: Block) -> None:
        """Take frames (n, 2)."""
        heard = np.flatnonzero((np.abs(block) > SILENCE).any(axis=1))
        if len(heard):
            if self._first is None:
                self._first = self._frames + int(heard[0])
            self._after_last = self._frames + int(heard[-1]) + 1
        self._frames += len(block)

    @property
    def before(self) -> Frames:
        """Silent frames at the beginning; 0 if there is nothing but silence."""
        return Frames(self._first or 0)

    @property
    def after(self) -> Frames:
        """Silent frames at the end; 0 if there is nothing but silence."""
        return Frames(0 if self._first is None else self._frames - self._after_last)
