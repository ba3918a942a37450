"""Levels in the mix: each file at its own, moved without a step, taken back with the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.period_mixer import PeriodMixer
from playback.levels import Levelling, Levels
from playback.options import ReplayGainMode
from playback.plan import EnginePlan, Slot
from playback.units import ChainId, Frames
from tests.audio.mixing import DECLICK, PERIOD, SLEW, fades, mixer, plan, render, signal, slot

QUIETER = Levels(track_gain_db=-6.0, album_gain_db=-12.0)
BY_TRACK = Levelling(ReplayGainMode.TRACK)
BY_ALBUM = Levelling(ReplayGainMode.ALBUM)
OFF = Levelling()
HALF = np.float32(10 ** (-6 / 20))
QUARTER = np.float32(10 ** (-12 / 20))
LENGTH = 20_000


def by(levelling: Levelling, *slots: Slot, version: int) -> EnginePlan:
    return replace(plan(*slots, version=version), levelling=levelling)


def levelled(*slots: Slot, levelling: Levelling = BY_TRACK) -> PeriodMixer:
    """A mixer over full rings of files that are all ``QUIETER``; the first has begun."""
    made = mixer(*slots, begin=False)
    for each in slots:
        ring = made.ring(each.chain)
        assert ring is not None
        ring.levels = QUIETER
    made.follow(by(levelling, *slots, version=2))
    first = made.startable(0)
    assert first is not None
    made.begin(first)
    return made


def gains(heard: npt.NDArray[np.float32], at: int = 0) -> npt.NDArray[np.float64]:
    """The gain of each frame of the first song."""
    whole: npt.NDArray[np.float64] = signal(1, at + len(heard))[at:, 0].astype(np.float64)
    return heard[:, 0] / whole


def test_the_first_frame_is_at_its_level() -> None:
    made = levelled(slot(1, LENGTH))
    assert np.array_equal(render(made, 3 * PERIOD), signal(1, 3 * PERIOD) * HALF)


def test_a_period_at_another_level_than_one_counts_as_altered_and_one_at_one_does_not() -> None:
    out = np.empty((PERIOD, 2), dtype=np.float32)
    assert levelled(slot(1, LENGTH)).render(out)
    assert not levelled(slot(1, LENGTH), levelling=OFF).render(out)
    assert np.array_equal(out, signal(1, PERIOD))


def test_songs_that_follow_each_other_are_at_their_levels_to_the_frame() -> None:
    made = levelled(slot(1, 1000), slot(2, 1000))
    ring = made.ring(ChainId(2))
    assert ring is not None
    ring.levels = Levels(track_gain_db=-12.0)
    out = render(made, 6 * PERIOD)
    assert np.array_equal(out[:1000], signal(1, 1000) * HALF)
    assert np.array_equal(out[1000:], signal(2, 6 * PERIOD - 1000) * QUARTER)


@pytest.mark.parametrize("heard", [1, PERIOD, PERIOD + 100, 2 * PERIOD])
def test_a_level_that_was_not_heard_yet_moves_from_the_one_that_was(heard: int) -> None:
    one = slot(1, LENGTH)
    made = levelled(one, levelling=OFF)
    render(made, 2 * PERIOD)
    made.follow(by(BY_TRACK, one, version=3))
    render(made, 2 * PERIOD)
    made.rewind(heard)
    out = gains(render(made, SLEW + 2 * PERIOD), heard)
    line = 1 + (HALF - 1) * np.arange(1, SLEW + 1) / SLEW
    assert out[:SLEW] == pytest.approx(line, abs=1e-6)
    assert out[SLEW:] == pytest.approx(HALF, abs=1e-6)


def test_going_back_into_a_move_goes_on_from_the_gain_that_was_heard() -> None:
    one = slot(1, LENGTH)
    made = levelled(one, levelling=OFF)
    made.follow(by(BY_TRACK, one, version=3))  # before its first frame: at once
    render(made, 2 * PERIOD)
    made.follow(by(BY_ALBUM, one, version=4))
    before = gains(render(made, 4 * PERIOD), 2 * PERIOD)
    made.rewind(4 * PERIOD)
    after = gains(render(made, SLEW), 4 * PERIOD)
    assert np.array_equal(before[2 * PERIOD :], after[: 2 * PERIOD])
    assert after[-1] == pytest.approx(QUARTER, abs=1e-6)


def test_a_level_that_is_chosen_within_the_tail_of_a_pause_counts_when_it_goes_on() -> None:
    one = slot(1, LENGTH)
    made = levelled(one, levelling=OFF)
    render(made, 2 * PERIOD)
    made.tail(np.empty((PERIOD, 2), dtype=np.float32))
    made.follow(by(BY_TRACK, one, version=3))
    made.silence()
    assert made.catch_tail(heard=100, rise=500)
    out = gains(render(made, SLEW + 2 * PERIOD), 2 * PERIOD + 100)
    assert out[SLEW:] == pytest.approx(HALF, abs=1e-6)
    assert np.abs(np.diff(out)).max() < 1.0 / DECLICK


def test_what_is_edited_within_the_tail_of_a_pause_counts_when_it_goes_on() -> None:
    one = slot(1, LENGTH)
    made = levelled(one, levelling=OFF)
    render(made, 2 * PERIOD)
    made.tail(np.empty((PERIOD, 2), dtype=np.float32))
    edited = replace(one, envelope=fades(None, LENGTH - 1000))
    made.follow(by(OFF, edited, version=3))
    made.silence()
    assert made.catch_tail(heard=100, rise=500)
    out = render(made, LENGTH - 2 * PERIOD - 100)
    assert np.abs(out[-1]).max() < 1e-3


def test_who_leaves_keeps_the_level_that_it_had() -> None:
    made = levelled(slot(1, LENGTH), slot(2, LENGTH))
    render(made, 2 * PERIOD)
    made.follow(by(OFF, version=3))
    out = gains(render(made, PERIOD), 2 * PERIOD)
    fall = 1 - np.arange(1, DECLICK + 1) / DECLICK
    assert out[:DECLICK] == pytest.approx(HALF * fall, abs=1e-6)


changes = st.tuples(
    st.sampled_from([OFF, BY_TRACK, BY_ALBUM]), st.integers(0, 4), st.integers(0, 900)
)


@given(st.lists(changes, max_size=8))
def test_however_modes_change_and_what_is_mixed_is_taken_back_no_gain_makes_a_step(
    steps: list[tuple[Levelling, int, int]],
) -> None:
    one = slot(1, LENGTH)
    made = levelled(one, levelling=OFF)
    heard = render(made, PERIOD)
    version = 3
    for levelling, periods, back in steps:
        made.follow(by(levelling, one, version=version))
        version += 1
        heard = np.concatenate([heard, render(made, periods * PERIOD)])
        keep = max(len(heard) - back, len(heard) - periods * PERIOD)
        made.rewind(keep)
        made.heard(Frames(keep))
        heard = heard[:keep]
    heard = np.concatenate([heard, render(made, SLEW + PERIOD)])
    wanted = steps[-1][0].gain(QUIETER) if steps else 1.0
    found = gains(heard)
    assert np.abs(np.diff(found)).max() < 0.9 / SLEW
    assert found[-PERIOD:] == pytest.approx(wanted, abs=1e-6)
