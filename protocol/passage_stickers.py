"""The stickers ``passage.…`` of songs: a view on the stored passages, not a second store.

On a file they are the points of the whole file, on ``FILE/NAME`` those of that passage, on a
track of a CUE sheet those of the track. Times are in seconds; deleting one unsets the point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import eq, gt, lt
from typing import Any, Final

from actors.messages import ChangePassage
from library.passage_target import found
from library.stickers import SONG, Comparison, StickerOrder, StickerSearch, Subject
from playback.passage import Passage
from playback.point_text import point_of, written
from playback.stored_passages import PassageChange
from protocol.client import Client

PREFIX: Final = "passage."


def is_point(kind: str, name: str) -> bool:
    """Return whether a sticker of this name is a point of a passage."""
    return kind == SONG and name.startswith(PREFIX)


def points(client: Client, subject: Subject) -> dict[str, str]:
    """Return the stickers that a song's passage is seen as, by name."""
    passage = client.status.passages.get(subject.uri) if subject.kind == SONG else None
    return {} if passage is None else _stickers(passage)


async def set_point(client: Client, uri: str, name: str, value: str) -> None:
    """Set a point.

    Raises:
        AckError: there is no such song or point, or the passage would break a rule.
    """
    point = point_of(name.removeprefix(PREFIX), value)
    target = await client.in_thread(partial(found, client.services.music, uri))
    await client.ask(ChangePassage(target.change({name.removeprefix(PREFIX): point})))


async def unset(client: Client, uri: str, name: str | None) -> bool:
    """Unset a point, or delete the whole passage; return whether there was one."""
    passage = client.status.passages.get(uri)
    if passage is None:
        return False
    if name is not None and name not in _stickers(passage):
        return False
    wanted = None if name is None else {name.removeprefix(PREFIX): None}
    await client.ask(ChangePassage(PassageChange(uri, passage.uri, wanted)))
    return True


def names(client: Client) -> set[str]:
    """Return the names that some passage has."""
    return {name for passage in client.status.passages.values() for name in _stickers(passage)}


def search(client: Client, wanted: StickerSearch) -> Sequence[tuple[str, ...]]:
    """Return the URIs and values that a search finds, in its order."""
    rows = [
        (uri, value)
        for uri, passage in client.status.passages.items()
        if not wanted.below or uri.startswith(f"{wanted.below}/")
        if (value := _stickers(passage).get(wanted.name)) is not None and _fits(value, wanted)
    ]
    return sorted(rows, key=_ORDERS[wanted.order], reverse=wanted.descending)


def _stickers(passage: Passage) -> dict[str, str]:
    return {f"{PREFIX}{name}": value for name, value in _points(passage)}


def _points(passage: Passage) -> Iterator[tuple[str, str]]:
    """A start that nobody has set is 0, and no sticker."""
    return ((name, value) for name, value in written(passage) if passage.start or name != "start")


def _fits(value: str, wanted: StickerSearch) -> bool:
    if wanted.test is None:
        return True
    comparison, operand = wanted.test
    return bool(_TESTS[comparison](value, operand))


def _number(text: str) -> float:
    """Read the number that a text begins with, as SQLite does: none is 0."""
    for end in range(len(text), 0, -1):
        try:
            return float(text[:end])
        except ValueError:
            continue
    return 0.0


def _as_numbers(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    return lambda value, operand: compare(_number(value), _number(operand))


_TESTS: Final[Mapping[Comparison, Callable[[str, str], bool]]] = {
    Comparison.EQUALS: eq,
    Comparison.LESS: lt,
    Comparison.GREATER: gt,
    Comparison.NUMBER_EQUALS: _as_numbers(eq),
    Comparison.NUMBER_LESS: _as_numbers(lt),
    Comparison.NUMBER_GREATER: _as_numbers(gt),
    Comparison.CONTAINS: lambda value, operand: operand in value,
    Comparison.STARTS_WITH: str.startswith,
}
_ORDERS: Final[Mapping[StickerOrder, Callable[[tuple[str, ...]], Any]]] = {
    StickerOrder.URI: lambda row: row,
    StickerOrder.VALUE: lambda row: (row[1], row[0]),
    StickerOrder.NUMBER: lambda row: (_number(row[1]), row[0]),
}
