"""``wkmp devices`` and ``wkmp device NAME``: asked of the running daemon."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playback.errors import WkmpError
from wkmp import instance
from wkmp.banner import how_to_call
from wkmp.config import Config
from wkmp.door import Door


class NotRunningError(WkmpError):
    """What was asked for needs a running daemon."""


def listed(config: Config) -> Iterator[str]:
    """Yield a line for each sound device: its name, and what it is in plain words."""
    with contextlib.closing(_door(config)) as door:
        pairs = door.ask("wkmp", "devices")
    name = ""
    for key, value in pairs:
        if key == "device":
            name = value
        elif key == "description":
            yield f"{name:24} {value}"


def choose(config: Config, name: str) -> Iterator[str]:
    """Play to another device from now on; yields what is played to then."""
    with contextlib.closing(_door(config)) as door:
        for _, value in door.ask("wkmp", "device", name):
            yield value


def _door(config: Config) -> Door:
    where = instance.find(config.paths.data_directory)
    if where is None:
        raise NotRunningError(f"no daemon runs; start one with: {how_to_call()}")
    return Door(where, config.network.passwords)
