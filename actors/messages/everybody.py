"""Messages to everybody."""

from __future__ import annotations

from dataclasses import dataclass

from actors.address import Request


@dataclass(frozen=True, slots=True)
class GiveSignOfLife(Request[None]):
    """WatchdogActor → anybody: answer, so that it is known you can."""


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """QueueActor → Decoder-, Buffer-, Mixer-, WatchdogActor: a setting has a new value."""

    key: str
    old: int
    new: int
