"""Messages from client to client."""

from __future__ import annotations

import pytest

from protocol.channels import MAX_MESSAGES, MAX_SUBSCRIPTIONS
from tests.protocol.talk import House, Talk, asked, hub_of, run


def test_a_message_reaches_all_who_have_subscribed() -> None:
    async def conversation() -> None:
        hub = hub_of(House())
        one, two, sender = Talk(hub), Talk(hub), Talk(hub)
        for talk in (one, two):
            assert await talk.ask("subscribe news") == "OK\n"
        assert await sender.ask("channels") == "channel: news\nOK\n"
        assert await sender.ask("sendmessage news hello", "sendmessage news again") == "OK\nOK\n"
        for talk in (one, two):
            assert await talk.ask("readmessages", "readmessages") == (
                "channel: news\nmessage: hello\nchannel: news\nmessage: again\nOK\nOK\n"
            )
        assert await sender.ask("readmessages") == "OK\n"

    run(conversation())


@pytest.mark.parametrize(
    ("lines", "ack"),
    [
        (['subscribe "a b"'], "[2@0] {subscribe} invalid channel name"),
        (['subscribe ""'], "[2@0] {subscribe} invalid channel name"),
        (["subscribe a/b"], "[2@0] {subscribe} invalid channel name"),
        (["subscribe ñ"], "[2@0] {subscribe} invalid channel name"),
        (["subscribe a", "subscribe a"], "[56@0] {subscribe} already subscribed to this channel"),
        (["unsubscribe a"], "[50@0] {unsubscribe} not subscribed to this channel"),
        (['unsubscribe "a b"'], "[50@0] {unsubscribe} not subscribed to this channel"),
        (["sendmessage a b"], "[50@0] {sendmessage} nobody is subscribed to this channel"),
        (['sendmessage "a b" c'], "[2@0] {sendmessage} invalid channel name"),
        (
            [f"subscribe c{n}" for n in range(MAX_SUBSCRIPTIONS + 1)],
            "[56@0] {subscribe} subscription list is full",
        ),
    ],
)
def test_what_is_refused(lines: list[str], ack: str) -> None:
    assert asked(House(), *lines).splitlines()[-1] == f"ACK {ack}"


@pytest.mark.parametrize("name", ["a_b", "a-b", "a.b", "a:b", "0"])
def test_good_names(name: str) -> None:
    assert asked(House(), f"subscribe {name}") == "OK\n"


def test_too_many_messages_are_dropped() -> None:
    async def conversation() -> None:
        hub = hub_of(House())
        reader, sender = Talk(hub), Talk(hub)
        await reader.ask("subscribe a")
        for number in range(MAX_MESSAGES + 3):
            assert await sender.ask(f"sendmessage a m{number}") == "OK\n"
        messages = await reader.ask("readmessages")
        assert messages.count("message: ") == MAX_MESSAGES
        assert f"message: m{MAX_MESSAGES - 1}\nOK\n" in messages

    run(conversation())


def test_a_reader_in_idle_hears_of_the_first_message_only() -> None:
    async def conversation() -> None:
        hub = hub_of(House())
        reader, sender = Talk(hub), Talk(hub)
        await reader.ask("subscribe a")
        await reader.ask("idle message")
        await sender.ask("sendmessage a 1")
        assert reader.heard() == "changed: message\nOK\n"
        await sender.ask("sendmessage a 2")
        assert await reader.ask("idle message") == ""

    run(conversation())


def test_subscriptions_are_news_and_end_with_the_connection() -> None:
    async def conversation() -> None:
        hub = hub_of(House())
        reader, other = Talk(hub), Talk(hub)
        await other.ask("idle subscription")
        await reader.ask("subscribe a")
        assert other.heard() == "changed: subscription\nOK\n"
        await other.ask("idle subscription")
        hub.leave(reader.session)
        assert other.heard() == "changed: subscription\nOK\n"
        assert await other.ask("channels") == "OK\n"

    run(conversation())
