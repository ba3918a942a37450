"""DecoderActor: the scheduler. Follows the engine plan; says who decodes how much, and when.

=====================  ==========================================================
receives               does
=====================  ==========================================================
``Enqueued``           follows the plan: requests what is missing, tells workers
                       of new priorities, cancels what is no longer planned
``QueueAdvanced``      the same
``PlanChanged``        the same
``RequestDecode``      begins the chain anew, by the same way
``RingOpened``         the chain's worker may have grants from now on
``RingLow``            the chain gets a grant as soon as it is its turn
``SourceOpened``       tells QueueActor ``EndpointDiscovered``
``GrantSpent``         gives the place to whoever is next; at the end of a chain
                       tells QueueActor where it really ended
``DecodeFailed``       tells Queue- and BufferActor; lack of resources lowers the
                       stream limit instead, and without the music directory the
                       chain waits until it is there
``WorkerExited``       tries again what resources were missing for
``SettingChanged``     threshold and number of streams
``GetDecoderSnapshot`` answers with a ``DecoderSnapshot``
``DeadlineReached``    looks after running grants; gives up hung workers
=====================  ==========================================================

A chain that ends early (truncated, damaged, a stick pulled out) is played as far as it came:
QueueActor is told the real end, and only if less than half of the passage is there
``DecodeFailed`` of kind ``DAMAGED`` as well. Any other kind means that nothing (more) comes.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias, assert_never

from actors.absent_music import AbsentMusic
from actors.actor import Actor, Supervisor
from actors.address import Address, DeadlineReached, InboxAddress
from actors.decode_chain import (
    Absent,
    Chain,
    Ended,
    Failed,
    Waiting,
    end_of,
    failed_and_connecting,
    is_mostly_missing,
    is_same_frame,
    promised_end,
)
from actors.decode_chains import DecodeChains, RingNews
from actors.decode_grants import DecodeGrants
from actors.decode_request import WorkerFactory
from actors.decode_schedule import HUNG_AFTER_S
from actors.messages import (
    ChainEnded,
    DecodeFailed,
    DecoderInbox,
    DecoderSnapshot,
    EndpointDiscovered,
    Enqueued,
    GetDecoderSnapshot,
    GiveSignOfLife,
    GrantSpent,
    MusicLost,
    MusicRestored,
    PlanChanged,
    QueueAdvanced,
    RequestDecode,
    RingLow,
    RingOpened,
    SettingChanged,
    SourceOpened,
    StreamLimitChanged,
    WorkerExited,
)
from actors.stream_limit import StreamLimit
from actors.telemetry import Count, EventPath, Telemetry
from audio.ring import Ring
from playback.errors import FailureKind
from playback.plan import EnginePlan, Slot
from playback.player import PlayerState
from playback.settings import Settings
from playback.units import ChainId, Ticks, ms_to_frames

_log = logging.getLogger(__name__)

QueueNews: TypeAlias = (
    EndpointDiscovered | DecodeFailed | StreamLimitChanged | MusicLost | MusicRestored
)
BufferNews: TypeAlias = RingNews | DecodeFailed


class DecoderActor(Actor[DecoderInbox]):
    """Owns the decode workers and, through them, the open files.

    Args:
        workers: makes a worker for each chain.
        rate_hz: the working rate, in frames per second.
        places: grants that may run at once; the number of cores, but at least two.
        clock: monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        address: InboxAddress[DecoderInbox],
        supervisor: Supervisor | None = None,
        queue: Address[QueueNews],
        buffers: Address[BufferNews],
        workers: WorkerFactory,
        telemetry: Telemetry,
        settings: Settings,
        rate_hz: int,
        places: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(address, supervisor)
        self._queue = queue
        self._buffers = buffers
        self._telemetry = telemetry
        self._rate_hz = rate_hz
        self._clock = clock
        self._limit = StreamLimit(settings.maximum_decode_streams)
        self._music = AbsentMusic(queue)
        self._plan = EnginePlan(0, PlayerState.STOP)
        self._chains: dict[ChainId, Chain] = {}
        self._grants = DecodeGrants(
            chains=self._chains,
            threshold=ms_to_frames(settings.minimum_playback_buffer_ms, rate_hz),
            places=places or max(2, os.cpu_count() or 2),
            telemetry=telemetry,
            rate_hz=rate_hz,
        )
        self._staff = DecodeChains(
            self._chains,
            workers=workers,
            buffers=buffers,
            grants=self._grants,
            rate_hz=rate_hz,
            refused=self._ran_out,
        )
        self._open_files: set[ChainId] = set()

    def handle(self, message: DecoderInbox) -> DecoderSnapshot | None:
        """Act, then see who may decode next."""
        match message:
            case Enqueued(plan=plan, sent_s=sent_s):
                self._follow(plan)
                self._telemetry.latency(EventPath.ENQUEUE_TO_DECODE, self._clock() - sent_s)
            case QueueAdvanced(plan=plan, sent_s=sent_s):
                self._follow(plan)
                self._telemetry.latency(EventPath.ADVANCE_TO_DECODE, self._clock() - sent_s)
            case PlanChanged(plan):
                self._follow(plan)
            case RequestDecode(chain_id):
                self._begin_anew(chain_id)
            case RingOpened(chain_id=chain_id, ring=ring):
                chain = self._chains.get(chain_id)
                if chain is not None and not isinstance(chain.state, Failed):
                    self._staff.take_ring(chain, ring)
            case RingLow(chain_id):
                if chain := self._chains.get(chain_id):
                    self._grants.refill(chain)
            case SourceOpened():
                self._note_source(message)
            case GrantSpent(chain_id):
                self._grant_spent(chain_id)
            case DecodeFailed():
                self._worker_failed(message)
            case WorkerExited(chain_id):
                self._worker_exited(chain_id)
            case SettingChanged(key=key, new=new):
                self._set(key, new)
            case DeadlineReached():
                pass  # the look at running grants follows every message
            case GetDecoderSnapshot():
                return self._snapshot()
            case GiveSignOfLife():
                return None
            case _:
                assert_never(message)
        self._hand_out_grants()
        return None

    # Following the plan.

    def _follow(self, plan: EnginePlan) -> None:
        if plan.version >= self._plan.version:
            if plan.state is not self._plan.state:
                self._music.hurry(self._clock())
            self._plan = plan
            self._reconcile()

    def _reconcile(self) -> None:
        """Compare the plan with the chains at work, and do what is missing.

        A chain beyond a limit that was just lowered, but not beyond the plan, is one that the
        mixer still believes in. If there is something in its ring, it stays until a plan that
        follows from that limit lets it go; else the mixer could start what nobody fills.
        """
        wanted = self._plan.slots[: self._limit.streams]
        planned = {slot.chain for slot in wanted}
        believed_in = {slot.chain for slot in self._plan.slots}
        for chain_id in self._chains.keys() - planned:
            ring = self._chains[chain_id].ring
            if chain_id not in believed_in or ring is None or ring.written == 0:
                self._staff.drop(chain_id)
        self._limit.keep(planned)
        for place, slot in enumerate(wanted):
            self._request_decode(slot)
            if slot.chain in self._chains:
                self._grants.plan(self._chains[slot.chain], place, self._plan.state)
        opening = any(chain.source is None and chain.worker for chain in self._chains.values())
        self._music.keep(planned, opening=opening)

    def _request_decode(self, slot: Slot) -> None:
        """See to it that the slot is decoded as far as it should be: the one way to a decode."""
        chain = self._chains.get(slot.chain)
        if chain is None:
            if slot.chain not in self._limit.deferred:
                self._staff.begin(slot)
            return
        self._staff.follow(chain, slot)

    def _begin_anew(self, chain_id: ChainId) -> None:
        """The chain has no buffer, whatever we believe; a failed one stays failed."""
        chain = self._chains.get(chain_id)
        if chain is not None and not isinstance(chain.state, Failed):
            self._staff.drop(chain_id)
        self._reconcile()

    # Grants.

    def _grant_spent(self, chain_id: ChainId) -> None:
        chain = self._chains.get(chain_id)
        if chain is None:
            return
        self._grants.spent(chain, self._clock())
        if self._staff.move_end(chain):
            return
        if isinstance(chain.state, Waiting) and chain.state.ring.complete:
            self._end(chain, chain.state.ring, damage=None)

    def _hand_out_grants(self) -> None:
        """Follows every message: who may decode next, who has hung, when to look again."""
        now_s = self._clock()
        if self._limit.retry_s is not None and now_s >= self._limit.retry_s:
            self._limit.retry()
            self._reconcile()
        if waiting := self._music.due(now_s):
            self._look_for_music(waiting)
        for chain in self._grants.hand_out(now_s):
            self._give_up(chain)
        due = (self._grants.look_again_s(), self._limit.retry_s, self._music.retry_s)
        self.inbox.deadline_s = min((t for t in due if t is not None), default=None)

    # What workers report.

    def _note_source(self, source: SourceOpened) -> None:
        self._open_files.add(source.chain_id)
        chain = self._chains.get(source.chain_id)
        if chain is None or isinstance(chain.state, Failed):
            return
        chain.source = source
        self._limit.opened(source.chain_id)
        self._music.found(source.chain_id, self._clock())
        self._tell_endpoint(chain.slot, source, source.end)

    def _tell_endpoint(self, slot: Slot, source: SourceOpened, end: Ticks | None) -> None:
        about = source.audio_format, source.bitrate_kbps, source.profile
        self._queue.tell(EndpointDiscovered(slot.entry, slot.chain, end, *about))

    def _end(self, chain: Chain, ring: Ring, damage: str | None) -> None:
        """The last frame is in the ring; correct the plan if it came early or late."""
        slot, source = chain.slot, chain.source
        chain.state = Ended(ring)
        self._grants.forget(slot.chain)
        end = end_of(slot, ring.written, self._rate_hz)
        promised = promised_end(slot, source)
        if source is not None and not is_same_frame(end, promised, self._rate_hz):
            self._tell_endpoint(slot, source, end)
        if is_mostly_missing(slot, end, promised):
            text = damage or f"{slot.passage.uri} holds less than half of what it should"
            self._report_failure(slot, FailureKind.DAMAGED, text)
        elif damage is not None:
            _log.warning("Only a part of %s can be played: %s", slot.passage.uri, damage)

    def _worker_failed(self, failure: DecodeFailed) -> None:
        chain = self._chains.get(failure.chain_id)
        if chain is None or isinstance(chain.state, Ended | Failed):
            return
        self._grants.spent(chain, self._clock())
        ring = chain.ring
        if ring is not None and ring.complete:
            self._end(chain, ring, failure.message)
        elif failure.kind is FailureKind.NO_MUSIC and ring is not None:
            self._wait_for_music(chain, ring, failure.message)
        elif failure.kind is FailureKind.RESOURCES:
            self._ran_out(chain.slot, failure.message)
            self._reconcile()
        else:
            self._fail(chain, failure.kind, failure.message)
            self._music.found(failure.chain_id, self._clock())

    def _give_up(self, chain: Chain) -> None:
        """No progress: leave the worker to itself. It may never come back."""
        if chain.worker is not None:
            chain.worker.cancel()
        text = f"{chain.slot.passage.uri} gave nothing for {HUNG_AFTER_S:.0f} s"
        ring = chain.ring
        if ring is None or ring.taken == 0:
            self._fail(chain, FailureKind.HUNG, text)
            return
        ring.finish()  # it sounds: what is there is played, then the next song follows
        self._buffers.tell(ChainEnded(chain.slot.chain, ring.written))
        self._end(chain, ring, text)

    def _fail(self, chain: Chain, kind: FailureKind, text: str) -> None:
        """The chain is over; its place is free, and it is not tried again."""
        chain.state = Failed()
        self._grants.forget(chain.slot.chain)
        self._report_failure(chain.slot, kind, text)

    def _report_failure(self, slot: Slot, kind: FailureKind, text: str) -> None:
        _log.warning("%s", text)
        self._telemetry.count(Count.DECODE_FAILURES)
        failure = DecodeFailed(slot.entry, slot.chain, kind, text)
        self._queue.tell(failure)
        self._buffers.tell(failure)

    # The music directory.

    def _wait_for_music(self, chain: Chain, ring: Ring, text: str) -> None:
        """No fault of the file's: the chain keeps its ring, and what it holds is played."""
        chain.state, chain.source = Absent(ring), None
        self._grants.forget(chain.slot.chain)
        self._music.misses(chain.slot.chain, text, self._clock())

    def _look_for_music(self, waiting: Iterable[ChainId]) -> None:
        """Let new workers go on where the rings end."""
        chains = [self._chains[chain_id] for chain_id in waiting if chain_id in self._chains]
        absent = [(chain, chain.ring) for chain in chains if isinstance(chain.state, Absent)]
        for chain, ring in absent:
            if ring:
                self._staff.go_on(chain, ring)
        self._reconcile()
        for chain, _ in absent:
            if isinstance(chain.state, Waiting):
                self._grants.begin(chain)

    # Resources.

    def _ran_out(self, slot: Slot, text: str) -> None:
        """Lower the limit to what works, and try the slot again later; at last it has failed."""
        if slot.chain in self._chains:
            self._staff.drop(slot.chain)
        before = self._limit.lowered
        working = sum(chain.source is not None for chain in self._chains.values())
        if self._limit.refused(slot.chain, working, self._clock()):
            self._chains[slot.chain] = Chain(slot, Failed())
            self._report_failure(slot, FailureKind.RESOURCES, text)
            return
        _log.warning("%s; decoding at most %d files at once", text, self._limit.streams)
        self._tell_limit(before)

    def _tell_limit(self, before: int) -> None:
        if self._limit.lowered != before:
            self._queue.tell(StreamLimitChanged(self._limit.lowered))

    def _worker_exited(self, chain_id: ChainId) -> None:
        """A file was closed: what lacked resources may have them now."""
        had_resources = chain_id in self._open_files
        self._open_files.discard(chain_id)
        if had_resources and self._limit.lowered:
            before = self._limit.lowered
            self._limit.gave_back()
            self._tell_limit(before)
            self._reconcile()

    def _set(self, key: str, value: int) -> None:
        if key == "minimum_playback_buffer_ms":
            self._grants.threshold = ms_to_frames(value, self._rate_hz)
        elif key == "maximum_decode_streams":
            before = self._limit.lowered
            self._limit.allow(value)
            self._tell_limit(before)
        else:
            return
        self._reconcile()

    def _snapshot(self) -> DecoderSnapshot:
        failed, connecting = failed_and_connecting(self._chains.values())
        return DecoderSnapshot(
            plan_version=self._plan.version,
            chains=frozenset(self._chains.keys() - failed),
            failed=failed,
            connecting=connecting | self._limit.deferred,
            stream_limit=self._limit.streams,
            priorities=tuple((c, chain.slot.priority) for c, chain in self._chains.items()),
        )

    def release(self) -> None:
        """Let go of all chains; a successor begins with new ones."""
        self._staff.close()
