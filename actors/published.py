"""One writer, many readers: the latest immutable snapshot of an actor's state."""

from __future__ import annotations

from typing import Generic, TypeVar

S = TypeVar("S")


class Published(Generic[S]):
    """A cell that only its owning actor sets. Reading never blocks the owner.

    Rebinding an attribute is atomic, and ``S`` is a frozen dataclass, so a reader gets a state
    that really existed: all of it, or all of the next one.
    """

    def __init__(self, initial: S) -> None:
        self._latest = initial

    def publish(self, snapshot: S) -> None:
        """Replace the snapshot; only the owner calls this."""
        self._latest = snapshot

    @property
    def latest(self) -> S:
        """The newest snapshot."""
        return self._latest
