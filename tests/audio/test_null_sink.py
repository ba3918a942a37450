"""The null output keeps a card's time and a card's manners."""

from __future__ import annotations

import threading
import time

import pytest

from audio.device import OutputFormat, SampleFormat, WriteResult
from audio.null_sink import NullDevice
from playback.errors import SinkError
from playback.units import Frames

RATE = 44_100
PERIOD = 1_024
FORMAT = OutputFormat(RATE, SampleFormat.S16, 2, Frames(PERIOD), Frames(3 * PERIOD))
SILENCE = bytes(PERIOD * 4)


def opened(wanted: OutputFormat = FORMAT) -> NullDevice:
    device = NullDevice()
    assert device.open(wanted) == wanted
    return device


def test_it_takes_a_buffer_at_once_and_then_a_period_per_period() -> None:
    device = opened()
    begin = time.monotonic()
    for _ in range(13):
        assert device.write(SILENCE) is WriteResult.PLAYED
    took = time.monotonic() - begin
    # Ten periods must have been heard to make room. Never early; late only by the scheduler.
    assert 10 * PERIOD / RATE <= took < 10 * PERIOD / RATE + 0.5


def test_delay_is_what_the_clock_leaves_of_what_was_written() -> None:
    device = opened()
    begin = time.monotonic()
    device.write(SILENCE)
    device.write(SILENCE)
    delay = device.delay()
    assert 2 * PERIOD - (time.monotonic() - begin) * RATE - 1 <= delay <= 2 * PERIOD
    heard = device.heard_frames()
    assert 2 * PERIOD - delay <= heard <= (time.monotonic() - begin) * RATE


def test_written_frames_are_heard_or_delayed() -> None:
    device = opened()
    for written in range(1, 8):
        device.write(SILENCE)
        before = device.heard_frames()
        delay = device.delay()
        after = device.heard_frames()
        assert before <= written * PERIOD - delay <= after


def test_no_more_is_heard_than_was_written_and_running_dry_is_told_once() -> None:
    small = OutputFormat(RATE, SampleFormat.S16, 2, Frames(16), Frames(48))
    device = opened(small)
    device.write(bytes(16 * 4))
    _wait_until_empty(device)
    assert device.heard_frames() == 16
    assert device.write(bytes(16 * 4)) is WriteResult.XRUN
    assert device.write(bytes(16 * 4)) is WriteResult.PLAYED


def _wait_until_empty(device: NullDevice) -> None:
    """The clock is the device's; there is nothing else to wait for."""
    deadline = time.monotonic() + 5
    while device.delay():
        assert time.monotonic() < deadline


def test_a_drop_wakes_a_blocked_write_and_forgets_what_was_not_heard() -> None:
    slow = OutputFormat(1_000, SampleFormat.S16, 2, Frames(30_000), Frames(30_000))
    device = opened(slow)
    device.write(bytes(30_000 * 4))  # thirty seconds
    results: list[WriteResult] = []
    blocked = threading.Thread(target=lambda: results.append(device.write(bytes(30_000 * 4))))
    blocked.start()
    blocked.join(0.05)
    assert blocked.is_alive()
    heard = device.drop()
    blocked.join(5)
    assert results == [WriteResult.DROPPED]
    assert device.delay() == 0
    assert device.heard_frames() == heard < 5_000
    assert device.write(bytes(30_000 * 4)) is WriteResult.PLAYED
    assert device.delay() > 25_000


def test_after_drops_the_pace_is_still_right() -> None:
    device = opened()
    for _ in range(5):  # a drop while nobody waits must not let a later write through early
        device.write(SILENCE)
        device.drop()
    begin = time.monotonic()
    for _ in range(6):
        device.write(SILENCE)
    assert time.monotonic() - begin >= 3 * PERIOD / RATE


def test_a_stale_period_is_refused() -> None:
    device = opened()
    stale = device.epoch
    device.drop()
    assert device.write(SILENCE, epoch=stale) is WriteResult.DROPPED
    assert device.delay() == 0
    assert device.write(SILENCE, epoch=device.epoch) is WriteResult.PLAYED


def test_heard_goes_on_over_a_drop_and_begins_anew_with_open() -> None:
    small = OutputFormat(RATE, SampleFormat.S16, 2, Frames(16), Frames(48))
    device = opened(small)
    device.write(bytes(16 * 4))
    _wait_until_empty(device)
    assert device.drop() == 16
    device.write(bytes(16 * 4))
    _wait_until_empty(device)
    assert device.heard_frames() == 32
    device.open(small)
    assert device.heard_frames() == 0


def test_what_is_not_open_cannot_be_written_to_and_closing_twice_is_fine() -> None:
    device = NullDevice()
    with pytest.raises(SinkError):
        device.write(SILENCE)
    device.open(FORMAT)
    device.write(SILENCE)
    device.close()
    device.close()
    assert (device.delay(), device.drop()) == (0, 0)
    with pytest.raises(SinkError):
        device.write(SILENCE)


def test_waiting_for_room_costs_no_cpu() -> None:
    device = opened()
    device.write(SILENCE)
    begin = time.thread_time()
    for _ in range(22):  # half a second
        device.write(SILENCE)
    assert time.thread_time() - begin < 0.05
