"""MixRamp: two songs overlap for as long as neither is loud, whatever their tags call it.

The overlap is what A's end takes from the threshold to its end, and what B's start takes to get
there, less the delay::

    X = t_end(A, threshold - gain of A) + t_start(B, threshold - gain of B) - delay

where *t* reads a ramp (``playback.ramp``) and the gains are those of ReplayGain, in dB: the
threshold is about what is heard. As in MPD, a song that is never as loud as that overlaps with
nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from playback.levels import UNKNOWN, Levelling, Levels
from playback.options import Options
from playback.passage import Passage
from playback.profile import NO_PROFILE, Profile
from playback.ramp import Ramp, time_at
from playback.units import ZERO_TICKS, Ticks, seconds_to_ticks, ticks_to_seconds


@dataclass(frozen=True, slots=True)
class MixRamp:
    """What a listener asks for.

    Attributes:
        threshold_db: what counts as loud, relative to ReplayGain's reference.
        delay_s: how much shorter the overlap is to be; above 0.
    """

    threshold_db: float
    delay_s: float


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a passage; an empty ramp is unknown.

    Attributes:
        levels: of the file.
        start: how the passage gets loud, counted from its start.
        end: how it gets quiet, counted back from its end.
    """

    levels: Levels = UNKNOWN
    start: Ramp = ()
    end: Ramp = ()


UNKNOWN_ENDS: Final = Ends()


def mix_ramp_in(options: Options) -> MixRamp | None:
    """Return what the options say; None = MixRamp is off."""
    if options.mixramp_delay_s is None:
        return None
    return MixRamp(options.mixramp_db, options.mixramp_delay_s)


def ends_of(passage: Passage, file_end: Ticks | None, profile: Profile = NO_PROFILE) -> Ends:
    """Return the ends of a passage that are ends of its file, but for silence that is left out."""
    start: Ramp = ()
    end: Ramp = ()
    if passage.start <= profile.trim_before:
        start = _nearer(profile.start, passage.start)
    if passage.end is not None and file_end is not None:
        left_out = file_end - passage.end
        if left_out <= profile.trim_after:
            end = _nearer(profile.end, left_out)
    return Ends(profile.levels, start, end)


def ramped_overlap(a: Ends, b: Ends, asked: MixRamp, levelling: Levelling) -> Ticks | None:
    """Return how long ``a`` and the ``b`` that follows are to overlap; None if nobody can tell."""
    if not (a.end and b.start):
        return None
    of_a = time_at(a.end, asked.threshold_db - _gain_db(a, levelling))
    of_b = time_at(b.start, asked.threshold_db - _gain_db(b, levelling))
    if of_a is None or of_b is None:
        return ZERO_TICKS
    return seconds_to_ticks(max(0.0, of_a + of_b - asked.delay_s))


def _gain_db(ends: Ends, levelling: Levelling) -> float:
    return 20.0 * math.log10(levelling.gain(ends.levels))


def _nearer(ramp: Ramp, left_out: int) -> Ramp:
    """Count a ramp from where so many ticks of silence have been left out."""
    if left_out == 0:
        return ramp
    seconds = ticks_to_seconds(Ticks(left_out))
    return tuple((level_db, max(0.0, at_s - seconds)) for level_db, at_s in ramp)
