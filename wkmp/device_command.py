"""``wkmp devices`` and ``wkmp device NAME``: asked of the running daemon."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from wkmp.config import Config
from wkmp.running import door_of


def listed(config: Config) -> Iterator[str]:
    """Yield a line for each sound device: its name, and what it is in plain words."""
    with contextlib.closing(door_of(config)) as door:
        pairs = door.ask("wkmp", "devices")
    name = ""
    for key, value in pairs:
        if key == "device":
            name = value
        elif key == "description":
            yield f"{name:24} {value}"


def choose(config: Config, name: str) -> Iterator[str]:
    """Play to another device from now on; yields what is played to then."""
    with contextlib.closing(door_of(config)) as door:
        for _, value in door.ask("wkmp", "device", name):
            yield value
