"""A reply in the making: gathered whole, and sent in one piece once it is true.

Only what is too long for that (the pages of a large listing) leaves as it comes, each part after
the client has taken the one before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Final, TypeAlias

from protocol.client import Client
from protocol.registry import Answer, Piece
from protocol.rendering import encode
from protocol.turn import Turn

PART_BYTES: Final = 65_536

Send: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Gives bytes to the client; waits while it does not take them."""


class Reply:
    """What one request line, or one command list, is answered."""

    def __init__(self, client: Client, send: Send, turn: Turn) -> None:
        self._client = client
        self._send = send
        self._turn = turn
        self._bytes = bytearray()

    def add(self, *lines: str) -> None:
        """Add lines."""
        self._bytes += encode(lines)

    async def take(self, answer: Answer) -> None:
        """Add what a command has answered, whichever way it comes."""
        if isinstance(answer, AsyncIterator):
            async for page in answer:
                await self._add_page(page)
            return
        lines = await answer if isawaitable(answer) else answer
        if isinstance(lines, Piece):
            self.add(*lines.head, f"binary: {len(lines.data)}")
            self._bytes += lines.data + b"\n"
        elif lines is not None:
            await self._add_page(lines)

    async def leave(self) -> None:
        """Send what has been gathered, once all that was changed meanwhile is on disk."""
        await self._client.until_durable()
        if self._bytes:
            gathered, self._bytes = bytes(self._bytes), bytearray()
            await self._send(gathered)

    async def _add_page(self, lines: Iterable[str]) -> None:
        self._bytes += encode(lines)
        if len(self._bytes) >= PART_BYTES:
            await self.leave()
        await self._turn.pass_on()
