"""How a file sounds, as far as tags or a measurement say: its level, and both its ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playback.levels import UNKNOWN, Levels
from playback.ramp import Ramp
from playback.units import ZERO_TICKS, Ticks


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a file's sound.

    Attributes:
        levels: how loud it is.
        start: how it gets loud, counted from the file's start; empty = unknown.
        end: how it gets quiet, counted back from the file's end; empty = unknown.
        trim_before: silence at the start that is not to be played.
        trim_after: silence at the end that is not to be played.
    """

    levels: Levels = UNKNOWN
    start: Ramp = ()
    end: Ramp = ()
    trim_before: Ticks = ZERO_TICKS
    trim_after: Ticks = ZERO_TICKS

    def completed_by(self, others: Profile | None) -> Profile:
        """Return this profile, with what ``others`` says where this one says nothing."""
        if others is None:
            return self
        return Profile(
            self.levels.completed_by(others.levels),
            self.start or others.start,
            self.end or others.end,
            self.trim_before or others.trim_before,
            self.trim_after or others.trim_after,
        )


NO_PROFILE: Final = Profile()
"""Nothing is known."""
