"""wkmp.ini, read and written: text ↔ ``Config``, every fault reported at once."""

from __future__ import annotations

import configparser
import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from playback.errors import ConfigError
from wkmp import ini_outputs
from wkmp.config import DEFAULTS_SECTION, KEYS, OUTPUT_SECTION, SECTIONS, Config, Key

_BY_SECTION: Final[Mapping[str, Mapping[str, Key]]] = {
    section: {key.name: key for key in KEYS if key.section == section}
    for section in dict.fromkeys(key.section for key in KEYS)
}
_HEADER: Final = """\
# wkmp.ini: what belongs to this machine. Every key is shown with its default; take away the
# "#" to change one. An environment variable such as WKMP_NETWORK_PORT outranks this file.
"""
_NOTES: Final[Mapping[str, str]] = {
    OUTPUT_SECTION: (
        "# The sound device. More outputs, each in a section [output NAME], get what is heard: a\n"
        "# recording, a FIFO, a program. For example:\n"
        "#   [output Recorder]\n"
        "#   plugin = file\n"
        "#   path = ~/recording.wav\n"
    ),
    DEFAULTS_SECTION: "# These only seed a new database; later use: python -m wkmp settings\n",
}


def load(file: Path | None, environment: Mapping[str, str] = os.environ) -> Config:
    """Read a file (None = there is none) and the environment.

    Raises:
        ConfigError: anything in them is wrong; its text has one line for each fault.
    """
    written = _sections(file) if file else {}
    faults: list[str] = []
    values: dict[str, dict[str, Any]] = {
        section: {} for section in (*_BY_SECTION, *written) if _known(section)
    }
    if not any(ini_outputs.is_output(section) for section in written):
        values[OUTPUT_SECTION] = {}
    elif OUTPUT_SECTION not in written:
        del values[OUTPUT_SECTION]
    for section, name, text in _flat(written):
        _take(values, faults, where=str(file), section=section, name=name, text=text)
    for key in KEYS:
        variable = f"WKMP_{key.section}_{key.name}".upper()
        if variable in environment:
            section, text = _section_of(key, values), environment[variable]
            _take(values, faults, where=variable, section=section, name=key.name, text=text)
    faults += _unknown_sections(written, file)
    outputs = {name: values.pop(name) for name in list(values) if ini_outputs.is_output(name)}
    if not faults:
        faults += ini_outputs.faults(outputs, str(file))
    if faults:
        raise ConfigError("\n".join(faults))
    defaults = values.pop(DEFAULTS_SECTION)
    built = {section: SECTIONS[section](**given) for section, given in values.items()}
    return Config(**built, outputs=ini_outputs.built(outputs), defaults=defaults)


def template(overrides: Mapping[tuple[str, str], str] | None = None) -> str:
    """Write a whole wkmp.ini: ``overrides`` in force, every other key commented out."""
    in_force = overrides or {}
    parts = [_HEADER]
    for section, keys in _BY_SECTION.items():
        parts.append(f"\n[{section}]\n{_NOTES.get(section, '')}")
        parts.extend(_entry(key, in_force.get((section, key.name))) for key in keys.values())
    return "".join(parts)


def _entry(key: Key, value: str | None) -> str:
    about = f"# {key.meaning}\n#   {key.kind.allowed}\n"
    if value is None:
        return f"{about}#{key.name} = {key.default}".rstrip() + "\n"
    return f"{about}{key.name} = {value}\n"


def _sections(file: Path) -> Mapping[str, Mapping[str, str]]:
    # Without interpolation a password may contain "%"; without a default section [DEFAULT]
    # is an unknown section like any other.
    parser = configparser.ConfigParser(interpolation=None, default_section="\0")
    try:
        parser.read_string(file.read_text("utf-8"), source=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    except configparser.Error as error:
        raise ConfigError(f"{file}: {' '.join(str(error).split())}") from error
    return {name: dict(parser[name]) for name in parser.sections()}


def _known(section: str) -> bool:
    return section in _BY_SECTION or ini_outputs.is_output(section)


def _keys_of(section: str) -> Mapping[str, Key]:
    return _BY_SECTION[OUTPUT_SECTION if ini_outputs.is_output(section) else section]


def _section_of(key: Key, values: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which of the sections a variable is about: of several outputs, the sound device's."""
    if key.section != OUTPUT_SECTION:
        return key.section
    return ini_outputs.main_section(
        {section: about for section, about in values.items() if ini_outputs.is_output(section)}
    )


def _flat(written: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for section, entries in written.items():
        if _known(section):
            for name, text in entries.items():
                yield section, name, text


def _take(
    values: dict[str, dict[str, Any]],
    faults: list[str],
    *,
    where: str,
    section: str,
    name: str,
    text: str,
) -> None:
    key = _keys_of(section).get(name)
    said = f"{where}: [{section}] {name} = {' '.join(text.split())}"
    if key is None:
        faults.append(f"{said}: no such key; {_instead(name, _keys_of(section))}")
        return
    try:
        values[section][name] = key.kind.parse(text)
    except ValueError:
        faults.append(f"{said}: not allowed; allowed: {key.kind.allowed}")


def _unknown_sections(written: Mapping[str, Mapping[str, str]], file: Path | None) -> Iterator[str]:
    for section in written:
        if _known(section):
            continue
        yield f"{file}: [{section}]: no such section; {_instead(section, _BY_SECTION)}"


def _instead(given: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(given, known, n=1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    return f"{hint}allowed: {', '.join(known)}"
