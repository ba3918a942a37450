"""The chains at work: each has a worker and a ring, and ends where its passage does.

DecoderActor says which chains there are to be; this hires and dismisses, and never decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from actors.address import Address
from actors.decode_chain import (
    Absent,
    AwaitingRing,
    Chain,
    Ended,
    Failed,
    Granted,
    Waiting,
    frames_to_end,
    is_end_moved,
    request_for,
)
from actors.decode_request import NO_FRAMES, Worker, WorkerFactory
from actors.messages import ChainEnded, CloseRing, FramesAdded, OpenRing
from audio.ring import Ring
from playback.errors import DecodeError
from playback.plan import Slot
from playback.units import ChainId, Frames

RingNews: TypeAlias = OpenRing | CloseRing | FramesAdded | ChainEnded


class Grants(Protocol):
    """What is used of ``DecodeGrants``."""

    def begin(self, chain: Chain) -> None:
        """The chain has a worker that has not begun."""

    def forget(self, chain_id: ChainId) -> None:
        """The chain is over."""


class DecodeChains:
    """The chains of one DecoderActor.

    Args:
        table: by id; the actor looks at it, and enters what has failed.
        workers: makes a worker for each chain.
        rate_hz: the working rate, in frames per second.
        refused: called with a slot that there is no worker for, and why.
    """

    def __init__(
        self,
        table: dict[ChainId, Chain],
        *,
        workers: WorkerFactory,
        buffers: Address[RingNews],
        grants: Grants,
        rate_hz: int,
        refused: Callable[[Slot, str], None],
    ) -> None:
        self._table = table
        self._workers = workers
        self._buffers = buffers
        self._grants = grants
        self._rate_hz = rate_hz
        self._refused = refused

    def begin(self, slot: Slot) -> None:
        """A new chain: its worker, and a ring for it."""
        if (worker := self._hire(slot)) is not None:
            self._table[slot.chain] = Chain(slot, AwaitingRing(worker), asked_end=slot.passage.end)
            self._buffers.tell(OpenRing(slot.entry, slot.chain))

    def follow(self, chain: Chain, slot: Slot) -> None:
        """The plan has the chain as ``slot`` now: with another priority, or another end."""
        if chain.slot.priority != slot.priority and chain.worker is not None:
            chain.worker.set_priority(slot.priority)
        end, chain.slot = chain.slot.passage.end, slot
        if end != slot.passage.end:
            self.move_end(chain)

    def take_ring(self, chain: Chain, ring: Ring) -> None:
        """The chain may decode. The newest ring counts: nobody will read an older one."""
        worker: Worker | None
        if isinstance(chain.state, AwaitingRing):
            worker = chain.state.worker
        else:
            worker = self._rehire(chain)
        if worker is not None:
            chain.state, chain.counted = Waiting(worker, ring), 0
            self._grants.begin(chain)

    def go_on(self, chain: Chain, ring: Ring) -> bool:
        """Let another worker go on where the ring ends; return whether there is one."""
        if (worker := self._rehire(chain, ring.written)) is None:
            return False
        chain.state = Waiting(worker, ring)
        return True

    def move_end(self, chain: Chain) -> bool:
        """See whether the passage ends elsewhere than was asked for; let what is undecoded follow.

        A worker that is writing is let off first: call this again when it has reported.

        Returns:
            True if it does, and the chain's state has been seen to.
        """
        if not is_end_moved(chain):
            return False
        match chain.state:
            case Granted(grant=grant):
                grant.revoked = True
            case AwaitingRing():
                if (worker := self._rehire(chain)) is not None:
                    chain.state = AwaitingRing(worker)
            case Waiting(ring=ring) | Ended(ring):
                self._end_at(chain, ring)
            case Absent() | Failed():
                pass  # whoever is asked next is asked for the new end
        return True

    def drop(self, chain_id: ChainId) -> None:
        """The chain has left the plan: its worker, place and ring are free."""
        chain = self._table.pop(chain_id)
        self._grants.forget(chain_id)
        if chain.worker is not None:
            chain.worker.cancel()
        self._buffers.tell(CloseRing(chain_id))

    def close(self) -> None:
        """Let go of all."""
        for chain_id in tuple(self._table):
            self.drop(chain_id)
        self._workers.close()

    def _end_at(self, chain: Chain, ring: Ring) -> None:
        """Nobody is writing: put the end where it belongs, or have more decoded."""
        frames = frames_to_end(chain.slot, self._rate_hz)
        if frames is None or frames > ring.written:
            ring.reopen()
            self._buffers.tell(FramesAdded(chain.slot.chain, Frames(0)))  # it is not complete
            if self.go_on(chain, ring):
                self._grants.begin(chain)
            return
        if chain.worker is not None:
            chain.worker.cancel()
        chain.asked_end = chain.slot.passage.end
        chain.state = Ended(ring)
        self._grants.forget(chain.slot.chain)
        if frames != ring.end:
            ring.finish(frames)
            self._buffers.tell(ChainEnded(chain.slot.chain, frames))

    def _rehire(self, chain: Chain, before: Frames = NO_FRAMES) -> Worker | None:
        """Put another worker in the place of one that is not writing."""
        if chain.worker is not None:
            chain.worker.cancel()
        chain.asked_end = chain.slot.passage.end
        return self._hire(chain.slot, before)

    def _hire(self, slot: Slot, before: Frames = NO_FRAMES) -> Worker | None:
        """Find a worker for what follows ``before`` frames of the slot, if there is one."""
        try:
            return self._workers.request(request_for(slot, before, self._rate_hz))
        except DecodeError as error:
            self._refused(slot, str(error))
            return None
