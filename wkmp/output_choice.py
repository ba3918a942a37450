"""From wkmp.ini's outputs and the devices that are there to what is played to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from actors.output import NO_SOUND, OutputChoice
from actors.side_outputs import SideChoice
from audio.device import OutputFormat, SampleFormat
from audio.file_sink import FileSink
from audio.pipe_sink import CommandSink, FifoSink
from audio.side_sink import SideSink
from playback.outputs import saved_of
from playback.status import OutputStatus
from playback.units import Frames
from wkmp.banner import how_to_call
from wkmp.config import Config, Output
from wkmp.ini_outputs import records_wav, sample_of
from wkmp.sound_devices import SoundDevice, chosen

CHANNELS = 2
_AUTO = "auto"


def choice(
    output: Output, devices: Sequence[SoundDevice], before: OutputStatus | None = None
) -> OutputChoice:
    """Return the plugin and device to begin with.

    Args:
        output: what wkmp.ini and the command line say.
        devices: those that are there, the best first.
        before: this output in the last run; a device that a user chose then is kept unless
            wkmp.ini or the command line names one.

    Raises:
        ConfigError: several devices fit what was asked for.
    """
    if output.plugin == NO_SOUND:
        return OutputChoice(output.name, NO_SOUND)
    if output.device != _AUTO:
        return OutputChoice(output.name, "alsa", chosen(output.device, devices).name)
    if output.plugin == _AUTO and before and before.chosen:
        return OutputChoice(output.name, before.plugin, before.device)
    if devices:
        return OutputChoice(output.name, "alsa", devices[0].name)
    if output.plugin == _AUTO:
        return OutputChoice(output.name, NO_SOUND)
    return OutputChoice(output.name, "alsa", "default")  # tried again until it is there


def last_time(config: Config, saved: Sequence[OutputStatus]) -> OutputStatus | None:
    """Return what was saved of the sound device."""
    main = config.main_output
    if main is None:
        return None
    configured = [status(place, output) for place, output in enumerate(config.outputs)]
    return saved_of(configured[main], configured, saved)


def statuses(config: Config, made: OutputChoice) -> Iterator[OutputStatus]:
    """Yield the outputs as clients see them at the first start, the sound device as chosen."""
    for place, output in enumerate(config.outputs):
        if place == config.main_output:
            yield OutputStatus(place, made.name, made.plugin, output.enabled, made.device)
        else:
            yield status(place, output)


def status(place: int, output: Output) -> OutputStatus:
    """Return an output as wkmp.ini has it."""
    return OutputStatus(place, output.name, output.plugin, output.enabled)


def sides(config: Config) -> Iterator[SideChoice]:
    """Yield the outputs that are not the sound device."""
    for place, output in enumerate(config.outputs):
        if place != config.main_output:
            yield SideChoice(place, output.name, _maker(output, config.output.rate))


def _maker(output: Output, rate_hz: int) -> Callable[[], SideSink] | None:
    sample = sample_of(output)
    if output.plugin == "file" and output.path is not None:
        return partial(FileSink, output.path, sample, rate_hz, wav=records_wav(output))
    if output.command is not None:
        return partial(CommandSink, output.command, sample)
    if output.path is not None:
        return partial(FifoSink, output.path, sample)
    return None


def in_words(output: Output, made: OutputChoice, devices: Sequence[SoundDevice]) -> str:
    """Say what a choice plays to."""
    if made.plugin == NO_SOUND:
        if output.plugin == NO_SOUND:
            return "none, as asked for"
        return f"no sound card found: playing in silence; later: {how_to_call()} device NAME"
    words = next((device.words for device in devices if device.name == made.device), None)
    return f"{words} ({made.device})" if words else made.device


def besides(config: Config) -> str:
    """Name the side outputs, to go behind ``in_words``."""
    names = [each.name for each in sides(config)]
    return f"; besides: {', '.join(names)}" if names else ""


def wanted_format(output: Output) -> OutputFormat:
    """Return what the device is asked for; it may take another sample format."""
    return OutputFormat(
        rate_hz=output.rate,
        sample=SampleFormat.S32 if output.format == _AUTO else SampleFormat(output.format),
        channels=CHANNELS,
        period=Frames(output.period),
        buffer=Frames(output.period * output.periods),
    )
