"""What the demo shows: a few lines that say what the engine does right now."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from playback.plan import EnginePlan
from playback.status import PlayerStatus
from playback.units import ChainId, Ticks, ticks_to_seconds

_WIDTH: Final = 40
_FULL_RING_S: Final = 15.0
_QUIETEST_DB: Final = -48.0


def lines(
    status: PlayerStatus,
    plan: EnginePlan,
    rings_s: Mapping[ChainId, float],
    level: float,
) -> Iterator[str]:
    """Describe entry, position, overlap to come, ring levels and output level.

    Args:
        status: of the player.
        plan: the engine's.
        rings_s: seconds of decoded sound by chain.
        level: peak of the latest period, linear.
    """
    entry = status.current_entry
    if entry is None or plan.current is None:
        yield "nothing is playing"
        return
    elapsed_s = status.elapsed_now_s(time.monotonic())
    duration_s = status.duration_s or 0.0
    yield f"{Path(entry.song.uri).stem:8} {status.audio_format or '':12} {status.state}"
    yield f"position {elapsed_s:6.2f} / {duration_s:5.2f} s {_bar(elapsed_s, duration_s)}"
    yield f"overlap  {_overlap(plan, duration_s - elapsed_s)}"
    yield f"level    {_decibels(level)}"
    for slot in plan.slots[:4]:
        ring_s = rings_s.get(slot.chain, 0.0)
        name = Path(slot.passage.uri).stem
        yield f"ring     {name:8} {ring_s:5.1f} s {_bar(ring_s, _FULL_RING_S)} {slot.priority.name}"


def _overlap(plan: EnginePlan, left_s: float) -> str:
    current, following = plan.current, plan.next
    if current is None or following is None:
        return "nothing follows"
    overlap_s = ticks_to_seconds(Ticks(current.overlap))
    name = Path(following.passage.uri).stem
    if left_s <= overlap_s:
        return f"{name} is sounding too; alone in {max(0.0, left_s):.1f} s"
    return f"{name} begins in {left_s - overlap_s:.1f} s and overlaps {overlap_s:.1f} s"


def _bar(value: float, full: float) -> str:
    done = round(_WIDTH * min(1.0, value / full)) if full > 0 else 0
    return "█" * done + "·" * (_WIDTH - done)


def _decibels(level: float) -> str:
    level_db = 20 * math.log10(max(level, 1e-6))
    shown = max(_QUIETEST_DB, level_db)
    return f"{shown:6.1f} dB    {_bar(shown - _QUIETEST_DB, -_QUIETEST_DB)}"


class Screen:
    """Draws over its last drawing; where that is not possible, a line now and then will do."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._drawn = 0
        self._interactive = out.isatty()
        self.interval_s = 0.1 if self._interactive else 1.0

    def draw(self, shown: Sequence[str]) -> None:
        """Show these lines instead of the last ones."""
        if not self._interactive:
            self._out.write(" | ".join(shown[:4]) + "\n")
        else:
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            self._out.write(up + "".join(f"\x1b[2K{line}\n" for line in shown) + "\x1b[J")
            self._drawn = len(shown)
        self._out.flush()
