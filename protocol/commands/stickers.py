"""Stickers: values that clients attach to songs, playlists, filters and tags' values.

They are kept by URI or name. One whose song is gone stays, for the song may come back, but is not
found meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from library.stickers import (
    PLAYLIST,
    SONG,
    Comparison,
    CountSticker,
    RemoveSticker,
    SetSticker,
    StickerOrder,
    StickerSearch,
    Subject,
)
from playback.errors import AckCode, AckError, StorageError
from protocol import passage_stickers
from protocol.arguments import integer, position_range, refused, text
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import Answer, any_number_of, command, optional
from protocol.rendering import shown_uri
from protocol.selection import take_option
from protocol.services import Stickers
from protocol.sticker_subjects import KINDS, check_subject, sticker_kind

T = TypeVar("T")

ADMIN: Final = Permission.ADMIN
PAGE: Final = 200
"""Stickers looked at at once; between pages other clients have their turn."""


def _offered(client: Any) -> bool:  # noqa: ANN401  (the table knows no clients)
    return client.services.stickers is not None


@command(
    "sticker", text, sticker_kind, text, any_number_of(text), permission=ADMIN, available=_offered
)
def sticker(client: Client, action: str, kind: str, uri: str, *words: str) -> Answer:
    """Do something with the stickers of one thing, or find things by their stickers."""
    if action == "find" and words:
        return _find(client, kind, uri, list(words))
    fitting = _ACTIONS.get((action, len(words)))
    if fitting is None:
        raise refused("bad request")
    return fitting(client, Subject(kind, uri), *words)


async def _get(client: Client, subject: Subject, name: str) -> tuple[str]:
    await check_subject(client, subject)
    if passage_stickers.is_point(subject.kind, name):
        value = passage_stickers.points(client, subject).get(name)
    else:
        value = await _read(client, lambda stickers: stickers.value(subject, name))
    if not value:
        raise _no_such(name)
    return (f"sticker: {name}={value}",)


async def _list(client: Client, subject: Subject) -> Iterator[str]:
    await check_subject(client, subject)
    pairs = await _read(client, lambda stickers: stickers.all_of(subject))
    points = passage_stickers.points(client, subject).items()
    return (f"sticker: {name}={value}" for name, value in sorted((*pairs, *points)))


async def _set(client: Client, subject: Subject, name: str, value: str) -> None:
    await check_subject(client, subject)
    if passage_stickers.is_point(subject.kind, name):
        await passage_stickers.set_point(client, subject.uri, name, value)
    else:
        await client.edit_sticker(SetSticker(subject, _named(name), value))


async def _count(sign: int, client: Client, subject: Subject, name: str, value: str) -> None:
    number = integer(value)
    await check_subject(client, subject)
    if passage_stickers.is_point(subject.kind, name):
        raise refused(f'"{name}" is a point in time; set it')
    await client.edit_sticker(CountSticker(subject, _named(name), sign * number, number))


async def _remove(client: Client, subject: Subject, name: str | None = None) -> None:
    await check_subject(client, subject)
    gone = False
    if name is None or not passage_stickers.is_point(subject.kind, name):
        gone = await client.edit_sticker(RemoveSticker(subject, name))
    if subject.kind == SONG and (name is None or passage_stickers.is_point(SONG, name)):
        gone |= await passage_stickers.unset(client, subject.uri, name)
    if gone:
        return
    if name is None:
        raise AckError(AckCode.NO_EXIST, f'no stickers found: "{subject.uri}"')
    raise _no_such(name)


_ACTIONS: Final[Mapping[tuple[str, int], Callable[..., Answer]]] = {
    ("get", 1): _get,
    ("set", 2): _set,
    ("inc", 2): partial(_count, 1),
    ("dec", 2): partial(_count, -1),
    ("delete", 0): _remove,
    ("delete", 1): _remove,
    ("list", 0): _list,
}
"""By the sub-command, and how many arguments follow the URI."""


def _named(name: str) -> str:
    if not name:
        raise refused("empty sticker name")
    return name


def _no_such(name: str) -> AckError:
    return AckError(AckCode.NO_EXIST, f'no such sticker: "{name}"')


async def _find(client: Client, kind: str, uri: str, words: list[str]) -> AsyncIterator[list[str]]:
    window = take_option(words, "window")
    first, last = (0, None) if window is None else position_range(window)
    search = _search(kind, uri, words)
    rows: Sequence[tuple[str, ...]]
    if passage_stickers.is_point(kind, search.name):
        rows = passage_stickers.search(client, search)
    else:
        rows = await _read(client, lambda stickers: stickers.found(search))
    at = 0
    for start in range(0, len(rows), PAGE):
        page = await client.in_thread(partial(_existing, client, kind, rows[start : start + PAGE]))
        begin, end = first - at, None if last is None else max(0, last - at)
        yield list(_found_lines(kind, search.name, page[max(0, begin) : end]))
        at += len(page)
        if last is not None and at >= last:
            return


def _search(kind: str, uri: str, words: list[str]) -> StickerSearch:
    """Read ``NAME [OPERATOR VALUE] [sort [-]KEY]``."""
    order = take_option(words, "sort") or StickerOrder.URI.value
    name, *test = words
    if len(test) not in {0, 2}:
        raise refused("bad request")
    try:
        comparison = (Comparison(test[0]), test[1]) if test else None
    except ValueError:
        raise refused("bad operator") from None
    try:
        sorted_by = StickerOrder(order.removeprefix("-"))
    except ValueError:
        raise refused("Unknown sort tag") from None
    below = uri if kind == SONG else ""
    return StickerSearch(kind, below, name, comparison, sorted_by, order.startswith("-"))


def _existing(client: Client, kind: str, rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out songs and playlists that are not there."""
    music, playlists = client.services.music, client.services.playlists
    if kind == SONG:
        return [row for row in rows if music.song(row[0]) is not None]
    if kind == PLAYLIST:
        return [row for row in rows if playlists is not None and playlists.exists(row[0])]
    return list(rows)


