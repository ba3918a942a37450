"""Fades against their formulas in float64, their algebra, and their cutting into blocks."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import curves
from playback.passage import Curve

LSB_16 = 2.0**-15
ULP = 2.0**-23

Formula = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
FORMULAS: dict[Curve, tuple[Formula, Formula]] = {
    Curve.LINEAR: (lambda u: u, lambda u: 1 - u),
    Curve.EXPONENTIAL: (lambda u: u**2, lambda u: (1 - u) ** 2),
    Curve.LOGARITHMIC: (lambda u: u**2, lambda u: (1 - u) ** 2),
    Curve.COSINE: (
        lambda u: (1 - np.cos(np.pi * u)) / 2,
        lambda u: (1 + np.cos(np.pi * u)) / 2,
    ),
    Curve.EQUAL_POWER: (lambda u: np.sin(np.pi * u / 2), lambda u: np.cos(np.pi * u / 2)),
}
MID_OVERLAP_POWER_DB = {
    Curve.LINEAR: -3.0,
    Curve.EXPONENTIAL: -9.0,
    Curve.LOGARITHMIC: -9.0,
    Curve.COSINE: -3.0,
    Curve.EQUAL_POWER: 0.0,
}
LENGTHS = [1, 2, 3, 441, 4_097, 88_200, 1_323_001]


def both(curve: Curve, length: int) -> tuple[curves.Gains, curves.Gains]:
    return curves.fade_in(curve, 0, length, length), curves.fade_out(curve, 0, length, length)


@pytest.mark.parametrize("curve", Curve)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_curve_is_its_formula_in_the_middle_of_each_frame(curve: Curve, length: int) -> None:
    middles = (np.arange(length) + 0.5) / length
    for gains, formula in zip(both(curve, length), FORMULAS[curve], strict=True):
        assert gains.dtype == np.float32
        assert np.abs(gains - formula(middles)).max() < LSB_16 / 64
        assert 0.0 <= gains.min() <= gains.max() <= 1.0


@pytest.mark.parametrize("curve", [Curve.LINEAR, Curve.COSINE])
@pytest.mark.parametrize("length", LENGTHS)
def test_complementary_curves_sum_to_exactly_one(curve: Curve, length: int) -> None:
    rising, falling = (gains.astype(np.float64) for gains in both(curve, length))
    assert np.array_equal(rising + falling, np.ones(length))


@pytest.mark.parametrize("length", LENGTHS)
def test_the_squares_of_equal_power_sum_to_one(length: int) -> None:
    rising, falling = (gains.astype(np.float64) for gains in both(Curve.EQUAL_POWER, length))
    assert np.abs(rising**2 + falling**2 - 1.0).max() < 4 * ULP


@pytest.mark.parametrize("curve", Curve)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_fade_in_is_its_fade_out_read_backwards(curve: Curve, length: int) -> None:
    rising, falling = both(curve, length)
    assert np.abs(rising - falling[::-1]).max() < 4 * ULP


@pytest.mark.parametrize("curve", Curve)
def test_mid_overlap_power_of_two_uncorrelated_signals(curve: Curve) -> None:
    rising, falling = both(curve, 10_001)
    power = float(rising[5_000]) ** 2 + float(falling[5_000]) ** 2
    assert 10 * math.log10(power) == pytest.approx(MID_OVERLAP_POWER_DB[curve], abs=0.05)


@given(
    curve=st.sampled_from(list(Curve)),
    length=st.integers(1, 20_000_000),
    first=st.integers(0, 20_000_000),
    cuts=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
)
def test_a_fade_is_the_same_however_it_is_cut(
    curve: Curve, length: int, first: int, cuts: list[int]
) -> None:
    first %= length
    total = min(sum(cuts), length - first)
    for fade in (curves.fade_in, curves.fade_out):
        whole = fade(curve, first, total, length)
        parts, at = [], 0
        for cut in cuts:
            count = min(cut, total - at)
            parts.append(fade(curve, first + at, count, length))
            at += count
        assert np.array_equal(np.concatenate(parts), whole)


def test_gains_go_where_they_are_wanted_and_no_further() -> None:
    out = np.full((8, 1), 7.0, dtype=np.float32)
    gains = curves.fade_in(Curve.LINEAR, 2, 3, 10, out)
    assert np.shares_memory(gains, out)
    assert out[:, 0].tolist() == pytest.approx([0.25, 0.35, 0.45, 7, 7, 7, 7, 7])


@pytest.mark.parametrize("curve", Curve)
def test_with_out_given_no_block_is_allocated(curve: Curve) -> None:
    out = np.empty((1024, 1), dtype=np.float32)
    curves.fade_in(curve, 0, 1024, 44_100, out)
    assert min(_allocated(curve, out) for _ in range(5)) < out.nbytes / 2


def _allocated(curve: Curve, out: curves.Gains) -> int:
    """Return the most bytes held during a call; a thread of another test may add to them."""
    tracemalloc.start()
    curves.fade_in(curve, 1_024, 1_024, 44_100, out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("fade", [curves.fade_in, curves.fade_out])
def test_a_fade_without_length_is_refused(fade: Callable[..., curves.Gains]) -> None:
    with pytest.raises(ValueError, match="without length"):
        fade(Curve.LINEAR, 0, 0, 0)


@pytest.mark.parametrize(("start", "count"), [(-1, 2), (0, 11), (10, 1), (0, -1)])
def test_frames_outside_the_fade_are_refused(start: int, count: int) -> None:
    with pytest.raises(ValueError, match="leave a fade of 10"):
        curves.fade_in(Curve.LINEAR, start, count, 10)
