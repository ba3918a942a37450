"""One side output: what it writes, what it throws away, and when it tries again."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from actors.side_thread import COMPLAINS_S, WAITING_S, SideThread
from audio.device import SampleFormat
from audio.heard_tap import Heard
from audio.ring import Block
from audio.side_sink import SideSink
from playback.errors import SinkError
from tests.actors.mixer_bench import Clock
from tests.waiting import until

RATE = 1_000
PERIOD = 100
WAITING = int(WAITING_S * RATE)


class Sink(SideSink):
    """Takes one write for each permit, fails while it is broken."""

    def __init__(self, sample: SampleFormat = SampleFormat.FLOAT, *, permits: int = 10_000) -> None:
        self._sample = sample
        self._permits: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.permit(permits)
        self.broken = ""
        self.unwritable: Exception | None = None
        self.calls: list[str] = []
        self.written: list[bytes] = []
        self.in_write = threading.Event()

    @property
    def sample(self) -> SampleFormat:
        return self._sample

    def permit(self, writes: int) -> None:
        for _ in range(writes):
            self._permits.put(None)

    def open(self) -> None:
        self.calls.append("open")
        if self.broken:
            raise SinkError(self.broken)

    def write(self, samples: memoryview) -> None:
        self.in_write.set()
        self._permits.get(timeout=10)
        if self.unwritable is not None:
            raise self.unwritable
        self.written.append(bytes(samples))

    def give_up(self) -> None:
        self.calls.append("give up")
        self.permit(10_000)

    def close(self) -> None:
        self.calls.append("close")

    @property
    def frames(self) -> Block:
        return np.frombuffer(b"".join(self.written), "<f4").reshape(-1, 2)


def period(first: int, frames: int = PERIOD) -> Heard:
    numbers = np.arange(first, first + frames, dtype=np.float32) / 2**16
    return Heard(np.stack([numbers, -numbers], axis=1), altered=False, source_bits=16)


def started(sink: Sink, clock: Callable[[], float] = time.monotonic) -> SideThread:
    thread = SideThread("Side", sink, RATE, PERIOD, clock=clock)
    thread.start()
    return thread


def ended(thread: SideThread) -> None:
    thread.end()
    thread.join(5.0)


def test_it_writes_all_in_order_and_opens_when_there_is_something_to_write() -> None:
    sink = Sink()
    thread = started(sink)
    assert sink.calls == []
    for at in range(0, 1_000, PERIOD):
        thread.give(period(at))
    ended(thread)
    assert np.array_equal(sink.frames, period(0, 1_000).block)
    assert [call for call in sink.calls if call != "give up"] == ["open", "close"]


def test_resting_it_closes_and_opens_again_with_the_next_piece() -> None:
    sink = Sink()
    thread = started(sink)
    thread.give(period(0))
    thread.rest()
    thread.give(period(100))
    ended(thread)
    assert [call for call in sink.calls if call != "give up"] == ["open", "close", "open", "close"]
    assert len(sink.frames) == 200


def test_sixteen_bits_are_written_without_dither_unless_something_was_computed() -> None:
    plain, computed = Sink(SampleFormat.S16), Sink(SampleFormat.S16)
    for sink, altered, bits in ((plain, False, 16), (computed, True, 16)):
        thread = started(sink)
        block = period(0).block
        for _ in range(10):
            thread.give(Heard(block, altered, bits))
        ended(thread)
    exact = (period(0).block * 2**15).round().astype("<i2").tobytes() * 10
    assert b"".join(plain.written) == exact
    assert b"".join(computed.written) != exact


def test_what_comes_too_fast_is_thrown_away_and_said_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    sink = Sink(permits=0)
    thread = started(sink, clock)
    thread.give(period(0))
    assert sink.in_write.wait(5.0)
    for at in range(PERIOD, 10 * WAITING, PERIOD):
        thread.give(period(at))
    complaints = [line for line in caplog.messages if "keep up" in line]
    assert complaints == ["Output Side does not keep up; 0.1 s of sound did not reach it"]
    clock.now_s += COMPLAINS_S
    thread.give(period(0))
    lost_s = (10 * WAITING - WAITING + PERIOD) / RATE
    assert f"{lost_s:.1f} s of sound" in caplog.messages[-1]
    sink.permit(WAITING // PERIOD)
    until(lambda: len(sink.frames) == WAITING, "what waited is written")
    assert np.array_equal(sink.frames, period(0, WAITING).block)
    ended(thread)


def test_a_sink_that_cannot_be_opened_is_tried_again_with_growing_patience(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    caplog.set_level("INFO")
    sink = Sink()
    sink.broken = "no such disk"
    told: list[str | None] = []
    thread = SideThread("Side", sink, RATE, PERIOD, tell=told.append, clock=clock)
    thread.start()
    tries = []
    for _ in range(16):  # every quarter of a second
        thread.give(period(0))
        until(lambda: thread.idle, "it is dealt with")
        tries.append(sink.calls.count("open"))
        clock.now_s += 0.25
    assert tries == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]
    sink.broken = ""
    clock.now_s += 30
    thread.give(period(500))
    ended(thread)
    assert np.array_equal(sink.frames, period(500).block)
    assert told == ["output Side: no such disk", None]
    assert caplog.messages == [
        "Output Side has failed and is tried again: no such disk",
        "Output Side works again",
    ]


@pytest.mark.parametrize("error", [SinkError("disk full"), RuntimeError("what is this")])
def test_a_write_that_fails_is_said_once_and_ends_nothing(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    sink = Sink()
    sink.unwritable = error
    thread = started(sink, clock)
    for _ in range(5):
        thread.give(period(0))
        until(lambda: thread.idle, "it is dealt with")
        clock.now_s += 60
    sink.unwritable = None
    thread.give(period(7))
    ended(thread)
    assert np.array_equal(sink.frames, period(7).block)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_the_one_after_begins_when_the_one_before_has_ended() -> None:
    before, after = Sink(permits=0), Sink()
    first = started(before)
    first.give(period(0))
    assert before.in_write.wait(5.0)
    second = SideThread("Side", after, RATE, PERIOD)
    second.start(after=first)
    second.give(period(100))
    assert not after.in_write.wait(0.05)
    first.end()
    assert after.in_write.wait(5.0)
    assert before.calls[-1] == "close"
    ended(second)