def _found_lines(kind: str, name: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for uri, value in rows:
        yield f"file: {shown_uri(uri)}" if kind == SONG else f"{kind}: {uri}"
        yield f"sticker: {name}={value}"


@command("stickernames", permission=ADMIN, available=_offered)
async def stickernames(client: Client) -> Iterator[str]:
    """List the names of all stickers."""
    names = {*await _read(client, lambda stickers: stickers.names())}
    return (f"name: {name}" for name in sorted(names | passage_stickers.names(client)))


@command("stickertypes", permission=ADMIN, available=_offered)
def stickertypes(_client: Client) -> Iterator[str]:
    """List what stickers can be attached to."""
    return (f"stickertype: {kind}" for kind in KINDS)


@command("stickernamestypes", optional(sticker_kind), permission=ADMIN, available=_offered)
async def stickernamestypes(client: Client, kind: str | None = None) -> Iterator[str]:
    """List names, and what stickers of that name are attached to."""
    rows: Iterable[tuple[str, ...]]
    rows = await _read(client, lambda stickers: stickers.names_and_kinds(kind))
    if kind in {None, SONG}:
        rows = sorted({*rows, *((name, SONG) for name in passage_stickers.names(client))})
    return (line for name, kind in rows for line in (f"name: {name}", f"type: {kind}"))


async def _read(client: Client, read: Callable[[Stickers], T]) -> T:
    stickers = client.services.stickers
    if stickers is None:
        raise AckError(AckCode.UNKNOWN, "sticker database is disabled")
    try:
        return await client.in_thread(lambda: read(stickers))
    except StorageError as error:
        raise AckError(AckCode.SYSTEM, f"Stickers cannot be read: {error}") from error
