"""What a client may do."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final


class Permission(enum.Flag):
    """MPD's permission bits."""

    NONE = 0
    READ = enum.auto()
    ADD = enum.auto()
    PLAYER = enum.auto()
    CONTROL = enum.auto()
    ADMIN = enum.auto()


EVERYTHING: Final = (
    Permission.READ | Permission.ADD | Permission.PLAYER | Permission.CONTROL | Permission.ADMIN
)


def permissions_of(names: Iterable[str]) -> Permission:
    """Return the bits with these names; ``control`` brings ``player`` along.

    Raises:
        KeyError: there is no such permission.
    """
    granted = Permission.NONE
    for name in names:
        granted |= Permission[name.upper()]
    if Permission.CONTROL in granted:
        granted |= Permission.PLAYER
    return granted
