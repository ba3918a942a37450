"""Messages to StorageActor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actors.address import Request
from library.stickers import StickerEdit
from playback.measurement import MeasuredFile
from playback.saved import QueueChange


@dataclass(frozen=True, slots=True)
class SaveChange:
    """QueueActor → StorageActor: an acknowledged change; numbers grow by one."""

    number: int
    change: QueueChange


@dataclass(frozen=True, slots=True)
class Flush:
    """Session → StorageActor: call ``done`` once everything told before is on disk."""

    done: Callable[[], None]


@dataclass(frozen=True, slots=True)
class EditSticker(Request[bool]):
    """Session → StorageActor: change a sticker; readers see it at once, ``Flush`` makes it durable.

    The answer is whether there was something to change.
    """

    edit: StickerEdit


@dataclass(frozen=True, slots=True)
class SaveMeasured:
    """Analysis → StorageActor: a file was measured; it may be measured again, so nobody waits."""

    file: MeasuredFile


@dataclass(frozen=True, slots=True)
class Commit:
    """StorageActor → itself: commit what has gathered; stands behind it in the inbox."""
