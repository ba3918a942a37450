"""A song at unity gain and at the output's rate leaves the device as it was encoded, bit by bit.

Through the whole engine: real files, the real decoder, all actors. The same across the joint of
two songs. Where the output has fewer bits than the song, there is dither; nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from actors.messages import PlayPosition
from audio.device import SampleFormat
from tests import formats
from tests.engine_rig import RATE_HZ, Rig
from tests.formats import Samples
from tests.sounds import Signal, noise

CODECS = {
    "flac-16": (".flac", 16, ("-c:a", "flac", "-sample_fmt", "s16")),
    "flac-24": (".flac", 24, ("-c:a", "flac", "-sample_fmt", "s32")),
    "wav-16": (".wav", 16, ("-c:a", "pcm_s16le")),
    "wav-24": (".wav", 24, ("-c:a", "pcm_s24le")),
    "alac-16": (".m4a", 16, ("-c:a", "alac", "-sample_fmt", "s16p")),
    "alac-24": (".m4a", 24, ("-c:a", "alac", "-sample_fmt", "s32p")),
    "aiff-16": (".aiff", 16, ("-c:a", "pcm_s16be")),
    "aiff-24": (".aiff", 24, ("-c:a", "pcm_s24be")),
    "wavpack-16": (".wv", 16, ("-c:a", "wavpack", "-sample_fmt", "s16p")),
    "wavpack-24": (
        ".wv", 24, ("-c:a", "wavpack", "-sample_fmt", "s32p", "-bits_per_raw_sample", "24"),
    ),
    "wav-8": (".wav", 8, ("-c:a", "pcm_u8")),
}  # fmt: skip
WIDE = [SampleFormat.S24, SampleFormat.S24_3, SampleFormat.S32, SampleFormat.FLOAT]
OUTPUTS = [SampleFormat.S16, *WIDE]
EXACT = [
    (codec, sample)
    for codec, (_, bits, _) in CODECS.items()
    for sample in OUTPUTS
    if bits <= 16 or sample is not SampleFormat.S16
]
JOINTS = [
    *((codec, codec) for codec in CODECS),
    ("flac-16", "wav-16"),
    ("wav-16", "alac-16"),
    ("aiff-16", "wavpack-16"),
    ("flac-24", "flac-16"),
    ("wav-16", "wav-24"),
    ("wavpack-24", "alac-24"),
]


def song(seed: int, frames: int, bits: int, channels: int = 2) -> Signal:
    """Noise with every extreme in it: full scale either way, the last bit, silence."""
    signal = noise(frames, seed=seed, level=0.3, channels=channels)
    most = (1 << (bits - 1)) - 1
    signal[:5] = np.array([1.0, -(most + 1) / most, 1 / most, -1 / most, 0.0])[:, None]
    signal[-3:] = np.array([-(most + 1) / most, 1.0, -1 / most])[:, None]
    return signal


def make(folder: Path, number: int, codec: str, signal: Signal) -> Path:
    suffix, bits, arguments = CODECS[codec]
    path = folder / f"{number}{suffix}"
    return formats.encode(path, signal, arguments, RATE_HZ, bits)


def heard(folder: Path, paths: Sequence[Path], frames: int, sample: SampleFormat) -> Samples:
    """Play songs one after the other; return what left the device."""
    with Rig(folder, sample=sample) as rig:
        rig.add(*paths)
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        rig.device.run(frames)
        assert rig.device.wait_open().sample is sample
        return rig.device.heard[:frames]


def exactly(signal: Signal, codec: str) -> Samples:
    return formats.as_decoded(signal, CODECS[codec][1])


@pytest.mark.parametrize(("codec", "sample"), EXACT, ids=str)
def test_a_song_comes_out_as_it_went_in(codec: str, sample: SampleFormat, tmp_path: Path) -> None:
    signal = song(1, 30_007, CODECS[codec][1])
    path = make(tmp_path, 1, codec, signal)
    assert np.array_equal(heard(tmp_path, [path], 30_007, sample), exactly(signal, codec))


@pytest.mark.parametrize(("first", "second"), JOINTS)
@pytest.mark.parametrize("sample", [SampleFormat.S16, SampleFormat.S24, SampleFormat.S32])
def test_two_songs_join_without_a_bit_too_many_too_few_or_wrong(
    first: str, second: str, sample: SampleFormat, tmp_path: Path
) -> None:
    if sample is SampleFormat.S16:  # an output this narrow is exact for such songs only
        first, second = (codec.replace("24", "16") for codec in (first, second))
    signals = [song(1, 20_011, CODECS[first][1]), song(2, 17_003, CODECS[second][1])]
    paths = [make(tmp_path, 1, first, signals[0]), make(tmp_path, 2, second, signals[1])]
    wanted = np.concatenate([exactly(signals[0], first), exactly(signals[1], second)])
    assert np.array_equal(heard(tmp_path, paths, len(wanted), sample), wanted)


def test_one_channel_is_exact_on_both_sides(tmp_path: Path) -> None:
    signal = song(1, 20_000, 24, channels=1)
    path = make(tmp_path, 1, "flac-24", signal)
    wanted = exactly(signal, "flac-24").repeat(2, axis=1)
    assert np.array_equal(heard(tmp_path, [path], 20_000, SampleFormat.S24_3), wanted)


def test_24_bits_are_dithered_for_an_output_of_16(tmp_path: Path) -> None:
    """A tone of a quarter of the last bit is still there, which rounding would have wiped out."""
    time_s = np.arange(100_000) / RATE_HZ
    tone = 0.25 / 32_768 * np.sin(2 * np.pi * 1_000 * time_s)[:, None].repeat(2, axis=1)
    path = make(tmp_path, 1, "flac-24", tone)
    got = heard(tmp_path, [path], 100_000, SampleFormat.S16)
    level = 2 * float(np.mean(got[:, 0] * np.sin(2 * np.pi * 1_000 * time_s)))
    assert level * 32_768 == pytest.approx(0.25, abs=0.02)
    assert len(np.unique(got * 32_768)) <= 7
