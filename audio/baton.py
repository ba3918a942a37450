"""Mutual exclusion for the two threads that touch a device, without owning a thread.

The rooms below the actors make no threads and therefore leave ``threading`` alone. A queue that
holds one token is all it takes: who has the token may touch the device.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
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

    @contextlib.contextmanager
    def within(self, timeout_s: float) -> Iterator[bool]:
        """Hold it in the block if it can be had in time; yields whether it is held."""
        try:
            self._token.get(timeout=timeout_s)
        except queue.Empty:
            yield False
            return
        try:
            yield True
        finally:
            self._token.put(None)
