"""A device with a substitute for when it is not there."""

from __future__ import annotations

import pytest

from audio.device import OutputFormat, SampleFormat, SubstituteReadyError, WriteResult
from audio.fallback import FallbackDevice
from playback.errors import SinkError
from playback.units import Frames
from tests.lockstep import LockStepDevice

PERIOD = 256
WANTED = OutputFormat(44_100, SampleFormat.FLOAT, 2, Frames(PERIOD), Frames(4 * PERIOD))
SILENCE = bytes(PERIOD * 8)


class Bench:
    def __init__(self) -> None:
        self.chosen = LockStepDevice()
        self.substitute = LockStepDevice(sample=SampleFormat.S16)
        self.said: list[str] = []
        self.device = FallbackDevice(self.chosen, self.substitute, self.said.append)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_substitute_stays_untouched_while_the_chosen_device_is_there(bench: Bench) -> None:
    assert bench.device.open(WANTED) == WANTED
    assert bench.device.write(SILENCE) is WriteResult.PLAYED
    assert bench.device.delay() == PERIOD
    bench.chosen.run(100)
    assert (bench.device.heard_frames(), bench.device.drop(), bench.device.epoch) == (100, 100, 1)
    bench.device.close()
    bench.chosen.wait_closed()
    assert (bench.substitute.opens, bench.said) == (0, [])


def test_a_device_that_cannot_be_opened_gives_way_to_the_substitute(bench: Bench) -> None:
    bench.chosen.lose()
    assert bench.device.open(WANTED).sample is SampleFormat.S16
    assert bench.device.write(bytes(PERIOD * 4), 0) is WriteResult.PLAYED
    assert bench.substitute.delay() == PERIOD
    bench.substitute.run(7)
    assert bench.device.drop() == 7
    assert bench.said == ["the lock-step device is not there"]


def test_a_device_that_is_lost_says_that_the_substitute_is_ready(bench: Bench) -> None:
    bench.device.open(WANTED)
    bench.device.write(SILENCE)
    bench.chosen.run(60)
    bench.chosen.lose()
    with pytest.raises(SubstituteReadyError, match="was lost"):
        bench.device.write(SILENCE)
    assert bench.device.heard_frames() == 60
    bench.device.close()
    bench.device.open(WANTED)
    assert bench.substitute.opens == 1


def test_the_chosen_device_is_tried_again_at_the_next_opening(bench: Bench) -> None:
    bench.chosen.lose()
    bench.device.open(WANTED)
    bench.device.close()
    bench.chosen.come_back()
    assert bench.device.open(WANTED).sample is SampleFormat.FLOAT
    assert (bench.chosen.opens, bench.substitute.opens) == (1, 1)


def test_a_substitute_that_is_lost_has_none(bench: Bench) -> None:
    bench.chosen.lose()
    bench.device.open(WANTED)
    bench.substitute.lose()
    with pytest.raises(SinkError) as error:
        bench.device.write(bytes(PERIOD * 4))
    assert not isinstance(error.value, SubstituteReadyError)
    with pytest.raises(SinkError, match=r"not there; and the fallback: .* not there"):
        bench.device.open(WANTED)
