"""Two players in one table, with what wkmp must reach."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from bench.machine import Machine
from bench.peer_cost import Window
from bench.peer_latency import Samples

NAMES: Final = ("wkmp", "mpd")
_SOUND_MS: Final[Mapping[str, float]] = {
    "FLAC": 15, "WAV": 15, "MP3": 30, "AAC": 30, "Opus": 45, "FLAC 96": 45,
}  # fmt: skip
AIMS_MS: Final[Mapping[str, float]] = {
    **{
        f"{control}, {name}": aim_ms
        for control in ("play", "seekcur", "next")
        for name, aim_ms in _SOUND_MS.items()
    },
    **{
        f"{gone}, {name}": 30.0
        for gone in ("seekcur: old place gone", "next: old song gone")
        for name in _SOUND_MS
    },
    "pause: silence": 30,
    "stop: silence": 30,
    "resume: sound": 15,
    "setvol: heard": 200,
}
AIMS_CPU: Final[Mapping[str, float]] = {
    "stopped": 0.05, "paused": 0.05, "FLAC 44.1": 2.0, "MP3": 2.2, "crossfading": 2.2,
    "96 → 44.1": 3.0,
}  # fmt: skip
"""Per cent of a core; what rounds to 0.0 is none."""
AIM_IDLE_WAKEUPS: Final = 0.1
AIM_RSS_MIB: Final = 110.0
AIM_GREETING_MS: Final = 600.0
AIM_TIMES_REAL_TIME: Final = 150.0


@dataclass(slots=True)
class PeerReport:
    """Everything one run measured, by the player's name.

    Attributes:
        latencies: seconds of each run, by row.
        windows: medians, by state.
        track_changes: MiB before and after.
        greetings: seconds of each start.
        times_real_time: of wkmp's engine without a clock; 0 = not measured.
        floor_s: the rig's own delay.
    """

    machine: Machine
    latencies: dict[str, Samples] = field(default_factory=dict)
    windows: dict[str, dict[str, Window]] = field(default_factory=dict)
    track_changes: dict[str, tuple[float, float]] = field(default_factory=dict)
    greetings: dict[str, list[float]] = field(default_factory=dict)
    times_real_time: float = 0.0
    floor_s: float = math.nan

    def lines(self) -> Iterator[str]:
        """Yield the table, in Markdown."""
        yield f"{self.machine}; the rig's own delay: {self.floor_s * 1e3:.1f} ms"
        yield ""
        yield "| what | " + " | ".join(NAMES) + " | wkmp must reach |"
        yield "|---|" + "---|" * (len(NAMES) + 1)
        yield from self._latency_rows()
        yield from self._window_rows()
        yield from self._other_rows()

    def as_json(self) -> dict[str, Any]:
        """Return everything for programs."""
        return asdict(self)

    def _latency_rows(self) -> Iterator[str]:
        for name in dict.fromkeys(row for samples in self.latencies.values() for row in samples):
            cells = [_milliseconds(self.latencies.get(who, {}).get(name, [])) for who in NAMES]
            yield _row(f"{name}, ms", *cells, f"{AIMS_MS[name]:g}")

    def _window_rows(self) -> Iterator[str]:
        for state in dict.fromkeys(state for found in self.windows.values() for state in found):
            found = [self.windows.get(who, {}).get(state) for who in NAMES]
            idle = state in ("stopped", "paused")
            yield _row(
                f"{state}: CPU, % of a core",
                *(_cell(window.cpu_percent if window else None, ".2f") for window in found),
                f"{AIMS_CPU[state]:g}",
            )
            yield _row(
                f"{state}: wake-ups/s",
                *(_cell(window.wakeups if window else None, ".1f") for window in found),
                f"{AIM_IDLE_WAKEUPS:g}" if idle else "",
            )
            yield _row(
                f"{state}: RSS, MiB",
                *(_cell(window.rss_mib if window else None, ".0f") for window in found),
                f"{AIM_RSS_MIB:g}",
            )
            yield _row(
                f"{state}: others, % of the machine",
                *(_cell(100 * window.others if window else None, ".0f") for window in found),
                "",
            )

    def _other_rows(self) -> Iterator[str]:
        if self.track_changes:
            cells = (self.track_changes.get(who) for who in NAMES)
            texts = (f"{cell[0]:.1f} → {cell[1]:.1f}" if cell else "–" for cell in cells)
            yield _row("RSS before → after the track changes, MiB", *texts, "flat")
        if self.greetings:
            cells_ms = (_milliseconds(self.greetings.get(who, [])) for who in NAMES)
            yield _row("exec → greeting, ms", *cells_ms, f"{AIM_GREETING_MS:g}")
        if self.times_real_time:
            aim = f"{AIM_TIMES_REAL_TIME:g}"
            yield _row(
                "engine without a clock, × real time", f"{self.times_real_time:.0f}", "–", aim
            )


def _milliseconds(seconds: list[float]) -> str:
    """Median (least–most); what never came is said."""
    came = [each * 1e3 for each in seconds if not math.isnan(each)]
    if not came:
        return "never" if seconds else "–"
    text = f"{statistics.median(came):.1f} ({min(came):.1f}–{max(came):.1f})"
    missing = len(seconds) - len(came)
    return f"{text}, {missing} × never" if missing else text


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _row(first: str, *cells: str) -> str:
    return f"| {first} | " + " | ".join(cells) + " |"
