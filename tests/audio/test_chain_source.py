from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from audio.chain_source import ChainSource
from playback.units import (
    TICKS_PER_SECOND,
    ZERO_TICKS,
    Ticks,
    frames_to_ticks,
    seconds_to_ticks,
)
from tests.chains import decoded, read_all
from tests.sounds import Codec, as_decoded, make, noise, sine, sweep

LOSSY_AND_NOT = [Codec.FLAC16, Codec.MP3_LAME, Codec.AAC, Codec.VORBIS, Codec.OPUS]


def floor_frames(point: int, rate_hz: int) -> int:
    return point * rate_hz // TICKS_PER_SECOND


def test_at_equal_rates_samples_pass_untouched(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(50_000), Codec.FLAC16)
    values = decoded(path) * 32_768
    assert np.array_equal(values, np.rint(values))


def test_blocks_are_what_a_ring_takes(tmp_path: Path) -> None:
    for codec, source_hz in (
        (Codec.FLAC16, 44_100),
        (Codec.MP3_LAME, 48_000),
        (Codec.OPUS, 48_000),
    ):
        path = make(tmp_path / f"a{codec.suffix}", noise(3 * source_hz), codec, source_hz)
        with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
            while (block := source.read()) is not None:
                assert block.dtype == np.float32
                assert block.flags.c_contiguous
                assert block.shape[1] == 2
                assert 1 <= len(block) <= 2 * 4_410  # the last one also flushes the resampler


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_a_passage_has_the_frames_between_its_points_at_any_working_rate(
    rate_hz: int, tmp_path: Path
) -> None:
    drawn = random.Random(rate_hz)
    path = make(tmp_path / "a.flac", sweep(5 * 44_100), Codec.FLAC16)
    whole = decoded(path, rate_hz)
    assert len(whole) == 5 * rate_hz
    for _ in range(20):
        offset = drawn.randrange(4 * TICKS_PER_SECOND)
        end = offset + drawn.randrange(TICKS_PER_SECOND)
        got = decoded(path, rate_hz, Ticks(offset), Ticks(end))
        wanted = whole[floor_frames(offset, rate_hz) : floor_frames(end, rate_hz)]
        assert got.shape == wanted.shape
        assert np.allclose(got, wanted, atol=1e-6)


@pytest.mark.parametrize("codec", LOSSY_AND_NOT)
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_passages_that_meet_at_a_point_sound_like_one(
    codec: Codec, rate_hz: int, tmp_path: Path
) -> None:
    path = make(tmp_path / f"a{codec.suffix}", sweep(4 * codec.rate_hz, codec.rate_hz), codec)
    whole = decoded(path, rate_hz)
    points = [ZERO_TICKS, *(seconds_to_ticks(s) for s in (0.4, 1.7, 1.7001, 2.99999)), None]
    parts = [
        decoded(path, rate_hz, begin, end) for begin, end in pairwise(points) if begin is not None
    ]
    joined = np.concatenate(parts)
    assert len(joined) == len(whole)
    assert np.allclose(joined, whole, atol=1e-5)


@pytest.mark.parametrize(
    ("source_hz", "working_hz", "frames"),
    [
        (48_000, 44_100, 100_001),
        (96_000, 44_100, 100_003),
        (44_100, 48_000, 77),
        (8_000, 44_100, 1),
    ],
)
def test_a_resampled_file_has_the_frames_that_fall_into_it(
    source_hz: int, working_hz: int, frames: int, tmp_path: Path
) -> None:
    path = make(tmp_path / "a.wav", noise(frames), Codec.WAV16, source_hz)
    assert len(decoded(path, working_hz)) == frames * working_hz // source_hz


@pytest.mark.parametrize("source_hz", [8_000, 22_050, 32_000, 48_000, 88_200, 96_000, 192_000])
def test_a_resampled_tone_is_the_tone(source_hz: int, tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", sine(source_hz, source_hz), Codec.FLAC24, source_hz)
    got, wanted = decoded(path), sine(44_100)
    middle = slice(8_000, -8_000)
    assert float(np.max(np.abs(got[middle] - wanted[middle]))) < 2e-5


def test_an_end_beyond_the_file_is_the_files_end(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", noise(100_000), Codec.MP3_LAME)
    assert len(decoded(path, 44_100, ZERO_TICKS, seconds_to_ticks(100.0))) == 100_000


def test_an_empty_passage_ends_at_once(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(100_000), Codec.FLAC16)
    for offset, end in ((1.0, 1.0), (1.0, 0.5), (50.0, 60.0), (50.0, None)):
        stop = None if end is None else seconds_to_ticks(end)
        for rate_hz in (44_100, 48_000):
            assert len(decoded(path, rate_hz, seconds_to_ticks(offset), stop)) == 0


def test_an_end_inside_the_file_is_kept_although_reading_goes_on_for_the_filter(
    tmp_path: Path,
) -> None:
    signal = sine(2 * 48_000, 48_000)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC24, 48_000)
    got = decoded(path, 44_100, ZERO_TICKS, frames_to_ticks(44_100, 44_100))
    wanted = sine(44_100)
    assert len(got) == 44_100
    assert float(np.max(np.abs(got[8_000:] - wanted[8_000:]))) < 2e-5  # up to the last frame


def test_the_end_is_given_in_ticks_of_the_file_also_when_resampled(tmp_path: Path) -> None:
    path = make(tmp_path / "a.opus", noise(100_001), Codec.OPUS)
    with ChainSource(str(path), offset=seconds_to_ticks(1.0), end=None, rate_hz=44_100) as source:
        assert source.info.end == frames_to_ticks(100_001, 48_000)
        assert source.info.rate_hz == 48_000
        assert len(read_all(source)) == 100_001 * 44_100 // 48_000 - 44_100


def test_two_open_sources_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    signal = noise(100_000)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC16)
    with (
        ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as first,
        ChainSource(str(path), offset=seconds_to_ticks(1.0), end=None, rate_hz=44_100) as second,
    ):
        begun = first.read()
        later = read_all(second)
        rest = read_all(first)
    assert begun is not None
    wanted = as_decoded(signal, Codec.FLAC16)
    assert np.array_equal(np.concatenate([begun, rest]), wanted)
    assert np.array_equal(later, wanted[44_100:])


@pytest.mark.parametrize(
    ("codec", "rate_hz", "bits"),
    [
        (Codec.WAV16, 44_100, 16),
        (Codec.FLAC24, 44_100, 24),
        (Codec.WAV16, 48_000, 32),
        (Codec.MP3_LAME, 44_100, 32),
        (Codec.OPUS, 48_000, 32),
    ],
)
def test_frames_are_exact_only_if_nothing_was_computed(
    tmp_path: Path, codec: Codec, rate_hz: int, bits: int
) -> None:
    path = make(tmp_path / f"a{codec.suffix}", sine(4410), codec)
    with ChainSource(str(path), offset=Ticks(0), end=None, rate_hz=rate_hz) as source:
        assert source.exact_bits == bits
