"""MixRamp's overlaps: what MPD works out, for pairs of ramps, thresholds, delays and gains."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.levels import AS_IT_IS, UNKNOWN, Levelling, Levels
from playback.mix_ramp import UNKNOWN_ENDS, Ends, MixRamp, ends_of, mix_ramp_in, ramped_overlap
from playback.options import Options, ReplayGainMode
from playback.overlap import Transition, plan_transition
from playback.passage import Passage
from playback.profile import NO_PROFILE, Profile
from playback.ramp import Ramp
from playback.units import ZERO_TICKS, Ticks
from tests.playback.passages import passage, ticks, valid_passages

MPD: Ramp = ((1.0, 0.0), (3.0, 0.1), (6.0, 2.5))
"""The ramp of MPD's own test."""
FLAT: Ramp = ((-90.0, 0.0), (90.0, 0.0))
"""As loud as can be from the first moment."""
TRACK = Levelling(mode=ReplayGainMode.TRACK)


def overlap_s(a: Ends, b: Ends, asked: MixRamp, levelling: Levelling = AS_IT_IS) -> float | None:
    overlap = ramped_overlap(a, b, asked, levelling)
    return None if overlap is None else overlap / ticks(1)


@pytest.mark.parametrize(
    ("threshold_db", "seconds"),
    [(0, 0), (1, 0), (3, 0.1), (6, 2.5), (2, 0.05), (4.5, 1.3), (4, 0.9), (5, 1.7)],
)
def test_one_side_gives_what_mpd_reads_from_its_ramp(threshold_db: float, seconds: float) -> None:
    asked = MixRamp(threshold_db, 0.01)
    expected = pytest.approx(max(0.0, seconds - 0.01), abs=1e-7)
    assert overlap_s(Ends(end=MPD), Ends(start=FLAT), asked) == expected
    assert overlap_s(Ends(end=FLAT), Ends(start=MPD), asked) == expected


@pytest.mark.parametrize(
    ("threshold_db", "delay_s", "seconds"),
    [
        (6, 0.5, 4.5),
        (6, 2.5, 2.5),
        (4.5, 0.1, 2.5),
        (3, 0.2, 0.0),
        (3, 0.25, 0.0),
        (6, float("inf"), 0.0),
    ],
)
def test_both_sides_add_up_and_the_delay_is_taken_off(
    threshold_db: float, delay_s: float, seconds: float
) -> None:
    asked = MixRamp(threshold_db, delay_s)
    assert overlap_s(Ends(end=MPD), Ends(start=MPD), asked) == pytest.approx(seconds, abs=1e-7)


def test_a_song_that_is_never_so_loud_overlaps_with_nobody() -> None:
    asked = MixRamp(6.1, 0.1)
    assert overlap_s(Ends(end=MPD), Ends(start=FLAT), asked) == 0
    assert overlap_s(Ends(end=FLAT), Ends(start=MPD), asked) == 0


def test_where_a_ramp_is_unknown_nobody_can_tell() -> None:
    asked = MixRamp(3, 0.1)
    for a, b in ((Ends(end=MPD), UNKNOWN_ENDS), (UNKNOWN_ENDS, Ends(start=MPD))):
        assert overlap_s(a, b, asked) is None
    assert overlap_s(Ends(start=MPD), Ends(end=MPD), asked) is None


@pytest.mark.parametrize(
    ("a_gain_db", "b_gain_db", "levelling", "seconds"),
    [
        (-3.0, 2.0, AS_IT_IS, 0.2),
        (-3.0, 2.0, TRACK, 2.5 + 0.0),
        (-1.5, -1.0, TRACK, 1.3 + 0.9),
        (None, -3.0, TRACK, 0.1 + 2.5),
        (None, -2.0, replace(TRACK, missing_preamp_db=-1.0), 0.9 + 1.7),
        (-1.0, -1.0, replace(TRACK, preamp_db=-1.0), 1.7 + 1.7),
        (2.0, -4.0, TRACK, 0.0),
    ],
    ids=["off", "track", "in between", "no gain", "missing preamp", "preamp", "never"],
)
def test_the_threshold_is_about_what_is_heard_with_each_songs_gain(
    a_gain_db: float | None, b_gain_db: float, levelling: Levelling, seconds: float
) -> None:
    a = Ends(Levels(a_gain_db), end=MPD)
    b = Ends(Levels(b_gain_db), start=MPD)
    found = overlap_s(a, b, MixRamp(3, 0.05), levelling)
    assert found == pytest.approx(max(0.0, seconds - 0.05), abs=1e-6)


def test_a_gain_that_a_peak_holds_down_counts_as_it_is() -> None:
    a = Ends(Levels(track_gain_db=20.0, track_peak=1.0), end=MPD)
    assert overlap_s(a, Ends(start=FLAT), MixRamp(3, 0.05), TRACK) == pytest.approx(0.05, abs=1e-6)


