"""Validation at its three moments: request, load, just before decoding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.passage import Passage
from playback.units import Ticks
from playback.validation import fitted_to_end, repaired, violations
from tests.playback.passages import passage, ticks, valid_passages

ANY_POINT = st.none() | st.integers(-(10**9), 10**10).map(Ticks)
ANY_PASSAGE = st.builds(
    Passage,
    uri=st.just("song.flac"),
    start=st.integers(-(10**9), 10**10).map(Ticks),
    end=ANY_POINT,
    fade_in=ANY_POINT,
    fade_out=ANY_POINT,
    lead_in=ANY_POINT,
    lead_out=ANY_POINT,
)
FILE_END = st.none() | st.integers(1, 10**10).map(Ticks)


@given(valid_passages())
def test_a_passage_in_order_has_no_violation_and_needs_no_repair(valid: Passage) -> None:
    assert violations(valid) == ()
    assert repaired(valid, valid.end) == (valid, ())


def test_points_may_coincide() -> None:
    edges = passage(5, 60, fade_in=5, lead_in=5, fade_out=60, lead_out=60)
    middle = passage(5, 60, fade_in=30, fade_out=30, lead_in=30, lead_out=30)

    assert violations(edges) == ()
    assert violations(middle) == ()


def test_fades_and_leads_have_no_order_between_them() -> None:
    assert violations(passage(0, 60, fade_in=50, fade_out=55, lead_in=1, lead_out=2)) == ()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (passage(-1, 60), "start (-1 s) lies before the beginning of the file"),
        (passage(60, 60), "end (60 s) is not after start (60 s)"),
        (passage(60, 59.5), "end (59.5 s) is not after start (60 s)"),
        (passage(5, 60, fade_in=4), "fade_in (4 s) lies before start (5 s)"),
        (passage(5, 60, fade_out=61), "fade_out (61 s) lies behind end (60 s)"),
        (passage(5, 60, lead_in=4), "lead_in (4 s) lies before start (5 s)"),
        (passage(5, 60, lead_out=60.25), "lead_out (60.25 s) lies behind end (60 s)"),
        (passage(0, 60, fade_in=9, fade_out=8), "fade_in (9 s) lies behind fade_out (8 s)"),
        (passage(0, 60, lead_in=9, lead_out=8), "lead_in (9 s) lies behind lead_out (8 s)"),
    ],
)
def test_each_rule_is_named_with_its_seconds(broken: Passage, words: str) -> None:
    assert violations(broken) == (words,)


def test_every_violated_rule_is_named_at_once() -> None:
    broken = passage(10, 20, fade_in=25, fade_out=5, lead_in=19, lead_out=11)

    assert violations(broken) == (
        "fade_in (25 s) lies behind end (20 s)",
        "fade_out (5 s) lies before start (10 s)",
        "fade_in (25 s) lies behind fade_out (5 s)",
        "lead_in (19 s) lies behind lead_out (11 s)",
    )


def test_without_an_end_the_rest_is_checked_all_the_same() -> None:
    assert violations(passage(5, None, lead_out=900)) == ()
    assert violations(passage(5, None, lead_in=4)) == ("lead_in (4 s) lies before start (5 s)",)


def test_a_start_at_or_behind_the_end_gives_the_whole_file() -> None:
    mended, warnings = repaired(passage(40, 40), ticks(200))

    assert mended == passage(0, 200)
    assert warnings == (
        "Passage of song.flac: start 40 s changed to 0 s",
        "Passage of song.flac: end 40 s changed to 200 s",
    )


def test_a_start_behind_the_file_gives_the_whole_file() -> None:
    assert repaired(passage(300, 400), ticks(200))[0] == passage(0, 200)
    assert repaired(passage(300, None), ticks(200))[0] == passage(0, 200)


def test_the_whole_of_a_file_of_unknown_length_has_no_end() -> None:
    mended, warnings = repaired(passage(40, 30), None)

    assert mended == passage(0, None)
    assert warnings[1] == "Passage of song.flac: end 30 s changed to end of file"


def test_points_outside_are_moved_to_the_edge() -> None:
    mended, warnings = repaired(passage(10, 20, fade_in=5, lead_out=25), ticks(200))

    assert mended == passage(10, 20, fade_in=10, lead_out=20)
    assert warnings == (
        "Passage of song.flac: fade_in 5 s changed to 10 s",
        "Passage of song.flac: lead_out 25 s changed to 20 s",
    )


def test_a_crossed_pair_meets_in_its_middle() -> None:
    mended, warnings = repaired(passage(0, 60, lead_in=40, lead_out=20), ticks(60))

    assert mended == passage(0, 60, lead_in=30, lead_out=30)
    assert warnings == (
        "Passage of song.flac: lead_in 40 s changed to 30 s",
        "Passage of song.flac: lead_out 20 s changed to 30 s",
    )


def test_a_pair_that_crosses_only_outside_is_mended_by_moving_it_inside() -> None:
    assert repaired(passage(10, 20, fade_in=30, fade_out=25), None)[0] == passage(
        10, 20, fade_in=20, fade_out=20
    )


@given(ANY_PASSAGE, FILE_END)
def test_whatever_is_stored_comes_out_valid_and_inside_the_file(
    stored: Passage, file_end: Ticks | None
) -> None:
    mended, warnings = repaired(stored, file_end)

    assert violations(mended) == ()
    assert (mended == stored) == (warnings == ())
    if file_end is not None and mended.end is not None:
        assert mended.end <= file_end
    if file_end is not None:
        assert mended.start < file_end


@given(ANY_PASSAGE, FILE_END)
def test_repairing_twice_changes_nothing_more(stored: Passage, file_end: Ticks | None) -> None:
    once, _ = repaired(stored, file_end)

    assert repaired(once, file_end) == (once, ())


def test_an_end_beyond_the_real_one_is_clamped_with_its_points() -> None:
    fitted, warnings = fitted_to_end(passage(0, 60, lead_out=58), ticks(57.5))

    assert fitted == passage(0, 57.5, lead_out=57.5)
    assert warnings == (
        "Passage of song.flac: end 60 s changed to 57.5 s",
        "Passage of song.flac: lead_out 58 s changed to 57.5 s",
    )


def test_finding_out_an_end_that_nobody_had_set_is_no_warning() -> None:
    assert fitted_to_end(passage(5, None), ticks(57)) == (passage(5, 57), ())


def test_an_end_inside_the_file_stays() -> None:
    assert fitted_to_end(passage(0, 60), ticks(61)) == (passage(0, 60), ())


@given(valid_passages(), st.integers(1, 10**10).map(Ticks))
def test_a_fitted_passage_always_ends_inside_the_file(valid: Passage, real_end: Ticks) -> None:
    for given_passage in (valid, replace(valid, end=None)):
        fitted, _ = fitted_to_end(given_passage, real_end)

        assert violations(fitted) == ()
        assert fitted.end is not None
        assert fitted.end <= real_end
