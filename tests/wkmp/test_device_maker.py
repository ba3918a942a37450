"""Devices as wkmp.ini asks for them, on the real libasound."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from actors.output import OutputChoice
from audio.device import OutputFormat, SampleFormat
from audio.null_sink import NullDevice
from playback.errors import SinkError
from playback.units import Frames
from wkmp.device_maker import DeviceMaker

WANTED = OutputFormat(44_100, SampleFormat.S16, 2, Frames(2_048), Frames(6_144))
ABSENT = OutputChoice("Card", "alsa", "nowhere")


@pytest.fixture(autouse=True)
def alsa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "asound.conf"
    encoder = 'type a52 card 0 rate 48000 channels 2 format S16_LE slavepcm "null"'
    config.write_text(f"</usr/share/alsa/alsa.conf>\npcm.one_rate {{ {encoder} }}\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))


def test_no_sound_is_a_device_too() -> None:
    assert isinstance(DeviceMaker()(OutputChoice("Silence", "null")), NullDevice)


def test_without_a_fallback_an_absent_device_is_an_error() -> None:
    with pytest.raises(SinkError, match="'nowhere'"):
        DeviceMaker()(ABSENT).open(WANTED)


@pytest.mark.parametrize(("fallback", "words"), [("null", "silence"), ("one_rate", "'one_rate'")])
def test_the_fallback_takes_over_and_the_log_says_to_what_and_why(
    fallback: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    device = DeviceMaker(fallback)(ABSENT)
    assert device.open(WANTED).rate_hz == 44_100
    device.close()
    line = next(line for line in caplog.messages if "fallback" in line)
    assert line.startswith(f"Playing to the fallback, {words}, ")
    assert "cannot open the sound device 'nowhere'" in line


def test_that_a_device_has_another_rate_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    make = DeviceMaker()
    for _ in range(3):
        device = make(OutputChoice("Card", "alsa", "one_rate"))
        assert device.open(WANTED).sample is SampleFormat.FLOAT
        device.close()
    said = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len(said) == 1
    assert "'one_rate' does not take 44100 Hz" in said[0].getMessage()
    assert "playing at 48000 Hz" in said[0].getMessage()
