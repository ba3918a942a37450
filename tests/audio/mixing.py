"""A period mixer over rings whose frames say who they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from audio.period_mixer import PeriodMixer
from audio.ring import Block, Ring
from playback.passage import Passage
from playback.plan import EnginePlan, Envelope, Priority, Slot
from playback.player import PlayerState
from playback.units import ChainId, EntryId, Frames, Ticks, frames_to_ticks

RATE_HZ = 48_000
PERIOD = 256
DECLICK = 240
SLEW = 2400


def signal(chain: int, frames: int) -> Block:
    """A stereo signal in which every frame of every chain is another: (frames, 2)."""
    index = np.arange(frames, dtype=np.float32)
    left = (index % 4093 + 1) / 16384 + chain / 64
    return np.stack([left, -left], axis=1).astype(np.float32)


def full_ring(chain: int, frames: int, *, complete: bool = True, history: int = 24_000) -> Ring:
    """A ring that holds ``frames`` frames of ``signal``."""
    ring = Ring(Frames(frames + history), Frames(history))
    ring.write(signal(chain, frames))
    if complete:
        ring.finish()
    return ring


def slot(chain: int, frames: int | None, *, overlap: int = 0, **more: object) -> Slot:
    """A slot over a whole file of ``frames`` frames at the working rate."""
    end = None if frames is None else frames_to_ticks(frames, RATE_HZ)
    passage = Passage(f"{chain}.flac", end=end)
    made = Slot(ChainId(chain), EntryId(chain), passage, Ticks(0), Priority.IMMEDIATE)
    return replace(made, overlap=frames_to_ticks(overlap, RATE_HZ), **more)  # type: ignore[arg-type]


def plan(*slots: Slot, version: int = 1, volume: int = 100) -> EnginePlan:
    """A playing plan."""
    return EnginePlan(version, PlayerState.PLAY, slots, volume)


def fades(fade_in: int | None, fade_out_start: int | None) -> Envelope:
    """An equal-power envelope by frames of the working rate."""
    return Envelope(
        None if fade_in is None else frames_to_ticks(fade_in, RATE_HZ),
        fade_out_start=None if fade_out_start is None else frames_to_ticks(fade_out_start, RATE_HZ),
    )


def mixer(*slots: Slot, frames: dict[int, int] | None = None, begin: bool = True) -> PeriodMixer:
    """A mixer that follows ``slots``, with a full ring for each, and has begun the first."""
    made = PeriodMixer(rate_hz=RATE_HZ, period=Frames(PERIOD))
    made.follow(plan(*slots))
    for each in slots:
        count = (frames or {}).get(each.chain)
        if count is None:
            assert each.passage.end is not None
            count = each.passage.end * RATE_HZ // 28_224_000
        made.add_ring(each.chain, full_ring(each.chain, count))
    if begin:
        first = made.startable(0)
        assert first is not None
        made.begin(first)
    return made


def render(made: PeriodMixer, frames: int) -> npt.NDArray[np.float32]:
    """Mix ``frames`` frames, a period at a time; shape (frames, 2)."""
    out = np.full((frames, 2), np.nan, dtype=np.float32)
    for at in range(0, frames, PERIOD):
        made.render(out[at : at + PERIOD])
    return out
