"""BufferActor, built and not started: messages in, spies out."""

from __future__ import annotations

import gc
import logging
import weakref
from dataclasses import dataclass, field

import numpy as np
import pytest

from actors import buffer_actor
from actors.address import InboxAddress
from actors.buffer_actor import BufferActor, DecoderNews, MixerNews
from actors.messages import (
    BufferInbox,
    BufferSnapshot,
    BufferThresholdReached,
    ChainEnded,
    CloseRing,
    DecodeFailed,
    FramesAdded,
    GetBufferSnapshot,
    OpenRing,
    RingDrained,
    RingLow,
    RingOpened,
    RingState,
    SettingChanged,
)
from audio.ring import Ring
from playback.errors import FailureKind
from playback.settings import Settings
from playback.units import ChainId, EntryId, Frames
from tests.spies import Spy

RATE = 48_000
THRESHOLD_MS = 500
THRESHOLD = 24_000
ENTRY = EntryId(5)
A, B = ChainId(1), ChainId(2)


@dataclass
class Bench:
    """The actor between two spies, and hands that stand in for worker and mixer."""

    decoder: Spy[DecoderNews] = field(default_factory=Spy)
    mixer: Spy[MixerNews] = field(default_factory=Spy)

    def __post_init__(self) -> None:
        address: InboxAddress[BufferInbox] = InboxAddress("buffer")
        self.actor = BufferActor(
            address=address,
            decoder=self.decoder,
            mixer=self.mixer,
            settings=Settings(minimum_playback_buffer_ms=THRESHOLD_MS),
            rate_hz=RATE,
        )

    def open(self, chain: ChainId, entry: EntryId = ENTRY) -> Ring:
        self.actor.handle(OpenRing(entry, chain))
        [opened] = [o for o in self.mixer.of(RingOpened) if o.chain_id == chain][-1:]
        return opened.ring

    def add(self, chain: ChainId, ring: Ring, frames: int) -> None:
        ring.write(np.zeros((frames, 2), dtype=np.float32))
        self.actor.handle(FramesAdded(chain, Frames(frames)))

    def finish(self, chain: ChainId, ring: Ring) -> None:
        ring.finish()
        self.actor.handle(ChainEnded(chain, ring.written))

    def reached(self) -> list[tuple[ChainId, int]]:
        """Chain and level of each threshold event so far."""
        return [(e.chain_id, e.buffer_level_ms) for e in self.mixer.of(BufferThresholdReached)]

    def snapshot(self) -> BufferSnapshot:
        snapshot = self.actor.handle(GetBufferSnapshot())
        assert snapshot is not None
        return snapshot


def take(ring: Ring, frames: int) -> None:
    assert ring.read(np.zeros((frames, 2), dtype=np.float32)) == frames


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_ring_is_handed_to_decoder_and_mixer(bench: Bench) -> None:
    ring = bench.open(A)
    assert bench.decoder.received == [RingOpened(ENTRY, A, ring)]
    assert bench.mixer.received == [RingOpened(ENTRY, A, ring)]


def test_a_ring_holds_fifteen_seconds_besides_its_history(bench: Bench) -> None:
    ring = bench.open(A)
    assert ring.space == 15 * RATE
    assert ring.capacity - ring.space >= RATE // 4


def test_the_same_song_twice_has_two_rings(bench: Bench) -> None:
    first, second = bench.open(A), bench.open(B)
    bench.add(A, first, THRESHOLD)
    assert bench.snapshot().rings == {
        A: RingState(Frames(THRESHOLD), complete=False),
        B: RingState(Frames(0), complete=False),
    }
    bench.actor.handle(CloseRing(A))
    bench.add(B, second, THRESHOLD)
    assert bench.reached() == [(A, THRESHOLD_MS), (B, THRESHOLD_MS)]


def test_crossing_the_threshold_is_told_once(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, THRESHOLD - 1)
    assert bench.reached() == []
    bench.add(A, ring, 1)
    assert bench.reached() == [(A, THRESHOLD_MS)]
    bench.add(A, ring, RATE)
    bench.finish(A, ring)
    assert len(bench.reached()) == 1


def test_the_event_names_entry_chain_threshold_level_and_time(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, RATE)
    [event] = bench.mixer.of(BufferThresholdReached)
    assert event == BufferThresholdReached(ENTRY, A, THRESHOLD_MS, 1000, event.sent_s)
    assert event.sent_s > 0


def test_a_short_song_is_enough_when_it_is_complete(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 100)
    bench.finish(A, ring)
    assert bench.reached() == [(A, 2)]
    assert bench.snapshot().rings == {A: RingState(Frames(100), complete=True)}


def test_crossing_again_after_an_underrun_is_told_again(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, THRESHOLD)
    take(ring, THRESHOLD)
    bench.actor.handle(RingDrained(A))
    bench.add(A, ring, THRESHOLD)
    assert bench.reached() == [(A, THRESHOLD_MS)] * 2


def test_crossing_again_is_told_even_if_the_drain_was_not(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, RATE)
    take(ring, RATE)
    bench.add(A, ring, THRESHOLD)
    assert bench.reached() == [(A, 1000), (A, THRESHOLD_MS)]


