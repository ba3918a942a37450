"""The daemon's one event loop, in a thread of its own."""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """What a loop sleeps in, and whether it does."""

    waits = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for something to do."""
        self.waits = True
        try:
            return super().select(timeout)
        finally:
            self.waits = False


class LoopThread:
    """Runs an asyncio loop until left; an idle loop does not wake up."""

    def __init__(self) -> None:
        self._selector = _Selector()
        self.loop: asyncio.AbstractEventLoop = asyncio.SelectorEventLoop(self._selector)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def at_rest(self) -> bool:
        """Return whether the loop waits for something to do."""
        return self._selector.waits

    def run(self, work: Coroutine[Any, Any, T], *, timeout_s: float) -> T:
        """Run a coroutine in the loop, from another thread, and wait for what it returns.

        Raises:
            TimeoutError: it was not done in time.
            Exception: whatever it raised.
        """
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run(_end_tasks(), timeout_s=1.0)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


async def _end_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
