"""The mixer's count of output frames beside the device's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from actors.messages import OutputOpened, PeriodPlayed
from actors.output import Output, OutputChoice
from actors.sink_thread import SinkEvent
from audio.device import OutputFormat, SampleFormat
from playback.units import Frames
from tests.actors.mixer_bench import FORMAT, PERIOD, signal
from tests.lockstep import LockStepDevice
from tests.spies import Spy


class Bench:
    """An output over one lock-step device; the test takes the sink thread's reports."""

    def __init__(self, sample: SampleFormat | None = None) -> None:
        self.device = LockStepDevice(sample=sample)
        self.told: Spy[SinkEvent] = Spy()
        self.made: list[OutputChoice] = []
        self.output = Output(OutputChoice("Test", "lockstep"), FORMAT, self._make, self.told)
        self._taken = 0

    def _make(self, choice: OutputChoice) -> LockStepDevice:
        self.made.append(choice)
        return self.device

    def open(self, frame: int = 0) -> None:
        """Open, and let playing begin at the mixer's frame."""
        self.output.open()
        opened = self.told.wait_for(OutputOpened, len(self.made))[-1]
        assert self.output.opened(opened.session, opened.format, frame)

    def post(self, *, altered: bool = False, source_bits: int = 16) -> int:
        block = signal(1, PERIOD)
        return self.output.post(block, altered=altered, source_bits=source_bits)

    def take(self) -> bool:
        """The next report of a period that was taken."""
        self._taken += 1
        played = self.told.wait_for(PeriodPlayed, self._taken)[-1]
        return self.output.took(played.session, played.epoch)

    def close(self) -> None:
        sink = self.output.close()
        if sink is not None:
            sink.join(5.0)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_it_is_ready_between_opened_and_closed(bench: Bench) -> None:
    output = bench.output
    assert (output.ready, output.opening, output.stretch) == (False, False, None)
    assert output.open()
    assert (output.ready, output.opening) == (False, True)
    assert not output.open()
    opened = bench.told.wait_for(OutputOpened)[0]
    assert output.opened(opened.session, opened.format, 0)
    assert (output.ready, output.opening) == (True, False)
    assert not output.open()
    bench.close()
    assert (output.ready, output.opening, output.stretch) == (False, False, None)
    assert len(bench.made) == 1


def test_reports_of_another_session_are_stale(bench: Bench) -> None:
    bench.open()
    bench.close()
    bench.open()
    assert not bench.output.opened(1, FORMAT, 0)
    assert not bench.output.is_current(1)
    assert bench.output.is_current(2)
    assert not bench.output.took(1, 0)


def test_what_is_heard_is_counted_from_the_frame_at_which_it_was_opened(bench: Bench) -> None:
    bench.open(frame=10_000)
    assert bench.output.heard() == 10_000
    bench.post()
    assert bench.take()
    bench.device.run(300)
    assert bench.output.heard() == 10_300


def test_a_period_in_flight_is_known_until_it_is_taken(bench: Bench) -> None:
    bench.open()
    bench.post()
    assert bench.output.in_flight == 1
    assert bench.take()
    assert bench.output.in_flight == 0


def test_a_cut_says_where_it_came_and_what_is_reported_of_before_is_stale(bench: Bench) -> None:
    bench.open(frame=500)
    before = bench.output.stretch
    for _ in range(2):
        bench.post()
        assert bench.take()
    bench.device.run(700)
    bench.post()
    assert bench.output.cut() == 1200
    assert (bench.output.heard(), bench.output.in_flight) == (1200, 0)
    assert not bench.output.took(1, 0)
    assert bench.output.stretch not in (None, before)
    bench.post()
    bench.device.wait_level(PERIOD)
    bench.device.run(PERIOD)
    assert bench.output.heard() == 1200 + PERIOD


def test_going_on_elsewhere_renames_what_is_heard(bench: Bench) -> None:
    bench.open()
    bench.post()
    bench.device.run(400)
    bench.output.go_on_at(77)
    assert bench.output.heard() == 77
    assert bench.device.delay() == 0


@pytest.mark.parametrize("ending", ["close", "abandon", "lose"])
def test_after_its_end_the_output_knows_what_had_been_heard(bench: Bench, ending: str) -> None:
    bench.open(frame=500)
    bench.post()
    bench.device.run(300)
    match ending:
        case "close":
            bench.close()
        case "abandon":
            bench.output.abandon()
        case "lose":
            bench.device.lose()
            assert bench.output.heard() == 800
            bench.output.abandon()
    assert (bench.output.heard(), bench.output.cut()) == (800, 800)
    assert bench.output.in_flight == 0


def test_an_abandoned_session_still_closes_its_device(bench: Bench) -> None:
    bench.open()
    bench.output.abandon()
    bench.device.wait_closed()


def test_the_format_is_what_the_device_took() -> None:
    bench = Bench(SampleFormat.S16)
    assert bench.output.format == FORMAT
    bench.open()
    assert bench.output.format == OutputFormat(
        FORMAT.rate_hz, SampleFormat.S16, 2, FORMAT.period, FORMAT.buffer
    )
    bench.close()


@pytest.mark.parametrize(
    ("sample", "altered", "source_bits", "exact"),
    [
        (SampleFormat.S16, False, 16, True),
        (SampleFormat.S16, True, 16, False),
        (SampleFormat.S16, False, 24, False),
        (SampleFormat.S24, False, 24, True),
        (SampleFormat.S24_3, False, 24, True),
        (SampleFormat.S32, True, 32, True),
    ],
)
def test_dither_is_added_only_where_bits_are_lost(
    sample: SampleFormat, altered: bool, source_bits: int, exact: bool
) -> None:
    bench = Bench(sample)
    bench.open()
    block = np.round(signal(1, PERIOD) * 2**15).astype(np.float32) / np.float32(2**15)
    bench.output.post(block, altered=altered, source_bits=source_bits)
    bench.device.run(PERIOD)
    assert np.array_equal(bench.device.heard, block) is exact
    assert np.abs(bench.device.heard - block).max() < 3 / 2**15
    bench.close()


def test_samples_that_clip_are_counted() -> None:
    bench = Bench(SampleFormat.S16)
    bench.open()
    block = np.full((PERIOD, 2), 0.5, dtype=np.float32)
    block[:3] = 1.5
    assert bench.output.post(block, altered=True, source_bits=16) == 6
    assert bench.output.post(block * 0, altered=True, source_bits=16) == 0
    bench.close()


def test_a_choice_counts_from_the_next_opening(bench: Bench) -> None:
    bench.open()
    other = OutputChoice("Test", "lockstep", "other")
    bench.output.choice = other
    bench.close()
    bench.open(frame=Frames(9))
    assert bench.made == [OutputChoice("Test", "lockstep"), other]
