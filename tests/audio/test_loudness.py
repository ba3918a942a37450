"""Loudness and peaks by the signals of EBU Tech 3341, made here as that document describes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from audio.k_weighting import KWeighting
from audio.loudness import STEREO, SURROUND, IntegratedLoudness, Peaks, Steps

Signal = npt.NDArray[np.float64]
RATES_HZ = (8000, 11_025, 44_100, 48_000, 96_000)


def tone(level_dbfs: float, seconds: float, rate_hz: int, channels: int = 2) -> Signal:
    """A 1 kHz sine of which the peak has the given level, shape (channels, frames)."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    one = 10.0 ** (level_dbfs / 20.0) * np.sin(2 * np.pi * 1000.0 * time_s)
    return np.tile(one, (channels, 1))


def parts(rate_hz: int, *levels: tuple[float, float]) -> Signal:
    return np.concatenate([tone(level, seconds, rate_hz) for level, seconds in levels], axis=1)


def loudness(
    signal: Signal, rate_hz: int, weights: Sequence[float] = STEREO, block: int = 40_000
) -> float | None:
    steps, integrated = Steps(rate_hz, weights), IntegratedLoudness()
    for begin in range(0, signal.shape[1], block):
        integrated.push(steps.push(signal[:, begin : begin + block]))
    return integrated.lufs


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_cases_1_and_2_a_steady_tone(level: float, rate_hz: int) -> None:
    assert loudness(tone(level, 20, rate_hz), rate_hz) == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_case_3_quiet_ends_are_left_out_by_the_relative_gate(rate_hz: int) -> None:
    signal = parts(rate_hz, (-36, 10), (-23, 60), (-36, 10))
    assert loudness(signal, rate_hz) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_case_4_very_quiet_ends_are_left_out_before_the_gate_is_set(rate_hz: int) -> None:
    signal = parts(rate_hz, (-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10))
    assert loudness(signal, rate_hz) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_case_5_what_is_a_little_quieter_counts(rate_hz: int) -> None:
    signal = parts(rate_hz, (-26, 20), (-20, 20.1), (-26, 20))
    assert loudness(signal, rate_hz) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_case_6_surround_channels_weigh_more_and_the_low_frequencies_nothing(rate_hz: int) -> None:
    levels = (-28, -28, -24, 0, -30, -30)
    signal = np.concatenate([tone(level, 20, rate_hz, 1) for level in levels])
    assert loudness(signal, rate_hz, SURROUND) == pytest.approx(-23.0, abs=0.1)


def test_blocks_of_any_size_give_the_same() -> None:
    signal = np.random.default_rng(1).standard_normal((2, 50_000)) * np.linspace(0, 1, 50_000)
    whole = loudness(signal, 11_025, block=50_000)
    for block in (1, 1102, 1103, 4409, 7777):
        shorter = signal[:, :12_000] if block == 1 else signal
        expected = loudness(shorter, 11_025) if block == 1 else whole
        assert loudness(shorter, 11_025, block=block) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rate_hz", [11_025, 44_100])
def test_steps_are_tenths_of_a_second_of_the_weighted_sound(rate_hz: int) -> None:
    frames = 3 * rate_hz + 17
    signal = np.random.default_rng(2).standard_normal((2, frames))
    squares = np.square(KWeighting(rate_hz, 2)(signal)).sum(axis=0)
    edges = [k * rate_hz // 10 for k in range(31)]
    steps = Steps(rate_hz, STEREO)
    found = np.concatenate([steps.push(signal[:, i : i + 500]) for i in range(0, frames, 500)])
    assert found == pytest.approx([squares[a:b].mean() for a, b in pairwise(edges)])
    assert steps.rest() == pytest.approx((squares[-17:].mean(), 17 / rate_hz))


@pytest.mark.parametrize("level", [-71.0, -120.0])
def test_what_is_below_the_absolute_gate_has_no_loudness(level: float) -> None:
    assert loudness(tone(level, 5, 48_000), 48_000) is None


def test_what_is_shorter_than_a_block_has_no_loudness() -> None:
    assert loudness(tone(-20, 0.399, 48_000), 48_000) is None
    assert loudness(tone(-20, 0.4, 48_000), 48_000) == pytest.approx(-20, abs=0.1)


def test_beyond_full_scale_there_is_loudness_too() -> None:
    assert loudness(tone(30, 2, 48_000), 48_000) == pytest.approx(30, abs=0.1)


def test_counting_in_classes_gives_what_keeping_all_blocks_gives() -> None:
    powers = 10.0 ** np.random.default_rng(3).uniform(-8.0, 0.5, 5000)
    integrated = IntegratedLoudness()
    for begin in range(0, 5000, 7):
        integrated.push(powers[begin : begin + 7])
    blocks = np.array([powers[i : i + 4].mean() for i in range(4997)])
    blocks = blocks[-0.691 + 10 * np.log10(blocks) > -70]
    loud = blocks[blocks > blocks.mean() / 10]
    assert integrated.lufs == pytest.approx(-0.691 + 10 * np.log10(loud.mean()), abs=0.002)


# True peak


def peaks(signal: Signal, rate_hz: int) -> Peaks:
    found = Peaks(rate_hz)
    for begin in range(0, signal.shape[1], 4000):
        block = np.ascontiguousarray(signal[:, begin : begin + 4000].T, dtype=np.float32)
        found.push(block)
    found.finish()
    return found


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize(
    ("case", "level", "divisor", "phase_degrees", "true_peak_db"),
    [
        (15, 0.50, 4, 0.0, -6.0),
        (16, 0.50, 4, 45.0, -6.0),
        (17, 0.50, 6, 60.0, -6.0),
        (18, 0.50, 8, 67.5, -6.0),
        (19, 1.41, 4, 45.0, 3.0),
    ],
)
def test_true_peak_is_that_of_the_curve_between_the_samples(
    case: int, level: float, divisor: int, phase_degrees: float, true_peak_db: float, rate_hz: int
) -> None:
    frames = np.arange(rate_hz)
    wave = level * np.sin(2 * np.pi * frames / divisor + np.radians(phase_degrees))
    ramp = np.clip(np.minimum(frames, frames[::-1]) / (0.01 * rate_hz), 0, 1)  # no click
    found = peaks(np.tile(wave * ramp, (2, 1)), rate_hz)
    assert true_peak_db - 0.4 <= 20 * np.log10(found.true) <= true_peak_db + 0.2, f"case {case}"
    assert found.sample == pytest.approx(np.abs(wave * ramp).max(), abs=1e-6)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_peak_is_found_on_either_side_and_below_zero(side: int, sign: float) -> None:
    signal = np.zeros((2, 10_000))
    signal[side, 5000] = sign * 0.75
    found = peaks(signal, 44_100)
    assert found.sample == 0.75
    assert found.true >= 0.75


def test_a_peak_at_the_last_frame_is_found() -> None:
    signal = np.zeros((2, 4410))
    signal[:, -2:] = 0.9
    assert peaks(signal, 44_100).true > 0.95


@pytest.mark.parametrize(("rate_hz", "beyond"), [(96_000, True), (192_000, False)])
def test_high_rates_need_fewer_values_between(rate_hz: int, *, beyond: bool) -> None:
    frames = np.arange(20_000)
    wave = 0.5 * np.sin(2 * np.pi * frames / 4 + np.pi / 4) * np.hanning(20_000)
    found = peaks(np.tile(wave, (2, 1)), rate_hz)
    assert (found.true > 0.45) is beyond


def test_of_nothing_there_is_no_peak() -> None:
    assert peaks(np.zeros((2, 0)), 44_100).true == 0.0
