"""What a session makes of lines that are well-formed, odd, or not MPD's protocol at all."""

from __future__ import annotations

import logging

import pytest

from actors.messages import ChangeOptions
from playback.errors import AckCode, AckError
from protocol.registry import COMMANDS
from tests.protocol.talk import CLOSED, House, Talk, answer, asked, hub_of, run


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"ping", "OK\n"),
        (b"ping\r", "OK\n"),
        (b"ping   ", "OK\n"),
        (b"ping\t", "OK\n"),
        (b"ping \x01", "OK\n"),
        (b"ping\x00foo", "OK\n"),
        (b'ping\t"x"', 'ACK [2@0] {ping} wrong number of arguments for "ping"\n'),
        (b"setvol\t42", "OK\n"),
        (b'setvol   "42"   ', "OK\n"),
        (b"pinG", 'ACK [5@0] {} unknown command "pinG"\n'),
        (b"foo bar", 'ACK [5@0] {} unknown command "foo"\n'),
        (b"x", 'ACK [5@0] {} unknown command "x"\n'),
        (b'foo "bar', "ACK [5@0] {} Missing closing '\"'\n"),
        (b'ping "x', "ACK [5@0] {} Missing closing '\"'\n"),
        (b'ping "x"y', "ACK [5@0] {} Space expected after closing '\"'\n"),
        (b"find artist it's", "ACK [5@0] {} Invalid unquoted character\n"),
        (b"setvol \xff", "ACK [2@0] {setvol} Integer expected: ?\n"),
        ("setvol é".encode(), "ACK [2@0] {setvol} Integer expected: é\n"),
        (b"status x", 'ACK [2@0] {status} wrong number of arguments for "status"\n'),
        (b"noidle x", 'ACK [5@0] {} unknown command "noidle"\n'),
        (b"noidle", ""),
        (b"command_list_end", 'ACK [5@0] {} unknown command "command_list_end"\n'),
        (b"command_list_begin x", 'ACK [5@0] {} unknown command "command_list_begin"\n'),
        (b"x" + b" y" * 74, "ACK [2@0] {} Too many arguments\n"),
        (b"pi-ng", "ACK [5@0] {} Invalid word character\n" + CLOSED),
        (b'ping"x"', "ACK [5@0] {} Invalid word character\n" + CLOSED),
        (b"", CLOSED),
        (b" ping", CLOSED),
        (b"PING", CLOSED),
        (b"GET / HTTP/1.1\r", CLOSED),
        (b"\x00", CLOSED),
        (b"\xff\xfe", CLOSED),
        (b'"ping"', CLOSED),
        (b"close", CLOSED),
        (b"close x y", CLOSED),
    ],
)
def test_each_line_is_answered_as_mpd_does(line: bytes, reply: str) -> None:
    assert answer(line) == reply


def test_the_greeting_names_a_version_of_three_parts() -> None:
    async def conversation() -> bytes:
        return Talk(hub_of(House())).session.greeting

    assert run(conversation()) == b"OK MPD 0.24.0\n"


def test_after_a_refusal_the_conversation_goes_on() -> None:
    assert answer('ping "x', "foo", "ping").endswith("\nOK\n")


def test_nothing_is_answered_after_the_end() -> None:
    assert answer("ping", "close", "ping") == "OK\n" + CLOSED


def test_pipelined_requests_are_answered_in_order() -> None:
    house = House()
    house.show()
    replies = answer("getvol", "ping", "replay_gain_status", house=house)
    assert replies == "volume: 100\nOK\nOK\nreplay_gain_mode: off\nOK\n"


def test_a_reply_leaves_in_one_write() -> None:
    async def conversation() -> list[bytes]:
        talk = Talk(hub_of(House()))
        await talk.send("status")
        return talk.parts

    (only,) = run(conversation())
    assert only.startswith(b"volume: ")
    assert only.endswith(b"state: stop\nOK\n")


def test_what_queueactor_refuses_is_an_ack_with_the_commands_name() -> None:
    house = House()
    house.queue.answer = AckError(AckCode.PLAYER_SYNC, "Not playing")
    assert answer("next", house=house) == "ACK [55@0] {next} Not playing\n"


def test_a_bug_is_logged_and_costs_nobody_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    house.queue.answer = RuntimeError("oops")
    with caplog.at_level(logging.ERROR, "protocol.session"):
        replies = answer("next", "ping", house=house)
    assert replies == "ACK [5@0] {next} internal error; see the log\nOK\n"
    (record,) = caplog.records
    assert "next" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is RuntimeError


def test_a_bug_does_not_write_arguments_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    house.queue.answer = RuntimeError("oops")
    with caplog.at_level(logging.ERROR, "protocol.session"):
        answer('addtagid 1 title "a secret"', house=house)
    assert caplog.records
    assert "a secret" not in caplog.text


def test_commands_and_refusals_are_counted() -> None:
    house = House()
    answer("ping", "foo", "setvol x", "setvol 5", house=house)
    assert house.telemetry.took == ["ping", "setvol"]
    assert house.telemetry.refused == [AckCode.UNKNOWN, AckCode.ARG]


def test_the_table_holds_no_command_that_the_session_itself_deals_with() -> None:
    names = {command.name for command in COMMANDS}
    assert not names & {"noidle", "command_list_begin", "command_list_ok_begin"}
    assert {"ping", "idle", "close"} <= names


def test_every_command_is_documented() -> None:
    assert all(command.handler.__doc__ for command in COMMANDS)


def test_a_change_goes_to_queueactor_as_a_message() -> None:
    house = House()
    assert asked(house, "random 1") == "OK\n"
    assert house.queue.asked == [ChangeOptions(random=True)]
