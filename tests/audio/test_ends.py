"""Both ends of a recording: its ramps by construction, its silences to the frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from audio.ends import SILENCE, Ramps, Silences, ramp_of
from audio.loudness import STEREO, Steps
from playback.ramp import Ramp, time_at

RATE_HZ = 44_100


def stairs(*steps: tuple[float | None, float]) -> npt.NDArray[np.float64]:
    """A 1 kHz tone in both channels whose level, in LUFS, changes; None = silence."""
    seconds = sum(length for _, length in steps)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    gains = np.concatenate(
        [
            np.full(round(length * RATE_HZ), 0.0 if lufs is None else 10.0 ** (lufs / 20.0))
            for lufs, length in steps
        ]
    )
    return np.tile(np.sin(2 * np.pi * 1000.0 * time_s) * gains, (2, 1))


def ramps(signal: npt.NDArray[np.float64], block: int = 10_000) -> tuple[Ramp, Ramp]:
    steps, found = Steps(RATE_HZ, STEREO), Ramps()
    for begin in range(0, signal.shape[1], block):
        found.push(steps.push(signal[:, begin : begin + block]))
    return found.finish(steps.rest())


def close(ramp: Ramp, *points: tuple[float, float]) -> bool:
    return len(ramp) == len(points) and all(
        abs(found[0] - level) < 0.1 and abs(found[1] - seconds) < 1e-3
        for found, (level, seconds) in zip(ramp, points, strict=True)
    )


def test_a_ramp_holds_each_step_that_is_louder_than_all_before_it() -> None:
    rising = stairs((-48, 1.0), (-38, 0.5), (-45, 1.0), (-28, 2.0), (-20, 3.0))
    start, _ = ramps(rising)
    assert close(
        start, (-30, 0), (-30, 0.9), (-20, 1), (-20, 2.4), (-10, 2.5), (-10, 4.4), (-2, 4.5)
    )
    assert all(quieter < louder for (quieter, _), (louder, _) in pairwise(start))


def test_levels_that_are_jumped_over_are_reached_by_the_jump() -> None:
    start, _ = ramps(stairs((-38, 5.0), (-20, 1.0)))
    for threshold_db in (-19.0, -10.0, -3.0):
        seconds = time_at(start, threshold_db)
        assert seconds is not None
        assert 4.9 <= seconds <= 5.0


def test_the_end_is_seen_from_behind() -> None:
    falling = stairs((-20, 3.0), (-28, 2.0), (-45, 1.0), (-38, 0.5), (-48, 1.0))
    _, end = ramps(falling)
    assert close(end[:1], (-30, 0.0))
    assert close(tuple(p for p in end if p[0] > -10.5)[-1:], (-2, 4.5))
    assert time_at(end, -20.0) == pytest.approx(1.0, abs=0.01)
    assert time_at(end, -10.0) == pytest.approx(2.5, abs=0.01)


def test_a_last_step_that_is_not_complete_is_level_and_time_of_its_own() -> None:
    falling = stairs((-20, 1.03), (-48, 0.02))
    _, end = ramps(falling)
    assert end[-1][1] == pytest.approx(0.05)
    assert end[-1][0] == pytest.approx(-2.0, abs=0.1)


def test_silence_is_on_no_ramp() -> None:
    start, end = ramps(stairs((None, 2.0), (-20, 1.0), (None, 3.0)))
    assert start[0][1] == 2.0
    assert time_at(start, -40.0) == 2.0
    assert time_at(end, -4.0) == pytest.approx(3.0, abs=0.01)
    assert ramps(stairs((None, 3.0))) == ((), ())


def test_only_the_first_and_the_last_half_minute_count() -> None:
    long = stairs((-38, 30.0), (-20, 5.0), (-38, 30.0))
    start, end = ramps(long)
    assert close(start, (-20, 0.0))
    assert time_at(end, -2.2) is None
    nearly = stairs((-38, 29.9), (-20, 5.0), (-38, 29.9))
    start, end = ramps(nearly)
    assert time_at(start, -2.2) == pytest.approx(29.9, abs=0.02)
    assert time_at(end, -2.2) == pytest.approx(29.9, abs=0.01)


def test_a_recording_of_less_than_a_step_has_ramps_too() -> None:
    start, end = ramps(stairs((-20, 0.05)))
    assert start == end
    assert start[0][1] == 0.0
    assert start[0][0] == pytest.approx(-2.0, abs=0.5)


def test_blocks_of_any_size_give_the_same_ramps() -> None:
    signal = stairs((-48, 1.0), (-28, 2.03), (-20, 1.0), (-33, 2.0))
    expected = ramps(signal, signal.shape[1])
    for block in (37, 4410, 4411, 100_000):
        for ramp, wanted in zip(ramps(signal, block), expected, strict=True):
            assert np.array(ramp) == pytest.approx(np.array(wanted), abs=1e-6)


def test_a_ramp_leaves_out_what_is_hardly_louder() -> None:
    powers = 10.0 ** (np.arange(0.0, 3.0, 0.1) / 10.0)
    ramp = ramp_of((float(power), number / 10) for number, power in enumerate(powers))
    assert len(ramp) == 11  # six, and the step before each but the first
    assert [round(seconds * 10) for _, seconds in ramp[::2]] == [0, 5, 10, 15, 20, 25]


# Silence


def silences(block: npt.NDArray[np.float32], size: int) -> Silences:
    found = Silences()
    for begin in range(0, len(block), size):
        found.push(block[begin : begin + size])
    return found


@pytest.mark.parametrize("size", [1, 10, 333, 5000])
@pytest.mark.parametrize(("first", "last"), [(0, 999), (0, 0), (999, 999), (17, 990), (500, 500)])
def test_silence_is_counted_to_the_frame_at_both_ends(first: int, last: int, size: int) -> None:
    block = np.zeros((1000, 2), dtype=np.float32)
    block[first, 1] = 0.5
    block[last, 0] = -0.5
    found = silences(block, size)
    assert (found.before, found.after) == (first, 999 - last)


def test_the_last_bit_of_16_is_silence_and_the_one_above_it_is_not() -> None:
    block = np.full((100, 2), SILENCE, dtype=np.float32)
    block[40:50] = -2 * SILENCE
    found = silences(block, 30)
    assert (found.before, found.after) == (40, 50)


def test_where_there_is_only_silence_none_of_it_is_at_an_end() -> None:
    found = silences(np.zeros((100, 2), dtype=np.float32), 30)
    assert (found.before, found.after) == (0, 0)
