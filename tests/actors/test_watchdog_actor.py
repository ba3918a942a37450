"""The WatchdogActor without an engine: its peers answer what the test wants."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from actors.actor import Actor
from actors.address import DeadlineReached, InboxAddress
from actors.liveness import BEAT_S, Liveness, Subject, actor_subject
from actors.messages import (
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    GiveSignOfLife,
    PlanChanged,
    PlayerStateChanged,
    RequestDecode,
    RunRound,
    SettingChanged,
    StartMixer,
    StuckState,
    WatchdogInbox,
    WatchdogIntervened,
)
from actors.stuck_states import Sweep
from actors.watchdog_actor import Peers, WatchdogActor
from playback.player import PlayerState
from playback.settings import Settings
from playback.units import ChainId, EntryId
from tests.actors.peers import (
    PATIENCE_S,
    AnsweringPeer,
    CountingTelemetry,
    Hang,
    Perform,
    Spy,
    start,
)
from tests.actors.snapshots import (
    THRESHOLD,
    playing,
    waiting,
    with_decoder,
    with_mixer,
    without_rings,
)


class Rig:
    """A WatchdogActor that was not started, four peers, and the time."""

    def __init__(self, sweep: Sweep | None = None, settings: Settings | None = None) -> None:
        self.now_s = 1000.0
        self.sweep = sweep or playing()
        self.asked: list[type] = []
        self.queue = self._peer(GetQueueSnapshot, lambda: self.sweep.queue)
        self.decoder = self._peer(GetDecoderSnapshot, lambda: self.sweep.decoder)
        self.buffer = self._peer(GetBufferSnapshot, lambda: self.sweep.buffer)
        self.mixer = self._peer(GetMixerSnapshot, lambda: self.sweep.mixer)
        self.telemetry = CountingTelemetry()
        self.listener: Spy[WatchdogIntervened] = Spy()
        self.fed = 0
        self.address: InboxAddress[WatchdogInbox] = InboxAddress("watchdog")
        self.beat = Liveness(
            [Subject("queue", lambda answer: answer())],
            answers=self.address,
            notify=self._feed,
            clock=lambda: self.now_s,
        )
        self.watchdog = WatchdogActor(
            self.address,
            peers=Peers(self.queue, self.decoder, self.buffer, self.mixer),
            liveness=self.beat,
            telemetry=self.telemetry,
            settings=settings or Settings(),
            listeners=(self.listener,),
            clock=lambda: self.now_s,
        )
        self.tell(DeadlineReached())  # the first beat is due at once

    def _peer(self, question: type, snapshot: Callable[[], Any]) -> AnsweringPeer:
        def answer() -> Any:
            self.asked.append(question)
            return snapshot()

        return AnsweringPeer(answer)

    def _feed(self) -> None:
        self.fed += 1

    def tell(self, message: WatchdogInbox) -> Any:
        """Let the actor handle a message, and what it has told itself meanwhile."""
        answer = self.watchdog.handle(message)
        while not self.address.inbox.empty():
            self.watchdog.handle(self.address.inbox.get().message)
        return answer

    def run_round(self) -> tuple[StuckState, ...]:
        answer: tuple[StuckState, ...] = self.tell(RunRound())
        return answer

    @property
    def round_due_in_s(self) -> float | None:
        """How long until the alarm; None if the next thing due is a beat."""
        alarm_s = self.address.inbox.deadline_s
        assert alarm_s is not None
        return None if alarm_s == self.beat.due_s else alarm_s - self.now_s

    def pass_s(self, seconds: float) -> None:
        """Let time pass; the alarm rings whenever it is due."""
        end_s = self.now_s + seconds
        while (alarm_s := self.address.inbox.deadline_s) is not None and alarm_s <= end_s:
            self.now_s = max(self.now_s, alarm_s)
            self.address.inbox.deadline_s = None
            self.tell(DeadlineReached())
        self.now_s = end_s


ORDER = [GetQueueSnapshot, GetDecoderSnapshot, GetBufferSnapshot, GetMixerSnapshot]


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "actors.watchdog_actor" and record.levelno == logging.WARNING
    ]


# A round


def test_a_healthy_round_asks_each_peer_once_in_flow_order_and_tells_nobody_anything() -> None:
    rig = Rig()
    assert rig.run_round() == ()
    assert rig.asked == ORDER
    told = (rig.queue, rig.decoder, rig.buffer, rig.mixer, rig.listener)
    assert [peer.received for peer in told] == [[], [], [], [], []]
    assert rig.telemetry.interventions == []
    assert rig.telemetry.rounds == 1


MISSING = StuckState.MISSING_CURRENT_BUFFER
CASES = [
    (
        without_rings(waiting(), 1),
        MISSING,
        11,
        "Current passage 11 has no buffer. Intervention: Requesting immediate decode",
        [RequestDecode(ChainId(1))],
        [],
    ),
    (
        waiting(level=THRESHOLD),
        StuckState.MIXER_NOT_STARTED,
        11,
        "Current passage 11 is buffered but the mixer is idle. Intervention: Starting the mixer",
        [],
        [StartMixer()],
    ),
    (
        without_rings(playing(), 2),
        StuckState.MISSING_NEXT_BUFFER,
        12,
        "Next passage 12 has no buffer. Intervention: Requesting next decode",
        [RequestDecode(ChainId(2))],
        [],
    ),
    (
        without_rings(playing(), 4),
        StuckState.MISSING_QUEUED_BUFFER,
        14,
        "Queued passage 14 has no buffer. Intervention: Requesting prefetch decode",
        [RequestDecode(ChainId(4))],
        [],
    ),
]


@pytest.mark.intervention_expected
@pytest.mark.parametrize(
    ("sweep", "kind", "entry", "words", "to_decoder", "to_mixer"),
    CASES,
    ids=[case[1].value for case in CASES],
)
def test_a_stuck_state_is_logged_counted_told_and_cured_in_one_round(
    sweep: Sweep,
    kind: StuckState,
    entry: int,
    words: str,
    to_decoder: list[Any],
    to_mixer: list[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(sweep)
    assert rig.run_round() == (kind,)
    assert rig.asked == ORDER * 2
    failure = f"[WATCHDOG] Event system failure detected: {words}."
    assert lines(caplog) == [f"{failure} This indicates a bug in event-driven logic."]
    assert rig.telemetry.interventions == [(kind.value, entry)]
    assert rig.listener.received == [WatchdogIntervened(kind.value, EntryId(entry), 1)]
    assert rig.decoder.received == to_decoder
    assert rig.mixer.received == to_mixer


@pytest.mark.intervention_expected
def test_several_stuck_entries_are_cured_in_one_round_and_counted_on() -> None:
    rig = Rig(without_rings(playing(), 2, 3))
    kinds = (StuckState.MISSING_NEXT_BUFFER, StuckState.MISSING_QUEUED_BUFFER)
    assert rig.run_round() == kinds
    assert rig.run_round() == kinds
    assert [event.total for event in rig.listener.received] == [1, 2, 3, 4]


@pytest.mark.intervention_expected
def test_a_decoder_that_lost_the_plan_is_given_it_and_begins_the_chain_by_that_alone() -> None:
    rig = Rig(with_decoder(without_rings(waiting(), 1), plan_version=6, chains=frozenset()))
    assert rig.run_round() == (MISSING,)
    assert rig.decoder.received == [PlanChanged(rig.sweep.queue.plan)]


@pytest.mark.intervention_expected
def test_a_decoder_that_lost_plan_and_ring_is_asked_to_begin_anew_as_well() -> None:
    rig = Rig(with_decoder(without_rings(waiting(), 1), plan_version=6))
    rig.run_round()
    assert rig.decoder.received == [
        PlanChanged(rig.sweep.queue.plan),
        RequestDecode(ChainId(1)),
    ]


@pytest.mark.intervention_expected
def test_a_mixer_that_lost_the_plan_is_given_it_before_it_starts() -> None:
    rig = Rig(with_mixer(waiting(level=THRESHOLD), plan_version=6))
    rig.run_round()
    assert rig.mixer.received == [PlanChanged(rig.sweep.queue.plan), StartMixer()]


@pytest.mark.intervention_expected
def test_a_mixer_that_cannot_start_though_asked_to_is_given_a_new_ring() -> None:
    rig = Rig(waiting(level=THRESHOLD))
    rig.run_round()
    assert rig.decoder.received == []
    rig.run_round()
    assert rig.decoder.received == [RequestDecode(ChainId(1))]


def test_what_the_second_sweep_does_not_confirm_is_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig()
    sweeps = iter([without_rings(playing(), 2), playing()])

    def next_sweep() -> Any:
        rig.sweep = next(sweeps)
        rig.asked.append(GetQueueSnapshot)
        return rig.sweep.queue

    rig.queue.answer = next_sweep
    assert rig.run_round() == ()
    assert rig.asked == ORDER * 2
    assert lines(caplog) == []
    assert rig.telemetry.interventions == []


# Peers that do not answer


def silent() -> Any:
    raise pykka.Timeout("buffer gave no answer in 1 s")


def test_a_silent_peer_ends_the_round_is_logged_once_and_is_no_intervention(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(without_rings(waiting(), 1))
    rig.buffer.answer = silent
    for _ in range(3):
        assert rig.run_round() == ()
    assert rig.asked == [GetQueueSnapshot, GetDecoderSnapshot] * 3
    assert lines(caplog) == ["Watchdog rounds end early: buffer gave no answer in 1 s"]
    assert rig.telemetry.interventions == []


def test_a_peer_that_falls_silent_again_is_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    answers = rig.buffer.answer
    for answer in (silent, answers, silent):
        rig.buffer.answer = answer
        rig.run_round()
    assert len(lines(caplog)) == 2


def test_a_peer_that_dies_of_the_question_does_not_take_the_watchdog_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def die() -> Any:
        raise ZeroDivisionError

    rig = Rig()
    rig.mixer.answer = die
    assert rig.run_round() == ()
    assert lines(caplog) == ["Watchdog rounds end early: ZeroDivisionError()"]


def test_silence_in_the_second_sweep_ends_the_round_as_well() -> None:
    rig = Rig(without_rings(waiting(), 1))
    answer_once = rig.mixer.answer

    def answer() -> Any:
        rig.mixer.answer = silent
        return answer_once()

    rig.mixer.answer = answer
    assert rig.run_round() == ()
    assert rig.asked == [*ORDER, *ORDER[:3]]
    assert rig.decoder.received == []


# When


def test_playing_arms_the_rounds_and_they_do_not_drift() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    assert rig.round_due_in_s == pytest.approx(0.1)
    rig.pass_s(2.05)
    assert rig.telemetry.rounds == 20
    assert rig.round_due_in_s == pytest.approx(0.05)


def test_rounds_that_were_missed_are_not_made_up_for() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.now_s += 0.97
    rig.tell(DeadlineReached())
    assert rig.telemetry.rounds == 1
    assert rig.round_due_in_s == pytest.approx(0.03)


@pytest.mark.parametrize("state", [PlayerState.PAUSE, PlayerState.STOP])
def test_not_playing_disarms_them_and_only_the_beat_wakes_the_actor(state: PlayerState) -> None:
    rig = Rig()
    assert rig.round_due_in_s is None
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.tell(PlayerStateChanged(state))
    assert rig.round_due_in_s is None
    assert rig.address.inbox.deadline_s == 1000.0 + BEAT_S
    rig.pass_s(60.0)
    assert rig.telemetry.rounds == 0
    assert rig.asked == []


def test_hearing_again_that_it_plays_puts_no_round_off() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.now_s += 0.09
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    assert rig.round_due_in_s == pytest.approx(0.01)


def test_a_new_interval_holds_from_now_on() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.tell(SettingChanged("watchdog_interval_ms", 100, 10))
    rig.pass_s(1.005)
    assert rig.telemetry.rounds == 100


def test_rounds_can_be_switched_off_and_on_while_playing() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.tell(SettingChanged("watchdog_enabled", 1, 0))
    assert rig.round_due_in_s is None
    rig.tell(SettingChanged("watchdog_enabled", 0, 1))
    assert rig.round_due_in_s == pytest.approx(0.1)


def test_switched_off_from_the_start_there_are_no_rounds() -> None:
    rig = Rig(settings=Settings(watchdog_enabled=0))
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.pass_s(BEAT_S - 1)
    assert rig.telemetry.rounds == 0


def test_other_settings_are_none_of_its_business() -> None:
    rig = Rig()
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.now_s += 0.05
    rig.tell(SettingChanged("maximum_decode_streams", 12, 4))
    assert rig.round_due_in_s == pytest.approx(0.05)


# The beat


@pytest.mark.parametrize("enabled", [0, 1])
def test_the_beat_goes_on_whether_rounds_run_or_not(enabled: int) -> None:
    rig = Rig(settings=Settings(watchdog_enabled=enabled, watchdog_interval_ms=2000))
    rig.tell(PlayerStateChanged(PlayerState.PLAY))
    rig.pass_s(2 * BEAT_S)
    assert rig.fed == 3
    assert rig.telemetry.rounds == enabled * 30


def test_it_gives_a_sign_of_life_itself() -> None:
    assert Rig().tell(GiveSignOfLife()) is None


# Real threads


class Answering(Actor[Any]):
    """A peer that does nothing but answer."""

    def __init__(self, address: InboxAddress[Any], answer: object) -> None:
        super().__init__(address)
        self._answer = answer

    def handle(self, message: Any) -> object:
        return message.do(self) if isinstance(message, Perform) else self._answer


class House:
    """A running WatchdogActor between four running peers."""

    def __init__(self, sweep: Sweep, settings: Settings | None = None, **others: Any) -> None:
        answers = (sweep.queue, sweep.decoder, sweep.buffer, sweep.mixer)
        names = ("queue", "decoder", "buffer", "mixer")
        self.peers = [InboxAddress[Any](name) for name in names]
        self.address: InboxAddress[WatchdogInbox] = InboxAddress("watchdog")
        self.fed: Spy[str] = Spy()
        self.telemetry = CountingTelemetry()
        self.beat = Liveness(
            [actor_subject(peer, deadline_s=0.05) for peer in self.peers],
            answers=self.address,
            notify=lambda: self.fed.tell("fed"),
        )
        for address, answer in zip(self.peers, answers, strict=True):
            start(Answering(address, answer))
        start(
            WatchdogActor(
                self.address,
                peers=Peers(*self.peers),
                liveness=self.beat,
                telemetry=self.telemetry,
                settings=settings or Settings(watchdog_interval_ms=10),
                **others,
            )
        )

    def stop(self) -> None:
        for address in (self.address, *self.peers):
            address.request_stop().get(PATIENCE_S)


@pytest.fixture
def house() -> Iterator[House]:
    house = House(playing(), ask_timeout_s=0.01)
    yield house
    house.stop()


def test_a_running_watchdog_runs_rounds_while_playing_and_feeds_systemd(house: House) -> None:
    house.address.tell(PlayerStateChanged(PlayerState.PLAY))
    for _ in range(3):
        assert house.telemetry.round_over.acquire(timeout=PATIENCE_S)
    assert house.fed.next() == "fed"
    assert house.beat.healthy


def test_a_hung_peer_is_named_while_rounds_and_commands_go_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.fed.next()
    hang = Hang(house.peers[2])
    hang.wait_until_hung()
    house.beat._next_beat_s = time.monotonic()  # a beat now
    house.address.tell(PlayerStateChanged(PlayerState.PLAY))
    while house.beat.healthy:
        assert house.telemetry.round_over.acquire(timeout=PATIENCE_S)
    assert house.beat.ailment() == "no sign of life from buffer"
    assert house.address.ask(RunRound(), timeout_s=PATIENCE_S) == ()
    assert house.fed.received == ["fed"]
    hang.let_go()
    assert house.fed.next() == "fed"
    assert house.beat.healthy
    assert len(lines(caplog)) == 1


def test_a_whole_round_with_its_asks_costs_less_than_a_millisecond_of_cpu() -> None:
    house = House(playing(12), Settings(watchdog_enabled=0))
    house.fed.next()
    rounds = 200
    began_s = time.process_time()
    for _ in range(rounds):
        house.address.ask(RunRound(), timeout_s=PATIENCE_S)
    cost_s = (time.process_time() - began_s) / rounds
    house.stop()
    assert house.telemetry.rounds == rounds
    assert cost_s < 1e-3
