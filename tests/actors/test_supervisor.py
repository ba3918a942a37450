"""Places: a successor on the same inbox, and when to give up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from actors.address import InboxAddress
from actors.supervisor import LIMIT, WINDOW_S, Deaths, Place
from tests.actors.peers import PATIENCE_S, CountingTelemetry, Hang, Perform, Performer, Spy


def die(_: Performer) -> None:
    raise LookupError("broken")


def note(done: list[tuple[int, Performer]], number: int, self: Performer) -> None:
    done.append((number, self))


class House:
    """One place, and everything that is told about it."""

    def __init__(self, build: Callable[[Place], Performer] | None = None) -> None:
        self.address: InboxAddress[Any] = InboxAddress("performer")
        self.built: list[Performer] = []
        self.given_up: Spy[str] = Spy()
        self.restarted: Spy[str] = Spy()
        self.telemetry = CountingTelemetry()
        self.now_s = 1000.0
        self.deaths = Deaths(lambda: self.given_up.tell("over"), clock=lambda: self.now_s)
        self.place = Place(
            self.address,
            build or self.build,
            deaths=self.deaths,
            telemetry=self.telemetry,
            on_restart=self.restarted.tell,
        )

    def build(self, place: Place) -> Performer:
        self.built.append(Performer(self.address, place))
        return self.built[-1]

    def who(self) -> Performer:
        """Return the instance that lives at the place."""
        who: Performer = self.address.ask(Perform(lambda self: self), timeout_s=PATIENCE_S)
        return who

    def kill(self) -> None:
        self.address.tell(Perform(die))
        self.restarted.next()


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    house.place.start()
    yield house
    assert house.place.stop(PATIENCE_S)


def test_a_dead_actor_has_a_successor_on_the_same_address(house: House) -> None:
    first = house.who()
    house.kill()
    second = house.who()
    assert second is not first
    assert house.built == [first, second]
    assert first.releases == 1


def test_the_successor_handles_what_was_waiting_in_order(house: House) -> None:
    done: list[tuple[int, Performer]] = []
    hold: Spy[str] = Spy()
    house.address.tell(Perform(lambda _: hold.next()))
    house.address.tell(Perform(die))
    for number in range(3):
        house.address.tell(Perform(partial(note, done, number)))
    hold.tell("go")
    second = house.who()
    assert second is house.built[1]
    assert done == [(0, second), (1, second), (2, second)]


def test_a_death_by_question_is_answered_and_replaced_as_well(house: House) -> None:
    first = house.who()
    with pytest.raises(LookupError, match="broken"):
        house.address.ask(Perform(die), timeout_s=PATIENCE_S)
    assert house.who() is not first


def test_a_death_is_logged_once_and_counted(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="actors.supervisor"):
        house.kill()
    lines = [record for record in caplog.records if record.name == "actors.supervisor"]
    assert [line.getMessage() for line in lines] == [
        "performer died and is replaced: LookupError('broken')"
    ]
    assert house.telemetry.restarts == ["performer"]


def test_the_restart_is_told_before_the_successor_can_answer_anybody() -> None:
    house = House()
    order: list[str] = []

    def build(place: Place) -> Performer:
        order.append("built")
        return house.build(place)

    house.place = Place(
        house.address,
        build,
        deaths=house.deaths,
        telemetry=house.telemetry,
        on_restart=lambda name: order.append(f"told: {name}"),
    )
    house.place.start()
    house.address.tell(Perform(die))
    house.who()
    assert order == ["built", "told: performer", "built"]
    assert house.place.stop(PATIENCE_S)


# Giving up


def test_three_deaths_in_a_minute_end_the_process(house: House) -> None:
    for _ in range(LIMIT - 1):
        house.kill()
        house.now_s += WINDOW_S / 2 - 1
    house.who()
    assert house.given_up.received == []
    house.kill()
    assert house.given_up.next() == "over"


def test_three_deaths_in_more_than_a_minute_do_not(house: House) -> None:
    for _ in range(3 * LIMIT):
        house.kill()
        house.now_s += WINDOW_S / 2
    house.who()
    assert house.given_up.received == []


def test_deaths_of_different_places_count_together() -> None:
    given_up: list[str] = []
    deaths = Deaths(lambda: given_up.append("over"), clock=lambda: 0.0)
    assert [deaths.note(), deaths.note(), deaths.note()] == [True, True, False]
    assert given_up == ["over"]


def test_the_last_one_to_die_has_a_successor_too_so_that_an_orderly_stop_works(
    house: House,
) -> None:
    for _ in range(LIMIT):
        house.kill()
    assert house.who() is house.built[LIMIT]
    assert house.place.stop(PATIENCE_S)


def test_a_successor_that_cannot_be_built_is_a_death_and_tried_again() -> None:
    failures = [OSError("no threads left")]
    house = House()

    def build(place: Place) -> Performer:
        if house.built and failures:
            raise failures.pop()
        return house.build(place)

    house.place._build = build
    house.place.start()
    first = house.who()
    house.address.tell(Perform(die))
    assert house.who() is not first
    assert house.telemetry.restarts == ["performer", "performer"]
    assert house.place.stop(PATIENCE_S)


def test_a_successor_that_can_never_be_built_ends_the_process() -> None:
    house = House()

    def build(place: Place) -> Performer:
        if house.built:
            raise OSError("no threads left")
        return house.build(place)

    house.place._build = build
    house.place.start()
    house.address.tell(Perform(die))
    assert house.given_up.next() == "over"
    assert house.telemetry.restarts == ["performer"] * LIMIT


# Stopping


def test_stopping_a_place_that_was_never_started_is_done_at_once() -> None:
    assert House().place.stop(PATIENCE_S)


def test_stopping_twice_is_stopping_once(house: House) -> None:
    assert house.place.stop(PATIENCE_S)
    assert house.place.stop(PATIENCE_S)
    assert house.built[0].releases == 1


def test_an_actor_that_dies_while_being_stopped_leaves_nothing_undone(house: House) -> None:
    done: list[str] = []
    hold: Spy[str] = Spy()
    house.address.tell(Perform(lambda _: hold.next()))
    house.address.tell(Perform(die))
    house.address.tell(Perform(lambda _: done.append("saved")))
    hold.tell("go")
    assert house.place.stop(PATIENCE_S)
    assert done == ["saved"]
    assert [each.releases for each in house.built] == [1, 1]


def test_there_is_never_a_second_instance_beside_a_hung_one(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    hang = Hang(house.address)
    hang.wait_until_hung()
    with caplog.at_level(logging.WARNING, logger="actors.supervisor"):
        assert not house.place.stop(0.01)
    assert "performer did not stop within 0.01 s" in caplog.text
    assert len(house.built) == 1
    assert house.telemetry.restarts == []
    hang.let_go()
    assert house.place.stop(PATIENCE_S)
    assert len(house.built) == 1


def test_a_successor_that_has_ended_before_its_start_returned_is_not_waited_for_again() -> None:
    house = House()
    dying: Spy[threading.Thread] = Spy()
    stopped = threading.Event()

    class Quick(Performer):
        def _start_actor_loop(self) -> None:
            super()._start_actor_loop()
            if self is not house.built[0]:
                dying.tell(threading.current_thread())
                stopped.wait(PATIENCE_S)

    def build(place: Place) -> Performer:
        house.built.append(Quick(house.address, place))
        return house.built[-1]

    house.place._build = build
    house.place.start()
    house.address.tell(Perform(die))
    assert house.place.stop(PATIENCE_S)
    stopped.set()
    dying.next().join(PATIENCE_S)
    assert house.place.stop(PATIENCE_S)
