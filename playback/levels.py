"""How loud a file is, and by which gain it is therefore played: ReplayGain by MPD's rules.

Levels come with an open file, from its tags or from a measurement. *Levelling* is what a listener
and wkmp.ini make of them. From both follows one factor for all frames of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from playback.options import Options, ReplayGainMode

MAXIMUM_GAIN: Final = 15.0
"""Never louder than this factor, 23.5 dB; MPD's bound. A quiet file may be noise, not music."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What is known of a file's loudness; None = unknown.

    Attributes:
        track_gain_db: what brings the file to ReplayGain's reference, −18 LUFS.
        track_peak: its largest sample, linear; 1.0 is full scale.
        album_gain_db: what brings the whole album there.
        album_peak: the album's largest sample.
    """

    track_gain_db: float | None = None
    track_peak: float | None = None
    album_gain_db: float | None = None
    album_peak: float | None = None

    @property
    def has_gain(self) -> bool:
        """Whether there is a gain that can be applied."""
        return self.track_gain_db is not None or self.album_gain_db is not None

    def completed_by(self, others: Levels | None) -> Levels:
        """Return these levels, with those of ``others`` where these are unknown."""
        if others is None:
            return self
        missing = {
            each.name: getattr(others, each.name)
            for each in fields(self)
            if getattr(self, each.name) is None
        }
        return replace(self, **missing)


UNKNOWN: Final = Levels()
"""Nothing is known."""


@dataclass(frozen=True, slots=True)
class Levelling:
    """What is made of levels.

    Attributes:
        mode: OFF, TRACK or ALBUM; ``following`` says which one AUTO means.
        preamp_db: added to every gain that is known.
        missing_preamp_db: the gain of what no gain is known for.
        limit: whether a gain may not lift the peak above full scale.
    """

    mode: ReplayGainMode = ReplayGainMode.OFF
    preamp_db: float = 0.0
    missing_preamp_db: float = 0.0
    limit: bool = True

    def following(self, options: Options) -> Levelling:
        """Return the same with the mode that the options ask for: AUTO is by random, as in MPD."""
        mode = options.replay_gain_mode
        if mode is ReplayGainMode.AUTO:
            mode = ReplayGainMode.TRACK if options.random else ReplayGainMode.ALBUM
        return self if mode is self.mode else replace(self, mode=mode)

    def gain(self, levels: Levels) -> float:
        """Return the factor for a file of these levels; 1.0 = its frames stay as they are.

        Where the wanted one of track and album has no gain, the other one's gain and peak count.
        """
        if self.mode is ReplayGainMode.OFF:
            return 1.0
        track = levels.track_gain_db, levels.track_peak
        album = levels.album_gain_db, levels.album_peak
        wanted, other = (album, track) if self.mode is ReplayGainMode.ALBUM else (track, album)
        gain_db, peak = other if wanted[0] is None else wanted
        if gain_db is None:
            return _factor(self.missing_preamp_db)
        factor = min(_factor(gain_db + self.preamp_db), MAXIMUM_GAIN)
        if self.limit and peak is not None and factor * peak > 1.0:
            return 1.0 / peak
        return factor


AS_IT_IS: Final = Levelling()
"""No file is altered."""


def _factor(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))
