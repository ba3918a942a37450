"""The playout ring against a model that keeps every frame, and with a thread on each side."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from audio.ring import Block, Ring
from playback.units import Frames


def numbered(first: int, count: int) -> Block:
    """Frames that carry their own number, +n left and −n right; exact below 2²⁴."""
    numbers = np.arange(first, first + count, dtype=np.float32)
    return np.stack([numbers, -numbers], axis=1)


class RingAgainstModel(RuleBasedStateMachine):
    """The model is a list of everything ever written, and three plain numbers."""

    @initialize(history=st.integers(0, 40), more=st.integers(1, 60))
    def build(self, history: int, more: int) -> None:
        self.history = history
        self.usable = more
        self.ring = Ring(Frames(history + more), Frames(history))
        self.written = 0
        self.taken = 0
        self.furthest = 0
        self.finished = False

    @rule(count=st.integers(0, 150))
    def write(self, count: int) -> None:
        if self.finished:
            return
        fits = self.usable - (self.written - self.furthest)
        assert self.ring.write(numbered(self.written, count)) == min(count, fits)
        self.written += min(count, fits)

    @rule(count=st.integers(0, 150))
    def read(self, count: int) -> None:
        out = np.full((count, 2), np.nan, dtype=np.float32)
        got = self.ring.read(out)
        assert got == min(count, self.written - self.taken)
        assert np.array_equal(out[:got], numbered(self.taken, got))
        assert np.isnan(out[got:]).all()
        self.taken += got
        self.furthest = max(self.furthest, self.taken)

    @rule(place=st.floats(0, 1))
    def step_within_the_ring(self, place: float) -> None:
        oldest = max(0, self.furthest - self.history)
        self.taken = oldest + round(place * (self.written - oldest))
        self.ring.step_to(Frames(self.taken))
        self.furthest = max(self.furthest, self.taken)

    @rule(beyond=st.integers(1, 100), forward=st.booleans())
    def a_step_out_of_the_ring_is_refused(self, beyond: int, forward: bool) -> None:
        oldest = max(0, self.furthest - self.history)
        target = self.written + beyond if forward else oldest - beyond
        with pytest.raises(ValueError, match="cannot step"):
            self.ring.step_to(Frames(target))

    @rule()
    def finish(self) -> None:
        self.ring.finish()
        self.finished = True

    @invariant()
    def the_counters_agree(self) -> None:
        if not hasattr(self, "ring"):
            return
        assert self.ring.written == self.written
        assert self.ring.taken == self.taken
        assert self.ring.level == self.written - self.taken
        assert self.ring.space == self.usable - (self.written - self.furthest)
        assert self.ring.complete is self.finished
        assert self.ring.end == (self.written if self.finished else None)
        assert self.ring.exhausted is (self.finished and self.taken == self.written)


RingAgainstModel.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestRingAgainstModel = RingAgainstModel.TestCase


def test_what_was_read_can_be_read_again_as_far_back_as_the_history_goes() -> None:
    ring = Ring(Frames(110), Frames(10))
    ring.write(numbered(0, 100))
    out = np.empty((100, 2), dtype=np.float32)
    ring.read(out)
    assert ring.write(numbered(100, 500)) == 100
    ring.step_to(Frames(90))
    again = np.empty((110, 2), dtype=np.float32)
    assert ring.read(again) == 110
    assert np.array_equal(again, numbered(90, 110))


def test_stepping_back_gives_the_writer_no_space() -> None:
    ring = Ring(Frames(30), Frames(10))
    ring.write(numbered(0, 20))
    ring.read(np.empty((15, 2), dtype=np.float32))
    before = ring.space
    ring.step_to(Frames(6))
    assert ring.space == before == 15


def test_the_end_stands_behind_the_last_frame() -> None:
    ring = Ring(Frames(10), Frames(0))
    ring.write(numbered(0, 7))
    assert (ring.complete, ring.end) == (False, None)
    ring.finish()
    assert (ring.complete, ring.end, ring.exhausted) == (True, 7, False)
    ring.read(np.empty((7, 2), dtype=np.float32))
    assert ring.exhausted


def test_an_end_may_be_put_before_frames_that_are_there_and_taken_away_again() -> None:
    ring = Ring(Frames(100), Frames(10))
    ring.write(numbered(0, 50))
    ring.finish(Frames(30))
    assert (ring.end, ring.level, ring.readable) == (30, 30, 30)
    out = np.zeros((40, 2), dtype=np.float32)
    assert ring.read(out) == 30
    assert ring.exhausted
    ring.reopen()
    assert (ring.end, ring.level, ring.exhausted) == (None, 20, False)
    ring.write(numbered(50, 5))
    ring.finish()
    assert ring.read(out) == 25
    assert np.array_equal(out[:25], numbered(30, 25))


def test_an_end_before_what_was_taken_leaves_nothing_to_read() -> None:
    ring = Ring(Frames(100), Frames(10))
    ring.write(numbered(0, 50))
    ring.read(np.zeros((40, 2), dtype=np.float32))
    ring.finish(Frames(30))
    assert (ring.level, ring.exhausted) == (0, True)
    assert ring.read(np.zeros((40, 2), dtype=np.float32)) == 0


def test_a_chain_without_frames_is_exhausted_at_once() -> None:
    ring = Ring(Frames(10), Frames(0))
    ring.finish()
    assert ring.exhausted


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None)
def test_two_threads_exchange_every_frame_once_and_in_order(seed: int) -> None:
    total = 400_000
    ring = Ring(Frames(1_024), Frames(100))
    turn = threading.Condition()
    writing, reading = np.random.default_rng(seed).spawn(2)
    failures: list[str] = []

    def write_all() -> None:
        done = 0
        while done < total:
            count = min(int(writing.integers(1, 1_500)), total - done)
            block = numbered(done, count)
            while len(block):
                taken = ring.write(block)
                done += taken
                block = block[taken:]
                with turn:
                    turn.notify_all()
                    if len(block) and not turn.wait_for(lambda: ring.space > 0, 20):
                        failures.append("the writer starved")
                        return
        ring.finish()
        with turn:
            turn.notify_all()

    def read_all() -> None:
        at = 0
        while not ring.exhausted:
            out = np.empty((int(reading.integers(1, 1_500)), 2), dtype=np.float32)
            got = ring.read(out)
            if not np.array_equal(out[:got], numbered(at, got)):
                failures.append(f"wrong frames from {at} on")
                return
            at += got
            if reading.random() < 0.1:
                at -= min(at, int(reading.integers(0, 50)))
                ring.step_to(Frames(at))
            with turn:
                turn.notify_all()
                if not turn.wait_for(lambda: ring.level > 0 or ring.complete, 20):
                    failures.append("the reader starved")
                    return

    threads = [threading.Thread(target=side, daemon=True) for side in (write_all, read_all)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert failures == []
    assert ring.taken == ring.written == ring.end == total
