from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from audio.resample import Resampler, entry_for
from audio.ring import Block
from playback.units import Frames

RATES = [
    (44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (8_000, 44_100), (11_025, 48_000),
    (192_000, 44_100), (44_100, 192_000), (44_101, 44_100),
]  # fmt: skip


def tone(frames: int, rate_hz: int, hz: float = 997.0) -> Block:
    phase = 2 * np.pi * hz * np.arange(frames) / rate_hz
    return np.stack([np.sin(phase), np.cos(phase)], axis=1).astype(np.float32) * np.float32(0.5)


def resampled(block: Block, source_hz: int, working_hz: int, sizes: list[int]) -> Block:
    resampler = Resampler(source_hz, working_hz)
    parts, at, turn = [], 0, 0
    while at < len(block):
        size = sizes[turn % len(sizes)]
        parts.append(resampler.push(np.ascontiguousarray(block[at : at + size])))
        at, turn = at + size, turn + 1
    return np.concatenate([*parts, resampler.flush()])


@pytest.mark.parametrize(("source_hz", "working_hz"), RATES)
def test_at_least_every_frame_that_falls_into_the_source_comes_out(
    source_hz: int, working_hz: int
) -> None:
    for frames in (1, 1_000, 44_321):
        got = resampled(tone(frames, source_hz), source_hz, working_hz, [4_096])
        assert len(got) >= frames * working_hz // source_hz


@pytest.mark.parametrize(("source_hz", "working_hz"), RATES[:4])
def test_blocks_of_any_size_give_the_same_bits(source_hz: int, working_hz: int) -> None:
    block = tone(30_000, source_hz)
    whole = resampled(block, source_hz, working_hz, [30_000])
    for sizes in ([1, 999, 17], [4_096], [1_152, 47]):
        assert np.array_equal(resampled(block, source_hz, working_hz, sizes), whole)


@pytest.mark.parametrize(("source_hz", "working_hz"), RATES[:7])
def test_a_tone_keeps_level_phase_and_frequency(source_hz: int, working_hz: int) -> None:
    got = resampled(tone(source_hz, source_hz), source_hz, working_hz, [4_096])
    wanted = tone(working_hz, working_hz)
    middle = slice(working_hz // 5, working_hz * 4 // 5)
    assert float(np.max(np.abs(got[middle] - wanted[middle]))) < 2e-5  # −94 dB


@pytest.mark.parametrize(("source_hz", "working_hz"), RATES)
def test_feeding_begins_where_both_grids_meet_and_early_enough(
    source_hz: int, working_hz: int
) -> None:
    for wanted in (0, 1, 5_000, 44_100, 1_234_567, 158_760_000):
        entry = entry_for(Frames(wanted), source_hz, working_hz)
        first_output = wanted - entry.discard
        assert Fraction(int(entry.source), source_hz) == Fraction(first_output, working_hz)
        lead_s = Fraction(int(entry.discard), working_hz)
        assert lead_s >= Fraction(99, 1000) or entry.source == 0
        assert lead_s < Fraction(11, 10) + Fraction(1, 10)
