"""How the daemon learns that it is to end."""

from __future__ import annotations

import logging
import queue
import signal
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger(__name__)


class Ending:
    """Waits, without waking up, for a signal or for a part of the daemon to give up."""

    def __init__(self) -> None:
        # An Event's lock could be held by the very code that a signal handler interrupts.
        self._statuses: queue.SimpleQueue[int] = queue.SimpleQueue()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT from now on; only in the main thread."""
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)

    def give_up(self) -> None:
        """End with a failure; from any thread."""
        self._statuses.put(1)

    def wait(self) -> int:
        """Return the exit status once it is time to end; a second signal then ends at once."""
        status = self._statuses.get()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        return status

    def wait_for(self, seconds: float) -> int | None:
        """Return the exit status if it is time to end within so long, else None."""
        try:
            return self._statuses.get(timeout=seconds)
        except queue.Empty:
            return None

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._statuses.put(0)
