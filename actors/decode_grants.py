"""Hands out grants: what the schedule decides, done to the chains.

DecoderActor says which chains there are; this looks at their rings, tells the schedule who is
hungry, and tells workers to decode or to make room.
"""

from __future__ import annotations

from collections.abc import Mapping

from actors.decode_chain import Chain, FillLevels, Granted, Waiting, fill_levels
from actors.decode_request import Grant
from actors.decode_schedule import DecodeSchedule, Rank
from actors.telemetry import Count, Telemetry
from audio.ring import Ring
from playback.player import PlayerState
from playback.units import ChainId, Frames


class DecodeGrants:
    """Grants of one DecoderActor.

    Args:
        chains: the actor's own; looked at, never added to.
        threshold: frames that are enough to start.
        places: grants that may run at once.
    """

    def __init__(
        self,
        *,
        chains: Mapping[ChainId, Chain],
        threshold: Frames,
        places: int,
        telemetry: Telemetry,
        rate_hz: int,
    ) -> None:
        self._chains = chains
        self._schedule = DecodeSchedule(places)
        self._telemetry = telemetry
        self._rate_hz = rate_hz
        self._player = PlayerState.STOP
        self.threshold = threshold

    def plan(self, chain: Chain, place: int, player: PlayerState) -> None:
        """The chain is at this place of the play order now, and the player in this state."""
        self._player = player
        self._schedule.rank(chain.slot.chain, Rank(chain.slot.priority, place))
        if isinstance(chain.state, Waiting):
            self._reassess(chain, chain.state.ring)

    def forget(self, chain_id: ChainId) -> None:
        """The chain is over; its place is free."""
        self._schedule.forget(chain_id)

    def begin(self, chain: Chain) -> None:
        """The chain has an empty ring and a worker that has not begun."""
        self._schedule.spent(chain.slot.chain)
        self._schedule.hungry(chain.slot.chain)

    def refill(self, chain: Chain) -> None:
        """The ring has drained; during a grant the chain may have another one right after."""
        state = chain.state
        if not isinstance(state, Waiting | Granted):
            return
        if state.ring.level < self._levels(chain, state.ring).goal:
            self._schedule.hungry(chain.slot.chain)

    def spent(self, chain: Chain, now_s: float) -> None:
        """The worker has reported; it wants more if it was stopped early, or was too slow."""
        if not isinstance(chain.state, Granted):
            return
        worker, ring, grant = chain.state.worker, chain.state.ring, chain.state.grant
        chain.state = Waiting(worker, ring)
        self._schedule.spent(chain.slot.chain)
        self._count(chain, ring, now_s - grant.given_s)
        levels = self._levels(chain, ring)
        if ring.level < (levels.goal if grant.revoked else levels.mark):
            self._schedule.hungry(chain.slot.chain)

    def hand_out(self, now_s: float) -> tuple[Chain, ...]:
        """Look after running grants and give free places away; return chains that are hung."""
        self._schedule.look(now_s, self._written)
        hung = tuple(self._chains[chain_id] for chain_id in self._schedule.hung())
        for chain in hung:
            self._schedule.forget(chain.slot.chain)
        decision = self._schedule.decide(self._written)
        for chain_id in decision.grant:
            self._grant(self._chains[chain_id], now_s)
        for chain_id in decision.revoke:
            state = self._chains[chain_id].state
            if isinstance(state, Granted):
                state.grant.revoked = True
        return hung

    def look_again_s(self) -> float | None:
        """When ``hand_out`` is due at the latest, as a monotonic reading; None = not by itself."""
        return self._schedule.look_again_s()

    def _reassess(self, chain: Chain, ring: Ring) -> None:
        """Hungry below the mark; satisfied at the goal; in between as before."""
        levels = self._levels(chain, ring)
        if ring.level < levels.mark:
            self._schedule.hungry(chain.slot.chain)
        elif ring.level >= levels.goal:
            self._schedule.satisfied(chain.slot.chain)

    def _grant(self, chain: Chain, now_s: float) -> None:
        if not isinstance(chain.state, Waiting):
            self._schedule.spent(chain.slot.chain)
            return
        worker, ring = chain.state.worker, chain.state.ring
        frames = Frames(max(1, self._levels(chain, ring).goal - ring.level))
        grant = Grant(ring, frames, self.threshold, now_s)
        chain.state = Granted(worker, ring, grant)
        worker.grant(grant)

    def _levels(self, chain: Chain, ring: Ring) -> FillLevels:
        return fill_levels(ring, chain.slot, self._player, self.threshold)

    def _written(self, chain_id: ChainId) -> Frames:
        ring = self._chains[chain_id].ring
        return Frames(0) if ring is None else ring.written

    def _count(self, chain: Chain, ring: Ring, elapsed_s: float) -> None:
        frames = ring.written - chain.counted
        chain.counted = ring.written
        self._telemetry.count(Count.FRAMES_DECODED, frames)
        if frames and elapsed_s > 0:
            self._telemetry.decode_speed(frames / self._rate_hz / elapsed_s)
