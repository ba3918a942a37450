"""MixerActor: plays the plan's slots from their rings to the output, one period per credit.

==========================  ====================================================================
receives                    does
==========================  ====================================================================
``StartCurrent``            follows the plan; starts, resumes, or skips to its current slot
``PlanChanged``             follows the plan; what sounds on is not touched
``Pause``, ``Stop``         falls silent within 5 ms from what is heard now
``RingOpened``              takes over a chain's ring
``BufferThresholdReached``  starts the current slot if that was what it waited for
``PeriodPlayed``            reports what has been heard, mixes the next period
``OutputOpened``            plays on; tells that the output is back if it was lost
``DeviceStumbled``          counts an xrun
``DeviceLost``              keeps position, tries again with back-off
``ChooseDevice``            moves to another device and plays on there
``EnableOutput``            switches an output on or off; another clock goes on at the same place
``StartMixer``              (watchdog) looks again whether the current slot can start
==========================  ====================================================================

The sound card is the clock: each period taken is worth one period mixed. A boundary is told
when it is *heard*, not when it is mixed, so throwing mixed frames away never has to take news
back. Nothing is mixed, and no message flows, while nothing sounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, assert_never

from actors import realtime
from actors.actor import Actor, Supervisor
from actors.address import Address, DeadlineReached, InboxAddress
from actors.messages import (
    BufferThresholdReached,
    ChooseDevice,
    CompletionReason,
    DeviceLost,
    DeviceStumbled,
    EnableOutput,
    EngineEvent,
    GetMixerSnapshot,
    GiveSignOfLife,
    MixerInbox,
    MixerSnapshot,
    OutputOpened,
    Pause,
    PeriodPlayed,
    PlanChanged,
    RingDrained,
    RingOpened,
    SettingChanged,
    StartCurrent,
    StartMixer,
    Stop,
)
from actors.mix_news import MixNews
from actors.output import Output
from actors.output_care import HUNG_AFTER_S, PAUSE_CLOSES_S, STOP_CLOSES_S, Due, OutputCare
from actors.playout import Playout
from actors.telemetry import EventPath, Telemetry
from audio.period_mixer import PeriodMixer
from playback.plan import EnginePlan
from playback.player import PlayerState
from playback.units import ms_to_frames

SIDES_END_S: Final = 0.5
"""How long side outputs may take to write the rest; a program then gets the end without it."""


class MixerActor(Actor[MixerInbox]):
    """Owns the output and the mix; decides when to mix, never how.

    Args:
        threshold_ms: decoded audio needed before a start.
        resume_fade_ms: how long the rise from silence after a pause takes.
        hung_after_s: a device that does not answer for so long is lost.
        clock: what alarms are set by.
    """

    def __init__(
        self,
        *,
        address: InboxAddress[MixerInbox],
        supervisor: Supervisor | None = None,
        queue: Address[EngineEvent],
        buffer: Address[RingDrained],
        telemetry: Telemetry,
        output: Output,
        threshold_ms: int,
        resume_fade_ms: int = 20,
        hung_after_s: float = HUNG_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(address, supervisor)
        self._telemetry = telemetry
        self._output = output
        self._rate_hz = output.wanted.rate_hz
        self._mixer = PeriodMixer(rate_hz=self._rate_hz, period=output.wanted.period)
        self._news = MixNews(
            self._mixer, queue=queue, buffer=buffer, telemetry=telemetry, rate_hz=self._rate_hz
        )
        self._threshold = ms_to_frames(threshold_ms, self._rate_hz)
        self._resume_fade = ms_to_frames(resume_fade_ms, self._rate_hz)
        self._care = OutputCare(queue, hung_after_s, clock)
        self._care.enabled = output.clock is not None
        self._playout = Playout(
            mixer=self._mixer,
            output=output,
            news=self._news,
            care=self._care,
            telemetry=telemetry,
        )
        self._plan = EnginePlan(0, PlayerState.STOP)
        self._tail: tuple[int, int] | None = None  # where a pause was heard to fall silent
        self._starts = 0
        self._untold = False  # something has begun, and nobody was told where it is

    def on_start(self) -> None:
        """Pykka's beginning, in the actor's thread: a start is not to wait for decoders."""
        realtime.ask_for()

    def handle(self, message: MixerInbox) -> MixerSnapshot | None:
        """Act on one message."""
        match message:
            case PeriodPlayed():
                self._go_on(message)
            case StartCurrent(plan, sent_s):
                self._start_current(plan, sent_s)
            case PlanChanged(plan):
                self._change_plan(plan)
            case Pause(plan):
                self._pause(plan)
            case Stop(plan):
                self._stop_playing(plan)
            case RingOpened(_, chain, ring):
                self._mixer.add_ring(chain, ring)
                self.start_mixer_for_current()
            case BufferThresholdReached(sent_s=sent_s):
                self._threshold_reached(sent_s)
            case StartMixer():
                self._start_or_resume()
                self._flow()
            case OutputOpened(session, taken):
                if self._output.opened(session, taken, self._mixer.frame):
                    self._output_opened()
            case DeviceStumbled(session):
                if self._output.is_current(session) and not self._playout.held:
                    self._news.stumbled()
            case DeviceLost(session, text, substitute):
                if self._output.is_current(session):
                    self._lose_output(text, substitute=substitute)
            case ChooseDevice(plugin, device):
                self._choose_device(plugin, device)
            case EnableOutput(number, enabled):
                self._enable_output(number, enabled=enabled)
            case SettingChanged(key, _, new):
                if key == "minimum_playback_buffer_ms":
                    self._threshold = ms_to_frames(new, self._rate_hz)
                    self.start_mixer_for_current()
            case GetMixerSnapshot():
                return self._snapshot()
            case DeadlineReached():
                self._look_at_clock()
            case GiveSignOfLife():
                pass
            case _:
                assert_never(message)
        self.inbox.deadline_s = self._care.deadline_s
        return None

    def release(self) -> None:
        """Close the device."""
        if (sink := self._output.close()) is not None:
            sink.join(1.0)
        self._output.sides.close(SIDES_END_S)

    # Following the plan

    def _start_current(self, plan: EnginePlan, sent_s: float) -> None:
        if not self._follow(plan, CompletionReason.SKIPPED):
            return
        if self._start_or_resume():
            self._telemetry.latency(EventPath.PLAY_TO_START, time.monotonic() - sent_s)
        self._flow()

    def _change_plan(self, plan: EnginePlan) -> None:
        if self._follow(plan, CompletionReason.REMOVED):
            self.start_mixer_for_current()

    def _pause(self, plan: EnginePlan) -> None:
        if not self._follow(plan, CompletionReason.REMOVED):
            return
        if self._output.ready and not self._playout.held:
            self._playout.cut()
            if not self._mixer.idle:
                self._playout.fall_silent()
                self._tail = self._output.stretch
            self._playout.tell_position(advancing=False)
        self._playout.held = True
        self._mixer.silence()
        self._care.unused(PAUSE_CLOSES_S)

    def _stop_playing(self, plan: EnginePlan) -> None:
        if not self._follow(plan, CompletionReason.STOPPED):
            return
        if self._output.ready and not self._playout.held and not self._mixer.idle:
            self._playout.mix_one()
        self._mixer.silence()
        self._playout.held = False
        self._care.forgive()
        self._care.unused(STOP_CLOSES_S)

    def _follow(self, plan: EnginePlan, reason: CompletionReason) -> bool:
        """Take over a newer plan; False if it is older than the one followed."""
        if plan.version <= self._plan.version:
            return False
        self._plan = plan
        if self._playout.held and plan.state is PlayerState.PLAY and self._care.enabled:
            self._catch_tail()
        stops = plan.state is PlayerState.STOP  # nothing sounds on then, whatever is planned
        ends_sound = stops and (self._mixer.unheard or not self._mixer.idle)
        if not self._playout.held and (
            ends_sound or self._mixer.disturbs(plan, self._playout.heard)
        ):
            self._playout.cut()
        gone = self._mixer.follow(plan)
        for voice in (*gone, *(self._mixer.leave_all() if stops else ())):
            self._news.left(voice, reason)
        if gone and self._mixer.sounding and not self._playout.held:
            self._untold = True  # who sounds on is the first now, wherever it has got to
        if self._playout.held:
            self._mixer.silence()
        self._mixer.set_volume(plan.volume)
        return True

    # Starting

    def _start_or_resume(self) -> bool:
        """Begin the current slot, or let it go on where it is held; return whether it does."""
        if self._playout.held and not self._mixer.idle:
            return (
                self._plan.state is PlayerState.PLAY
                and self._care.enabled
                and self._take_up_again()
            )
        self._playout.held = False
        return self._begin_current()

    def start_mixer_for_current(self) -> None:
        """Start the plan's current slot if everything that takes is there.

        Whoever brings the last missing piece calls this: play, advance, threshold, device back,
        and the watchdog. If nothing is missing, and nothing sounds, sound begins.
        """
        self._begin_current()
        self._flow()

    def _begin_current(self) -> bool:
        """Begin the current slot in the mix, if nothing is missing; return whether it began."""
        if self._plan.state is not PlayerState.PLAY or not self._care.enabled or self._playout.held:
            return False
        if self._plan.slots and not self._care.lost:
            self._playout.open()
        if not self._output.ready or self._mixer.startable(self._threshold) is None:
            return False
        self._playout.cut()
        slot = self._mixer.startable(self._threshold)
        if slot is None:  # going back has brought back what was sounding
            return False
        self._mixer.begin(slot)
        self._starts += 1
        self._untold = True
        return True

    def _threshold_reached(self, sent_s: float) -> None:
        if self._begin_current():
            self._telemetry.latency(EventPath.THRESHOLD_TO_START, time.monotonic() - sent_s)
        self._flow()

    def _take_up_again(self) -> bool:
        """Go on where it was paused or lost, rising from silence; return whether it does."""
        self._playout.open()
        if not self._output.ready:
            return False
        self._playout.held = False
        self._output.go_on_at(self._mixer.frame)
        self._mixer.ramp_up(self._resume_fade)
        self._begin_current()  # it may have run dry when it was paused
        self._untold = True
        return True

    def _flow(self) -> None:
        """Mix what the output has credit for; tell where it is if something has begun."""
        self._playout.fill()
        if self._untold:
            self._untold = False
            self._playout.tell_position(advancing=True)

    def _catch_tail(self) -> None:
        """Go on at once if a pause is so fresh that its tail has not fallen silent yet."""
        if self._tail is None or self._tail != self._output.stretch:
            return
        heard = self._output.cut() - self._mixer.frame
        stood_still = bool(self._mixer.starved)
        if self._mixer.catch_tail(heard, self._resume_fade):
            self._news.rendered(stood_still=stood_still)
            self._playout.held = False
            self._output.go_on_at(self._mixer.frame)
            self._care.used()
            self._playout.tell_position(advancing=True)

    # The flow of periods

    def _go_on(self, played: PeriodPlayed) -> None:
        if not self._output.took(played.session, played.epoch):
            return
        self._care.answered()
        if self._playout.held:
            return
        heard = self._playout.heard
        self._news.heard(heard)
        self._playout.fill()
        self._news.position_if_due(heard)

    def _snapshot(self) -> MixerSnapshot:
        return MixerSnapshot(
            plan_version=self._plan.version,
            sounding=()
            if self._playout.held
            else tuple(slot.chain for slot in self._mixer.sounding),
            output_ready=self._care.enabled and not self._care.lost and not self._output.opening,
            completed=self._mixer.completed,
            starved=() if self._playout.held else self._mixer.starved,
            starts=self._starts,
        )

    # The device

    def _output_opened(self) -> None:
        self._care.has_opened(self._output.format)
        if self._plan.state is not PlayerState.PLAY:
            self._care.unused(STOP_CLOSES_S)
        else:
            self._start_or_resume()
            self._flow()

    def _lose_output(self, text: str, *, substitute: bool = False) -> None:
        reopens = self._playout.lose(text, substitute=substitute)
        if reopens and self._plan.state is PlayerState.PLAY:
            self._playout.open()

    def _choose_device(self, plugin: str, device: str) -> None:
        if self._output.choose(plugin, device):
            self._change_clock()

    def _change_clock(self) -> None:
        self._playout.give_back()
        if self._plan.state is PlayerState.PLAY and self._care.enabled:
            self._playout.open()

    def _enable_output(self, number: int, *, enabled: bool) -> None:
        before = self._output.clock
        self._output.switch(number, enabled=enabled)
        if self._output.clock == before:
            return
        self._care.enabled = self._output.clock is not None
        self._change_clock()

    def _look_at_clock(self) -> None:
        for due in self._care.due():
            match due:
                case Due.HUNG if self._output.opening or self._output.in_flight:
                    self._lose_output("the device does not answer any more")
                case Due.CLOSE:
                    self._output.close()
                    if self._plan.state is PlayerState.STOP:
                        self._output.sides.rest()
                case Due.RETRY if self._plan.state is PlayerState.PLAY and self._care.enabled:
                    self._playout.open()
                case Due.RETRY:
                    self._care.forgive()  # who wants it will ask for it
