"""From ``[output]`` and the devices that are there to what is played to."""

from __future__ import annotations

from collections.abc import Sequence

from actors.output import OutputChoice
from audio.device import OutputFormat, SampleFormat
from playback.status import OutputStatus
from playback.units import Frames
from wkmp.banner import how_to_call
from wkmp.config import Output
from wkmp.sound_devices import SoundDevice, chosen

CHANNELS = 2
_AUTO = "auto"


def choice(
    output: Output, devices: Sequence[SoundDevice], before: Sequence[OutputStatus] = ()
) -> OutputChoice:
    """Return the plugin and device to begin with.

    Args:
        output: what wkmp.ini and the command line say.
        devices: those that are there, the best first.
        before: the outputs of the last run; a device that a user chose then is kept unless
            wkmp.ini or the command line names one.

    Raises:
        ConfigError: several devices fit what was asked for.
    """
    if output.plugin == "null":
        return OutputChoice(output.name, "null")
    if output.device != _AUTO:
        return OutputChoice(output.name, "alsa", chosen(output.device, devices).name)
    if output.plugin == _AUTO and before and before[0].chosen:
        return OutputChoice(output.name, before[0].plugin, before[0].device)
    if devices:
        return OutputChoice(output.name, "alsa", devices[0].name)
    if output.plugin == _AUTO:
        return OutputChoice(output.name, "null")
    return OutputChoice(output.name, "alsa", "default")  # tried again until it is there


def in_words(output: Output, made: OutputChoice, devices: Sequence[SoundDevice]) -> str:
    """Say what a choice plays to."""
    if made.plugin == "null":
        if output.plugin == "null":
            return "none, as asked for"
        return f"no sound card found: playing in silence; later: {how_to_call()} device NAME"
    words = next((device.words for device in devices if device.name == made.device), None)
    return f"{words} ({made.device})" if words else made.device


def wanted_format(output: Output) -> OutputFormat:
    """Return what the device is asked for; it may take another sample format."""
    return OutputFormat(
        rate_hz=output.rate,
        sample=SampleFormat.S32 if output.format == _AUTO else SampleFormat(output.format),
        channels=CHANNELS,
        period=Frames(output.period),
        buffer=Frames(output.period * output.periods),
    )
