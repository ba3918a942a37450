"""Client-to-client messages: MPD's channels."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from playback.errors import AckCode, AckError

MAX_SUBSCRIPTIONS: Final = 16
MAX_MESSAGES: Final = 64
_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)


def channel_name(argument: str) -> str:
    """Read the name of a channel."""
    if not _NAME.fullmatch(argument):
        raise AckError(AckCode.ARG, "invalid channel name")
    return argument


class Mailbox:
    """What one client has subscribed to, and the messages it has not read."""

    def __init__(self) -> None:
        self._channels: dict[str, None] = {}
        self._messages: deque[tuple[str, str]] = deque()

    @property
    def channels(self) -> frozenset[str]:
        """The channels subscribed to."""
        return frozenset(self._channels)

    def subscribe(self, channel: str) -> None:
        """Subscribe to a channel.

        Raises:
            AckError: it is subscribed already, or there are too many.
        """
        if channel in self._channels:
            raise AckError(AckCode.EXIST, "already subscribed to this channel")
        if len(self._channels) >= MAX_SUBSCRIPTIONS:
            raise AckError(AckCode.EXIST, "subscription list is full")
        self._channels[channel] = None

    def unsubscribe(self, channel: str) -> None:
        """Give a subscription up.

        Raises:
            AckError: there is none.
        """
        if channel not in self._channels:
            raise AckError(AckCode.NO_EXIST, "not subscribed to this channel")
        del self._channels[channel]

    def deliver(self, channel: str, message: str) -> bool:
        """Take a message in; beyond the limit it is dropped. Returns whether it is the first."""
        if len(self._messages) < MAX_MESSAGES:
            self._messages.append((channel, message))
        return len(self._messages) == 1

    def take(self) -> tuple[tuple[str, str], ...]:
        """Return all messages as ``(channel, text)`` and forget them."""
        messages = tuple(self._messages)
        self._messages.clear()
        return messages
