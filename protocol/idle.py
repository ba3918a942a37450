"""MPD's idle: every connection collects what has changed, and hears of what it asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from actors.messages import Subsystem
from playback.errors import AckCode, AckError

ALL: Final = frozenset(Subsystem)
_BY_NAME: Final = {subsystem.value: subsystem for subsystem in Subsystem}


class IdleState:
    """What one connection has not yet been told, and whether it waits to be.

    Every change is collected from the moment the connection exists; an answer takes away only
    what it tells.
    """

    def __init__(self) -> None:
        self._unheard: frozenset[Subsystem] = frozenset()
        self._awaited: frozenset[Subsystem] | None = None

    @property
    def waiting(self) -> bool:
        """Whether the client has said ``idle`` and not been answered."""
        return self._awaited is not None

    def begin(self, awaited: frozenset[Subsystem]) -> tuple[Subsystem, ...]:
        """Wait for ``awaited``; returns what is to be answered at once, if anything."""
        self._awaited = awaited
        return self._due()

    def changed(self, subsystems: Iterable[Subsystem]) -> tuple[Subsystem, ...]:
        """Collect changes; returns what is to be answered now, in MPD's order, if anything."""
        self._unheard = self._unheard.union(subsystems)
        return self._due()

    def cancel(self) -> None:
        """Wait no longer; what was not told is kept."""
        self._awaited = None

    def _due(self) -> tuple[Subsystem, ...]:
        told = self._unheard & (self._awaited or frozenset())
        if told:
            self._unheard -= told
            self._awaited = None
        return tuple(subsystem for subsystem in Subsystem if subsystem in told)


def subsystem(argument: str) -> Subsystem:
    """Read a subsystem's name, in any case."""
    found = _BY_NAME.get(argument.lower())
    if found is None:
        raise AckError(AckCode.ARG, f"Unrecognized idle event: {argument}")
    return found
