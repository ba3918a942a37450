"""Commands that show the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Final

from playback.errors import AckCode, AckError
from playback.status import PlayerStatus, QueueEntry
from playback.units import EntryId
from protocol.arguments import Range, entry_id, position_range, text, version
from protocol.client import Client
from protocol.queued_songs import queued_song
from protocol.registry import any_number_of, command, optional
from protocol.rendering import entry_lines, shown_uri
from protocol.selection import Selection, selection

PAGE: Final = 100
"""Entries rendered at once; between pages other clients have their turn."""

Row = tuple[int, QueueEntry]


async def _pages(client: Client, rows: Sequence[Row]) -> AsyncIterator[Iterable[str]]:
    for page in _cut(rows):
        yield [
            line for position, entry in page for line in entry_lines(entry, position, client.tags)
        ]


def _cut(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + PAGE] for start in range(0, len(rows), PAGE))


def _rows(now: PlayerStatus, positions: Range) -> list[Row]:
    """Return the entries of a range; it may end behind the queue, but not begin there."""
    start, end = positions
    if start > len(now.entries):
        raise AckError(AckCode.ARG, "Bad song index")
    return list(enumerate(now.entries))[start:end]


@command("playlistinfo", optional(position_range))
def playlistinfo(client: Client, positions: Range = (0, None)) -> AsyncIterator[Iterable[str]]:
    """Show a part of the queue."""
    return _pages(client, _rows(client.status, positions))


@command("playlistid", optional(entry_id))
def playlistid(client: Client, wanted: EntryId | None = None) -> AsyncIterator[Iterable[str]]:
    """Show one entry, or all."""
    rows = list(enumerate(client.status.entries))
    if wanted is not None:
        rows = [row for row in rows if row[1].id == wanted]
        if not rows:
            raise AckError(AckCode.NO_EXIST, "No such song")
    return _pages(client, rows)


@command("playlist")
async def playlist(client: Client) -> AsyncIterator[Iterable[str]]:
    """Show positions and URIs only."""
    for page in _cut(list(enumerate(client.status.entries))):
        yield [f"{position}:file: {shown_uri(entry.song.uri)}" for position, entry in page]


@command("plchanges", version, optional(position_range))
def plchanges(
    client: Client, since: int, positions: Range = (0, None)
) -> AsyncIterator[Iterable[str]]:
    """Show what has changed since a version of the queue."""
    return _pages(client, _changed(client.status, since, positions))


@command("plchangesposid", version, optional(position_range))
def plchangesposid(client: Client, since: int, positions: Range = (0, None)) -> Iterator[str]:
    """Show positions and ids of what has changed."""
    for position, entry in _changed(client.status, since, positions):
        yield f"cpos: {position}"
        yield f"Id: {entry.id}"


def _changed(now: PlayerStatus, since: int, positions: Range) -> list[Row]:
    """A version that is newer than ours is another server's: then everything has changed."""
    rows = list(enumerate(now.entries))[positions[0] : positions[1]]
    if since > now.queue_version or since <= 0:
        return rows
    return [row for row in rows if row[1].version > since]


@command("playlistfind", text, any_number_of(text))
def playlistfind(client: Client, *words: str) -> AsyncIterator[Iterable[str]]:
    """Show entries whose tags are exactly as asked for."""
    return _matching(client, selection(words, folded=False))


@command("playlistsearch", text, any_number_of(text))
def playlistsearch(client: Client, *words: str) -> AsyncIterator[Iterable[str]]:
    """Show entries whose tags contain what is asked for, in any case."""
    return _matching(client, selection(words, folded=True))


async def _matching(client: Client, wanted: Selection) -> AsyncIterator[Iterable[str]]:
    rows = list(enumerate(client.status.entries))
    if wanted.window[0] > len(rows):
        raise AckError(AckCode.ARG, "Bad song index")
    found = await client.in_thread(lambda: wanted.pick(rows, lambda row: queued_song(row[1])))
    async for page in _pages(client, found):
        yield page
