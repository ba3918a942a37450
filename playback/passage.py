"""The passage: a span of one audio file with six timing points; what is queued and played."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from playback.units import ZERO_TICKS, Ticks


class Curve(enum.StrEnum):
    """Shape of a fade; the formulas stand in ``audio/curves.py``."""

    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    LOGARITHMIC = "logarithmic"
    COSINE = "cosine"
    EQUAL_POWER = "equal_power"


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a file; every point is file-absolute, None means "not set by anybody".

    A whole file is a passage without points ("ephemeral"): same type, same path, nothing stored.

    Attributes:
        uri: the file, relative to the music directory, or a URL.
        passage_id: row of the stored passage; None for an ephemeral one.
        start: S, the first tick.
        end: E, the tick after the last; None until the file's length is known.
        fade_in: FI, where the own envelope has risen to 1.
        fade_out: FO, where it begins to fall.
        lead_in: LI, until here the previous passage may still sound.
        lead_out: LO, from here the next one may begin.
    """

    uri: str
    passage_id: int | None = None
    start: Ticks = ZERO_TICKS
    end: Ticks | None = None
    fade_in: Ticks | None = None
    fade_out: Ticks | None = None
    lead_in: Ticks | None = None
    lead_out: Ticks | None = None
    fade_in_curve: Curve | None = None
    fade_out_curve: Curve | None = None

    @property
    def duration(self) -> Ticks | None:
        """E − S, or None while the end is unknown."""
        return None if self.end is None else Ticks(self.end - self.start)