def test_an_ordinary_refill_tells_nothing(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 15 * RATE)
    take(ring, 5 * RATE)
    bench.actor.handle(RingDrained(A))
    bench.add(A, ring, 5 * RATE)
    assert len(bench.reached()) == 1


def test_a_drained_ring_wakes_the_decoder_unless_it_is_complete(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, RATE)
    take(ring, 1000)
    bench.actor.handle(RingDrained(A))
    assert bench.decoder.of(RingLow) == [RingLow(A, Frames(RATE - 1000))]
    bench.finish(A, ring)
    bench.actor.handle(RingDrained(A))
    assert len(bench.decoder.of(RingLow)) == 1


def test_a_lower_threshold_is_reached_at_once(bench: Bench) -> None:
    low, lower = bench.open(A), bench.open(B)
    bench.add(A, low, RATE // 4)
    bench.add(B, lower, RATE // 10)
    bench.actor.handle(SettingChanged("minimum_playback_buffer_ms", THRESHOLD_MS, 200))
    [event] = bench.mixer.of(BufferThresholdReached)
    assert (event.chain_id, event.threshold_ms, event.buffer_level_ms) == (A, 200, 250)
    assert bench.snapshot().threshold == 9600


def test_a_higher_threshold_has_to_be_crossed_again(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, RATE)
    bench.actor.handle(SettingChanged("minimum_playback_buffer_ms", THRESHOLD_MS, 2000))
    assert len(bench.reached()) == 1
    bench.add(A, ring, RATE)
    assert bench.reached() == [(A, 1000), (A, 2000)]


def test_other_settings_change_nothing(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 10)
    bench.actor.handle(SettingChanged("maximum_decode_streams", 12, 2))
    assert bench.snapshot().threshold == THRESHOLD
    assert bench.reached() == []


@pytest.mark.parametrize(
    "message",
    [
        CloseRing(B),
        FramesAdded(B, Frames(100_000)),
        ChainEnded(B, Frames(100_000)),
        RingDrained(B),
        DecodeFailed(ENTRY, B, FailureKind.MISSING, "gone"),
    ],
)
def test_news_of_an_unknown_chain_is_dropped_silently(
    bench: Bench, message: BufferInbox, caplog: pytest.LogCaptureFixture
) -> None:
    bench.open(A)
    bench.decoder.clear()
    bench.mixer.clear()
    bench.actor.handle(message)
    assert bench.decoder.received == []
    assert bench.mixer.received == []
    assert bench.snapshot().rings.keys() == {A}
    assert caplog.records == []


def test_a_failed_chain_has_no_ring_any_more(bench: Bench) -> None:
    bench.open(A)
    bench.actor.handle(DecodeFailed(ENTRY, A, FailureKind.HUNG, "silent"))
    assert bench.snapshot().rings == {}


def test_what_a_damaged_file_gave_stays_to_be_played(bench: Bench) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 100)
    bench.finish(A, ring)
    bench.actor.handle(DecodeFailed(ENTRY, A, FailureKind.DAMAGED, "cut short"))
    assert bench.snapshot().rings == {A: RingState(Frames(100), complete=True)}


def test_a_chain_begun_anew_has_a_new_ring(bench: Bench) -> None:
    old = bench.open(A)
    bench.add(A, old, RATE)
    new = bench.open(A)
    assert new is not old
    assert bench.snapshot().rings == {A: RingState(Frames(0), complete=False)}
    old.finish()
    bench.actor.handle(ChainEnded(A, old.written))
    assert bench.reached() == [(A, 1000)]
    bench.add(A, new, THRESHOLD)
    assert bench.reached() == [(A, 1000), (A, THRESHOLD_MS)]


def test_no_memory_for_a_ring_is_told_to_the_decoder(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_capacity: Frames, _history: Frames) -> Ring:
        raise MemoryError

    monkeypatch.setattr(buffer_actor, "Ring", no_memory)
    bench.actor.handle(OpenRing(ENTRY, A))
    [failed] = bench.decoder.of(DecodeFailed)
    assert (failed.chain_id, failed.kind) == (A, FailureKind.RESOURCES)
    assert bench.snapshot().rings == {}


def test_frames_that_were_decoded_but_not_kept_are_a_bug_that_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 100)
    ring.finish()
    with caplog.at_level(logging.ERROR):
        bench.actor.handle(ChainEnded(A, Frames(101)))
    assert "101 frames decoded, 100 kept" in caplog.text


def test_a_thousand_rings_opened_and_closed_leave_none_behind(bench: Bench) -> None:
    rings: list[weakref.ref[Ring]] = []
    for number in range(1000):
        chain = ChainId(number)
        rings.append(weakref.ref(bench.open(chain)))
        bench.decoder.clear()
        bench.mixer.clear()
        bench.actor.handle(CloseRing(chain))
    gc.collect()
    assert [ring for ring in rings if ring() is not None] == []
    assert bench.snapshot().rings == {}


def test_a_ring_that_was_refilled_before_the_news_of_its_dryness_is_reported_again(
    bench: Bench,
) -> None:
    ring = bench.open(A)
    bench.add(A, ring, 4 * RATE)
    take(ring, 4 * RATE)
    bench.add(A, ring, 4 * RATE)
    before = len(bench.reached())
    bench.actor.handle(RingDrained(A, dry=True))
    assert len(bench.reached()) == before + 1
