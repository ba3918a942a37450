"""One instance's life: what raises ends it, what waits is kept."""

from __future__ import annotations

from typing import Any

import pykka
import pytest

from actors.actor import Actor
from actors.address import InboxAddress
from playback.errors import AckCode, AckError
from tests.actors.peers import PATIENCE_S, Perform, Performer, Spy, start


class Obituaries(Spy[Exception]):
    """A supervisor that replaces nobody."""

    def actor_died(self, error: Exception) -> None:
        self.tell(error)


class RefusalError(AckError):
    """An answer in the shape of an exception."""

    def __init__(self) -> None:
        super().__init__(AckCode.ARG, "no")


def raise_(error: Exception) -> Perform:
    def do(_: Performer) -> Any:
        raise error

    return Perform(do)


@pytest.fixture
def address() -> InboxAddress[Any]:
    return InboxAddress("performer")


@pytest.fixture
def obituaries() -> Obituaries:
    return Obituaries()


@pytest.fixture
def performer(address: InboxAddress[Any], obituaries: Obituaries) -> Performer:
    performer = Performer(address, obituaries)
    start(performer)
    return performer


def registered(actor: Actor[Any]) -> bool:
    return actor.actor_ref in pykka.ActorRegistry.get_all()


def test_an_actor_that_was_not_started_is_an_ordinary_object(address: InboxAddress[Any]) -> None:
    assert Performer(address).handle(Perform(lambda _: 5)) == 5


def test_a_told_message_that_raises_ends_the_actor(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    error = LookupError("broken")
    address.tell(raise_(error))
    assert obituaries.next() is error
    assert performer.releases == 1
    assert not performer.actor_ref.is_alive()


def test_an_asked_message_that_raises_ends_the_actor_and_answers(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    with pytest.raises(LookupError, match="broken"):
        address.ask(raise_(LookupError("broken")), timeout_s=PATIENCE_S)
    assert [str(error) for error in obituaries.received] == ["broken"]
    assert performer.releases == 1
    assert not performer.actor_ref.is_alive()


@pytest.mark.parametrize("way", ["told", "asked"])
def test_a_dead_actor_leaves_pykkas_registry(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries, way: str
) -> None:
    assert registered(performer)
    if way == "told":
        address.tell(raise_(LookupError()))
    else:
        with pytest.raises(LookupError):
            address.ask(raise_(LookupError()), timeout_s=PATIENCE_S)
    obituaries.next()
    assert not registered(performer)


def test_what_waits_behind_the_deadly_message_is_kept(
    address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    done: list[str] = []
    address.tell(Perform(lambda _: done.append("before")))
    address.tell(raise_(LookupError()))
    address.tell(Perform(lambda _: done.append("after")))
    start(Performer(address, obituaries))
    obituaries.next()
    assert done == ["before"]
    start(Performer(address))
    address.request_stop().get(PATIENCE_S)
    assert done == ["before", "after"]


def test_a_refusal_answers_the_asker_and_the_actor_lives(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    with pytest.raises(RefusalError):
        address.ask(raise_(RefusalError()), timeout_s=PATIENCE_S)
    assert address.ask(Perform(lambda self: self is performer), timeout_s=PATIENCE_S)
    assert obituaries.received == []
    address.request_stop().get(PATIENCE_S)


def test_a_refusal_that_nobody_asked_for_is_a_death_like_any_other(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    address.tell(raise_(RefusalError()))
    address.tell("kept")
    assert isinstance(obituaries.next(), RefusalError)
    assert performer.releases == 1
    assert address.inbox.get().message == "kept"


def test_the_death_is_told_even_if_giving_back_fails_too(
    address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    class Clumsy(Performer):
        def release(self) -> None:
            raise OSError("stuck")

    start(Clumsy(address, obituaries))
    address.tell(raise_(LookupError("broken")))
    assert str(obituaries.next()) == "broken"


def test_an_orderly_stop_releases_once_and_is_no_death(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    address.request_stop().get(PATIENCE_S)
    assert performer.releases == 1
    assert not registered(performer)
    assert obituaries.received == []


def test_telling_a_dead_actors_place_does_not_raise(
    performer: Performer, address: InboxAddress[Any], obituaries: Obituaries
) -> None:
    address.tell(raise_(LookupError()))
    obituaries.next()
    assert not performer.actor_ref.is_alive()
    address.tell("for the successor")
    assert address.inbox.get().message == "for the successor"


def test_an_actor_without_a_handler_is_not_finished(address: InboxAddress[Any]) -> None:
    with pytest.raises(TypeError, match="handle"):
        Actor[Any](address)  # type: ignore[abstract]  # what is tested
