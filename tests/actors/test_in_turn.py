"""Questions to several actors, each put by whoever has answered the one before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.address import InboxAddress
from actors.in_turn import ask_in_turn
from tests.actors.peers import PATIENCE_S, AnsweringPeer, Hang, Perform, Performer, start

NAMES = ("queue", "decoder", "buffer")


@pytest.fixture
def places() -> Iterator[list[InboxAddress[Any]]]:
    """Three running actors."""
    found: list[InboxAddress[Any]] = [InboxAddress(name) for name in NAMES]
    for place in found:
        start(Performer(place))
    yield found
    for place in found:
        place.request_stop().get(PATIENCE_S)


def test_each_answers_in_its_own_thread_and_in_turn(places: list[InboxAddress[Any]]) -> None:
    done: list[str] = []

    def named(place: InboxAddress[Any]) -> Perform:
        def note(_: Performer) -> int:
            done.append(place.name)
            return threading.get_ident()

        return Perform(note)

    threads = ask_in_turn([(place, named(place)) for place in places], timeout_s=PATIENCE_S)

    assert done == list(NAMES)
    assert len({*threads, threading.get_ident()}) == len(NAMES) + 1


def test_what_was_told_before_an_answer_is_handled_before_the_next_one(
    places: list[InboxAddress[Any]],
) -> None:
    """The promise on which rounds of the watchdog rest."""
    first, second, _ = places
    seen: list[str] = []

    def tell_on(_: Performer) -> None:
        second.tell(Perform(lambda _: seen.append("told")))

    answers = ask_in_turn(
        [(first, Perform(tell_on)), (second, Perform(lambda _: list(seen)))], timeout_s=PATIENCE_S
    )

    assert answers == [None, ["told"]]


def test_an_exception_is_raised_and_nobody_behind_is_asked() -> None:
    place: InboxAddress[Any] = InboxAddress("queue")
    start(Performer(place))

    def fail(_: Performer) -> None:
        raise LookupError("nothing there")

    behind = AnsweringPeer(lambda: 1)

    with pytest.raises(LookupError, match="nothing there"):
        ask_in_turn(
            [(place, Perform(fail)), (behind, Perform(lambda _: None))], timeout_s=PATIENCE_S
        )
    assert behind.asked == []


def test_who_does_not_answer_is_named_and_nobody_behind_is_asked_even_later(
    places: list[InboxAddress[Any]],
) -> None:
    hang = Hang(places[1])
    hang.wait_until_hung()
    behind = AnsweringPeer(lambda: 1)

    with pytest.raises(pykka.Timeout, match=r"decoder gave no answer in 0\.05 s"):
        ask_in_turn(
            [
                (places[0], Perform(lambda _: None)),
                (places[1], Perform(lambda _: None)),
                (behind, Perform(lambda _: None)),
            ],
            timeout_s=0.05,
        )
    hang.let_go()
    places[1].ask(Perform(lambda _: None), timeout_s=PATIENCE_S)
    assert behind.asked == []


def test_nobody_to_ask_is_answered_at_once() -> None:
    assert ask_in_turn([], timeout_s=PATIENCE_S) == []
