"""The slow beat: who is asked, who is silent, and when systemd is fed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from actors.address import InboxAddress
from actors.liveness import (
    BEAT_S,
    DEADLINE_S,
    PATIENT_DEADLINE_S,
    Liveness,
    Subject,
    actor_subject,
    loop_subject,
)
from actors.messages import SignOfLife
from tests.actors.peers import PATIENCE_S, Hang, Perform, Performer, Spy, start
from tests.waiting import until


class Rig:
    """A beat over subjects that answer when the test says so."""

    def __init__(self, *names: str, patient: tuple[str, ...] = ()) -> None:
        self.now_s = 1000.0
        self.asked: list[str] = []
        self.fed = 0
        self.answers: Spy[SignOfLife] = Spy()
        self._pending: dict[str, list[Callable[[], None]]] = {}
        subjects = [self._subject(name, DEADLINE_S) for name in names]
        subjects += [self._subject(name, PATIENT_DEADLINE_S) for name in patient]
        self.beat = Liveness(
            subjects, answers=self.answers, notify=self._feed, clock=lambda: self.now_s
        )

    def _subject(self, name: str, deadline_s: float) -> Subject:
        def ask(answer: Callable[[], None]) -> None:
            self.asked.append(name)
            self._pending.setdefault(name, []).append(answer)

        return Subject(name, ask, deadline_s)

    def _feed(self) -> None:
        self.fed += 1

    def answer(self, *names: str) -> None:
        """Let subjects answer all they were asked, and the WatchdogActor handle it."""
        for name in names:
            for answer in self._pending.pop(name):
                answer()
                self.beat.heard(self.answers.next().name)

    def pass_s(self, seconds: float) -> None:
        """Let time pass; ``run`` is called whenever it is due, as the inbox's alarm does."""
        end_s = self.now_s + seconds
        while self.beat.due_s <= end_s:
            self.now_s = max(self.now_s, self.beat.due_s)
            self.beat.run()
        self.now_s = end_s


def test_the_first_beat_is_due_at_once_and_asks_everybody() -> None:
    rig = Rig("queue", "mixer", patient=("storage",))
    rig.pass_s(0)
    assert rig.asked == ["queue", "mixer", "storage"]


def test_systemd_is_fed_when_the_last_one_has_answered_and_once_per_beat() -> None:
    rig = Rig("queue", "mixer")
    rig.pass_s(0)
    rig.answer("queue")
    assert rig.fed == 0
    rig.answer("mixer")
    assert rig.fed == 1
    rig.beat.heard("mixer")
    assert rig.fed == 1


def test_a_beat_comes_every_thirty_seconds_and_nothing_in_between_when_all_answer() -> None:
    rig = Rig("queue", "mixer", patient=("storage",))
    began_s = rig.now_s
    for number in range(1, 6):
        rig.pass_s(0)
        rig.answer("queue", "mixer", "storage")
        assert rig.fed == number
        assert rig.beat.due_s == began_s + number * BEAT_S
        rig.pass_s(BEAT_S)


def test_a_late_beat_does_not_shift_the_ones_after_it() -> None:
    rig = Rig("queue")
    began_s = rig.now_s
    rig.pass_s(0)
    rig.answer("queue")
    rig.now_s += 2 * BEAT_S + 7
    rig.beat.run()
    assert rig.beat._next_beat_s == began_s + 3 * BEAT_S
    assert rig.asked == ["queue", "queue"]


def test_who_has_not_answered_in_five_seconds_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig("queue", "mixer")
    rig.pass_s(0)
    rig.answer("queue")
    rig.pass_s(DEADLINE_S - 0.1)
    assert rig.beat.healthy
    assert rig.beat.ailment() is None
    with caplog.at_level(logging.ERROR):
        rig.pass_s(0.1)
    assert rig.beat.silent == ("mixer",)
    assert not rig.beat.healthy
    assert rig.beat.ailment() == "no sign of life from mixer"
    assert [record.getMessage() for record in caplog.records] == [
        "mixer has given no sign of life for 5 s"
    ]


def test_systemd_is_not_fed_while_anybody_is_silent() -> None:
    rig = Rig("queue", "mixer")
    for _ in range(4):
        rig.pass_s(0)
        rig.answer("queue")
        rig.pass_s(BEAT_S)
    assert rig.fed == 0


def test_a_silent_one_is_reported_once_however_long_it_lasts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig("mixer")
    with caplog.at_level(logging.ERROR):
        rig.pass_s(10 * BEAT_S)
    assert len(caplog.records) == 1


def test_who_answers_late_is_well_again_and_systemd_is_fed() -> None:
    rig = Rig("queue", "mixer")
    rig.pass_s(0)
    rig.answer("queue")
    rig.pass_s(DEADLINE_S + 1)
    assert rig.fed == 0
    rig.answer("mixer")
    assert rig.beat.healthy
    assert rig.fed == 1


def test_a_question_that_died_with_its_actor_is_asked_again_at_the_next_beat() -> None:
    rig = Rig("mixer")
    rig.pass_s(0)
    del rig._pending["mixer"]
    rig.pass_s(BEAT_S)
    assert rig.beat.silent == ("mixer",)
    rig.answer("mixer")
    assert rig.beat.healthy


