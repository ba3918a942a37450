"""Many commands at once: done in order, up to the first refusal, answered as one."""

from __future__ import annotations

import pytest

from actors.messages import PlayPosition
from protocol.services import Limits
from tests.protocol.talk import CLOSED, House, Talk, answer, hub_of, listed, run


def test_nothing_of_a_list_is_done_before_its_end() -> None:
    house = House()
    assert answer("command_list_begin", "play", "ping", house=house) == ""
    assert house.queue.asked == []


@pytest.mark.parametrize(
    ("lines", "ok", "reply"),
    [
        ([], False, "OK\n"),
        ([], True, "OK\n"),
        (["ping", "ping"], False, "OK\n"),
        (["ping", "ping"], True, "list_OK\nlist_OK\nOK\n"),
        (["getvol", "ping"], True, "volume: 100\nlist_OK\nlist_OK\nOK\n"),
        (["foo", "ping"], False, 'ACK [5@0] {} unknown command "foo"\n'),
        (["ping", "foo", "ping"], False, 'ACK [5@1] {} unknown command "foo"\n'),
        (["ping", "foo", "ping"], True, 'list_OK\nACK [5@1] {} unknown command "foo"\n'),
        (
            ["ping", "setvol"],
            False,
            'ACK [2@1] {setvol} wrong number of arguments for "setvol"\n',
        ),
        (["getvol", "setvol x"], False, "volume: 100\nACK [2@1] {setvol} Integer expected: x\n"),
        (["ping", 'ping "x'], False, "ACK [5@1] {} Missing closing '\"'\n"),
        (
            ["ping", "command_list_begin"],
            False,
            'ACK [5@1] {} unknown command "command_list_begin"\n',
        ),
        (["close", "ping"], False, CLOSED),
        (["ping", "close", "ping"], True, "list_OK\n" + CLOSED),
        (["ping", "pi-ng"], False, "ACK [5@1] {} Invalid word character\n" + CLOSED),
        (["PING"], False, CLOSED),
        ([""], False, CLOSED),
        (["ping", "noidle"], False, "OK\n"),
    ],
)
def test_a_list_is_answered_as_mpd_does(lines: list[str], ok: bool, reply: str) -> None:
    assert listed(*lines, ok=ok) == reply


def test_a_list_stops_at_its_first_refusal() -> None:
    house = House()
    listed("play 1", "foo", "play 2", house=house)
    assert house.queue.asked == [PlayPosition(1)]


def test_a_list_leaves_in_one_write() -> None:
    async def conversation() -> list[bytes]:
        talk = Talk(hub_of(House()))
        await talk.send("command_list_ok_begin", "status", "currentsong", "command_list_end")
        return talk.parts

    assert len(run(conversation())) == 1


def test_after_a_refused_list_another_can_begin() -> None:
    replies = answer(
        "command_list_begin", "foo", "command_list_end",
        "command_list_ok_begin", "ping", "command_list_end", "ping",
    )  # fmt: skip
    assert replies == 'ACK [5@0] {} unknown command "foo"\nlist_OK\nOK\nOK\n'


def test_a_list_that_grows_too_long_ends_the_conversation() -> None:
    house = House(limits=Limits(command_list_bytes=100))
    fits = ["ping"] * 20
    assert listed(*fits, house=house) == "OK\n"
    assert listed(*fits, "ping", house=house) == CLOSED


def test_idle_in_a_list_waits_and_ends_it() -> None:
    replies = answer(
        "command_list_ok_begin", "ping", "idle", "ping", "command_list_end", "noidle", "ping"
    )  # fmt: skip
    assert replies == "list_OK\nOK\nOK\n"


def test_settings_of_a_list_affect_what_follows_in_it() -> None:
    replies = listed("tagtypes clear", "tagtypes enable Title", "tagtypes")
    assert replies == "tagtype: Title\nOK\n"
