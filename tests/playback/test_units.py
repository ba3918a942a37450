"""Units: every conversion is exact where the rates divide the tick, and rounds down elsewhere."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.units import (
    TICKS_PER_MS,
    Ticks,
    frames_to_ms,
    frames_to_ticks,
    ms_to_frames,
    seconds_to_ticks,
    ticks_to_frames,
    ticks_to_seconds,
)

USUAL_RATES_HZ = [
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200,
    96_000, 176_400, 192_000, 352_800,
]  # fmt: skip
ANY_RATE_HZ = st.sampled_from([*USUAL_RATES_HZ, 37_800, 44_099, 47_999])
POINT = st.integers(0, 10**13).map(Ticks)


@pytest.mark.parametrize("rate_hz", USUAL_RATES_HZ)
def test_a_frame_of_a_usual_rate_is_a_whole_number_of_ticks(rate_hz: int) -> None:
    assert Fraction(28_224_000, rate_hz).denominator == 1
    assert frames_to_ticks(1, rate_hz) * rate_hz == 28_224_000


def test_a_millisecond_is_a_whole_number_of_ticks() -> None:
    assert TICKS_PER_MS == 28_224
    assert seconds_to_ticks(0.001) == 28_224


@pytest.mark.parametrize(
    ("ticks", "rate_hz", "frame"),
    [(0, 44_100, 0), (639, 44_100, 0), (640, 44_100, 1), (28_223_999, 48_000, 47_999)],
)
def test_a_point_falls_into_the_frame_that_has_begun(ticks: int, rate_hz: int, frame: int) -> None:
    assert ticks_to_frames(Ticks(ticks), rate_hz) == frame


@given(st.integers(0, 10**9), ANY_RATE_HZ)
def test_frames_survive_the_way_to_ticks_and_back(frames: int, rate_hz: int) -> None:
    assert ticks_to_frames(frames_to_ticks(frames, rate_hz), rate_hz) == frames


@given(POINT, ANY_RATE_HZ)
def test_a_point_is_rounded_down_by_less_than_a_frame(point: Ticks, rate_hz: int) -> None:
    exact = Fraction(point * rate_hz, 28_224_000)
    assert 0 <= exact - ticks_to_frames(point, rate_hz) < 1


@given(POINT, POINT, ANY_RATE_HZ)
def test_points_keep_their_order(first: Ticks, second: Ticks, rate_hz: int) -> None:
    early, late = sorted((first, second))
    assert ticks_to_frames(early, rate_hz) <= ticks_to_frames(late, rate_hz)


@given(st.integers(0, 10**11).map(Ticks))
def test_ticks_survive_the_way_to_seconds_and_back(ticks: Ticks) -> None:
    assert seconds_to_ticks(ticks_to_seconds(ticks)) == ticks


def test_seconds_are_rounded_to_the_nearest_tick() -> None:
    assert seconds_to_ticks(0.6 / 28_224_000) == 1
    assert seconds_to_ticks(0.4 / 28_224_000) == 0
    assert ticks_to_seconds(Ticks(14_112_000)) == 0.5


def test_milliseconds_hold_whole_frames_only() -> None:
    assert ms_to_frames(3000, 44_100) == 132_300
    assert ms_to_frames(1, 44_100) == 44
    assert frames_to_ms(132_300, 44_100) == 3000
    assert frames_to_ms(44, 44_100) == 0
    assert frames_to_ms(45, 44_100) == 1
