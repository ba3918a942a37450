"""A MixerActor that is built and not started, its output on lock-step devices in the test's hand.

The sink thread is real. What it reports waits until the test delivers it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from actors.address import DeadlineReached, InboxAddress
from actors.messages import (
    DeviceLost,
    EngineEvent,
    MixerInbox,
    Pause,
    PlanChanged,
    PositionUpdated,
    RingDrained,
    RingOpened,
    StartCurrent,
    Stop,
)
from actors.mixer_actor import MixerActor
from actors.output import Output, OutputChoice
from actors.sink_thread import SinkEvent
from audio.device import OutputFormat, SampleFormat
from audio.ring import Block, Ring
from playback.passage import Passage
from playback.plan import EnginePlan, Envelope, Priority, Slot
from playback.player import PlayerState
from playback.units import ZERO_TICKS, ChainId, EntryId, Frames, frames_to_ticks
from tests.lockstep import LockStepDevice
from tests.spies import Spy, TelemetrySpy

N = TypeVar("N")
RATE_HZ = 48_000
PERIOD = 512
DECLICK = 240
RESUME = 960
THRESHOLD_MS = 100
THRESHOLD = 4800
FORMAT = OutputFormat(RATE_HZ, SampleFormat.FLOAT, 2, Frames(PERIOD), Frames(3 * PERIOD))


def signal(chain: int, frames: int) -> Block:
    """Frames that say which they are, and whose, and hardly differ: (frames, 2)."""
    left = np.arange(1, frames + 1, dtype=np.float32) / 2**18 + chain / 64
    return np.stack([left, -left], axis=1).astype(np.float32)


def ring_of(chain: int, frames: int, *, complete: bool = True) -> Ring:
    ring = Ring(Frames(frames + 100_000), Frames(24_000))
    ring.write(signal(chain, frames))
    if complete:
        ring.finish()
    return ring


def slot(chain: int, frames: int = 20_000, *, overlap: int = 0) -> Slot:
    passage = Passage(f"{chain}.flac", end=frames_to_ticks(frames, RATE_HZ))
    fade = frames_to_ticks(frames - overlap, RATE_HZ) if overlap else None
    return Slot(
        ChainId(chain),
        EntryId(10 + chain),
        passage,
        ZERO_TICKS,
        Priority.IMMEDIATE,
        Envelope(fade_out_start=fade),
        frames_to_ticks(overlap, RATE_HZ),
    )


class Clock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Bench:
    """The actor, spies where it tells, and one device per name it is asked to open."""

    def __init__(self, *, hung_after_s: float = 600.0) -> None:
        self.queue: Spy[EngineEvent] = Spy()
        self.buffer: Spy[RingDrained] = Spy()
        self.telemetry = TelemetrySpy()
        self.clock = Clock()
        self.devices: dict[str, LockStepDevice] = {}
        self.sinks: Spy[SinkEvent] = Spy()
        self._delivered = 0
        self._version = 0
        self._plan = EnginePlan(0, PlayerState.STOP)
        choice = OutputChoice("Test", "lockstep", "first")
        self.output = Output(choice, FORMAT, self._make, self.sinks)
        self.address: InboxAddress[MixerInbox] = InboxAddress("MixerActor")
        self.actor = MixerActor(
            address=self.address,
            queue=self.queue,
            buffer=self.buffer,
            telemetry=self.telemetry,
            output=self.output,
            threshold_ms=THRESHOLD_MS,
            resume_fade_ms=RESUME * 1000 // RATE_HZ,
            hung_after_s=hung_after_s,
            clock=self.clock,
        )
        self._make(self.output.choice)

    def _make(self, choice: OutputChoice) -> LockStepDevice:
        return self.devices.setdefault(choice.device, LockStepDevice())

    @property
    def device(self) -> LockStepDevice:
        """The device that is chosen now."""
        return self.devices[self.output.choice.device]

    def close(self) -> None:
        """End the sink thread."""
        self.actor.release()

    # What QueueActor tells

    def plan(self, state: PlayerState, *slots: Slot, volume: int = 100) -> EnginePlan:
        self._version += 1
        self._plan = EnginePlan(self._version, state, slots, volume)
        return self._plan

    def start(self, *slots: Slot, volume: int = 100) -> None:
        plan = self.plan(PlayerState.PLAY, *(slots or self._plan.slots), volume=volume)
        self.actor.handle(StartCurrent(plan, time.monotonic()))

    def change(self, *slots: Slot, state: PlayerState | None = None, volume: int = 100) -> None:
        plan = self.plan(state or self._plan.state, *slots, volume=volume)
        self.actor.handle(PlanChanged(plan))

    def pause(self, *slots: Slot) -> None:
        self.actor.handle(Pause(self.plan(PlayerState.PAUSE, *(slots or self._plan.slots))))

    def stop(self, *slots: Slot) -> None:
        self.actor.handle(Stop(self.plan(PlayerState.STOP, *(slots or self._plan.slots))))

    def rings(self, *slots: Slot) -> None:
        """Hand a full, complete ring over for each slot."""
        for each in slots:
            assert each.passage.end is not None
            frames = each.passage.end * RATE_HZ // 28_224_000
            self.ring(each, ring_of(each.chain, frames))

    def ring(self, of: Slot, ring: Ring) -> None:
        self.actor.handle(RingOpened(of.entry, of.chain, ring))

    def play(self, *slots: Slot) -> None:
        """Let the first slot sound: rings, start, device open."""
        self.rings(*slots)
        self.start(*slots)
        self.until_opened()

    # What the sink thread reports

    def deliver(self) -> None:
        """Hand over all that has been reported so far."""
        while self._delivered < len(self.sinks.received):
            event = self.sinks.received[self._delivered]
            self._delivered += 1
            self.actor.handle(event)

    def until(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Deliver what is reported until something holds."""
        deadline = time.monotonic() + timeout_s
        self.deliver()
        while not holds():
            left = deadline - time.monotonic()
            assert left > 0, f"not within {timeout_s} s; told: {self.queue.received}"
            self.sinks.wait_more(self._delivered, left)
            self.deliver()

    def until_opened(self) -> None:
        """Wait until the device that was asked for is open."""
        self.until(lambda: self.output.ready)

    def until_lost(self, times: int = 1) -> None:
        """Wait until the sink threads have reported so many losses in all."""
        self.until(lambda: self._losses >= times)

    @property
    def _losses(self) -> int:
        delivered = self.sinks.received[: self._delivered]
        return sum(isinstance(event, DeviceLost) for event in delivered)

    def run(self, frames: int) -> None:
        """Let exactly ``frames`` frames be heard, and the actor refill meanwhile."""
        device = self.device
        left = frames
        while left:
            self.until(lambda: device.delay() > 0)
            left -= device.play(min(left, device.delay()))
        self.deliver()

    def fill(self) -> None:
        """Let the device's buffer fill up, with one more period waiting."""
        self.until(lambda: self.device.delay() > FORMAT.buffer - PERIOD)

    def pass_time(self, seconds: float | None = None) -> None:
        """Let the alarm go off after so many seconds; None = when it is set to."""
        due = self.alarm_in_s
        assert due is not None
        self.clock.now_s += due if seconds is None else seconds
        self.actor.handle(DeadlineReached())

    # What came out

    def told(self, kind: type[N]) -> list[N]:
        return self.queue.of(kind)

    @property
    def positions(self) -> list[tuple[int, int, bool]]:
        """Chain, frames, and whether it advances, of every position that was told."""
        return [(p.chain_id, p.frames, p.advancing) for p in self.told(PositionUpdated)]

    @property
    def heard(self) -> Block:
        return self.device.heard

    @property
    def alarm_in_s(self) -> float | None:
        """How far off the alarm is."""
        at = self.address.inbox.deadline_s
        return None if at is None else at - self.clock.now_s


def moved(of: Slot, frames: int, chain: int) -> Slot:
    """The same occurrence from a later frame on: a seek."""
    return replace(of, chain=ChainId(chain), offset=frames_to_ticks(frames, RATE_HZ))
