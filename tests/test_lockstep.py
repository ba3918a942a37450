"""The lock-step device itself: what the engine's tests rest on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from audio.convert import SampleConverter
from audio.device import OutputFormat, SampleFormat, WriteResult
from audio.ring import Block
from playback.errors import SinkError
from playback.units import Frames
from tests.lockstep import LockStepDevice

PERIOD = 100
FORMAT = OutputFormat(44_100, SampleFormat.S16, 2, Frames(PERIOD), Frames(3 * PERIOD))


def samples(first: int, count: int = PERIOD) -> bytes:
    """16 bit frames that carry their own number."""
    return np.repeat(np.arange(first, first + count, dtype="<i2"), 2).tobytes()


def numbers(block: Block) -> list[int]:
    assert np.array_equal(block[:, 0], block[:, 1])
    return [round(value * 32_768) for value in block[:, 0].tolist()]


class Writer:
    """Calls the device from a thread of its own and keeps what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.outcome: list[Any] = []
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        try:
            self.outcome.append(call())
        except SinkError as error:
            self.outcome.append(error)

    def result(self) -> Any:
        self._thread.join(5)
        assert not self._thread.is_alive(), "the call did not return"
        return self.outcome[0]

    @property
    def waits(self) -> bool:
        return not self.outcome and self._thread.is_alive()


def opened(**options: Any) -> LockStepDevice:
    device = LockStepDevice(timeout_s=0.2, **options)
    device.open(FORMAT)
    return device


def filled(**options: Any) -> LockStepDevice:
    device = opened(**options)
    for first in (0, 100, 200):
        assert device.write(samples(first)) is WriteResult.PLAYED
    return device


def test_nothing_is_heard_before_the_test_plays_it() -> None:
    device = filled()
    assert device.delay() == 300
    assert len(device.heard) == 0
    assert device.play(70) == 70
    assert device.delay() == 230
    assert numbers(device.heard) == list(range(70))


def test_no_more_is_heard_than_was_written() -> None:
    device = filled()
    assert device.play(1000) == 300
    assert device.play(1000) == 0
    assert numbers(device.heard) == list(range(300))


def test_a_write_waits_until_a_whole_period_fits() -> None:
    device = filled()
    writer = Writer(lambda: device.write(samples(300)))
    device.wait_blocked()
    device.play(99)
    assert device.delay() == 201
    assert writer.waits
    device.play(1)
    assert writer.result() is WriteResult.PLAYED
    assert device.delay() == 300


def test_with_short_writes_it_takes_what_fits() -> None:
    device = filled(short_writes=True)
    writer = Writer(lambda: device.write(samples(300)))
    device.wait_blocked()
    device.play(40)
    device.wait_level(300)
    assert writer.waits
    device.play(60)
    assert writer.result() is WriteResult.PLAYED
    device.play(300)
    assert numbers(device.heard) == list(range(400))


@pytest.mark.parametrize("short_writes", [False, True])
def test_a_drop_wakes_the_writer_and_nothing_of_it_is_heard(short_writes: bool) -> None:
    device = filled(short_writes=short_writes)
    device.play(30)
    writer = Writer(lambda: device.write(samples(1_000)))
    device.wait_blocked()
    assert device.drop() == 30
    assert writer.result() is WriteResult.DROPPED
    assert (device.delay(), device.heard_frames(), device.drops) == (0, 30, 1)
    device.write(samples(30))
    device.play(1_000)
    assert numbers(device.heard) == list(range(130))


def test_a_period_of_an_older_epoch_is_refused() -> None:
    device = opened()
    stale = device.epoch
    device.drop()
    assert device.write(samples(0), epoch=stale) is WriteResult.DROPPED
    assert device.delay() == 0
    assert device.write(samples(0), epoch=device.epoch) is WriteResult.PLAYED


def test_run_plays_while_the_engine_refills() -> None:
    device = opened()
    writer = Writer(lambda: [device.write(samples(n * PERIOD)) for n in range(50)])
    device.run(4_950)
    assert numbers(device.heard) == list(range(4_950))
    device.run(50)
    assert set(writer.result()) == {WriteResult.PLAYED}
    assert numbers(device.heard) == list(range(5_000))


def test_run_says_where_the_engine_stopped() -> None:
    device = filled()
    with pytest.raises(AssertionError, match=r"the last 50 of 350 frames.*300 frames heard"):
        device.run(350)


def test_wait_filled_returns_when_no_further_period_fits() -> None:
    device = opened()
    Writer(lambda: [device.write(samples(n * PERIOD)) for n in range(4)])
    device.wait_filled()
    assert device.delay() == 300


def test_wait_filled_says_what_it_waited_for() -> None:
    device = opened()
    device.write(samples(0))
    with pytest.raises(AssertionError, match=r"a full buffer; it is 100 frames in its buffer"):
        device.wait_filled()


def test_a_lost_device_fails_the_waiting_write_and_every_open_until_it_is_back() -> None:
    device = filled()
    writer = Writer(lambda: device.write(samples(300)))
    device.wait_blocked()
    device.play(10)
    device.lose()
    assert isinstance(writer.result(), SinkError)
    assert (device.delay(), device.dropped) == (0, 290)
    for refused in (lambda: device.write(samples(0)), lambda: device.open(FORMAT)):
        with pytest.raises(SinkError):
            refused()
    device.come_back()
    with pytest.raises(SinkError):
        device.write(samples(0))
    device.open(FORMAT)
    device.write(samples(10))
    device.play(100)
    assert numbers(device.heard) == list(range(110))
    assert (device.opens, device.heard_frames()) == (2, 100)


def test_an_xrun_means_that_everything_was_heard_and_the_period_still_comes() -> None:
    device = filled()
    device.xrun_next()
    assert device.write(samples(300)) is WriteResult.XRUN
    assert numbers(device.heard) == list(range(300))
    assert device.delay() == 100
    device.play(100)
    assert device.write(samples(400)) is WriteResult.PLAYED
    assert numbers(device.heard) == list(range(400))


def test_a_hung_device_neither_takes_nor_plays_and_fails_nothing() -> None:
    device = opened()
    device.write(samples(0))
    device.hang()
    writer = Writer(lambda: device.write(samples(100)))
    device.wait_blocked()
    assert device.play(100) == 0
    assert writer.waits
    device.recover()
    assert writer.result() is WriteResult.PLAYED
    assert device.play(200) == 200


def test_a_drop_wakes_the_writer_of_a_hung_device() -> None:
    device = opened()
    device.hang()
    writer = Writer(lambda: device.write(samples(0)))
    device.wait_blocked()
    device.drop()
    assert writer.result() is WriteResult.DROPPED


def test_closing_throws_away_what_was_not_heard() -> None:
    device = filled()
    device.play(120)
    device.close()
    device.close()
    device.wait_closed()
    assert (device.dropped, len(device.heard), device.delay()) == (180, 120, 0)


def test_opening_can_be_waited_for() -> None:
    device = LockStepDevice()
    Writer(lambda: device.open(FORMAT))
    assert device.wait_open() == FORMAT


@pytest.mark.parametrize("sample", SampleFormat)
def test_every_format_is_decoded_to_what_was_meant(sample: SampleFormat) -> None:
    rng = np.random.default_rng(5)
    block = (rng.integers(-(2**15), 2**15, (300, 2)) / 2**15).astype(np.float32)
    device = LockStepDevice(sample=sample)
    assert device.open(FORMAT).sample is sample
    device.write(SampleConverter(sample, 300).convert(block, 300, dither=False))
    device.play(300)
    assert np.array_equal(device.heard, block)
