"""What stands in for decoding: who is asked is recorded, and the test itself fills the rings.

All actors are real. ``DecoderWorkerSpy`` (tests/spies.py) takes the requests and decodes nothing;
``BufferManagerMock`` does to the rings, and tells, what a worker would have done and told.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from actors.address import Address
from actors.decode_request import DecodeRequest
from actors.decode_worker import BufferNews, DecoderNews
from actors.messages import (
    ChainEnded,
    DecodeFailed,
    FramesAdded,
    GrantSpent,
    RingOpened,
    SourceOpened,
)
from audio.device import OutputFormat
from audio.ring import Block, Ring
from playback.errors import FailureKind
from playback.plan import Priority
from playback.units import ChainId, EntryId, Frames
from tests.lockstep import LockStepDevice
from tests.spies import DecoderWorkerSpy
from tests.wiretap import PATIENCE_S, Wiretap, being_handled

STEP = 1024


@dataclass(frozen=True, slots=True)
class CausedRequest:
    """A decode request with the message that DecoderActor was handling when it made it."""

    entry: EntryId
    priority: Priority
    at_s: float
    cause: object


class CausedDecoderWorkerSpy(DecoderWorkerSpy):
    """Remembers the cause of every request besides, and wakes who waits at the wiretap."""

    def __init__(self, tap: Wiretap) -> None:
        super().__init__()
        self.caused: list[CausedRequest] = []
        self._tap = tap

    def record(self, request: DecodeRequest, priority: Priority) -> None:
        super().record(request, priority)
        made = self.requested[-1]
        self.caused.append(CausedRequest(made.entry, priority, made.at_s, being_handled()))
        self._tap.wake()

    def priorities(self, entry: EntryId) -> list[Priority]:
        """Return with which priorities an entry was requested or moved, oldest first."""
        return [made.priority for made in self.requested if made.entry == entry]

    def chain(self, entry: EntryId) -> ChainId:
        """Return the newest chain that was requested for an entry."""
        return next(made.chain for made in reversed(self.requested) if made.entry == entry)


class BufferManagerMock:
    """Fills rings step by step, and so crosses their threshold; decodes nothing.

    Args:
        tap: through which the rings are handed over.
        decoder: where a worker reports.
        buffers: where a worker tells what it has added.
    """

    def __init__(
        self, tap: Wiretap, decoder: Address[DecoderNews], buffers: Address[BufferNews]
    ) -> None:
        self._tap = tap
        self._decoder = decoder
        self._buffers = buffers
        self._opened: set[ChainId] = set()

    def ring(self, chain: ChainId) -> Ring:
        """Wait for a chain's ring; the newest if it was begun anew."""

        def handed_over() -> list[RingOpened]:
            return self._tap.messages(RingOpened, "DecoderActor", lambda m: m.chain_id == chain)

        self._tap.until(lambda: bool(handed_over()), f"the ring of chain {chain}")
        return handed_over()[-1].ring

    def fill(self, chain: ChainId, total: int, *, step: int = STEP) -> None:
        """Add ``step`` frames at a time until ``total`` have come in all; that was the grant."""
        ring = self.ring(chain)
        before = ring.written
        if chain not in self._opened:
            self._opened.add(chain)
            self._decoder.tell(SourceOpened(chain, None, "44100:16:2", 800))
        while ring.written < total:
            block = numbered(ring.written, min(step, total - ring.written))
            added = ring.write(block)
            assert added == len(block), f"the ring of chain {chain} is full at {ring.level}"
            self._buffers.tell(FramesAdded(chain, added))
        self._decoder.tell(GrantSpent(chain, Frames(ring.written - before), ended=False))

    def finish(self, chain: ChainId) -> None:
        """Let the chain end behind what is in its ring."""
        ring = self.ring(chain)
        ring.finish()
        self._buffers.tell(ChainEnded(chain, ring.written))
        self._decoder.tell(GrantSpent(chain, Frames(0), ended=True))

    def fail(self, chain: ChainId, entry: EntryId) -> None:
        """Report that nothing comes from a chain."""
        self._decoder.tell(DecodeFailed(entry, chain, FailureKind.MISSING, "There is no such file"))


class SlowDevice(LockStepDevice):
    """A device that takes its time to open: until ``let_open``."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self._may_open = threading.Event()

    def open(self, wanted: OutputFormat) -> OutputFormat:
        self.asked.set()
        self._may_open.wait(PATIENCE_S)
        return super().open(wanted)

    def let_open(self) -> None:
        """Let it open."""
        self._may_open.set()


def numbered(first: int, count: int) -> Block:
    """Return frames of which each tells its number: shape (count, 2), float32."""
    numbers = (np.arange(first, first + count) % 32_768 + 1) / 65_536
    return np.repeat(numbers.astype(np.float32)[:, None], 2, axis=1)
