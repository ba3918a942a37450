"""One connection as a command sees it: who it is, what it may do, and whom it can ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from actors.address import Request
from actors.messages import Done, EditSticker, Flush, Subsystem
from library.stickers import StickerEdit
from library.tag_names import TAG_NAMES
from playback.insertion import InsertAt, insertion_position
from playback.status import PlayerStatus
from protocol.channels import Mailbox
from protocol.hub import Hub

T = TypeVar("T")

DEFAULT_BINARY_BYTES: Final = 8192


class Client:
    """The settings of one connection, and its way to the engine and the music.

    Attributes:
        is_local: whether it came over the local socket.
        tags: the tags it wants to see, by their canonical names.
        features: MPD's ``protocol`` features it has enabled.
        binary_bytes: how much of a picture it wants at once.
    """

    def __init__(self, hub: Hub, *, is_local: bool = False) -> None:
        self.services = hub.services
        self.hub = hub
        self.is_local = is_local
        self.mailbox = Mailbox()
        self.tags = frozenset(TAG_NAMES)
        self.features: frozenset[str] = frozenset()
        self.binary_bytes = DEFAULT_BINARY_BYTES
        access = self.services.access
        unasked = access.unasked if access.local is None or not is_local else access.local
        self.permissions = unasked
        self._is_durable = True

    @property
    def status(self) -> PlayerStatus:
        """The player's state as it is now."""
        return self.services.status.latest

    async def ask(self, command: Request[Done[T]]) -> T:
        """Have QueueActor carry a command out; its change is durable before the reply leaves.

        Raises:
            AckError: it is refused.
        """
        done = await self.services.queue.ask_soon(command, self.hub.loop)
        if done.change:
            self._is_durable = False
        return done.value

    def check_place(self, at: InsertAt | None) -> None:
        """Refuse a place that is not in the queue, before songs are looked for.

        Raises:
            AckError: it is relative without a current song, or outside the queue.
        """
        now = self.status
        insertion_position(at, len(now.entries), now.current)

    async def edit_sticker(self, edit: StickerEdit) -> bool:
        """Have a sticker changed; it is durable before the reply leaves.

        Returns:
            Whether there was something to change.

        Raises:
            AckError: it cannot be written.
        """
        request = EditSticker(edit)
        has_changed = await self.services.storage.ask_soon(request, self.hub.loop)
        if has_changed:
            self._is_durable = False
            self.hub.changed({Subsystem.STICKER})
        return has_changed

    async def until_durable(self) -> None:
        """Wait until all that this client has changed is on disk."""
        if self._is_durable:
            return
        self._is_durable = True
        loop = self.hub.loop
        durable: asyncio.Future[None] = loop.create_future()

        def settle() -> None:
            if not durable.done():  # the client may have gone
                durable.set_result(None)

        def done() -> None:
            try:
                loop.call_soon_threadsafe(settle)
            except RuntimeError:
                return  # the loop has closed: nobody waits any more

        self.services.storage.tell(Flush(done))
        await durable

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what reads the disk, without keeping the other clients waiting."""
        return await self.hub.loop.run_in_executor(None, work)
