"""Inboxes, and the four ways to put a question into one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pykka
import pytest
from pykka._envelope import Envelope

from actors.address import CallReply, DeadlineReached, Inbox, InboxAddress, LoopReply, Reply
from tests.actors.peers import PATIENCE_S, Perform, Performer, Spy, start


@pytest.fixture
def address() -> Iterator[InboxAddress[Any]]:
    """The address of a running actor."""
    place: InboxAddress[Any] = InboxAddress("performer")
    start(Performer(place))
    yield place
    place.request_stop().get(PATIENCE_S)


def fail(_: Performer) -> Any:
    raise LookupError("nothing there")


def _append(done: list[int], number: int, _: Performer) -> None:
    done.append(number)


def waiting_in(inbox: Inbox) -> list[Any]:
    messages = []
    while not inbox.empty():
        messages.append(inbox.get().message)
    return messages


# The inbox


def test_messages_come_out_in_the_order_they_went_in() -> None:
    address: InboxAddress[int] = InboxAddress("nobody")
    for number in range(5):
        address.tell(number)
    assert waiting_in(address.inbox) == [0, 1, 2, 3, 4]


def test_the_alarm_comes_when_it_is_due_and_once() -> None:
    inbox = Inbox()
    inbox.deadline_s = due_s = time.monotonic() + 0.02
    message = inbox.get().message
    assert isinstance(message, DeadlineReached)
    assert time.monotonic() >= due_s
    assert inbox.deadline_s is None


def test_what_waits_comes_before_the_alarm_even_an_overdue_one() -> None:
    inbox = Inbox()
    inbox.deadline_s = time.monotonic() - 1.0
    inbox.put(Envelope("waiting"))
    assert inbox.get().message == "waiting"
    assert inbox.deadline_s is not None
    assert isinstance(inbox.get().message, DeadlineReached)


def test_a_message_wakes_before_the_alarm_and_leaves_it_set() -> None:
    address: InboxAddress[str] = InboxAddress("nobody")
    address.inbox.deadline_s = later_s = time.monotonic() + 3600
    address.tell("now")
    assert address.inbox.get().message == "now"
    assert address.inbox.deadline_s == later_s


def test_an_inbox_is_empty_until_something_is_put_in() -> None:
    inbox = Inbox()
    assert inbox.empty()
    inbox.put(Envelope("something"))
    assert not inbox.empty()


def test_telling_a_place_where_nobody_lives_does_not_raise() -> None:
    address: InboxAddress[str] = InboxAddress("nobody")
    address.tell("is anybody there?")
    assert waiting_in(address.inbox) == ["is anybody there?"]


# Asking and waiting


def test_asking_returns_what_the_handler_returned(address: InboxAddress[Any]) -> None:
    assert address.ask(Perform(lambda _: 42), timeout_s=PATIENCE_S) == 42


def test_asking_raises_what_the_handler_raised() -> None:
    address: InboxAddress[Any] = InboxAddress("mortal")
    start(Performer(address))
    with pytest.raises(LookupError, match="nothing there"):
        address.ask(Perform(fail), timeout_s=PATIENCE_S)


def test_asking_a_silent_place_gives_up_and_says_who_was_silent() -> None:
    address: InboxAddress[Any] = InboxAddress("sleeper")
    with pytest.raises(pykka.Timeout, match=r"sleeper gave no answer in 0\.01 s"):
        address.ask(Perform(lambda _: 1), timeout_s=0.01)


def test_a_late_answer_to_a_question_given_up_hurts_nobody() -> None:
    address: InboxAddress[Any] = InboxAddress("late riser")
    with pytest.raises(pykka.Timeout):
        address.ask(Perform(lambda _: 1), timeout_s=0.001)
    start(Performer(address))
    assert address.ask(Perform(lambda _: 2), timeout_s=PATIENCE_S) == 2
    address.request_stop().get(PATIENCE_S)


def test_stopping_lets_what_waits_be_handled_first() -> None:
    address: InboxAddress[Any] = InboxAddress("worker")
    done: list[int] = []
    for number in range(3):
        address.tell(Perform(partial(_append, done, number)))
    performer = Performer(address)
    start(performer)
    address.request_stop().get(PATIENCE_S)
    assert done == [0, 1, 2]
    assert performer.releases == 1


# Asking without waiting


def test_an_answer_can_come_as_a_call(address: InboxAddress[Any]) -> None:
    answers: Spy[int] = Spy()
    address.ask_then(Perform(lambda _: 7), answers.tell)
    assert answers.next() == 7


def test_an_exception_is_not_called_an_answer() -> None:
    answers: list[int] = []
    reply: CallReply[int] = CallReply(answers.append)
    reply.set_exception((LookupError, LookupError(), None))
    assert answers == []


# Asking from an event loop


def test_the_event_loop_is_called_back_with_the_answer(address: InboxAddress[Any]) -> None:
    async def ask() -> int:
        loop = asyncio.get_running_loop()
        answer: int = await asyncio.wait_for(
            address.ask_soon(Perform(lambda _: 9), loop), PATIENCE_S
        )
        return answer

    assert asyncio.run(ask()) == 9


def test_the_event_loop_gets_the_handlers_exception() -> None:
    address: InboxAddress[Any] = InboxAddress("mortal")
    start(Performer(address))

    async def ask() -> None:
        await asyncio.wait_for(
            address.ask_soon(Perform(fail), asyncio.get_running_loop()), PATIENCE_S
        )

    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(ask())


def test_the_event_loop_goes_on_while_it_waits(address: InboxAddress[Any]) -> None:
    async def ask() -> list[str]:
        order: list[str] = []
        loop = asyncio.get_running_loop()
        released = asyncio.Event()
        gate: Spy[str] = Spy()

        def answer_when_released(_: Performer) -> str:
            return gate.next()

        async def other_work() -> None:
            order.append("other work")
            released.set()
            gate.tell("answer")

        question = address.ask_soon(Perform(answer_when_released), loop)
        work = asyncio.create_task(other_work())
        order.append(await asyncio.wait_for(question, PATIENCE_S))
        await work
        return order

    assert asyncio.run(ask()) == ["other work", "answer"]


def settle_late(settle: Callable[[LoopReply[int]], None]) -> None:
    async def give_up_first() -> None:
        reply: LoopReply[int] = LoopReply(asyncio.get_running_loop())
        reply.future.cancel()
        settle(reply)
        await asyncio.sleep(0)  # lets the posted call run

    asyncio.run(give_up_first())


def test_an_answer_after_the_asker_has_given_up_is_dropped() -> None:
    settle_late(lambda reply: reply.set(1))
    settle_late(lambda reply: reply.set_exception((OSError, OSError(), None)))


def test_an_answer_after_the_loop_has_closed_is_dropped() -> None:
    loop = asyncio.new_event_loop()
    reply: LoopReply[int] = LoopReply(loop)
    loop.close()
    reply.set(1)
    assert not reply.future.done()


def test_a_reply_without_any_reason_still_raises_something() -> None:
    reply: Reply[int] = Reply()
    reply.set_exception((None, None, None))
    with pytest.raises(RuntimeError, match="no reason"):
        reply.get(PATIENCE_S)
