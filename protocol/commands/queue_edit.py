"""Commands that change the queue."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from actors.messages import (
    AddSongs,
    AddTag,
    ClearQueue,
    ClearTags,
    DeleteId,
    DeleteRange,
    MoveId,
    MoveRange,
    SetPriority,
    SetPriorityOfIds,
    SetRange,
    ShuffleRange,
    SwapIds,
    SwapPositions,
)
from playback.errors import AckCode, AckError
from playback.insertion import InsertAt
from playback.song import Song
from playback.units import EntryId, Ticks
from protocol.arguments import (
    Between,
    Range,
    entry_id,
    insert_at,
    position_range,
    refused,
    sound_range,
    tag_name,
    text,
    unsigned,
)
from protocol.client import Client
from protocol.commands.reflection import URL_SCHEMES
from protocol.permissions import Permission
from protocol.registry import any_number_of, command, optional

ADD, PLAYER = Permission.ADD, Permission.PLAYER
PRIORITY = Between(0, 255)


@command("add", text, optional(insert_at), permission=ADD)
async def add(client: Client, uri: str, at: InsertAt | None = None) -> None:
    """Add a song, or everything below a directory."""
    client.check_place(at)
    songs = await songs_of(client, uri)
    if songs is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    await client.ask(AddSongs(songs, at))


@command("addid", text, optional(insert_at), permission=ADD)
async def addid(client: Client, uri: str, at: InsertAt | None = None) -> tuple[str]:
    """Add one song and tell its id."""
    client.check_place(at)
    song = await _one_song(client, uri)
    if song is None:
        raise AckError(AckCode.NO_EXIST, "No such song")
    ids = await client.ask(AddSongs((song,), at))
    return (f"Id: {ids[0]}",)


async def songs_of(client: Client, uri: str) -> tuple[Song, ...] | None:
    """Return what a URI stands for: one song or a directory's; None if nothing is there."""
    song = None if uri == "/" else await _one_song(client, uri)
    if song is not None:
        return (song,)
    music = client.services.music
    return await client.in_thread(partial(music.songs_below, "" if uri == "/" else uri))


async def _one_song(client: Client, uri: str) -> Song | None:
    scheme, found, path = uri.partition("://")
    if found:
        if scheme.lower() == "file":
            return await _file(client, path)
        if scheme.lower() not in URL_SCHEMES:
            raise refused("Unsupported URI scheme")
        return Song(uri)
    if uri.startswith("/"):
        return await _file(client, uri)
    return await client.in_thread(partial(client.services.music.song, uri))


async def _file(client: Client, path: str) -> Song:
    """Return a song by its absolute path: inside the music directory for all, else if local."""
    if not path.startswith("/"):
        raise refused("Malformed file:// URI")
    music = client.services.music
    uri = music.uri_of(path)
    song = None if uri is None else await client.in_thread(partial(music.song, uri))
    if song is None and not client.is_local:
        raise AckError(AckCode.PERMISSION, "Access denied")
    song = song or await client.in_thread(partial(music.file_outside, Path(path)))
    if song is None:
        raise AckError(AckCode.NO_EXIST, "No such song")
    return song


@command("clear", permission=PLAYER)
async def clear(client: Client) -> None:
    """Remove everything."""
    await client.ask(ClearQueue())


@command("delete", position_range, permission=PLAYER)
async def delete(client: Client, positions: Range) -> None:
    """Remove positions."""
    await client.ask(DeleteRange(*positions))


@command("deleteid", entry_id, permission=PLAYER)
async def deleteid(client: Client, entry: EntryId) -> None:
    """Remove one entry."""
    await client.ask(DeleteId(entry))


@command("move", position_range, insert_at, permission=PLAYER)
async def move(client: Client, positions: Range, to: InsertAt) -> None:
    """Move positions elsewhere."""
    start, end = positions
    if end is None:
        raise refused("Open-ended range not supported")
    await client.ask(MoveRange(start, end, to))


@command("moveid", entry_id, insert_at, permission=PLAYER)
async def moveid(client: Client, entry: EntryId, to: InsertAt) -> None:
    """Move one entry elsewhere."""
    await client.ask(MoveId(entry, to))


@command("swap", unsigned, unsigned, permission=PLAYER)
async def swap(client: Client, first: int, second: int) -> None:
    """Exchange two positions."""
    await client.ask(SwapPositions(first, second))


@command("swapid", entry_id, entry_id, permission=PLAYER)
async def swapid(client: Client, first: EntryId, second: EntryId) -> None:
    """Exchange two entries."""
    await client.ask(SwapIds(first, second))


@command("shuffle", optional(position_range), permission=PLAYER)
async def shuffle(client: Client, positions: Range = (0, None)) -> None:
    """Shuffle positions."""
    await client.ask(ShuffleRange(*positions))


@command("prio", PRIORITY, position_range, any_number_of(position_range), permission=PLAYER)
async def prio(client: Client, priority: int, *positions: Range) -> None:
    """Let positions come earlier in random order."""
    await client.ask(SetPriority(priority, positions))


@command("prioid", PRIORITY, entry_id, any_number_of(entry_id), permission=PLAYER)
async def prioid(client: Client, priority: int, *entries: EntryId) -> None:
    """Let entries come earlier in random order."""
    await client.ask(SetPriorityOfIds(priority, entries))


@command("rangeid", entry_id, sound_range, permission=ADD)
async def rangeid(client: Client, entry: EntryId, span: tuple[Ticks, Ticks | None] | None) -> None:
    """Play only a part of an entry's song."""
    await client.ask(SetRange(entry, span))


@command("addtagid", entry_id, tag_name, text, permission=ADD)
async def addtagid(client: Client, entry: EntryId, tag: str, value: str) -> None:
    """Give a remote song a tag."""
    await client.ask(AddTag(entry, tag, value))


@command("cleartagid", entry_id, optional(tag_name), permission=ADD)
async def cleartagid(client: Client, entry: EntryId, tag: str | None = None) -> None:
    """Take a tag, or all, from a remote song."""
    await client.ask(ClearTags(entry, tag))
