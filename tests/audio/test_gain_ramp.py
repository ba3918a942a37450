"""A gain that moves in a straight line, however the frames are cut into blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.gain_ramp import GainRamp, volume_gain

MOST = 64


def ones(frames: int) -> npt.NDArray[np.float32]:
    return np.ones((frames, 2), dtype=np.float32)


def applied(ramp: GainRamp, frames: int) -> npt.NDArray[np.float32]:
    """The gains of the next frames."""
    block = ones(frames)
    ramp.apply(block)
    assert np.array_equal(block[:, 0], block[:, 1])
    return block[:, 0]


def test_at_rest_at_one_it_touches_nothing() -> None:
    ramp, block = GainRamp(1.0, MOST), ones(MOST)
    block *= np.float32(1 / 3)
    before = block.copy()
    assert not ramp.apply(block)
    assert np.array_equal(block, before)


def test_at_rest_elsewhere_it_multiplies_and_says_so() -> None:
    ramp, block = GainRamp(0.25, MOST), ones(5)
    assert ramp.apply(block)
    assert np.array_equal(block, np.full((5, 2), 0.25))


def test_the_target_is_reached_with_the_last_frame_of_the_move() -> None:
    ramp = GainRamp(0.0, MOST)
    ramp.move(1.0, 8)
    assert ramp.target == 1.0
    assert applied(ramp, 8) == pytest.approx(np.arange(1, 9) / 8)
    assert ramp.gain == 1.0
    assert not ramp.apply(ones(1))


def test_a_block_longer_than_the_move_goes_on_at_the_target() -> None:
    ramp = GainRamp(1.0, MOST)
    ramp.move(0.5, 4)
    expected = [0.875, 0.75, 0.625, 0.5, 0.5, 0.5]
    assert applied(ramp, 6) == pytest.approx(expected)


def test_a_move_in_no_frames_is_a_jump() -> None:
    ramp = GainRamp(1.0, MOST)
    ramp.move(0.5, 0)
    assert np.array_equal(applied(ramp, 3), np.full(3, np.float32(0.5)))


def test_a_second_move_begins_where_the_first_has_got_to() -> None:
    ramp = GainRamp(0.0, MOST)
    ramp.move(1.0, 10)
    assert applied(ramp, 5)[-1] == pytest.approx(0.5)
    ramp.move(0.0, 5)
    assert applied(ramp, 5) == pytest.approx([0.4, 0.3, 0.2, 0.1, 0.0], abs=1e-7)


@given(
    start=st.floats(0, 1),
    target=st.floats(0, 1),
    frames=st.integers(0, 300),
    blocks=st.lists(st.integers(1, MOST), min_size=1, max_size=12),
)
def test_the_cut_into_blocks_changes_nothing(
    start: float, target: float, frames: int, blocks: list[int]
) -> None:
    ramp = GainRamp(start, MOST)
    ramp.move(target, frames)
    got = np.concatenate([applied(ramp, count) for count in blocks])
    at = np.minimum(np.arange(1, len(got) + 1) / max(1, frames), 1.0)
    assert got == pytest.approx(start + (target - start) * at, abs=1e-6)


def test_a_restored_state_gives_the_same_gains_again() -> None:
    ramp = GainRamp(0.2, MOST)
    ramp.move(0.9, 50)
    applied(ramp, 17)
    state = ramp.state()
    first = applied(ramp, 40)
    ramp.restore(state)
    assert np.array_equal(applied(ramp, 40), first)


@pytest.mark.parametrize(
    ("volume", "level_db"), [(100, 0.0), (75, -9.0), (50, -18.5), (25, -29.9), (1, -62.4)]
)
def test_volumes_have_the_levels_of_mpd(volume: int, level_db: float) -> None:
    # MPD 0.24, src/mixer/plugins/SoftwareMixerPlugin.cxx, by hand: (e^(v/25) - 1) / (e^4 - 1).
    assert 20 * np.log10(volume_gain(volume)) == pytest.approx(level_db, abs=0.06)


def test_volume_0_is_silence_and_100_is_exactly_one() -> None:
    assert volume_gain(0) == 0.0
    assert volume_gain(100) == 1.0
