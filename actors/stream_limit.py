"""How many files can be open at once: what the user allows, or less if the machine says no.

Running out of file descriptors, threads or memory is nobody's fault, so it fails no entry: the
limit falls to what works, and rises by one with each chain that gives its resources back. A
chain that was refused is *deferred*: tried again when that happens, and after a second at the
latest. Some broken files ask for all the memory there is, so the third refusal of a chain that
is within the limit is its failure after all.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from playback.units import ChainId

LOWEST: Final = 1
"""Without the current entry there is no music."""
RETRY_AFTER_S: Final = 1.0
ATTEMPTS: Final = 3


class StreamLimit:
    """The effective number of decode streams, and who waits for resources.

    Args:
        maximum: the setting ``maximum_decode_streams``.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._streams = maximum
        self._refusals: dict[ChainId, int] = {}
        self._deferred: set[ChainId] = set()
        self._retry_s: float | None = None

    @property
    def streams(self) -> int:
        """Streams that may be open at once."""
        return self._streams

    @property
    def lowered(self) -> int:
        """The limit in the words of ``StreamLimitChanged``: 0 while the setting alone decides."""
        return 0 if self._streams == self._maximum else self._streams

    @property
    def deferred(self) -> frozenset[ChainId]:
        """Chains that wait for resources."""
        return frozenset(self._deferred)

    @property
    def retry_s(self) -> float | None:
        """When to try them again, as a monotonic reading; None if none waits."""
        return self._retry_s if self._deferred else None

    def allow(self, maximum: int) -> None:
        """The setting has a new value; what the machine allows is found out again."""
        self._maximum = maximum
        self._streams = maximum
        self._deferred.clear()

    def refused(self, chain: ChainId, working: int, now_s: float) -> bool:
        """A chain could not be opened beside ``working`` others; return whether to give it up."""
        self._refusals[chain] = self._refusals.get(chain, 0) + 1
        if self._refusals[chain] >= ATTEMPTS:
            self._deferred.discard(chain)
            return True
        self._streams = max(LOWEST, min(working, self._streams))
        self._deferred.add(chain)
        self._retry_s = now_s + RETRY_AFTER_S
        return False

    def opened(self, chain: ChainId) -> None:
        """The chain got what it needed."""
        self._refusals.pop(chain, None)

    def gave_back(self) -> None:
        """An open chain has ended: one more may be tried."""
        self._streams = min(self._maximum, self._streams + 1)
        self._deferred.clear()

    def retry(self) -> None:
        """The time has come: nobody is deferred any more."""
        self._deferred.clear()

    def keep(self, planned: AbstractSet[ChainId]) -> None:
        """Forget what has left the plan or fallen beyond the limit."""
        self._deferred &= planned
        self._refusals = {c: n for c, n in self._refusals.items() if c in planned}
