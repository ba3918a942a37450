"""MPD's commands, one small function each, entered into the table by their modules."""

from __future__ import annotations

from importlib import import_module
from typing import Final

MODULES: Final = (
    "connection",
    "database",
    "extension",
    "messages",
    "mounts",
    "music",
    "options",
    "outputs",
    "partitions",
    "pictures",
    "playback",
    "queue_edit",
    "queue_read",
    "reflection",
    "status",
    "stickers",
    "stored_playlists",
)


def load() -> None:
    """Enter all commands into the table."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
