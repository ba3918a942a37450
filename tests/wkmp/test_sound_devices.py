from __future__ import annotations

from pathlib import Path

import pytest

from playback.errors import ConfigError
from wkmp import sound_devices
from wkmp.sound_devices import Rank, SoundDevice, chosen, found

# As the kernels of a PC and of a Raspberry Pi 4 with a USB device write them.
PC_CARDS = """\
 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7f10000 irq 31
 1 [Webcam         ]: USB-Audio - HD Webcam
                      HD Webcam at usb-0000:00:14.0-3, high speed
"""
PC_PCMS = """\
00-03: HDMI 0 : HDMI 0 : playback 1
00-00: ALC887-VD Analog : ALC887-VD Analog : playback 1 : capture 1
01-00: USB Audio : USB Audio : capture 1
"""
PI_CARDS = """\
 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 2 [DAC            ]: USB-Audio - USB Audio DAC
                      BurrBrown USB Audio DAC at usb-0000:01:00.0-1.2, full speed
"""
PI_PCMS = """\
00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
01-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1
02-00: USB Audio : USB Audio : playback 1
"""


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.setattr(sound_devices, "_SYSTEM_CONFIG", tmp_path / "asound.conf")


def kernel(folder: Path, cards: str, pcms: str) -> Path:
    (folder / "cards").write_text(cards, "utf-8")
    (folder / "pcm").write_text(pcms, "utf-8")
    return folder


def test_without_cards_nothing_is_found(tmp_path: Path) -> None:
    assert found({"default", "pulse"}, tmp_path) == ()
    assert found(set(), kernel(tmp_path, "--- no soundcards ---\n", "")) == ()


def test_on_a_pc_the_analog_output_comes_before_hdmi(tmp_path: Path) -> None:
    assert found(set(), kernel(tmp_path, PC_CARDS, PC_PCMS)) == (
        SoundDevice("plughw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC887-VD Analog", Rank.CARD),
        SoundDevice("plughw:CARD=PCH,DEV=3", "HDA Intel PCH, HDMI 0", Rank.HDMI),
    )


def test_on_a_pi_usb_comes_first_and_hdmi_last(tmp_path: Path) -> None:
    names = [device.name for device in found(set(), kernel(tmp_path, PI_CARDS, PI_PCMS))]
    assert names == [
        "plughw:CARD=DAC,DEV=0",
        "plughw:CARD=Headphones,DEV=0",
        "sysdefault:CARD=vc4hdmi0",
    ]


def test_a_running_sound_server_comes_before_the_cards_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/x")
    cards = kernel(tmp_path, PC_CARDS, PC_PCMS)
    assert found({"pulse"}, cards)[0].name == "pulse"
    assert found(set(), cards)[0].name == "plughw:CARD=PCH,DEV=0"


@pytest.mark.parametrize(
    ("socket", "name"), [("pulse/native", "pulse"), ("pipewire-0", "pipewire")]
)
def test_a_sound_server_is_recognised_by_its_socket(tmp_path: Path, socket: str, name: str) -> None:
    (tmp_path / socket).parent.mkdir(exist_ok=True)
    (tmp_path / socket).touch()
    assert [device.name for device in found({"pulse", "pipewire"}, tmp_path)] == [name]


def test_what_an_asound_conf_names_comes_before_everything(tmp_path: Path) -> None:
    (tmp_path / "asound.conf").touch()
    devices = found({"default"}, kernel(tmp_path, PC_CARDS, PC_PCMS))
    assert devices[0].name == "default"
    assert "asound.conf" in devices[0].words


@pytest.mark.parametrize("wish", ["plughw:CARD=DAC,DEV=0", "dac", "usb"])
def test_a_device_is_chosen_by_its_name_or_a_part_of_its_words(tmp_path: Path, wish: str) -> None:
    devices = found(set(), kernel(tmp_path, PI_CARDS, PI_PCMS))
    assert chosen(wish, devices).words == "USB Audio DAC"


def test_a_wish_that_fits_several_is_refused(tmp_path: Path) -> None:
    devices = found(set(), kernel(tmp_path, PC_CARDS, PC_PCMS))
    with pytest.raises(ConfigError, match=r"plughw:CARD=PCH,DEV=0, plughw:CARD=PCH,DEV=3"):
        chosen("pch", devices)


def test_a_name_that_is_not_listed_is_taken_as_it_is() -> None:
    assert chosen("my_pcm", ()).name == "my_pcm"
