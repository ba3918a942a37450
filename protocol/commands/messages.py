"""Messages from client to client."""

from __future__ import annotations

from collections.abc import Iterator

from actors.messages import Subsystem
from playback.errors import AckCode, AckError
from protocol.arguments import text
from protocol.channels import channel_name
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command


@command("subscribe", channel_name)
def subscribe(client: Client, channel: str) -> None:
    """Hear of what is sent to a channel."""
    client.mailbox.subscribe(channel)
    client.hub.changed({Subsystem.SUBSCRIPTION})


@command("unsubscribe", text)
def unsubscribe(client: Client, channel: str) -> None:
    """Hear no more of it."""
    client.mailbox.unsubscribe(channel)
    client.hub.changed({Subsystem.SUBSCRIPTION})


@command("channels")
def channels(client: Client) -> Iterator[str]:
    """List the channels that somebody listens to."""
    names = {name for member in client.hub for name in member.mailbox.channels}
    return (f"channel: {name}" for name in sorted(names))


@command("readmessages")
def readmessages(client: Client) -> Iterator[str]:
    """Take what has come."""
    for channel, message in client.mailbox.take():
        yield f"channel: {channel}"
        yield f"message: {message}"


@command("sendmessage", channel_name, text, permission=Permission.CONTROL)
def sendmessage(client: Client, channel: str, message: str) -> None:
    """Send to all who listen to a channel."""
    listeners = [member for member in client.hub if channel in member.mailbox.channels]
    if not listeners:
        raise AckError(AckCode.NO_EXIST, "nobody is subscribed to this channel")
    for member in listeners:
        if member.mailbox.deliver(channel, message):
            member.changed({Subsystem.MESSAGE})
