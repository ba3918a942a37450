"""How a passage's points are written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.errors import AckCode, AckError
from playback.passage import Curve, Passage
from playback.point_text import in_text, point_of, points_of, written
from playback.units import TICKS_PER_SECOND, Ticks


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("83.5", 83.5), ("1:23.5", 83.5), ("01:02:03", 3723), ("90:00", 5400), ("7.", 7)],
)
def test_a_time_is_seconds_or_minutes_or_hours(text: str, seconds: float) -> None:
    assert point_of("lead_out", text) == round(seconds * TICKS_PER_SECOND)


@given(st.integers(0, 10**13).map(Ticks))
def test_what_is_written_is_read_as_the_very_same_tick(point: Ticks) -> None:
    assert point_of("end", in_text(point)) == point


@pytest.mark.parametrize("text", ["-1", "1:2:3:4", "1e3", "nan", "1,5", " 1", "1:", "\u0661"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AckError, match=r"end: .* is no time; write seconds \(83\.5\)") as refused:
        point_of("end", text)
    assert refused.value.code is AckCode.ARG


def test_curves_go_by_their_names() -> None:
    assert point_of("fade_in_curve", "cosine") is Curve.COSINE
    with pytest.raises(AckError, match="there is no curve 'sine'; there are: linear, "):
        point_of("fade_out_curve", "sine")


def test_nothing_unsets_and_what_is_no_point_is_named() -> None:
    assert points_of(["end=", "fade_in_curve=", "lead_in=1"]) == {
        "end": None,
        "fade_in_curve": None,
        "lead_in": TICKS_PER_SECOND,
    }
    for word, problem in (
        ("x=1", "There is no point 'x'; there are: start"),
        ("end", "NAME=VALUE"),
    ):
        with pytest.raises(AckError, match=problem):
            points_of([word])


def test_a_passage_is_written_by_the_points_that_are_set_and_its_start() -> None:
    passage = Passage("f", end=Ticks(3 * TICKS_PER_SECOND // 2), fade_out_curve=Curve.LINEAR)
    assert written(passage) == (("start", "0"), ("end", "1.5"), ("fade_out_curve", "linear"))
