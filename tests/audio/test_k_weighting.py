"""The K-weighting against the standard's table, and against a plain loop over samples."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from audio.k_weighting import Biquad, KWeighting, high_pass, shelf


def looped(signal: npt.NDArray[np.float64], *stages: Biquad) -> npt.NDArray[np.float64]:
    """Direct form I, sample by sample."""
    for stage in stages:
        x1 = x2 = y1 = y2 = 0.0
        out = []
        for x in signal:
            y = stage.b[0] * x + stage.b[1] * x1 + stage.b[2] * x2
            y -= stage.a[0] * y1 + stage.a[1] * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out.append(y)
        signal = np.array(out)
    return signal


def test_at_48_khz_the_coefficients_are_those_of_the_standard() -> None:
    first, second = shelf(48_000), high_pass(48_000)
    assert first.b == pytest.approx(
        (1.53512485958697, -2.69169618940638, 1.19839281085285), abs=1e-9
    )
    assert first.a == pytest.approx((-1.69065929318241, 0.73248077421585), abs=1e-9)
    assert second.b == (1.0, -2.0, 1.0)
    assert second.a == pytest.approx((-1.99004745483398, 0.99007225036621), abs=1e-9)


@pytest.mark.parametrize("rate_hz", [1000, 3999, 4000, 8000, 11_025, 44_100, 96_000, 352_800])
def test_matrices_give_what_a_loop_gives(rate_hz: int) -> None:
    signal = np.random.default_rng(rate_hz).standard_normal((1, 3001))
    expected = looped(signal[0], shelf(rate_hz), high_pass(rate_hz))
    assert np.abs(KWeighting(rate_hz, 1)(signal)[0] - expected).max() < 1e-9


def test_blocks_of_any_size_give_the_same() -> None:
    signal = np.random.default_rng(1).standard_normal((2, 20_000))
    whole = KWeighting(44_100, 2)(signal)
    weigh = KWeighting(44_100, 2)
    cuts = [0, 1, 2, 65, 129, 1000, 1000, 1063, 17_777, 20_000]
    parts = [weigh(signal[:, begin:end]) for begin, end in pairwise(cuts)]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-11


def test_channels_do_not_hear_each_other() -> None:
    signal = np.random.default_rng(2).standard_normal((2, 5000))
    both = KWeighting(48_000, 2)(signal)
    for channel in (0, 1):
        alone = KWeighting(48_000, 1)(signal[channel : channel + 1])
        assert np.abs(both[channel] - alone[0]).max() < 1e-12


def test_long_silence_leaves_no_denormal_numbers() -> None:
    weigh = KWeighting(44_100, 1)
    weigh(np.ones((1, 1000)))
    silence = np.zeros((1, 44_100))
    for _ in range(5):
        left = np.abs(weigh(silence))
    assert left.max() == 0.0
