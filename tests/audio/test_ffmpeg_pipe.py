"""The degraded way: what is lost is speed and the length, not a frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio import decoder
from audio.chain_source import ChainSource
from playback.errors import DecodeError, FailureKind
from playback.units import ZERO_TICKS
from tests.chains import decoded, decoded_frames, open_files
from tests.sounds import Codec, as_decoded, make, noise


@pytest.fixture(autouse=True)
def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "av", None)


def test_a_file_plays_exactly_and_the_log_says_degraded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    signal = noise(100_000)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC24)
    assert np.array_equal(decoded(path), as_decoded(signal, Codec.FLAC24))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "degraded" in record.getMessage()


def test_it_seeks_to_the_frame(tmp_path: Path) -> None:
    signal = noise(200_000)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC16)
    wanted = as_decoded(signal, Codec.FLAC16)
    for begin in (1, 60_000, 199_990):
        got = decoded_frames(path, 44_100, begin, begin + 2_000)
        assert np.array_equal(got, wanted[begin : begin + 2_000])
    assert len(decoded_frames(path, 44_100, 200_000, 201_000)) == 0


def test_mono_and_six_channels_become_stereo(tmp_path: Path) -> None:
    for channels in (1, 6):
        signal = noise(20_000, channels=channels)
        assert decoded(make(tmp_path / "a.flac", signal, Codec.FLAC16)).shape == (20_000, 2)


def test_it_says_what_it_knows(tmp_path: Path) -> None:
    path = make(tmp_path / "a.opus", noise(20_000), Codec.OPUS)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.end is None
        assert source.info.audio_format == "48000:f:2"


def test_what_is_not_sound_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.mp3"
    text.write_text("This is a shopping list.\n" * 300)
    with pytest.raises(DecodeError) as caught:
        decoded(text)
    assert caught.value.kind is FailureKind.NOT_AUDIO


def test_without_ffmpeg_the_message_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "a.flac", noise(1_000), Codec.FLAC16)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DecodeError, match="PyAV is missing and so is ffmpeg") as caught:
        decoded(path)
    assert caught.value.kind is FailureKind.RESOURCES


def test_closing_in_the_middle_ends_the_process_and_frees_the_pipe(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(500_000), Codec.FLAC16)
    descriptors = open_files()
    source = ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100)
    assert source.read() is not None
    source.close()
    source.close()
    assert source.read() is None
    assert open_files() == descriptors
