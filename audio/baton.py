"""Mutual exclusion for the two threads that touch a device, without owning a thread.

The rooms below the actors make no threads and therefore leave ``threading`` alone. A queue that
holds one token is all it takes: who has the token may touch the device.
"""

from __future__ import annotations

import queue
from types import TracebackType


class Baton:
    """Held inside a ``with`` block by one thread at a time; not re-entrant."""

    def __init__(self) -> None:
        self._token: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._token.put(None)

    def __enter__(self) -> None:
        self._token.get()

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._token.put(None)
