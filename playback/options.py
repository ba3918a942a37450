"""What a listener switches: MPD's playback options."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Switch(enum.StrEnum):
    """MPD's three-valued options; ``oneshot`` falls back to off after one song."""

    OFF = "0"
    ON = "1"
    ONESHOT = "oneshot"


class ReplayGainMode(enum.StrEnum):
    """Which gain of a song's tags is applied."""

    OFF = "off"
    TRACK = "track"
    ALBUM = "album"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Options:
    """All options of one player, saved with every change.

    Attributes:
        crossfade_s: MPD's ``crossfade``: whole seconds, 0 = off.
        mixramp_db: threshold in dB.
        mixramp_delay_s: seconds; None = off (MPD's ``nan``).
        volume: 0–100, applied after mixing.
    """

    repeat: bool = False
    random: bool = False
    single: Switch = Switch.OFF
    consume: Switch = Switch.OFF
    crossfade_s: int = 0
    mixramp_db: float = 0.0
    mixramp_delay_s: float | None = None
    replay_gain_mode: ReplayGainMode = ReplayGainMode.OFF
    volume: int = 100
