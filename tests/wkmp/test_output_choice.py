from __future__ import annotations

import pytest

from actors.output import OutputChoice
from audio.device import SampleFormat
from wkmp import output_choice
from wkmp.config import Output
from wkmp.sound_devices import Rank, SoundDevice

DAC = SoundDevice("plughw:CARD=DAC,DEV=0", "USB Audio DAC", Rank.CARD)
HDMI = SoundDevice("sysdefault:CARD=vc4hdmi0", "vc4-hdmi-0", Rank.HDMI)


@pytest.mark.parametrize(
    ("output", "devices", "plugin", "device"),
    [
        (Output(), (DAC, HDMI), "alsa", DAC.name),
        (Output(), (HDMI,), "alsa", HDMI.name),
        (Output(), (), "null", ""),
        (Output(plugin="null"), (DAC,), "null", ""),
        (Output(plugin="null", device="hw:1"), (DAC,), "null", ""),
        (Output(plugin="alsa"), (), "alsa", "default"),
        (Output(device="vc4"), (DAC, HDMI), "alsa", HDMI.name),
        (Output(device="my_pcm"), (DAC,), "alsa", "my_pcm"),
        (Output(device="my_pcm"), (), "alsa", "my_pcm"),
    ],
)
def test_the_choice_follows_the_wish_and_what_is_there(
    output: Output, devices: tuple[SoundDevice, ...], plugin: str, device: str
) -> None:
    assert output_choice.choice(output, devices) == OutputChoice("Sound", plugin, device)


@pytest.mark.parametrize(
    ("output", "devices", "words"),
    [
        (Output(), (DAC,), "USB Audio DAC (plughw:CARD=DAC,DEV=0)"),
        (Output(device="my_pcm"), (DAC,), "my_pcm"),
        (Output(plugin="null"), (DAC,), "none, as asked for"),
    ],
)
def test_the_choice_is_told_in_plain_words(
    output: Output, devices: tuple[SoundDevice, ...], words: str
) -> None:
    made = output_choice.choice(output, devices)
    assert output_choice.in_words(output, made, devices) == words


def test_without_a_sound_card_one_line_says_so_and_what_to_do() -> None:
    words = output_choice.in_words(Output(), output_choice.choice(Output(), ()), ())
    assert words.startswith("no sound card found")
    assert "device NAME" in words
    assert "\n" not in words


def test_the_wanted_format_comes_from_the_configuration() -> None:
    wanted = output_choice.wanted_format(Output(rate=48000, period=1024, periods=4))
    assert (wanted.rate_hz, wanted.channels, wanted.period, wanted.buffer) == (48000, 2, 1024, 4096)
    assert wanted.sample is SampleFormat.S32
    assert output_choice.wanted_format(Output(format="S16_LE")).sample is SampleFormat.S16
