"""Fair shares of the event loop."""

from __future__ import annotations

import asyncio
import time
from typing import Final

LIMIT_S: Final = 0.002


class Turn:
    """How long one client has kept the event loop; used at points where it can be given up."""

    def __init__(self) -> None:
        self._began_s = time.perf_counter()

    async def pass_on(self) -> None:
        """Let the others have theirs if this one has taken long enough."""
        if time.perf_counter() - self._began_s > LIMIT_S:
            await asyncio.sleep(0)
            self._began_s = time.perf_counter()
