"""The thread that opens, writes, reports and closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from actors.messages import DeviceLost, DeviceStumbled, OutputOpened, PeriodPlayed
from actors.sink_thread import SinkEvent, SinkThread
from audio.device import OutputFormat, SampleFormat
from playback.units import Frames
from tests.actors.mixer_bench import FORMAT, PERIOD
from tests.lockstep import LockStepDevice
from tests.spies import Spy

FRAMES = Frames(PERIOD)


def period(level: float) -> bytes:
    return np.full((PERIOD, 2), level, dtype=np.float32).tobytes()


class Session:
    def __init__(self, device: LockStepDevice, number: int = 7) -> None:
        self.device = device
        self.told: Spy[SinkEvent] = Spy()
        self.thread = SinkThread(device, FORMAT, number, self.told)

    def start(self, after: SinkThread | None = None) -> None:
        self.thread.start(after)

    def post(self, level: float) -> None:
        self.thread.post(period(level), FRAMES)

    def end(self) -> None:
        self.thread.close()
        self.thread.join(5.0)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(LockStepDevice())
    session.start()
    session.told.wait_for(OutputOpened)
    yield session
    session.end()


def test_it_opens_the_device_and_tells_what_that_took() -> None:
    session = Session(LockStepDevice(sample=SampleFormat.S16))
    session.start()
    (opened,) = session.told.wait_for(OutputOpened)
    taken = OutputFormat(FORMAT.rate_hz, SampleFormat.S16, 2, FORMAT.period, FORMAT.buffer)
    assert opened == OutputOpened(7, taken)
    session.end()


def test_each_period_is_written_in_order_and_told_when_the_device_has_it(session: Session) -> None:
    for level in (0.1, 0.2, 0.3, 0.4):
        session.post(level)
    assert len(session.told.wait_for(PeriodPlayed, 3)) == 3  # the fourth has no room
    session.device.run(4 * PERIOD)
    told = session.told.wait_for(PeriodPlayed, 4)
    assert told == [PeriodPlayed(7, 0, FRAMES)] * 4
    heard = session.device.heard[::PERIOD, 0]
    assert heard == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert session.thread.heard_frames() == 4 * PERIOD


def test_what_a_drop_overtook_is_neither_played_nor_told(session: Session) -> None:
    for level in (0.1, 0.2, 0.3):
        session.post(level)
    session.told.wait_for(PeriodPlayed, 3)
    session.post(0.4)
    session.device.wait_blocked()
    session.device.play(100)
    assert session.thread.drop() == 100
    assert session.thread.epoch == 1
    session.post(0.5)
    told = session.told.wait_for(PeriodPlayed, 4)
    assert told[3] == PeriodPlayed(7, 1, FRAMES)
    session.device.run(PERIOD)
    assert np.array_equal(session.device.heard[100:, 0], np.full(PERIOD, np.float32(0.5)))


def test_an_xrun_is_told_before_the_period_that_was_written_again(session: Session) -> None:
    session.device.xrun_next()
    session.post(0.1)
    session.told.wait_for(PeriodPlayed)
    assert session.told.received[1:] == [DeviceStumbled(7), PeriodPlayed(7, 0, FRAMES)]


def test_a_device_that_cannot_be_opened_is_lost() -> None:
    device = LockStepDevice()
    device.lose()
    session = Session(device)
    session.start()
    (lost,) = session.told.wait_for(DeviceLost)
    assert (lost.session, "not there" in lost.message) == (7, True)
    session.thread.join(5.0)


def test_a_device_that_goes_away_is_lost(session: Session) -> None:
    for level in (0.1, 0.2, 0.3, 0.4):
        session.post(level)
    session.device.wait_blocked()
    session.device.lose()
    (lost,) = session.told.wait_for(DeviceLost)
    assert "was lost" in lost.message


def test_whatever_a_driver_raises_the_output_is_lost_and_the_thread_ends() -> None:
    class Broken(LockStepDevice):
        def open(self, wanted: OutputFormat) -> OutputFormat:
            raise ZeroDivisionError(str(wanted.rate_hz))

    session = Session(Broken())
    session.start()
    (lost,) = session.told.wait_for(DeviceLost)
    assert "ZeroDivisionError" in lost.message
    session.thread.join(5.0)


def test_closing_throws_away_what_was_not_heard_and_returns_at_once(session: Session) -> None:
    for level in (0.1, 0.2, 0.3, 0.4):
        session.post(level)
    session.device.wait_blocked()
    session.thread.close()
    session.device.wait_closed()
    assert session.device.dropped == 3 * PERIOD


def test_a_session_that_is_ended_while_its_device_hangs_closes_it_later(session: Session) -> None:
    for level in (0.1, 0.2, 0.3, 0.4):
        session.post(level)
    session.device.wait_blocked()
    session.device.hang()
    session.thread.end()
    session.device.recover()
    session.device.run(PERIOD)
    session.device.wait_closed()


def test_a_session_opens_the_device_when_the_one_before_it_has_closed_it() -> None:
    order: list[str] = []
    gate = threading.Event()

    class Card(LockStepDevice):
        def open(self, wanted: OutputFormat) -> OutputFormat:
            order.append("open")
            return super().open(wanted)

        def close(self) -> None:
            gate.wait(5.0)
            order.append("closed")
            super().close()

    card = Card()
    first, second = Session(card, 1), Session(card, 2)
    first.start()
    first.told.wait_for(OutputOpened)
    first.thread.close()
    second.start(after=first.thread)
    gate.set()
    second.told.wait_for(OutputOpened)
    assert order == ["open", "closed", "open"]
    second.end()
