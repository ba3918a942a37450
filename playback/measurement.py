"""What is found out about a file by listening to all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from playback.levels import UNKNOWN, Levels
from playback.profile import Profile
from playback.ramp import REFERENCE_LUFS, Ramp
from playback.units import ZERO_TICKS, Ticks

METHOD: Final = 1
"""Grows whenever files have to be measured anew because measuring has changed."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """Tells versions of a file apart without reading it."""

    modified_ns: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything measured, of the sound as it is played: in stereo, at the file's own rate.

    Attributes:
        loudness_lufs: integrated loudness by EBU R128; None where there is nothing to hear.
        sample_peak: the highest sample, linear.
        true_peak: the highest point of the curve between samples, linear.
        silence_before: digital silence at the beginning.
        silence_after: digital silence at the end.
        start: how it gets loud, over the first 30 s.
        end: how it gets quiet, over the last 30 s.
    """

    loudness_lufs: float | None
    sample_peak: float
    true_peak: float
    silence_before: Ticks
    silence_after: Ticks
    start: Ramp
    end: Ramp

    @property
    def levels(self) -> Levels:
        """What ReplayGain's tags would say of the file alone."""
        if self.loudness_lufs is None:
            return UNKNOWN
        return Levels(REFERENCE_LUFS - self.loudness_lufs, self.true_peak)

    def profile(self, *, trim: bool) -> Profile:
        """Return what of it counts in playing; with ``trim``, without the silence at both ends."""
        silence = (self.silence_before, self.silence_after) if trim else (ZERO_TICKS, ZERO_TICKS)
        return Profile(self.levels, self.start, self.end, *silence)


@dataclass(frozen=True, slots=True)
class Unmeasurable:
    """A file that could not be measured, and will not be tried again until it changes."""

    reason: str


Outcome: TypeAlias = Measurement | Unmeasurable


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """One version of one file, and what came of measuring it."""

    uri: str
    version: FileVersion
    outcome: Outcome
    method: int = METHOD
