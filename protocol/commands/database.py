"""Commands over all songs, as the latest update found them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from actors.messages import AddSongs
from playback.song import Song
from protocol.arguments import insert_at, refused, tag_name, text
from protocol.client import Client
from protocol.expressions import Matches
from protocol.matching import pair, song_filter, values_or_fallback
from protocol.permissions import Permission
from protocol.registry import any_number_of, command
from protocol.rendering import shown_uri, song_lines
from protocol.selection import Selection, selection, take_option

PAGE: Final = 200
"""Songs rendered at once; between pages other clients have their turn."""

Lines: TypeAlias = AsyncIterator[Iterable[str]]
Tree: TypeAlias = dict[str, "Tree"]
"""Values of a tag, each with those of the next tag that occur together with it."""


@command("find", text, any_number_of(text))
def find(client: Client, *words: str) -> Lines:
    """Show songs whose tags are exactly as asked for."""
    return _shown(client, selection(words, folded=False))


@command("search", text, any_number_of(text))
def search(client: Client, *words: str) -> Lines:
    """Show songs whose tags contain what is asked for, in any case."""
    return _shown(client, selection(words, folded=True))


@command("findadd", text, any_number_of(text), permission=Permission.ADD)
async def findadd(client: Client, *words: str) -> None:
    """Add what ``find`` shows."""
    await _add(client, words, folded=False)


@command("searchadd", text, any_number_of(text), permission=Permission.ADD)
async def searchadd(client: Client, *words: str) -> None:
    """Add what ``search`` shows."""
    await _add(client, words, folded=True)


@command("count", text, any_number_of(text))
async def count(client: Client, *words: str) -> Iterator[str]:
    """Count what ``find`` shows, and how long it plays."""
    return await _counted(client, words, folded=False)


@command("searchcount", text, any_number_of(text))
async def searchcount(client: Client, *words: str) -> Iterator[str]:
    """Count what ``search`` shows, and how long it plays."""
    return await _counted(client, words, folded=True)


@command("list", text, any_number_of(text))
async def list_values(client: Client, kind: str, *words: str) -> Iterator[str]:
    """Show a tag's values, each once, in groups of other tags' values."""
    if kind.lower() in {"file", "filename"}:
        songs = await _picked(client, Selection(song_filter(words, folded=False, may_lack=True)))
        return (f"file: {shown_uri(song.uri)}" for song in songs)
    tags, matches = _listed(tag_name(kind), list(words))
    songs = await client.hub.updates.songs()
    tree = await client.in_thread(partial(_tree, songs, matches, tags))
    return _tree_lines(tree, tags)


async def _picked(client: Client, wanted: Selection) -> Sequence[Song]:
    songs = await client.hub.updates.songs()
    return await client.in_thread(lambda: wanted.pick(songs, lambda song: song))


async def _shown(client: Client, wanted: Selection) -> Lines:
    songs = await _picked(client, wanted)
    for start in range(0, len(songs), PAGE):
        page = songs[start : start + PAGE]
        yield [line for song in page for line in song_lines(song, client.tags)]


async def _add(client: Client, words: Sequence[str], *, folded: bool) -> None:
    rest = list(words)
    position = take_option(rest, "position")
    at = None if position is None else insert_at(position)
    client.check_place(at)
    songs = await _picked(client, selection(rest, folded=folded))
    if songs:
        await client.ask(AddSongs(tuple(songs), at))


async def _counted(client: Client, words: Sequence[str], *, folded: bool) -> Iterator[str]:
    rest = list(words)
    group = take_option(rest, "group")
    tag = None if group is None else tag_name(group)
    matches = song_filter(rest, folded=folded, may_lack=True)
    songs = await _picked(client, Selection(matches))
    if tag is None:
        return _count_lines(songs)
    return _grouped_lines(tag, await client.in_thread(lambda: _groups(songs, tag)))


def _count_lines(songs: Sequence[Song]) -> Iterator[str]:
    yield f"songs: {len(songs)}"
    yield f"playtime: {int(sum(song.duration_s or 0.0 for song in songs))}"


def _groups(songs: Iterable[Song], tag: str) -> Mapping[str, Sequence[Song]]:
    groups: dict[str, list[Song]] = {}
    for song in songs:
        for value in dict.fromkeys(values_or_fallback(song, tag)):
            groups.setdefault(value, []).append(song)
    return groups


def _grouped_lines(tag: str, groups: Mapping[str, Sequence[Song]]) -> Iterator[str]:
    for value in sorted(groups):
        yield f"{tag}: {value}"
        yield from _count_lines(groups[value])


def _listed(tag: str, words: list[str]) -> tuple[tuple[str, ...], Matches]:
    """Read what follows ``list TAG``.

    Returns:
        The tags from the outermost group to the one that is listed; which songs count.
    """
    if len(words) == 1 and not words[0].startswith("("):
        if tag != "Album":
            raise refused('should be "Album" for 3 arguments')
        return (tag,), pair("Artist", words[0], folded=False)
    groups: list[str] = []
    while (name := take_option(words, "group")) is not None:
        group = tag_name(name)
        if group == tag or group in groups:
            raise refused("Conflicting group")
        groups.append(group)
    return (*groups, tag), song_filter(words, folded=False, may_lack=True)


def _tree(songs: Iterable[Song], matches: Matches, tags: Sequence[str]) -> Tree:
    tree: Tree = {}
    for song in songs:
        if matches(song):
            _enter(song, tags, tree)
    return tree


def _enter(song: Song, tags: Sequence[str], tree: Tree) -> None:
    if tags:
        for value in values_or_fallback(song, tags[0]):
            _enter(song, tags[1:], tree.setdefault(value, {}))


def _tree_lines(tree: Tree, tags: Sequence[str]) -> Iterator[str]:
    for value in sorted(tree):
        yield f"{tags[0]}: {value}"
        yield from _tree_lines(tree[value], tags[1:])