def test_who_works_with_the_disk_has_thirty_seconds_and_does_not_hold_up_the_feeding() -> None:
    rig = Rig("queue", patient=("storage",))
    rig.pass_s(0)
    rig.answer("queue")
    assert rig.fed == 1
    rig.pass_s(PATIENT_DEADLINE_S - 0.1)
    assert rig.beat.healthy
    rig.pass_s(0.1)
    assert rig.beat.silent == ("storage",)
    rig.answer("queue")
    assert rig.fed == 1


def test_all_silent_ones_are_named() -> None:
    rig = Rig("queue", "mixer", "decoder")
    rig.pass_s(0)
    rig.answer("queue")
    rig.pass_s(DEADLINE_S)
    assert rig.beat.ailment() == "no sign of life from decoder, mixer"


def test_a_beat_that_has_stopped_is_an_ailment_of_the_watchdog_itself() -> None:
    rig = Rig("queue")
    rig.pass_s(0)
    rig.answer("queue")
    rig.now_s += BEAT_S + DEADLINE_S
    assert rig.beat.healthy
    rig.now_s += DEADLINE_S + 0.1
    assert rig.beat.silent == ("WatchdogActor",)


def test_no_subjects_are_all_well() -> None:
    rig = Rig()
    rig.pass_s(0)
    assert rig.beat.healthy


# Who is at rest


def test_who_is_at_rest_is_not_asked_and_counts_as_alive() -> None:
    resting, asked, fed = [True], Spy[str](), Spy[bool]()
    beat = Liveness(
        [Subject("mixer", lambda _: asked.tell("mixer"), at_rest=lambda: resting[0])],
        answers=Spy[SignOfLife](),
        notify=lambda: fed.tell(True),
    )
    beat.run()
    assert (asked.received, fed.received) == ([], [True])


def test_systemd_is_fed_only_once_those_at_work_have_answered_too() -> None:
    rig = Rig("mixer")
    resting = Subject("queue", lambda _: rig.asked.append("queue"), at_rest=lambda: True)
    rig.beat = Liveness(
        [resting, rig._subject("mixer", DEADLINE_S), replace(resting, name="buffer")],
        answers=rig.answers,
        notify=rig._feed,
        clock=lambda: rig.now_s,
    )
    rig.pass_s(0)
    assert (rig.asked, rig.fed) == (["mixer"], 0)
    rig.answer("mixer")
    assert rig.fed == 1


def test_who_was_silent_and_is_at_rest_now_gives_signs_of_life_again() -> None:
    resting = [False]
    now_s = [0.0]
    beat = Liveness(
        [Subject("mixer", lambda _: None, at_rest=lambda: resting[0])],
        answers=Spy[SignOfLife](),
        notify=lambda: None,
        clock=lambda: now_s[0],
    )
    beat.run()
    now_s[0] = DEADLINE_S
    beat.run()
    assert beat.silent == ("mixer",)
    resting[0] = True
    now_s[0] = BEAT_S
    beat.run()
    assert beat.healthy


def test_an_actor_that_waits_for_messages_is_at_rest_and_one_that_hangs_is_not() -> None:
    address: InboxAddress[Any] = InboxAddress("mixer")
    subject = actor_subject(address)
    assert not subject.at_rest()  # nobody reads there yet
    hang = Hang(address)
    start(Performer(address))
    hang.wait_until_hung()
    assert not subject.at_rest()
    address.tell(Perform(lambda _: None))
    assert not subject.at_rest()
    hang.let_go()
    until(subject.at_rest, "it has nothing to do")
    address.request_stop().get(PATIENCE_S)
    assert not subject.at_rest()


# Real subjects


def ask(subject: Subject) -> Spy[str]:
    answers: Spy[str] = Spy()
    subject.ask(lambda: answers.tell(subject.name))
    return answers


def test_a_running_actor_gives_a_sign_of_life() -> None:
    address: InboxAddress[Any] = InboxAddress("mixer")
    start(Performer(address))
    assert ask(actor_subject(address)).next() == "mixer"
    address.request_stop().get(PATIENCE_S)


def test_a_hung_actor_gives_none_until_it_goes_on() -> None:
    address: InboxAddress[Any] = InboxAddress("mixer")
    hang = Hang(address)
    start(Performer(address))
    hang.wait_until_hung()
    answers = ask(actor_subject(address))
    assert answers.received == []
    hang.let_go()
    assert answers.next() == "mixer"
    address.request_stop().get(PATIENCE_S)


def test_a_running_event_loop_gives_a_sign_of_life() -> None:
    async def serve() -> str:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[str] = loop.create_future()
        subject = loop_subject("server", loop)
        await asyncio.to_thread(subject.ask, lambda: answered.set_result(subject.name))
        return await asyncio.wait_for(answered, PATIENCE_S)

    assert asyncio.run(serve()) == "server"


def test_a_closed_event_loop_gives_none_and_hurts_nobody() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert ask(loop_subject("server", loop)).received == []
