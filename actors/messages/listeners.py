"""Messages to listeners outside the engine."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Subsystem(enum.StrEnum):
    """MPD's idle subsystems, in the order in which they are printed."""

    DATABASE = "database"
    STORED_PLAYLIST = "stored_playlist"
    PLAYLIST = "playlist"
    PLAYER = "player"
    MIXER = "mixer"
    OUTPUT = "output"
    OPTIONS = "options"
    STICKER = "sticker"
    UPDATE = "update"
    SUBSCRIPTION = "subscription"
    MESSAGE = "message"
    NEIGHBOR = "neighbor"
    MOUNT = "mount"
    PARTITION = "partition"


@dataclass(frozen=True, slots=True)
class SubsystemsChanged:
    """QueueActor → server: wake the clients that wait for these."""

    subsystems: frozenset[Subsystem]
