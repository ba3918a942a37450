"""Every format and rate beside the everyday ones: all frames, the right ones, also after a seek."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from audio.chain_source import ChainSource
from audio.decoder import AvFile
from playback.units import ZERO_TICKS, Frames, frames_to_ticks
from tests.chains import decoded, decoded_frames
from tests.formats import LOSSLESS, LOSSY, Format, as_decoded, decoded_by_ffmpeg, encode, music

LONG_S = 13
"""Long enough for containers to have an index with several entries."""
RATES_HZ = (
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
    176_400, 192_000, 352_800,
)  # fmt: skip


def by(each: Format) -> str:
    return each.file_name


def largest(difference: npt.NDArray[np.floating]) -> float:
    return float(np.max(np.abs(difference)))


def begins(count: int, frames: int, seed: str) -> list[int]:
    """Draw places to seek to; the middle is always among them."""
    drawn = random.Random(seed)
    return [frames // 2, *(drawn.randrange(frames - 3_000) for _ in range(count))]


@pytest.mark.parametrize("each", LOSSLESS, ids=by)
def test_a_lossless_format_gives_the_very_samples_also_after_a_seek(
    each: Format, tmp_path: Path
) -> None:
    frames = LONG_S * each.rate_hz + 123
    signal = music(frames, each.rate_hz)
    path = each.make(tmp_path, signal)
    wanted = as_decoded(signal, each.bits)
    assert np.array_equal(decoded(path, each.rate_hz), wanted)
    for begin in begins(8, frames, each.file_name):
        got = decoded_frames(path, each.rate_hz, begin, begin + 2_500)
        assert np.array_equal(got, wanted[begin : begin + 2_500])
    assert len(decoded_frames(path, each.rate_hz, frames, frames + 100)) == 0


@pytest.mark.parametrize("each", LOSSLESS, ids=by)
def test_what_is_said_of_a_lossless_file_is_true(each: Format, tmp_path: Path) -> None:
    path = each.make(tmp_path, music(77_777, each.rate_hz))
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=each.rate_hz) as source:
        assert source.info.audio_format == f"{each.rate_hz}:{each.playing}:2"
        assert source.exact_bits == (each.bits or 32)
        if path.suffix == ".mka" and "wav" in path.name:  # its header counts in milliseconds
            assert source.info.end is not None
            assert abs(source.info.end - frames_to_ticks(77_777, 44_100)) < 28_224
        else:
            assert source.info.end == frames_to_ticks(77_777, each.rate_hz)


@pytest.mark.parametrize("each", LOSSY, ids=by)
def test_a_lossy_format_has_ffmpegs_frames_and_sounds_in_time(each: Format, tmp_path: Path) -> None:
    signal = music(5 * each.rate_hz + 123, each.rate_hz)
    path = each.make(tmp_path, signal)
    got, wanted = decoded(path, each.rate_hz), decoded_by_ffmpeg(path)
    assert len(got) == len(wanted)
    part = slice(each.rate_hz, 4 * each.rate_hz)
    late = max(
        range(each.delay - 3, each.delay + 4),
        key=lambda lag: float(np.sum(signal[part] * np.roll(got, -lag, 0)[part])),
    )
    assert late == each.delay
    off = signal[part] - np.roll(got, -late, 0)[part]
    assert 10 * np.log10(np.mean(signal[part] ** 2) / np.mean(off**2)) > 12.0


@pytest.mark.parametrize("each", LOSSY, ids=by)
def test_a_seek_in_a_lossy_format_gives_the_frames_that_playing_through_gives(
    each: Format, tmp_path: Path
) -> None:
    frames = LONG_S * each.rate_hz + 123
    path = each.make(tmp_path, music(frames, each.rate_hz))
    whole = decoded(path, each.rate_hz)
    for begin in begins(10, frames, each.file_name):
        got = decoded_frames(path, each.rate_hz, begin, begin + 2_500)
        assert got.shape == (2_500, 2)
        assert largest(got - whole[begin : begin + 2_500]) <= each.tolerance


@pytest.mark.parametrize("each", [*LOSSLESS, *LOSSY], ids=by)
def test_every_format_can_be_sought_back_and_forth_while_open(each: Format, tmp_path: Path) -> None:
    rate_hz = each.rate_hz
    path = each.make(tmp_path, music(LONG_S * rate_hz + 123, rate_hz))
    whole = decoded(path, rate_hz)
    block = np.empty((1_000, 2), dtype=np.float32)
    with AvFile(str(path)) as file:
        for second in (11.3, 0.01, 8.77, 8.9, 12.2, 3.0, 0.0):
            begin = round(second * rate_hz)
            file.seek(Frames(begin))
            assert file.read(block) == len(block)
            assert largest(block - whole[begin : begin + 1_000]) <= each.tolerance
            assert file.position == begin + 1_000


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("name", ["a.flac", "a.wav", "a.wv", "a.mka"])
def test_every_rate_is_exact_at_itself(name: str, rate_hz: int, tmp_path: Path) -> None:
    signal = music(5 * rate_hz + 77, rate_hz)
    codec = {"wav": "pcm_s16le", "wv": "wavpack"}.get(name.partition(".")[2], "flac")
    wide = "s16p" if codec == "wavpack" else "s16"
    path = encode(tmp_path / name, signal, ("-c:a", codec, "-sample_fmt", wide), rate_hz)
    wanted = as_decoded(signal, 16)
    assert np.array_equal(decoded(path, rate_hz), wanted)
    for begin in begins(3, len(signal), f"{rate_hz}"):
        got = decoded_frames(path, rate_hz, begin, begin + 1_000)
        assert np.array_equal(got, wanted[begin : begin + 1_000])


@pytest.mark.parametrize("rate_hz", [rate for rate in RATES_HZ if rate != 44_100])
def test_every_rate_is_resampled_to_that_of_the_mix(rate_hz: int, tmp_path: Path) -> None:
    """The tone keeps its height, phase and level, and its length to the frame."""
    frames = 3 * rate_hz + 77
    tone = 0.5 * np.sin(2 * np.pi * 997.0 * np.arange(frames) / rate_hz)[:, None].repeat(2, 1)
    path = encode(tmp_path / "a.flac", tone, ("-c:a", "flac", "-sample_fmt", "s32"), rate_hz, 24)
    got = decoded(path, 44_100)
    assert len(got) == frames * 44_100 // rate_hz
    wanted = 0.5 * np.sin(2 * np.pi * 997.0 * np.arange(len(got)) / 44_100)
    assert largest((got[:, 0] - wanted)[2_000:-2_000]) < 1e-5


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000, 96_000, 192_000])
def test_vorbis_at_any_rate_is_exact_in_webm(rate_hz: int, tmp_path: Path) -> None:
    """A millisecond is longer than its packets' unit at the high rates."""
    signal = music(12 * rate_hz, rate_hz)
    path = encode(tmp_path / "a.webm", signal, ("-c:a", "libvorbis", "-q:a", "6"), rate_hz)
    whole = decoded(path, rate_hz)
    for begin in begins(8, len(whole) - 3_000, f"{rate_hz}"):
        got = decoded_frames(path, rate_hz, begin, begin + 1_000)
        assert largest(got - whole[begin : begin + 1_000]) <= 1e-6
