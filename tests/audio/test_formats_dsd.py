"""DSD is played as PCM of an eighth of its rate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audio.chain_source import ChainSource
from playback.units import ZERO_TICKS, frames_to_ticks
from tests.chains import decoded, decoded_frames
from tests.dsd import DSD64_HZ, write_dff, write_dsf
from tests.sounds import Signal, sine

PCM_HZ = DSD64_HZ // 8

BOTH = pytest.mark.parametrize("write", [write_dsf, write_dff], ids=["dsf", "dff"])
Write = Callable[[Path, Signal], Path]


def tones(seconds: float) -> Signal:
    return sine(round(seconds * DSD64_HZ), DSD64_HZ, hz=1_000.0, level=0.5)


@BOTH
@pytest.mark.parametrize("bits", [DSD64_HZ, DSD64_HZ + 8 * 1_234, 20 * 8 * 4_096])
def test_all_of_it_is_played_and_nothing_of_what_pads_the_last_block(
    write: Write, bits: int, tmp_path: Path
) -> None:
    path = write(tmp_path / "a", sine(bits, DSD64_HZ))
    assert len(decoded(path, PCM_HZ)) == bits // 8
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.end == frames_to_ticks(bits // 8, PCM_HZ)
        assert source.info.audio_format == "dsd64:2"
        assert source.exact_bits == 32


@BOTH
def test_its_tones_come_out_at_their_level_height_and_side(write: Write, tmp_path: Path) -> None:
    got = decoded(write(tmp_path / "a", tones(1.0)), 44_100)
    assert len(got) == 44_100
    for side, hz in ((0, 1_000.0), (1, 1_500.0)):
        phase = 2 * np.pi * hz * np.arange(len(got)) / 44_100
        wave = np.stack([np.sin(phase), np.cos(phase)], axis=1)[2_000:-2_000]
        heard = got[2_000:-2_000, side].astype(np.float64)
        found = np.linalg.lstsq(wave, heard, rcond=None)[0]
        assert float(np.hypot(*found)) == pytest.approx(0.5, abs=1e-3)
        assert float(np.std(heard - wave @ found)) < 0.003  # what the modulator does to it
        late = -float(np.arctan2(found[1], found[0])) / (2 * np.pi * hz)
        assert abs(late) < 1 / 44_100


@BOTH
def test_a_seek_is_exact(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path / "a", tones(4.0))
    whole = decoded(path, PCM_HZ)
    for begin in (len(whole) // 2, 777_777, 400_001, len(whole) - 1_000):
        got = decoded_frames(path, PCM_HZ, begin, begin + 1_000)
        assert np.array_equal(got, whole[begin : begin + 1_000])


def test_dsd_128_and_mono(tmp_path: Path) -> None:
    path = write_dsf(tmp_path / "a", sine(2 * DSD64_HZ, 2 * DSD64_HZ, channels=1), 2 * DSD64_HZ)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.audio_format == "dsd128:1"
    got = decoded(path, 44_100)
    assert len(got) == 44_100
    assert np.array_equal(got[:, 0], got[:, 1])
