"""Messages to StorageActor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
class Commit:
    """StorageActor → itself: commit what has gathered; stands behind it in the inbox."""
