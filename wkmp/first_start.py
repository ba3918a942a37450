"""Which configuration counts: the one asked for, the user's, or a fresh one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from playback.errors import ConfigError
from wkmp import ini_file, paths
from wkmp.config import Config

EVERY_NETWORK = "0.0.0.0"  # noqa: S104  (what --lan asks for)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What the command line says over wkmp.ini; None = nothing."""

    config: Path | None = None
    music: Path | None = None
    device: str | None = None
    port: int | None = None
    lan: bool = False


def configuration(said: CommandLine, *, create: bool = False) -> Config:
    """Return the configuration in force.

    Args:
        said: the command line.
        create: write the user's wkmp.ini and make the standard music directory if absent.

    Raises:
        ConfigError: a file or a value is wrong; one line for each fault.
    """
    if said.config is not None and not said.config.is_file():
        raise ConfigError(f"{said.config}: there is no such file")
    if said.music is not None and not said.music.is_dir():
        raise ConfigError(f"{said.music}: there is no such music directory")
    file = said.config or paths.config_file()
    if create and not file.exists():
        _write_first(file, said.music)
    config = _overridden(ini_file.load(file if file.exists() else None), said)
    if create and config.paths.music_directory == paths.music_directory():
        _make_standard_music_directory(config.paths.music_directory)
    return config


def _write_first(file: Path, music: Path | None) -> None:
    chosen = {("paths", "music_directory"): str(music.resolve())} if music else {}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(ini_file.template(chosen), "utf-8")
    except OSError as error:
        # Not needed for anything: the defaults do.
        _log.warning("%s cannot be written: %s", file, error.strerror)


def _make_standard_music_directory(directory: Path) -> None:
    # Another one that is absent may be a disk that is not mounted: nothing to create there.
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _log.warning("%s cannot be made: %s", directory, error.strerror)


def _overridden(config: Config, said: CommandLine) -> Config:
    if said.music is not None:
        config = replace(config, paths=replace(config.paths, music_directory=said.music.resolve()))
    if said.port is not None:
        config = replace(config, network=replace(config.network, port=said.port))
    if said.lan:
        config = replace(config, network=replace(config.network, address=(EVERY_NETWORK,)))
    if said.device is not None:
        plugin = "null" if said.device == "null" else "alsa"
        config = config.with_device(plugin, said.device)
    return config
