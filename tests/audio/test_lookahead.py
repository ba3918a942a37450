"""The look-ahead gain: never too loud, never abrupt, and nothing at all where nothing is needed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.lookahead import CEILING, Lookahead

RATE_HZ = 44_100
Signal = npt.NDArray[np.float32]


def through(signal: Signal, cuts: list[int]) -> tuple[Signal, list[bool]]:
    """Mix a whole signal piece by piece, as an overlap that begins with its first frame."""
    gain = Lookahead(RATE_HZ, 2_048)
    gain.begin()
    done, changed, at = signal.copy(), [], 0
    for cut in [*cuts, len(signal)]:
        if cut > at:
            future = signal[cut : cut + gain.window]
            changed.append(gain.apply(done[at:cut], future))
            at = cut
    return done, changed


def two_loud_songs(frames: int, rms_db: float, seed: int) -> Signal:
    """The sum of an equal-power overlap of two masters, clipped at full scale as masters are."""
    rng = np.random.default_rng(seed)
    level = 10 ** (rms_db / 20)
    a, b = (np.clip(rng.normal(0, level, (frames, 2)), -1, 1) for _ in range(2))
    u = ((np.arange(frames) + 0.5) / frames)[:, None]
    mixed: Signal = (a * np.cos(np.pi / 2 * u) + b * np.sin(np.pi / 2 * u)).astype(np.float32)
    return mixed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_loud_masters_cross_without_one_cut_sample(seed: int) -> None:
    signal = two_loud_songs(3 * RATE_HZ, -8.0, seed)
    assert np.abs(signal).max() > 1.05
    done, _ = through(signal, list(range(2048, len(signal), 2048)))
    assert np.abs(done).max() <= 1.0


def test_it_is_a_gain_and_moves_slowly() -> None:
    """No more than 1/window in a frame, and back no quicker than the release."""
    signal = two_loud_songs(3 * RATE_HZ, -8.0, 4)
    done, _ = through(signal, list(range(2048, len(signal), 2048)))
    heard = np.abs(signal[:, 0]) > 0.05
    gains = done[heard, 0] / signal[heard, 0]
    steps = np.diff(gains) / np.diff(np.flatnonzero(heard))
    window = Lookahead(RATE_HZ, 2_048).window
    assert steps.min() >= -0.5 / window
    assert steps.max() <= 1 / (0.2 * RATE_HZ) + 1e-5
    assert gains.min() > 0.6


def test_what_is_not_too_loud_is_not_touched() -> None:
    signal = two_loud_songs(RATE_HZ, -24.0, 5)
    done, changed = through(signal, [500, 501, 9_000])
    assert np.array_equal(done, signal)
    assert changed == [False] * 4


def test_after_the_last_peak_it_is_back_at_one_and_rests() -> None:
    gain = Lookahead(RATE_HZ, 2_048)
    gain.begin()
    loud = np.full((1_000, 2), 1.5, dtype=np.float32)
    quiet = np.full((RATE_HZ, 2), 0.25, dtype=np.float32)
    assert gain.apply(loud, quiet[: gain.window])
    assert not gain.resting
    assert gain.recover(quiet)
    assert gain.resting
    assert quiet[0, 0] < 0.2
    assert quiet[-1, 0] == 0.25
    alone = np.ones((500, 2), dtype=np.float32)
    assert not gain.recover(alone)
    assert np.array_equal(alone, np.ones((500, 2)))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5_999), max_size=12).map(sorted))
def test_however_it_is_cut_into_pieces_it_is_the_same_and_never_too_loud(
    seed: int, cuts: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    signal = (rng.normal(0, 1, (6_000, 2)) * np.linspace(0, 1.5, 6_000)[:, None]).astype(np.float32)
    done, _ = through(signal, cuts)
    assert np.abs(done).max() <= CEILING + 1e-6
    whole, _ = through(signal, [])
    np.testing.assert_allclose(done, whole, atol=1e-6)


def test_going_back_gives_the_same_again() -> None:
    signal = two_loud_songs(8_000, -4.0, 6)
    gain = Lookahead(RATE_HZ, 2_048)
    gain.begin()
    first = signal[:3_000].copy()
    gain.apply(first, signal[3_000:])
    state = gain.state()
    ways = []
    for _ in range(2):
        second = signal[3_000:7_000].copy()
        gain.apply(second, signal[7_000:])
        ways.append(second)
        gain.restore(state)
    assert np.array_equal(ways[0], ways[1])
