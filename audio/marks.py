"""What happens at one output frame; reported once that frame has been heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from playback.plan import Slot
from playback.units import Frames


@dataclass(frozen=True, slots=True)
class Began:
    """The slot's first frame."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Overlapped:
    """From here on two slots sound."""

    leaving: Slot
    entering: Slot


@dataclass(frozen=True, slots=True)
class Ended:
    """The frame after the slot's last; ``frames`` of its chain were mixed."""

    slot: Slot
    frames: Frames


@dataclass(frozen=True, slots=True)
class Starved:
    """The slot's ring ran dry."""

    slot: Slot


Mark: TypeAlias = Began | Overlapped | Ended | Starved
