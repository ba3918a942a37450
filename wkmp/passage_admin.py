"""The daemon's side of ``wkmp passage``: list, add, set, put and delete stored passages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from actors.address import Request
from actors.messages import ChangePassage, Done
from library.music_directory import MusicDirectory
from library.passage_target import Target, found, named
from playback.errors import AckCode, AckError
from playback.point_text import NAMES, points_of, written
from playback.stored_passages import PassageChange

USAGE: Final = (
    "passage list [URI] | passage add FILE NAME POINT=VALUE… | passage set URI POINT=VALUE… | "
    "passage put URI FILE POINT=VALUE… | passage delete URI"
)


@dataclass(frozen=True, slots=True)
class PassageAdmin:
    """What a shell may ask about passages.

    Attributes:
        change: has QueueActor carry a change out, and waits until it is durable.
        music: where the files are; called in a thread.
    """

    change: Callable[[Request[Done[Any]]], Awaitable[object]]
    music: MusicDirectory

    async def __call__(self, words: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Carry a sub-command out.

        Raises:
            AckError: it cannot be done; nothing has changed.
        """
        match words:
            case ["list", *prefix] if len(prefix) < 2:
                return self._listed(*prefix)
            case ["add", file, name, *points]:
                target = await self._target(file, name)
                await self._ask(target.change(points_of(points), is_there=False))
            case ["put", uri, file, *points]:
                is_named = uri.startswith(f"{file}/")
                target = await self._target(*((file, uri[len(file) + 1 :]) if is_named else (uri,)))
                await self._ask(target.change({**dict.fromkeys(NAMES), **points_of(points)}))
            case ["set", uri, *points] if points:
                target = await self._target(uri)
                await self._ask(target.change(points_of(points)))
            case ["delete", uri]:
                await self._ask(PassageChange(uri, uri, None))
            case _:
                raise AckError(AckCode.ARG, f"usage: wkmp {USAGE}")
        return ()

    def _listed(self, prefix: str = "") -> Sequence[tuple[str, str]]:
        stored = self.music.stored()
        return [
            pair
            for uri, passage in sorted(stored.items())
            if not prefix or uri == prefix or uri.startswith(f"{prefix}/")
            for pair in (("passage", uri), ("in", passage.uri), *written(passage))
        ]

    async def _target(self, uri: str, name: str = "") -> Target:
        """Find what is meant; without a name, that of the URI itself."""
        find = partial(named, self.music, uri, name) if name else partial(found, self.music, uri)
        return await asyncio.to_thread(find)

    async def _ask(self, change: PassageChange) -> None:
        await self.change(ChangePassage(change))
