"""How the daemon learns that it is to end.

The kernel may hand a signal to any thread. A main thread that waits for a lock then sleeps on;
so it waits for a pipe instead, into which the interpreter writes the number of each signal, in
whichever thread it arrives.
"""

from __future__ import annotations

import os
import select
import signal
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_GAVE_UP: Final = 0  # no signal has this number


class Ending:
    """Waits, without waking up, for a signal or for a part of the daemon to give up.

    The pipe stays open as long as the process: somebody may give up at any time.
    """

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)

    def listen(self) -> None:
        """Take SIGTERM and SIGINT from now on; only in the main thread."""
        for number in _SIGNALS:
            signal.signal(number, _leave_it_to_the_pipe)
        signal.set_wakeup_fd(self._write_end)

    def give_up(self) -> None:
        """End with a failure; from any thread."""
        os.write(self._write_end, bytes((_GAVE_UP,)))

    def wait(self) -> int:
        """Return the exit status once it is time to end; a second signal then ends at once."""
        told = os.read(self._read_end, 1)[0]
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        return _status(told)

    def wait_for(self, seconds: float) -> int | None:
        """Return the exit status if it is time to end within so long, else None."""
        readable, _, _ = select.select([self._read_end], [], [], seconds)
        return _status(os.read(self._read_end, 1)[0]) if readable else None


def _status(told: int) -> int:
    return 1 if told == _GAVE_UP else 0


def _leave_it_to_the_pipe(_number: int, _frame: FrameType | None) -> None:
    """Be there: only signals with a handler are written into the pipe."""