def test_without_a_delay_it_is_off() -> None:
    assert mix_ramp_in(Options(mixramp_db=-17)) is None
    assert mix_ramp_in(Options(mixramp_db=-17, mixramp_delay_s=0.1)) == MixRamp(-17, 0.1)


# What becomes of it at a joint


def test_it_replaces_the_crossfade_and_has_no_envelope() -> None:
    for crossfade_s in (0, 5):
        found = plan_transition(passage(0, 60), passage(0, 60), crossfade_s, ticks(2))
        assert found == Transition(ticks(2), None, None)


def test_an_overlap_of_nothing_is_no_reason_for_a_crossfade() -> None:
    found = plan_transition(passage(0, 60), passage(0, 60), 5, ZERO_TICKS)
    assert found == Transition(ZERO_TICKS, None, None)


def test_an_explicit_lead_on_either_side_outranks_it() -> None:
    plain, lead_out, lead_in = (
        passage(0, 60),
        passage(0, 60, lead_out=56),
        passage(0, 60, lead_in=3),
    )
    for a, b in ((lead_out, plain), (plain, lead_in), (lead_out, lead_in)):
        assert plan_transition(a, b, 5, ticks(2)) == plan_transition(a, b, 5)
    assert plan_transition(lead_out, lead_in, 0, ticks(2)).overlap == ticks(3)


def test_leads_at_the_other_ends_do_not_but_keep_their_room() -> None:
    a, b = passage(0, 60, lead_in=59), passage(0, 60, lead_out=1.5)
    assert plan_transition(a, passage(0, 60), 0, ticks(2)).overlap == ticks(1)
    assert plan_transition(passage(0, 60), b, 0, ticks(2)).overlap == ticks(1.5)


def test_explicit_fades_are_kept() -> None:
    found = plan_transition(passage(0, 60, fade_out=57), passage(0, 60, fade_in=1), 0, ticks(4))
    assert found == Transition(ticks(4), ticks(57), ticks(1))


def test_it_takes_no_more_than_half_of_a_passage() -> None:
    assert plan_transition(passage(0, 10), passage(0, 60), 0, ticks(30)).overlap == ticks(5)
    assert plan_transition(passage(0, 60), passage(0, 8), 0, ticks(30)).overlap == ticks(4)


def test_without_a_known_duration_there_is_none() -> None:
    unknown, known = passage(0, None), passage(0, 60)
    for a, b in ((unknown, known), (known, unknown)):
        assert plan_transition(a, b, 0, ticks(4)) == Transition(ZERO_TICKS, None, None)


@given(valid_passages(), valid_passages(), valid_passages(), st.integers(0, 10**10))
def test_three_passages_never_sound_at_once(
    a: Passage, b: Passage, c: Passage, ramped: int
) -> None:
    assert b.end is not None
    a_is_silent = b.start + plan_transition(a, b, 3, Ticks(ramped)).overlap
    assert a_is_silent <= b.end - plan_transition(b, c, 3, Ticks(ramped)).overlap


# Which ends of a file are ends of a passage

START: Ramp = ((-20.0, 0.5), (-10.0, 1.5))
END: Ramp = ((-30.0, 0.25), (-15.0, 2.0))
KNOWN = Profile(Levels(-3.0), START, END)


def test_a_whole_file_has_both_ends_of_its_file() -> None:
    assert ends_of(passage(0, 60), ticks(60), KNOWN) == Ends(Levels(-3.0), START, END)


@pytest.mark.parametrize(
    ("part", "start", "end"),
    [
        (passage(0, 59), START, ()),
        (passage(1, 60), (), END),
        (passage(1, 59), (), ()),
        (passage(0, None), START, ()),
    ],
)
def test_a_part_has_those_that_are_its_own(part: Passage, start: Ramp, end: Ramp) -> None:
    assert ends_of(part, ticks(60), KNOWN) == Ends(Levels(-3.0), start, end)


def test_without_the_files_end_nobody_knows_whether_it_is_there() -> None:
    assert ends_of(passage(0, 60), None, KNOWN).end == ()


def test_silence_that_is_left_out_is_taken_off_the_ramps() -> None:
    profile = replace(KNOWN, trim_before=ticks(1), trim_after=ticks(0.5))
    found = ends_of(passage(1, 59.5), ticks(60), profile)
    assert found.start == ((-20.0, 0.0), (-10.0, 0.5))
    assert found.end == ((-30.0, 0.0), (-15.0, 1.5))


def test_of_a_file_of_which_nothing_is_known_nothing_is_known() -> None:
    assert ends_of(passage(0, 60), ticks(60)) == UNKNOWN_ENDS == Ends(UNKNOWN)


def test_what_tags_do_not_say_is_completed() -> None:
    measured = Profile(Levels(-1.0, 0.5), MPD, END, Ticks(7), Ticks(9))
    assert Profile(start=START).completed_by(measured) == replace(measured, start=START)
    assert KNOWN.completed_by(None) is KNOWN
    assert NO_PROFILE.completed_by(measured) == measured
