"""DecoderActor, built and not started: plans and reports in, requests and grants out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from actors.address import DeadlineReached, InboxAddress
from actors.decoder_actor import BufferNews, DecoderActor, QueueNews
from actors.messages import (
    ChainEnded,
    CloseRing,
    DecodeFailed,
    DecoderInbox,
    DecoderSnapshot,
    EndpointDiscovered,
    Enqueued,
    GetDecoderSnapshot,
    GrantSpent,
    MusicLost,
    MusicRestored,
    OpenRing,
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
from actors.telemetry import Count, EventPath
from audio.ring import Ring
from playback.errors import DecodeError, FailureKind
from playback.passage import Passage
from playback.plan import EnginePlan, Priority, Slot
from playback.player import PlayerState
from playback.settings import Settings
from playback.units import ChainId, EntryId, Frames, Ticks
from tests.spies import DecoderWorkerSpy, Spy, TelemetrySpy, WorkerSpy

RATE = 48_000
SECOND = Ticks(28_224_000)
THRESHOLD = 3 * RATE
FULL = 15 * RATE
IMMEDIATE, NEXT, PREFETCH = Priority.IMMEDIATE, Priority.NEXT, Priority.PREFETCH
PLAY, STOP = PlayerState.PLAY, PlayerState.STOP


def slot(chain: int, place: int, end_s: int | None = 60, offset_s: int = 0) -> Slot:
    """A slot whose entry id is ten times its chain id."""
    return Slot(
        chain=ChainId(chain),
        entry=EntryId(chain * 10),
        passage=Passage("same.flac", end=None if end_s is None else Ticks(end_s * SECOND)),
        offset=Ticks(offset_s * SECOND),
        priority=Priority(min(place, PREFETCH)),
    )


@dataclass
class Bench:
    """The actor among spies; the test speaks for queue, buffers and workers."""

    queue: Spy[QueueNews] = field(default_factory=Spy)
    buffers: Spy[BufferNews] = field(default_factory=Spy)
    workers: DecoderWorkerSpy = field(default_factory=DecoderWorkerSpy)
    telemetry: TelemetrySpy = field(default_factory=TelemetrySpy)
    places: int = 2
    now_s: float = 1000.0
    version: int = 0

    def __post_init__(self) -> None:
        address: InboxAddress[DecoderInbox] = InboxAddress("decoder")
        self.inbox = address.inbox
        self.actor = DecoderActor(
            address=address,
            queue=self.queue,
            buffers=self.buffers,
            workers=self.workers,
            telemetry=self.telemetry,
            settings=Settings(),
            rate_hz=RATE,
            places=self.places,
            clock=lambda: self.now_s,
        )

    # Speaking for QueueActor.

    def plan_of(self, *slots: Slot, state: PlayerState = PLAY) -> EnginePlan:
        self.version += 1
        return EnginePlan(self.version, state, slots)

    def plan(self, *chains: int, state: PlayerState = PLAY) -> None:
        slots = (slot(chain, place) for place, chain in enumerate(chains))
        self.actor.handle(PlanChanged(self.plan_of(*slots, state=state)))

    # Speaking for BufferActor and workers.

    def ring(self, chain: int, level: int = 0) -> Ring:
        """Open a chain's ring, as BufferActor does."""
        ring = Ring(Frames(FULL + RATE // 2), Frames(RATE // 2))
        fill(ring, level)
        self.actor.handle(RingOpened(EntryId(chain * 10), ChainId(chain), ring))
        return ring

    def opened(self, chain: int, end_s: float | None = 60) -> None:
        end = None if end_s is None else Ticks(round(end_s * SECOND))
        self.actor.handle(SourceOpened(ChainId(chain), end, "48000:16:2", 900))

    def spent(self, chain: int, frames: int | None = None, *, ended: bool = False) -> None:
        """Report a chain's newest grant: all of it, or as many frames."""
        grant = self.worker(chain).grants[-1]
        count = grant.frames if frames is None else frames
        fill(grant.ring, count)
        if ended:
            grant.ring.finish()
        self.actor.handle(GrantSpent(ChainId(chain), Frames(count), ended))

    def fail(self, chain: int, kind: FailureKind) -> None:
        failed = DecodeFailed(EntryId(chain * 10), ChainId(chain), kind, "it is so")
        self.actor.handle(failed)

    # Looking.

    def worker(self, chain: int) -> WorkerSpy:
        return self.workers.workers[ChainId(chain)]

    def granted(self, chain: int) -> list[int]:
        return [grant.frames for grant in self.worker(chain).grants]

    def requests(self) -> list[tuple[int, Priority]]:
        return [(request.chain, request.priority) for request in self.workers.requested]

    def snapshot(self) -> DecoderSnapshot:
        snapshot = self.actor.handle(GetDecoderSnapshot())
        assert snapshot is not None
        return snapshot

    def wait(self, seconds: float) -> None:
        """Let time pass, the alarm going off whenever it is due."""
        until_s = self.now_s + seconds
        while (due_s := self.inbox.deadline_s) is not None and due_s <= until_s:
            self.now_s = due_s
            self.inbox.deadline_s = None
            self.actor.handle(DeadlineReached())
        self.now_s = until_s


def fill(ring: Ring, frames: int) -> None:
    ring.write(np.zeros((frames, 2), dtype=np.float32))


def take(ring: Ring, frames: int) -> None:
    assert ring.read(np.zeros((frames, 2), dtype=np.float32)) == frames


@pytest.fixture
def bench() -> Bench:
    return Bench()


# Following the plan.


def test_each_slot_is_requested_by_its_place_and_gets_a_ring(bench: Bench) -> None:
    slots = (slot(1, 0), slot(2, 1, offset_s=7), slot(3, 2))
    bench.actor.handle(Enqueued(EntryId(30), None, 2, bench.plan_of(*slots), sent_s=999.5))
    assert bench.requests() == [(1, IMMEDIATE), (2, NEXT), (3, PREFETCH)]
    assert bench.buffers.received == [
        OpenRing(EntryId(10), ChainId(1)),
        OpenRing(EntryId(20), ChainId(2)),
        OpenRing(EntryId(30), ChainId(3)),
    ]
    second = bench.worker(2).request
    assert (second.queue_entry_id, second.uri) == (20, "same.flac")
    assert (second.offset, second.end) == (7 * SECOND, 60 * SECOND)
    assert bench.telemetry.latencies == [(EventPath.ENQUEUE_TO_DECODE, 0.5)]


def test_the_same_plan_again_requests_nothing(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.version -= 1
    bench.plan(1, 2)
    assert len(bench.requests()) == 2


def test_an_older_plan_is_ignored(bench: Bench) -> None:
    old = bench.plan_of(slot(9, 0))
    bench.plan(1)
    bench.actor.handle(PlanChanged(old))
    assert bench.requests() == [(1, IMMEDIATE)]
    assert bench.snapshot().plan_version == 2


def test_an_advance_tells_the_promoted_workers_their_new_priority(bench: Bench) -> None:
    bench.plan(1, 2, 3, 4)
    bench.workers.requested.clear()
    plan = bench.plan_of(slot(2, 0), slot(3, 1), slot(4, 2))
    advanced = QueueAdvanced(EntryId(10), EntryId(20), EntryId(30), plan, sent_s=999.75)
    bench.actor.handle(advanced)
    assert bench.requests() == [(2, IMMEDIATE), (3, NEXT)]
    assert bench.telemetry.latencies == [(EventPath.ADVANCE_TO_DECODE, 0.25)]
    assert dict(bench.snapshot().priorities) == {2: IMMEDIATE, 3: NEXT, 4: PREFETCH}


def test_a_removed_entry_gives_back_worker_place_and_ring(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.ring(1)
    bench.plan(2)
    assert bench.worker(1).cancelled
    assert CloseRing(ChainId(1)) in bench.buffers.received
    assert bench.snapshot().chains == {2}


def test_twelve_removals_leave_all_decode_slots_free(bench: Bench) -> None:
    for chain in range(1, 25):
        bench.plan(chain, chain + 100)
        bench.ring(chain)
        bench.ring(chain + 100)
    assert bench.granted(24) == [FULL]
    assert bench.granted(124) == [FULL]
    assert bench.snapshot().chains == {24, 124}


def test_the_same_song_twice_in_the_queue_is_two_chains(bench: Bench) -> None:
    bench.plan(1, 2)
    first, second = bench.ring(1), bench.ring(2)
    assert bench.worker(1).request.uri == bench.worker(2).request.uri
    assert bench.worker(1).grants[0].ring is first
    assert bench.worker(2).grants[0].ring is second
    bench.plan(2)
    assert not bench.worker(2).cancelled


def test_a_seek_is_a_new_chain_of_the_same_entry(bench: Bench) -> None:
    bench.plan(1)
    sought = Slot(ChainId(2), EntryId(10), slot(1, 0).passage, Ticks(30 * SECOND), IMMEDIATE)
    bench.actor.handle(PlanChanged(bench.plan_of(sought)))
    assert bench.worker(1).cancelled
    assert bench.worker(2).request.offset == 30 * SECOND


def test_stopped_all_that_is_planned_is_decoded_only_to_the_threshold(bench: Bench) -> None:
    bench.plan(1, 2, state=STOP)
    assert bench.requests() == [(1, IMMEDIATE), (2, NEXT)]
    bench.ring(1)
    bench.ring(2)
    assert (bench.granted(1), bench.granted(2)) == ([THRESHOLD], [THRESHOLD])


def test_play_after_stop_fills_the_rings_and_the_window(bench: Bench) -> None:
    bench.plan(1, 2, state=STOP)
    for chain in (1, 2):
        bench.ring(chain)
        bench.spent(chain)
    bench.plan(1, 2, 3)
    assert bench.granted(1) == [THRESHOLD, FULL - THRESHOLD]
    assert bench.granted(2) == [THRESHOLD, FULL - THRESHOLD]
    assert bench.requests() == [(1, IMMEDIATE), (2, NEXT), (3, PREFETCH)]


def test_the_window_is_no_larger_than_the_setting_and_follows_it(bench: Bench) -> None:
    bench.actor.handle(SettingChanged("maximum_decode_streams", 12, 3))
    bench.plan(1, 2, 3, 4, 5)
    assert bench.snapshot().chains == {1, 2, 3}
    assert bench.snapshot().stream_limit == 3
    bench.actor.handle(SettingChanged("maximum_decode_streams", 3, 2))
    assert bench.snapshot().chains == {1, 2}
    assert bench.worker(3).cancelled


def test_what_the_mixer_may_start_stays_until_the_plan_follows_a_lower_limit(bench: Bench) -> None:
    bench.plan(1, 2, 3)
    for chain in (1, 2, 3):
        bench.ring(chain)
        bench.spent(chain)
    bench.actor.handle(SettingChanged("maximum_decode_streams", 12, 2))
    assert bench.snapshot().chains == {1, 2, 3}
    assert not bench.worker(3).cancelled
    bench.plan(1, 2)
    assert bench.snapshot().chains == {1, 2}
    assert bench.worker(3).cancelled


# Grants.


def test_current_and_next_fill_their_rings_and_others_stop_at_the_threshold() -> None:
    bench = Bench(places=8)
    bench.plan(1, 2, 3)
    for chain in (1, 2, 3):
        bench.ring(chain)
    assert [bench.granted(chain) for chain in (1, 2, 3)] == [[FULL], [FULL], [THRESHOLD]]
    assert bench.worker(1).grants[0].threshold == THRESHOLD


def test_a_promoted_prefetch_is_decoded_on_to_a_full_ring(bench: Bench) -> None:
    bench.plan(1, 2, 3)
    for chain in (1, 2, 3):
        bench.ring(chain)
    for chain in (1, 2, 3):
        bench.spent(chain)
    assert bench.granted(3) == [THRESHOLD]
    bench.plan(2, 3)
    assert bench.granted(3) == [THRESHOLD, FULL - THRESHOLD]


def test_a_chain_promoted_while_it_decodes_goes_on_after_its_grant(bench: Bench) -> None:
    bench.plan(1, 2, 3)
    for chain in (1, 2, 3):
        bench.ring(chain)
    for chain in (1, 2):
        bench.spent(chain)
    bench.plan(2, 3)
    bench.spent(3)
    assert bench.granted(3) == [THRESHOLD, FULL - THRESHOLD]


def test_a_full_ring_rests_until_it_is_low(bench: Bench) -> None:
    bench.plan(1)
    ring = bench.ring(1)
    bench.spent(1)
    assert bench.granted(1) == [FULL]
    assert bench.inbox.deadline_s is None
    take(ring, 5 * RATE)
    bench.actor.handle(RingLow(ChainId(1), ring.level))
    assert bench.granted(1) == [FULL, 5 * RATE]


def test_a_ring_that_fell_low_while_it_was_being_filled_is_filled_again(bench: Bench) -> None:
    bench.plan(1)
    ring = bench.ring(1)
    fill(ring, RATE)
    take(ring, RATE // 2)
    bench.actor.handle(RingLow(ChainId(1), ring.level))
    bench.spent(1, frames=9 * RATE)
    assert len(bench.granted(1)) == 2


def test_a_ring_low_out_of_turn_decodes_nothing(bench: Bench) -> None:
    bench.plan(1, state=STOP)
    ring = bench.ring(1)
    bench.spent(1)
    bench.actor.handle(RingLow(ChainId(1), ring.level))
    bench.actor.handle(RingLow(ChainId(99), ring.level))
    assert bench.granted(1) == [THRESHOLD]


def test_a_more_urgent_chain_revokes_a_less_urgent_one_which_goes_on_later() -> None:
    bench = Bench(places=1)
    bench.plan(1, 2, 3)
    bench.ring(3)
    bench.ring(1)
    assert bench.worker(3).grants[0].revoked
    assert bench.granted(1) == []
    bench.spent(3, frames=4800)
    assert bench.granted(1) == [FULL]
    bench.spent(1)
    assert bench.granted(3) == [THRESHOLD, THRESHOLD - 4800]


def test_a_raised_threshold_lets_prefetched_chains_decode_on(bench: Bench) -> None:
    bench.plan(1, 2, 3)
    bench.ring(3)
    bench.spent(3)
    bench.actor.handle(SettingChanged("minimum_playback_buffer_ms", 3000, 5000))
    assert bench.granted(3) == [THRESHOLD, 2 * RATE]
    assert bench.worker(3).grants[1].threshold == 5 * RATE


def test_frames_and_speed_are_measured(bench: Bench) -> None:
    bench.plan(1)
    bench.ring(1)
    bench.now_s += 0.1
    bench.spent(1)
    assert bench.telemetry.counts[Count.FRAMES_DECODED] == FULL
    assert bench.telemetry.speeds == [pytest.approx(150.0)]


def test_a_ring_that_comes_twice_is_filled_by_a_new_worker(bench: Bench) -> None:
    bench.plan(1)
    bench.ring(1)
    first = bench.worker(1)
    newer = bench.ring(1)
    assert first.cancelled
    assert bench.worker(1) is not first
    assert [grant.ring for grant in bench.worker(1).grants] == [newer]


# Silence.


def test_the_alarm_is_set_only_while_a_grant_is_running(bench: Bench) -> None:
    assert bench.inbox.deadline_s is None
    bench.plan(1)
    assert bench.inbox.deadline_s is None
    bench.ring(1)
    assert bench.inbox.deadline_s == bench.now_s + 0.25
    bench.spent(1)
    assert bench.inbox.deadline_s is None


def test_a_hanging_file_does_not_keep_others_from_decoding() -> None:
    bench = Bench(places=1)
    bench.plan(1, 2)
    bench.ring(1)
    bench.ring(2)
    assert bench.granted(2) == []
    bench.wait(0.3)
    assert bench.granted(2) == [FULL]
    assert not bench.worker(1).grants[0].revoked


def test_ten_seconds_without_progress_abandon_the_worker_and_fail_the_chain(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.ring(1)
    bench.wait(9.9)
    assert bench.queue.received == []
    bench.wait(0.2)
    [failed] = bench.queue.of(DecodeFailed)
    assert (failed.queue_entry_id, failed.chain_id, failed.kind) == (10, 1, FailureKind.HUNG)
    assert bench.buffers.of(DecodeFailed) == [failed]
    assert bench.worker(1).cancelled
    assert not bench.worker(2).cancelled
    assert bench.snapshot().failed == {1}
    assert bench.inbox.deadline_s is None


@pytest.mark.parametrize("decoded_s", [40, 10])
def test_a_song_that_sounds_already_is_played_as_far_as_it_has_come(
    bench: Bench, decoded_s: int
) -> None:
    bench.plan(1, 2)
    ring = bench.ring(1)
    bench.opened(1)
    for _ in range(decoded_s):
        fill(ring, RATE)
        ring.step_to(ring.written)
    bench.queue.clear()
    bench.buffers.clear()
    bench.wait(11)
    assert bench.worker(1).cancelled
    assert ring.end == decoded_s * RATE
    assert bench.buffers.of(ChainEnded) == [ChainEnded(ChainId(1), Frames(decoded_s * RATE))]
    [discovered] = bench.queue.of(EndpointDiscovered)
    assert discovered.end == decoded_s * SECOND
    kinds = [failed.kind for failed in bench.queue.of(DecodeFailed)]
    assert kinds == ([] if decoded_s > 30 else [FailureKind.DAMAGED])
    assert bench.snapshot().failed == frozenset()


def test_a_worker_that_gets_on_slowly_is_not_hung(bench: Bench) -> None:
    bench.plan(1)
    ring = bench.ring(1)
    for _ in range(30):
        fill(ring, 10)
        bench.wait(0.9)
    assert bench.queue.received == []


def test_what_an_abandoned_worker_says_later_is_dropped(bench: Bench) -> None:
    bench.plan(1)
    ring = bench.ring(1)
    bench.wait(11)
    bench.queue.clear()
    bench.opened(1)
    bench.actor.handle(GrantSpent(ChainId(1), ring.written, ended=False))
    bench.fail(1, FailureKind.UNREADABLE)
    assert bench.queue.received == []
    assert bench.snapshot().failed == {1}


# Failures and ends.


def test_what_the_file_says_of_itself_is_told_to_the_queue(bench: Bench) -> None:
    bench.plan(1)
    assert bench.snapshot().connecting == frozenset()  # it lacks a ring; that is nobody's delay
    bench.ring(1)
    assert bench.snapshot().connecting == {1}
    bench.opened(1, end_s=59)
    told = EndpointDiscovered(EntryId(10), ChainId(1), Ticks(59 * SECOND), "48000:16:2", 900)
    assert bench.queue.received == [told]
    assert bench.snapshot().connecting == frozenset()


def test_a_failing_file_is_requested_once_and_stays_failed_while_planned(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.ring(1)
    bench.fail(1, FailureKind.MISSING)
    failed = DecodeFailed(EntryId(10), ChainId(1), FailureKind.MISSING, "it is so")
    assert bench.queue.received == [failed]
    assert bench.buffers.of(DecodeFailed) == [failed]
    assert bench.telemetry.counts[Count.DECODE_FAILURES] == 1
    for _ in range(5):
        bench.plan(1, 2)
        bench.actor.handle(RequestDecode(ChainId(1)))
    bench.fail(1, FailureKind.MISSING)
    assert bench.requests() == [(1, IMMEDIATE), (2, NEXT)]
    assert len(bench.queue.received) == 1
    bench.plan(2)
    assert bench.snapshot().failed == frozenset()


def test_a_failed_chain_frees_its_place() -> None:
    bench = Bench(places=1)
    bench.plan(1, 2)
    bench.ring(1)
    bench.ring(2)
    bench.fail(1, FailureKind.NOT_AUDIO)
    assert bench.granted(2) == [FULL]


def test_an_end_where_it_was_promised_is_not_told(bench: Bench) -> None:
    bench.actor.handle(PlanChanged(bench.plan_of(slot(1, 0, end_s=10, offset_s=2))))
    bench.ring(1)
    bench.opened(1, end_s=10)
    bench.queue.clear()
    bench.spent(1, frames=8 * RATE, ended=True)
    assert bench.queue.received == []
    assert bench.snapshot().chains == {1}


@pytest.mark.parametrize("length_s", [9, 11])
def test_an_end_that_came_early_or_late_corrects_the_plan(bench: Bench, length_s: int) -> None:
    bench.actor.handle(PlanChanged(bench.plan_of(slot(1, 0, end_s=None))))
    bench.ring(1)
    bench.opened(1, end_s=10)
    bench.queue.clear()
    bench.spent(1, frames=length_s * RATE, ended=True)
    [told] = bench.queue.received
    assert isinstance(told, EndpointDiscovered)
    assert told.end == length_s * SECOND


def test_an_unknown_length_is_told_at_the_end(bench: Bench) -> None:
    bench.actor.handle(PlanChanged(bench.plan_of(slot(1, 0, end_s=None))))
    bench.ring(1)
    bench.opened(1, end_s=None)
    bench.spent(1, frames=1234, ended=True)
    assert [told.end for told in bench.queue.of(EndpointDiscovered)] == [
        None,
        Ticks(1234 * SECOND // RATE),
    ]
    assert bench.queue.of(DecodeFailed) == []


@pytest.mark.parametrize(("decoded_s", "failures"), [(5, 0), (4, 1)])
def test_a_damaged_file_fails_only_if_less_than_half_is_there(
    bench: Bench, decoded_s: int, failures: int
) -> None:
    bench.actor.handle(PlanChanged(bench.plan_of(slot(1, 0, end_s=10))))
    ring = bench.ring(1)
    bench.opened(1, end_s=10)
    bench.queue.clear()
    fill(ring, decoded_s * RATE)
    ring.finish()
    bench.fail(1, FailureKind.DAMAGED)
    assert [told.end for told in bench.queue.of(EndpointDiscovered)] == [decoded_s * SECOND]
    assert [told.kind for told in bench.queue.of(DecodeFailed)] == [FailureKind.DAMAGED] * failures
    assert bench.snapshot().chains == {1}
    assert bench.telemetry.counts[Count.FRAMES_DECODED] == decoded_s * RATE


def test_what_a_seek_passed_over_counts_as_there(bench: Bench) -> None:
    bench.actor.handle(PlanChanged(bench.plan_of(slot(1, 0, end_s=10, offset_s=5))))
    bench.ring(1)
    bench.opened(1, end_s=10)
    bench.spent(1, frames=RATE, ended=True)
    assert bench.queue.of(DecodeFailed) == []


def test_news_of_an_unplanned_chain_is_dropped(bench: Bench) -> None:
    bench.plan(1)
    bench.opened(9)
    bench.ring(9)
    bench.actor.handle(GrantSpent(ChainId(9), Frames(1), ended=True))
    bench.fail(9, FailureKind.MISSING)
    bench.actor.handle(WorkerExited(ChainId(9)))
    assert bench.queue.received == []
    assert bench.requests() == [(1, IMMEDIATE)]


# The watchdog's way.


def test_a_requested_decode_of_a_missing_chain_goes_the_way_of_the_plan(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.actor.handle(RequestDecode(ChainId(2)))
    assert bench.requests() == [(1, IMMEDIATE), (2, NEXT), (2, NEXT)]
    assert bench.buffers.of(OpenRing)[-1] == OpenRing(EntryId(20), ChainId(2))
    ring = bench.ring(2)
    assert [grant.ring for grant in bench.worker(2).grants] == [ring]


def test_a_requested_decode_of_an_unplanned_chain_changes_nothing(bench: Bench) -> None:
    bench.plan(1)
    bench.actor.handle(RequestDecode(ChainId(5)))
    assert bench.requests() == [(1, IMMEDIATE)]


# Resources.


def test_running_out_of_files_lowers_the_limit_and_fails_nobody(bench: Bench) -> None:
    bench.plan(1, 2, 3, 4)
    for chain in (1, 2):
        bench.ring(chain)
        bench.opened(chain)
    bench.queue.clear()
    bench.ring(3)
    bench.fail(3, FailureKind.RESOURCES)
    assert bench.queue.received == [StreamLimitChanged(2)]
    assert bench.snapshot().stream_limit == 2
    assert bench.snapshot().chains == {1, 2}
    assert bench.snapshot().failed == frozenset()
    assert Count.DECODE_FAILURES not in bench.telemetry.counts


def test_a_file_that_is_closed_lets_another_one_try(bench: Bench) -> None:
    bench.plan(1, 2, 3)
    for chain in (1, 2):
        bench.ring(chain)
        bench.opened(chain)
    bench.ring(3)
    bench.fail(3, FailureKind.RESOURCES)
    bench.actor.handle(WorkerExited(ChainId(3)))
    assert bench.snapshot().chains == {1, 2}
    bench.queue.clear()
    bench.spent(1, frames=60 * RATE, ended=True)
    bench.actor.handle(WorkerExited(ChainId(1)))
    assert bench.requests()[-1] == (3, PREFETCH)
    assert bench.queue.of(StreamLimitChanged) == [StreamLimitChanged(3)]


def test_the_current_entry_is_tried_again_by_itself_and_is_not_stuck_meanwhile(
    bench: Bench,
) -> None:
    bench.plan(1)
    bench.ring(1)
    bench.fail(1, FailureKind.RESOURCES)
    assert bench.snapshot().connecting == {1}
    bench.wait(0.9)
    assert len(bench.requests()) == 1
    bench.wait(0.2)
    assert bench.requests() == [(1, IMMEDIATE)] * 2
    bench.ring(1)
    bench.opened(1)
    assert bench.inbox.deadline_s is not None
    bench.spent(1)
    assert bench.inbox.deadline_s is None


def test_a_file_that_asks_for_all_memory_fails_at_last(bench: Bench) -> None:
    bench.plan(1, 2)
    for _ in range(3):
        bench.ring(1)
        bench.fail(1, FailureKind.RESOURCES)
        bench.wait(1.1)
    assert [failed.kind for failed in bench.queue.of(DecodeFailed)] == [FailureKind.RESOURCES]
    assert bench.snapshot().failed == {1}


def test_a_machine_without_threads_is_out_of_resources_too(bench: Bench) -> None:
    bench.workers.refuse = lambda request: (
        DecodeError(FailureKind.RESOURCES, "no thread") if request.chain_id > 1 else None
    )
    bench.plan(1, 2, 3)
    assert bench.snapshot().chains == {1}
    assert bench.snapshot().failed == frozenset()
    assert bench.snapshot().stream_limit == 1


def test_release_lets_go_of_workers_and_rings(bench: Bench) -> None:
    bench.plan(1, 2)
    bench.buffers.clear()
    bench.actor.release()
    assert bench.worker(1).cancelled
    assert bench.worker(2).cancelled
    assert set(bench.buffers.of(CloseRing)) == {CloseRing(ChainId(1)), CloseRing(ChainId(2))}


def test_without_the_music_directory_a_chain_waits_with_its_ring_and_has_not_failed(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.plan(1, 2)
    for chain in (1, 2):
        bench.ring(chain)
        bench.fail(chain, FailureKind.NO_MUSIC)
    assert set(bench.queue.received) == {MusicLost("it is so")}
    assert CloseRing(ChainId(1)) not in bench.buffers.received
    assert len(caplog.records) == 1
    snapshot = bench.actor.handle(GetDecoderSnapshot())
    assert snapshot is not None
    assert snapshot.failed == frozenset()
    assert snapshot.connecting == {1, 2}
    assert bench.inbox.deadline_s == pytest.approx(bench.now_s + 0.5)


def test_what_waited_goes_on_where_its_ring_ends_once_the_music_is_back(bench: Bench) -> None:
    bench.plan(1)
    bench.ring(1)
    bench.opened(1)
    bench.spent(1, 4 * RATE)
    bench.fail(1, FailureKind.NO_MUSIC)
    first = bench.worker(1)
    bench.now_s += 0.5
    bench.actor.handle(DeadlineReached())
    again = bench.worker(1)
    assert again is not first
    assert (again.request.offset, again.request.before) == (4 * SECOND, 4 * RATE)
    assert again.grants[-1].ring is first.grants[-1].ring
    assert again.grants[-1].frames == FULL - 4 * RATE
    bench.opened(1)
    assert bench.queue.received[-2:-1] == [MusicRestored()]


def test_a_change_of_the_players_state_looks_for_the_music_at_once(bench: Bench) -> None:
    bench.plan(1, state=STOP)
    bench.ring(1)
    bench.fail(1, FailureKind.NO_MUSIC)
    first = bench.worker(1)
    bench.plan(1, state=PLAY)
    assert bench.worker(1) is not first
    assert len(bench.worker(1).grants) == 1


def test_a_file_that_is_missing_once_the_music_is_back_fails_by_itself(bench: Bench) -> None:
    bench.plan(1)
    bench.ring(1)
    bench.fail(1, FailureKind.NO_MUSIC)
    bench.now_s += 0.5
    bench.actor.handle(DeadlineReached())
    bench.fail(1, FailureKind.MISSING)
    kinds = [type(news) for news in bench.queue.received]
    assert kinds == [MusicLost, DecodeFailed, MusicRestored]
