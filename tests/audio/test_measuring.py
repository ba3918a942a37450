"""Whole files: against ffmpeg's meter, which is another implementation, and by construction."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from audio.measuring import measure
from playback.errors import DecodeError, FailureKind
from playback.levels import UNKNOWN
from playback.ramp import time_at
from playback.units import frames_to_ticks
from tests.sounds import Codec, Signal, impulses, make, noise, sine, sweep


def theirs(path: Path, *before: str) -> float:
    """Integrated loudness by ffmpeg's ebur128, mono as it is played: in both channels."""
    meter = "ebur128=dualmono=true:metadata=1:framelog=verbose"
    chain = ",".join((*before, meter, "ametadata=print:key=lavfi.r128.I:file=-"))
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-af", chain, "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=50,
    )  # fmt: skip
    return float(re.findall(r"lavfi\.r128\.I=(\S+)", done.stdout)[-1])


def ours(path: Path) -> float:
    found = measure(str(path), lambda _seconds: None).loudness_lufs
    assert found is not None
    return found


def swell(frames: int, channels: int = 2) -> Signal:
    """Noise that comes and goes over 60 dB."""
    time = np.linspace(0, 6 * np.pi, frames)[:, None]
    swelling: Signal = noise(frames, seed=4, level=0.2, channels=channels)
    swelling *= 10 ** (1.5 * np.sin(time) - 1.5)
    return swelling


def verses(frames: int, channels: int = 2) -> Signal:
    """Quiet, loud, silent, loud, quiet."""
    gains = np.repeat([0.03, 0.6, 0.0, 0.3, 0.01], -(-frames // 5))[:frames, None]
    sung: Signal = np.clip(noise(frames, seed=5, level=0.5, channels=channels), -1, 1)
    sung *= gains
    return sung


@dataclass(frozen=True)
class Case:
    name: str
    codec: Codec
    signal: Signal
    rate_hz: int | None = None


F = 10 * 44_100
CASES = [
    Case("white noise", Codec.FLAC16, noise(F)),
    Case("faint noise", Codec.FLAC24, noise(F, level=0.002)),
    Case("loud noise", Codec.WAV16, noise(F, level=0.7)),
    Case("beyond full scale", Codec.WAV_FLOAT, 3.0 * noise(F, level=0.3)),
    Case("mono", Codec.FLAC16, noise(F, channels=1)),
    Case("mono swell", Codec.MP3_LAME, swell(F, 1)),
    Case("swell", Codec.FLAC16, swell(F)),
    Case("swell", Codec.MP3_LAME, swell(F)),
    Case("swell", Codec.MP3_FFMPEG, swell(F)),
    Case("swell", Codec.AAC, swell(F)),
    Case("swell", Codec.VORBIS, swell(F)),
    Case("swell", Codec.OPUS, swell(480_000), 48_000),
    Case("swell", Codec.ALAC16, swell(F)),
    Case("verses", Codec.FLAC16, verses(F)),
    Case("verses at 8 kHz", Codec.WAV16, verses(80_000), 8000),
    Case("verses at 22.05 kHz", Codec.FLAC16, verses(220_500), 22_050),
    Case("verses at 96 kHz", Codec.FLAC24, verses(960_000), 96_000),
    Case("verses at 192 kHz", Codec.FLAC24, verses(1_920_000), 192_000),
    Case("sweep", Codec.FLAC16, sweep(F)),
    Case("low tone", Codec.FLAC16, sine(F, hz=40.0)),
    Case("clicks", Codec.WAV24, impulses(F, every=4000)),
]


def test_there_are_twenty_files() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}, {case.codec.name}")
def test_loudness_is_what_ffmpeg_measures(tmp_path: Path, case: Case) -> None:
    path = make(tmp_path / f"a{case.codec.suffix}", case.signal, case.codec, case.rate_hz)
    assert ours(path) == pytest.approx(theirs(path), abs=0.1)


def test_surround_is_measured_as_it_is_played(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", swell(F, 6), Codec.FLAC16)
    # The downmix of audio/channels.py, with its sum of factors (1 + √½ + √½) written out.
    g, half = 1 / (1 + 2 * 0.5**0.5), 0.5**0.5 / (1 + 2 * 0.5**0.5)
    downmix = f"pan=stereo|c0={g}*c0+{half}*c2+{half}*c4|c1={g}*c1+{half}*c2+{half}*c5"
    assert ours(path) == pytest.approx(theirs(path, downmix), abs=0.1)


def test_everything_is_measured_at_once(tmp_path: Path) -> None:
    second = 44_100
    tone = sine(5 * second, hz=1000.0, level=10 ** (-20 / 20))[:, :1].repeat(2, axis=1)
    quiet = np.zeros((second, 2))
    late = np.zeros((second // 2 + 7, 2))
    path = make(tmp_path / "a.flac", np.concatenate((quiet, tone, late)), Codec.FLAC24)
    heard: list[float] = []
    found = measure(str(path), heard.append)
    assert found.loudness_lufs == pytest.approx(theirs(path), abs=0.1)
    assert found.levels.track_gain_db == pytest.approx(-18.0 - theirs(path), abs=0.1)
    assert found.sample_peak == pytest.approx(0.1, abs=1e-4)
    assert found.true_peak == pytest.approx(0.1, abs=2e-3)
    assert found.levels.track_peak == found.true_peak
    # The tone begins with a zero, and so may its last frames be.
    assert found.silence_before == frames_to_ticks(second + 1, second)
    assert found.silence_after == frames_to_ticks(second // 2 + 7, second)
    assert time_at(found.start, -3.0) == pytest.approx(1.0, abs=0.01)
    assert time_at(found.end, -3.0) == pytest.approx(0.5, abs=0.1)
    assert heard == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, pytest.approx(6.5, abs=0.01)]


def test_silence_has_peaks_of_zero_and_no_gain(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", np.zeros((44_100, 2)), Codec.FLAC16)
    found = measure(str(path), lambda _seconds: None)
    assert (found.loudness_lufs, found.levels) == (None, UNKNOWN)
    assert (found.sample_peak, found.true_peak) == (0.0, 0.0)
    assert (found.start, found.end) == ((), ())


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC" + bytes(1000))
    with pytest.raises(DecodeError) as refused:
        measure(str(tmp_path / "a.flac"), lambda _seconds: None)
    assert refused.value.kind is FailureKind.DAMAGED


def test_what_can_be_decoded_of_a_torn_file_is_measured(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(F), Codec.FLAC16)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert ours(path) == pytest.approx(
        ours(make(tmp_path / "b.flac", noise(F), Codec.FLAC16)), abs=0.1
    )
