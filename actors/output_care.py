"""Whether the output is there, who was told, and when to look after it.

An output that is not used is closed after a while. One that does not answer for long hangs. One
that was lost is tried again, with growing patience. These are the only times MixerActor goes by.
"""

from __future__ import annotations

import enum
import logging
import math
import time
from collections.abc import Callable
from typing import Final

from actors import backoff
from actors.address import Address
from actors.messages import OutputLost, OutputRestored
from audio.device import OutputFormat

PAUSE_CLOSES_S: Final = 5.0
STOP_CLOSES_S: Final = 0.25
SUBSTITUTE_EVERY_S: Final = 5.0
HUNG_AFTER_S: Final = 8.0  # the device itself gives up long before, unless a call does not return

_log = logging.getLogger(__name__)


class Due(enum.Enum):
    """What it is time for."""

    HUNG = enum.auto()
    CLOSE = enum.auto()
    RETRY = enum.auto()


class OutputCare:
    """The state of one output, with three alarms, each at most once.

    Args:
        queue: is told when the output is lost, and when it is back.
        hung_after_s: how long the output may take to answer.
        clock: gives seconds, as ``time.monotonic`` does.
    """

    def __init__(
        self,
        queue: Address[OutputLost | OutputRestored],
        hung_after_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._hung_after_s = hung_after_s
        self._clock = clock
        self._retry_s = backoff.FIRST_S
        self._alarms: dict[Due, float] = {}
        self._substituted_s = -math.inf
        self._complained = False  # of a lost output, and not taken it back
        self.enabled = True
        """Switched on by the listener."""
        self.lost = False
        """Gone, and not asked for anew."""

    # Alarms

    @property
    def deadline_s(self) -> float | None:
        """When to look next, as ``clock`` counts; None = not at all."""
        return min(self._alarms.values(), default=None)

    def due(self) -> list[Due]:
        """Return what it is time for now; each is told once."""
        now = self._clock()
        over = [what for what in Due if self._alarms.get(what, now + 1) <= now]
        for what in over:
            del self._alarms[what]
        return over

    def asked(self) -> None:
        """The output has been asked for something, and owes an answer."""
        self._alarms[Due.HUNG] = self._clock() + self._hung_after_s

    def answered(self) -> None:
        """The output owes nothing."""
        self._alarms.pop(Due.HUNG, None)

    def unused(self, close_s: float) -> None:
        """Nothing is played; close the output after ``close_s`` seconds."""
        self._alarms[Due.CLOSE] = self._clock() + close_s

    def used(self) -> None:
        """The output is wanted; it must stay open."""
        self._alarms.pop(Due.CLOSE, None)

    # Loss and return

    def has_failed(self, name: str, text: str) -> None:
        """The output is lost: tell once; try again, each time after twice as long."""
        if not self.lost:
            _log.warning("Output %s is lost: %s", name, text)
            self._queue.tell(OutputLost(text))
        self.lost = self._complained = True
        self.answered()
        self.used()
        self._alarms[Due.RETRY] = self._clock() + self._retry_s
        self._retry_s = backoff.longer(self._retry_s)

    def has_substitute(self, name: str, text: str) -> bool:
        """The output is lost and has a fallback: return whether to open that at once.

        Not if the last one was lost just now, for then nothing is won by hurrying.
        """
        now = self._clock()
        if now - self._substituted_s < SUBSTITUTE_EVERY_S:
            return False
        self._substituted_s = now
        self.answered()
        _log.warning("Output %s is lost: %s", name, text)
        return True

    def has_opened(self, taken: OutputFormat) -> None:
        """The output is there; who heard that it was lost hears that it is back."""
        self.forgive()
        if self._complained:
            self._complained = False
            self._queue.tell(OutputRestored(taken))

    def forgive(self) -> None:
        """Whatever was wrong is over, or concerns nobody: the next loss is a first one."""
        self.lost = False
        self.answered()
        self._alarms.pop(Due.RETRY, None)
        self._retry_s = backoff.FIRST_S
