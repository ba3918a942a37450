"""Ramps: how quickly a song gets loud at its beginning, and how late it is still loud at its end.

A ramp is MixRamp's idea: for each level the first moment at which the song is as loud as that,
counted from its beginning; or the last one, counted back from its end. Levels are in dB relative
to ReplayGain's reference, which is −18 LUFS (89 dB in the words of older tags).
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

Ramp: TypeAlias = tuple[tuple[float, float], ...]
"""``(level_db, seconds)``, both growing: later points are louder and further from the end."""

REFERENCE_LUFS: Final = -18.0
"""What 0 dB is."""


def time_at(ramp: Ramp, threshold_db: float) -> float | None:
    """Return the seconds at which a ramp reaches a level, between its points by interpolation.

    Below all its points it is the first one's; above all there is none.
    """
    before: tuple[float, float] | None = None
    for level_db, seconds in ramp:
        if level_db == threshold_db or (level_db > threshold_db and before is None):
            return seconds
        if level_db > threshold_db and before is not None:
            share = (threshold_db - before[0]) / (level_db - before[0])
            return before[1] + share * (seconds - before[1])
        before = (level_db, seconds)
    return None


def parsed(text: str) -> Ramp:
    """Read the value of a tag MIXRAMP_START or MIXRAMP_END: ``"dB seconds;dB seconds;…"``.

    What is no pair of numbers ends it, as do points that do not get louder.
    """
    points: list[tuple[float, float]] = []
    for pair in text.split(";"):
        words = pair.split()
        try:
            level_db, seconds = (float(word) for word in words)
        except ValueError:
            break
        if not (math.isfinite(level_db) and math.isfinite(seconds)):
            break
        if points and level_db <= points[-1][0]:
            break
        points.append((level_db, seconds))
    return tuple(points)
