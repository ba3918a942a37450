"""Ramps read as MPD reads the tags of MixRamp."""

from __future__ import annotations

import pytest

from playback.ramp import Ramp, parsed, time_at

MPD: Ramp = ((1.0, 0.0), (3.0, 0.1), (6.0, 2.5))
"""The ramp of MPD's own test."""


def test_a_tag_is_read_in_pairs() -> None:
    assert parsed("1.0 0.00;3.0 0.10;6.0 2.50;") == MPD
    assert parsed(" 1.0 0.00 ; 3.0 0.10;6.0 2.50") == MPD


@pytest.mark.parametrize(
    "text",
    ["", ";", "loud", "1.0", "1.0 2.0 3.0", "nan 1", "inf 1", "1 nan", "x 1.0;2 2"],
)
def test_what_is_no_ramp_is_an_empty_one(text: str) -> None:
    assert parsed(text) == ()


def test_a_tag_that_breaks_off_is_read_up_to_there() -> None:
    assert parsed("1.0 0.00;3.0 0.10;6.0") == MPD[:2]


def test_points_that_do_not_get_louder_end_a_ramp() -> None:
    assert parsed("1.0 0.00;3.0 0.10;3.0 0.20;9 9") == MPD[:2]


@pytest.mark.parametrize(
    ("threshold_db", "seconds"),
    [
        (0.0, 0.0),
        (1.0, 0.0),
        (3.0, 0.1),
        (6.0, 2.5),
        (2.0, 0.05),
        (4.5, 1.3),
        (4.0, 0.9),
        (5.0, 1.7),
    ],
)
def test_a_level_is_reached_at_its_point_or_between_two(
    threshold_db: float, seconds: float
) -> None:
    assert time_at(MPD, threshold_db) == pytest.approx(seconds, abs=1e-12)


def test_a_level_above_all_points_is_never_reached() -> None:
    assert time_at(MPD, 6.1) is None
    assert time_at((), -17.0) is None
