"""One connection as a command sees it: who it is, what it may do, and whom it can ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from actors.address import Request
from actors.messages import Done
from library.tag_names import TAG_NAMES
from playback.status import PlayerStatus
from protocol.channels import Mailbox
from protocol.hub import Hub
from protocol.services import Services

T = TypeVar("T")

DEFAULT_BINARY_BYTES: Final = 8192


class Client:
    """The settings of one connection, and its way to the engine and the music.

    Attributes:
        is_local: whether it came over the local socket.
        tags: the tags it wants to see, by their canonical names.
        features: MPD's ``protocol`` features it has enabled.
        change: the newest change it has caused that may not be durable yet; 0 = none.
    """

    def __init__(
        self,
        services: Services,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
        *,
        is_local: bool = False,
    ) -> None:
        self.services = services
        self.hub = hub
        self.is_local = is_local
        self.mailbox = Mailbox()
        self.tags = frozenset(TAG_NAMES)
        self.features: frozenset[str] = frozenset()
        self.binary_bytes = DEFAULT_BINARY_BYTES
        self.change = 0
        self._loop = loop
        access = services.access
        unasked = access.unasked if access.local is None or not is_local else access.local
        self.permissions = unasked

    @property
    def status(self) -> PlayerStatus:
        """The player's state as it is now."""
        return self.services.status.latest

    async def ask(self, command: Request[Done[T]]) -> T:
        """Have QueueActor carry a command out; its change is durable before the reply leaves.

        Raises:
            AckError: it is refused.
        """
        done = await self.services.queue.ask_soon(command, self._loop)
        self.change = max(self.change, done.change)
        return done.value

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what reads the disk, without keeping the other clients waiting."""
        return await self._loop.run_in_executor(None, work)
