"""The output sections of wkmp.ini: ``[output]``, and any number of ``[output NAME]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from audio.device import SampleFormat
from audio.file_sink import WAV_FORMATS
from wkmp.config import OUTPUT_SECTION, SIDE_PLUGINS, SOUND_PLUGINS, Output, main_output

_OF_THE_DEVICE: Final = ("device", "fallback", "rate", "period", "periods")
"""Keys that belong to the output that gives the pace."""

Said = Mapping[str, Mapping[str, Any]]
"""What each output's section says, by its header."""


def is_output(section: str) -> bool:
    """Return whether a section is about an output."""
    return section == OUTPUT_SECTION or bool(_name(section))


def main_section(said: Said) -> str:
    """Return the header of the section that is about the sound device."""
    plugins = [about.get("plugin", "auto") for about in said.values()]
    place = main_output(plugins)
    return OUTPUT_SECTION if place is None and not said else list(said)[place or 0]


def built(said: Said) -> tuple[Output, ...]:
    """Make the outputs, in the order of their sections; without any, the sound device alone."""
    if not said:
        return (Output(),)
    return tuple(
        Output(**({"name": _name(section)} if _name(section) else {}) | dict(about))
        for section, about in said.items()
    )


def faults(said: Said, where: str) -> Iterator[str]:
    """Yield a line for everything that does not go together."""
    outputs = dict(zip(said, built(said), strict=True)) if said else {}
    yield from _second_devices(outputs, where)
    yield from _same_names(outputs, where)
    main = main_section(said)
    for section, output in outputs.items():
        for fault in _faults_of(output, said[section], section == main):
            yield f"{where}: [{section}] {fault}"


def _second_devices(outputs: Mapping[str, Output], where: str) -> Iterator[str]:
    devices = [name for name, output in outputs.items() if output.plugin in SOUND_PLUGINS]
    for section in devices[1:]:
        yield (
            f"{where}: [{section}] plugin = {outputs[section].plugin}: [{devices[0]}] is the sound "
            "device already, and two cards have two clocks that drift apart; "
            "for this one: plugin = file, pipe or null"
        )


def _same_names(outputs: Mapping[str, Output], where: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for section, output in outputs.items():
        if output.name in seen:
            yield (
                f"{where}: [{section}] name = {output.name}: [{seen[output.name]}] has that name "
                "already, and what clients switch is remembered by the name"
            )
        seen.setdefault(output.name, section)


def _faults_of(output: Output, about: Mapping[str, Any], is_main: bool) -> Iterator[str]:
    plugin = output.plugin
    if not is_main:
        for key in _OF_THE_DEVICE:
            if key in about:
                yield f"{key}: belongs to the sound device, which sets it for all"
    if plugin == "file" and output.path is None:
        yield "plugin = file: needs a path"
    if plugin == "pipe" and (output.path is None) is (output.command is None):
        yield "plugin = pipe: needs a path or a command, and not both"
    if plugin != "pipe" and output.command is not None:
        yield "command: is for plugin = pipe"
    if plugin not in SIDE_PLUGINS and output.path is not None:
        yield "path: is for plugin = file and plugin = pipe"
    if records_wav(output) and output.format != "auto" and output.format not in WAV_FORMATS:
        allowed = ", ".join(WAV_FORMATS)
        yield f"format = {output.format}: WAV files cannot have it; allowed: {allowed}"


def records_wav(output: Output) -> bool:
    """Return whether an output records with a WAV header."""
    return output.plugin == "file" and output.path is not None and output.path.suffix in _WAV


_WAV: Final = (".wav", ".WAV", ".wave")


def sample_of(output: Output) -> SampleFormat:
    """Return what a side output is written in."""
    return SampleFormat.S16 if output.format == "auto" else SampleFormat(output.format)


def _name(section: str) -> str:
    word, _, name = section.partition(" ")
    return name.strip().strip('"') if word == OUTPUT_SECTION else ""
