"""Which devices there are, read from kernel lists of real machines' form."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio import sound_cards
from audio.alsa_probe import Answer, probe
from audio.alsa_sink import pcm_names
from audio.sound_cards import SoundCard, choose, list_cards
from tests.pulse import PulseServer

PI_CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
"""
PI_DEVICES = """\
00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1
01-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
"""
PC_CARDS = """\
 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7f10000 irq 128
 1 [Webcam         ]: USB-Audio - HD Webcam
                      Somebody HD Webcam at usb-0000:00:14.0-3, high speed
 2 [K3             ]: USB-Audio - FiiO K3
                      FiiO FiiO K3 at usb-0000:00:14.0-2, high speed
"""
PC_DEVICES = """\
00-00: ALC887-VD Analog : ALC887-VD Analog : playback 1 : capture 1
00-02: ALC887-VD Alt Analog : ALC887-VD Alt Analog : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-00: USB Audio : USB Audio : capture 1
02-00: USB Audio : USB Audio : playback 1
"""


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_cards, "pcm_names", lambda: ("default", "null"))


def machine(directory: Path, cards: str, devices: str) -> Path:
    (directory / "cards").write_text(cards)
    (directory / "pcm").write_text(devices)
    return directory


@pytest.mark.usefixtures("no_server")
def test_a_pi_plays_to_its_headphone_socket_and_to_hdmi_only_if_told(tmp_path: Path) -> None:
    proc = machine(tmp_path, PI_CARDS, PI_DEVICES)
    headphones = SoundCard("plughw:CARD=Headphones,DEV=0", "bcm2835 Headphones")
    screen = SoundCard(
        "plughw:CARD=vc4hdmi0,DEV=0", "screen (HDMI): vc4-hdmi-0, MAI PCM i2s-hifi-0", is_hdmi=True
    )
    assert list_cards(proc) == (headphones, screen)
    assert choose(proc) == headphones


@pytest.mark.usefixtures("no_server")
def test_a_pcs_card_is_listed_by_socket_and_what_only_records_is_not(tmp_path: Path) -> None:
    proc = machine(tmp_path, PC_CARDS, PC_DEVICES)
    assert list_cards(proc) == (
        SoundCard("plughw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC887-VD Analog"),
        SoundCard("plughw:CARD=K3,DEV=0", "USB: FiiO K3"),
        SoundCard("plughw:CARD=PCH,DEV=3", "screen (HDMI): HDA Intel PCH, HDMI 0", is_hdmi=True),
    )


@pytest.mark.usefixtures("no_server")
def test_hdmi_is_taken_if_there_is_nothing_else(tmp_path: Path) -> None:
    proc = machine(tmp_path, PI_CARDS, PI_DEVICES.splitlines()[0] + "\n")
    chosen = choose(proc)
    assert chosen is not None
    assert chosen.is_hdmi


@pytest.mark.usefixtures("no_server")
def test_a_machine_without_sound_has_no_device(tmp_path: Path) -> None:
    assert list_cards(tmp_path) == ()
    assert choose(tmp_path) is None
    assert choose(machine(tmp_path, "--- no soundcards ---\n", "")) is None


@pytest.mark.usefixtures("no_server")
def test_a_device_that_goes_away_between_the_two_lists_is_left_out(tmp_path: Path) -> None:
    proc = machine(tmp_path, PI_CARDS.partition(" 1 ")[0], PI_DEVICES)
    assert [card.device for card in list_cards(proc)] == ["plughw:CARD=vc4hdmi0,DEV=0"]


def test_a_sound_server_that_answers_comes_first(tmp_path: Path, pulse: PulseServer) -> None:
    assert pulse.alsa_config.exists()
    proc = machine(tmp_path, PI_CARDS, PI_DEVICES)
    chosen = choose(proc)
    assert chosen == SoundCard("pulse", "the desktop's sound server (PulseAudio)")
    assert len(list_cards(proc)) == 3


def test_a_sound_server_that_does_not_run_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "pulse" in pcm_names()
    assert list_cards(tmp_path) == ()


def test_the_probe_tells_an_open_device_from_a_missing_one() -> None:
    assert probe("null") is Answer.OPENED
    assert probe("no_such_pcm") is Answer.REFUSED


def test_the_probe_is_not_caught_by_a_server_that_hangs(pulse: PulseServer) -> None:
    assert probe("pulse") is Answer.OPENED
    pulse.freeze()
    try:
        assert probe("pulse", timeout_s=0.5) is Answer.SILENT
    finally:
        pulse.thaw()
    assert probe("pulse") is Answer.OPENED
