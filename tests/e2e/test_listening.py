"""The judges of recordings find what they are there to find."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.listening import (
    Recording,
    largest_error,
    largest_step,
    level_difference_db,
    longest_silence,
    where,
)
from tests.e2e.reference_mix import Mix, Piece, mix
from tests.sounds import Codec

PIECES = (Piece("a", Codec.FLAC16), Piece("b", Codec.OPUS, 48_000, low_hz=300, high_hz=900))


@pytest.fixture(scope="module")
def reference() -> Mix:
    return mix(PIECES, 1)


@pytest.fixture
def recording(reference: Mix) -> Recording:
    return np.rint(reference.sound * 32_768).astype(np.int16)


def test_a_faithful_recording_passes(recording: Recording, reference: Mix) -> None:
    assert len(recording) == 3 * 44_100
    assert largest_error(recording, reference.sound) < 1 / 32_768
    assert largest_step(recording, reference.sound) < 2 / 32_768
    assert level_difference_db(recording, reference.sound) < 0.01
    assert longest_silence(recording) < 5


def test_equal_power_means_no_dip_in_the_middle_of_the_overlap(reference: Mix) -> None:
    level = np.sqrt((reference.sound**2).mean(axis=1))
    middle = np.sqrt((level[44_100 + 17_640 : 44_100 + 26_460] ** 2).mean())
    assert middle == pytest.approx(np.sqrt((level[:44_100] ** 2).mean()), rel=0.03)


def test_one_lost_frame_is_found(recording: Recording, reference: Mix) -> None:
    without = np.concatenate((recording[:60_000], recording[60_001:], recording[-1:]))
    assert largest_step(without, reference.sound) > 0.03
    assert largest_error(without, reference.sound) > 0.03


def test_a_click_is_found(recording: Recording, reference: Mix) -> None:
    recording[70_000] += 1_000
    assert largest_step(recording, reference.sound) > 0.03


def test_a_millisecond_of_silence_is_found(recording: Recording) -> None:
    recording[80_000:80_045] = 0
    assert longest_silence(recording) >= 45


def test_a_change_of_level_is_found(recording: Recording, reference: Mix) -> None:
    recording[50_000:56_000] = recording[50_000:56_000] * 0.93
    assert level_difference_db(recording, reference.sound) > 0.6


def test_a_place_is_found_to_the_frame(recording: Recording) -> None:
    assert where(recording, recording[12_345:13_345]) == 12_345
    with pytest.raises(AssertionError, match="not in the recording"):
        where(recording, recording[12_345:13_345] + np.int16(1))
