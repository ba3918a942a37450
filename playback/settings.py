"""The four settings that users change while the daemon runs, with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """Name, default and allowed range (both ends included) of one integer setting."""

    key: str
    default: int
    lowest: int
    highest: int
    meaning: str


SPECS: Final[Mapping[str, SettingSpec]] = {
    spec.key: spec
    for spec in (
        SettingSpec("watchdog_interval_ms", 100, 10, 2000, "time between two watchdog rounds"),
        SettingSpec(
            "minimum_playback_buffer_ms", 3000, 100, 12000, "decoded audio needed before a start"
        ),
        SettingSpec("maximum_decode_streams", 12, 2, 32, "entries decoded ahead, current included"),
        SettingSpec("watchdog_enabled", 1, 0, 1, "0 switches the watchdog's rounds off"),
    )
}


@dataclass(frozen=True, slots=True)
class Settings:
    """A consistent set of values; ``parse`` is the only way a user's text gets in."""

    watchdog_interval_ms: int = SPECS["watchdog_interval_ms"].default
    minimum_playback_buffer_ms: int = SPECS["minimum_playback_buffer_ms"].default
    maximum_decode_streams: int = SPECS["maximum_decode_streams"].default
    watchdog_enabled: int = SPECS["watchdog_enabled"].default


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value that may be used, and what had to be said about it (None = nothing)."""

    value: int
    warning: str | None = None


def parse(key: str, text: str, last_good: int) -> Parsed:
    """Turn a user's text into a value: clamped if out of range, ``last_good`` if no number."""
    spec = SPECS[key]
    try:
        given = int(text)
    except ValueError:
        return Parsed(
            last_good,
            f"Setting {key}: {text!r} is not a whole number; keeping {last_good} "
            f"(allowed: {spec.lowest} to {spec.highest})",
        )
    value = min(max(given, spec.lowest), spec.highest)
    if value == given:
        return Parsed(value)
    return Parsed(
        value,
        f"Setting {key}: {given} is out of range ({spec.lowest} to {spec.highest}); using {value}",
    )


def settings_from(rows: Mapping[str, str]) -> Settings:
    """Return the settings that stored rows stand for; what is missing or wrong has its default."""
    return Settings(
        **{
            key: parse(key, rows[key], spec.default).value
            for key, spec in SPECS.items()
            if key in rows
        }
    )
