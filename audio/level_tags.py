"""What tags say about loudness and both ends, whatever kind of file they are in.

FFmpeg gives the same names for Vorbis comments, ID3's TXXX, iTunes' free-form atoms, APEv2 and
ASF. Tags are written by people and by old programs: what is no sensible number counts as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from playback.levels import Levels
from playback.profile import Profile
from playback.ramp import parsed

_BOUND: Final = 100.0
"""Decibels, and times full scale, at which sense ends."""
_NUMBER: Final = re.compile(r"\s*([+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?)")
"""The number in front of " dB"; some programs write the comma of their user's language."""
_WHOLE: Final = re.compile(r"\s*([+-]?\d{1,5})\s*\Z")
_R128_TO_REPLAY_GAIN_DB: Final = 5.0
"""R128 tags (RFC 7845, 5.2.1) are for −23 LUFS; ReplayGain is for −18."""
_R128_STEPS_PER_DB: Final = 256


def profile_of(tags: Mapping[str, str]) -> Profile:
    """Find levels and MixRamp's ramps among tags; upper and lower case are the same."""
    named = {name.upper(): text for name, text in tags.items()}
    start, end = (parsed(named.get(f"MIXRAMP_{side}", "")) for side in ("START", "END"))
    return Profile(levels_of(tags), start, end)


def levels_of(tags: Mapping[str, str]) -> Levels:
    """Find the levels among tags; upper and lower case are the same.

    The gains of Opus do not contain what stands in the file's header: every decoder applies that
    to the samples.
    """
    named = {name.upper(): text for name, text in tags.items()}
    return Levels(
        track_gain_db=_gain(named, "TRACK"),
        track_peak=_peak(named, "TRACK"),
        album_gain_db=_gain(named, "ALBUM"),
        album_peak=_peak(named, "ALBUM"),
    )


def _gain(tags: Mapping[str, str], scope: str) -> float | None:
    """Return a gain in dB; where a file has both kinds, the one that belongs to Opus."""
    whole = _WHOLE.match(tags.get(f"R128_{scope}_GAIN", ""))
    if whole is not None:
        gain_db = int(whole[1]) / _R128_STEPS_PER_DB + _R128_TO_REPLAY_GAIN_DB
    else:
        number = _number(tags.get(f"REPLAYGAIN_{scope}_GAIN", ""))
        if number is None:
            return None
        gain_db = number
    return gain_db if abs(gain_db) < _BOUND else None


def _peak(tags: Mapping[str, str], scope: str) -> float | None:
    """Return a peak, linear; 0 is what programs write that do not know it."""
    peak = _number(tags.get(f"REPLAYGAIN_{scope}_PEAK", ""))
    return peak if peak is not None and 0.0 < peak < _BOUND else None


def _number(text: str) -> float | None:
    number = _NUMBER.match(text)
    return None if number is None else float(number[1].replace(",", "."))
