"""From levels to a gain, by MPD's rules: mode, fallback, preamps, the bound, the peak."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.levels import AS_IT_IS, UNKNOWN, Levelling, Levels
from playback.options import Options, ReplayGainMode

OFF, TRACK, ALBUM, AUTO = ReplayGainMode
BOTH = Levels(-6.0, 0.5, -8.0, 0.75)

decibels = st.floats(-99, 99)
peaks = st.floats(0.001, 99)
some_levels = st.builds(
    Levels,
    st.none() | decibels,
    st.none() | peaks,
    st.none() | decibels,
    st.none() | peaks,
)
modes = st.sampled_from([OFF, TRACK, ALBUM])
preamps = st.floats(-15, 15)
levellings = st.builds(Levelling, modes, preamps, preamps, st.booleans())


def db(factor: float) -> float:
    return 20 * math.log10(factor)


def test_off_leaves_everything_as_it_is_whatever_the_preamps_say() -> None:
    assert Levelling(OFF, 6.0, 6.0).gain(BOTH) == 1.0
    assert Levelling(OFF, 6.0, 6.0).gain(UNKNOWN) == 1.0
    assert AS_IT_IS.gain(BOTH) == 1.0


@pytest.mark.parametrize(("mode", "gain_db"), [(TRACK, -6.0), (ALBUM, -8.0)])
def test_each_mode_takes_its_gain(mode: ReplayGainMode, gain_db: float) -> None:
    assert db(Levelling(mode).gain(BOTH)) == pytest.approx(gain_db)


@pytest.mark.parametrize("mode", [TRACK, ALBUM])
def test_where_the_wanted_one_is_missing_the_other_one_counts_with_its_peak(
    mode: ReplayGainMode,
) -> None:
    track_only, album_only = Levels(3.0, 0.9), Levels(None, 0.1, 3.0, 0.9)
    assert Levelling(mode).gain(track_only) == Levelling(mode).gain(album_only) == 1 / 0.9


@pytest.mark.parametrize("mode", [TRACK, ALBUM])
def test_songs_without_a_gain_get_the_preamp_that_is_for_them(mode: ReplayGainMode) -> None:
    levelling = Levelling(mode, preamp_db=3.0, missing_preamp_db=-4.5)
    assert db(levelling.gain(UNKNOWN)) == pytest.approx(-4.5)
    assert db(levelling.gain(Levels(track_peak=0.5))) == pytest.approx(-4.5)


def test_the_preamp_is_added_to_what_is_known() -> None:
    assert db(Levelling(TRACK, preamp_db=2.5).gain(BOTH)) == pytest.approx(-3.5)


def test_a_gain_that_the_preamp_undoes_leaves_the_frames_as_they_are() -> None:
    assert Levelling(TRACK, preamp_db=6.0).gain(BOTH) == 1.0
    assert Levelling(TRACK).gain(Levels(0.0, 1.0)) == 1.0


def test_a_gain_goes_no_further_than_the_peak_allows_unless_nobody_minds() -> None:
    quiet = Levels(12.0, 0.5)
    assert Levelling(TRACK).gain(quiet) == 2.0
    assert db(Levelling(TRACK, limit=False).gain(quiet)) == pytest.approx(12.0)


def test_a_peak_above_full_scale_is_brought_down_even_without_a_gain_above_one() -> None:
    assert Levelling(TRACK).gain(Levels(0.0, 1.25)) == 0.8


def test_nothing_is_made_louder_than_fifteen_times() -> None:
    assert Levelling(TRACK).gain(Levels(64.8)) == 15.0
    assert Levelling(TRACK).gain(Levels(64.8, 0.5)) == 2.0


@pytest.mark.parametrize(("random", "mode"), [(False, ALBUM), (True, TRACK)])
def test_auto_means_album_and_while_random_track(random: bool, mode: ReplayGainMode) -> None:
    levelling = Levelling(preamp_db=1.0, missing_preamp_db=2.0, limit=False)
    options = Options(random=random, replay_gain_mode=AUTO)
    assert levelling.following(options) == Levelling(mode, 1.0, 2.0, limit=False)


@pytest.mark.parametrize("mode", [OFF, TRACK, ALBUM])
@pytest.mark.parametrize("random", [False, True])
def test_the_other_modes_mean_themselves(mode: ReplayGainMode, random: bool) -> None:
    assert AS_IT_IS.following(Options(random=random, replay_gain_mode=mode)) == Levelling(mode)


def test_levels_are_completed_one_by_one_and_what_is_known_stays() -> None:
    measured = Levels(-1.0, 0.1, -2.0, 0.2)
    assert Levels(-6.0).completed_by(measured) == Levels(-6.0, 0.1, -2.0, 0.2)
    assert Levels(None, None, 0.0, 0.9).completed_by(measured) == Levels(-1.0, 0.1, 0.0, 0.9)
    assert BOTH.completed_by(measured) == BOTH
    assert BOTH.completed_by(None) == BOTH
    assert UNKNOWN.completed_by(measured) == measured


@given(some_levels, levellings)
def test_a_gain_is_a_number_above_zero_and_within_the_bound(
    levels: Levels, levelling: Levelling
) -> None:
    assert 0.0 < levelling.gain(levels) <= 15.0


@given(decibels, peaks, levellings, some_levels)
def test_with_the_limit_the_peak_that_belongs_to_the_gain_does_not_pass_full_scale(
    gain_db: float, peak: float, levelling: Levelling, others: Levels
) -> None:
    for mode, levels in (
        (TRACK, Levels(gain_db, peak, others.album_gain_db, others.album_peak)),
        (ALBUM, Levels(others.track_gain_db, others.track_peak, gain_db, peak)),
    ):
        gain = Levelling(mode, levelling.preamp_db, levelling.missing_preamp_db).gain(levels)
        assert gain * peak <= 1.0 + 1e-12


@given(decibels, preamps, preamps)
def test_without_peaks_the_gain_in_decibels_is_the_sum_up_to_the_bound(
    gain_db: float, preamp_db: float, missing_db: float
) -> None:
    levelling = Levelling(TRACK, preamp_db, missing_db)
    expected = min(gain_db + preamp_db, db(15.0))
    assert db(levelling.gain(Levels(gain_db))) == pytest.approx(expected, abs=1e-9)


@given(some_levels, levellings, st.floats(0, 5))
def test_a_higher_preamp_never_makes_anything_quieter(
    levels: Levels, levelling: Levelling, more_db: float
) -> None:
    louder = Levelling(
        levelling.mode, levelling.preamp_db + more_db, levelling.missing_preamp_db, levelling.limit
    )
    assert louder.gain(levels) >= levelling.gain(levels)


@given(some_levels, some_levels)
def test_completing_levels_keeps_all_that_was_known(levels: Levels, others: Levels) -> None:
    completed = levels.completed_by(others)
    for name in ("track_gain_db", "track_peak", "album_gain_db", "album_peak"):
        own = getattr(levels, name)
        assert getattr(completed, name) == (getattr(others, name) if own is None else own)
