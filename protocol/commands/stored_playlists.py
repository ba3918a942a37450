"""Stored playlists: lists of URIs under a name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from actors.messages import AddSongs, Subsystem
from library.m3u import uris_in
from library.stored_playlists import StoredPlaylists, is_playlist_name
from playback.errors import AckCode, AckError
from playback.insertion import InsertAt
from playback.song import Song
from protocol.arguments import Range, insert_at, position_range, refused, text, unsigned
from protocol.client import Client
from protocol.commands.queue_edit import songs_of
from protocol.permissions import Permission
from protocol.registry import any_number_of, command, optional
from protocol.rendering import shown_uri, song_lines, time_stamp, whole
from protocol.selection import selection, take_option

CONTROL: Final = Permission.CONTROL
PAGE: Final = 200
"""Entries looked up at once; between pages other clients have their turn."""


def _offered(client: Any) -> bool:  # noqa: ANN401  (the table knows no clients)
    return client.services.playlists is not None


def _stored(client: Client) -> StoredPlaylists:
    if client.services.playlists is None:
        raise AckError(AckCode.UNKNOWN, "Stored playlists are disabled")
    return client.services.playlists


async def _edit(client: Client, change: Callable[[StoredPlaylists], object]) -> None:
    """Change playlists, one change after the other, and tell it."""
    playlists = _stored(client)
    try:
        async with client.hub.playlist_edits:
            await client.in_thread(lambda: change(playlists))
    except OSError as error:
        raise _unusable(error) from error
    client.hub.changed({Subsystem.STORED_PLAYLIST})


async def _read(client: Client, name: str, positions: Range = (0, None)) -> list[Song]:
    """Return what a playlist or CUE sheet in the music directory, or a stored playlist, holds.

    Of what is not a CUE sheet's, nothing but the URIs is known yet.
    """
    stored, music = _stored(client), client.services.music

    def read() -> list[Song]:
        if tracks := music.tracks(name):
            return list(tracks)
        uris = uris_in(music, name)
        if uris is None and not is_playlist_name(name):
            raise AckError(AckCode.NO_EXIST, "No such playlist")
        return [Song(uri) for uri in (stored.read(name) if uris is None else uris)]

    try:
        songs = await client.in_thread(read)
    except OSError as error:
        raise _unusable(error) from error
    return songs[slice(*positions)]


def _unusable(error: OSError) -> AckError:
    return AckError(AckCode.SYSTEM, f"Stored playlist: {error.strerror}")


@command("listplaylists")
async def listplaylists(client: Client) -> Iterator[str]:
    """List them."""
    return iter(await playlist_lines(client))


async def playlist_lines(client: Client) -> list[str]:
    """Return the lines that name all stored playlists."""
    if client.services.playlists is None:
        return []
    return [
        line
        for each in await client.in_thread(client.services.playlists.all)
        for line in (f"playlist: {each.name}", f"Last-Modified: {time_stamp(each.last_modified)}")
    ]


@command("listplaylist", text, optional(position_range), available=_offered)
async def listplaylist(client: Client, name: str, positions: Range = (0, None)) -> Iterator[str]:
    """Name what a playlist holds."""
    return (f"file: {shown_uri(song.uri)}" for song in await _read(client, name, positions))


@command("listplaylistinfo", text, optional(position_range), available=_offered)
async def listplaylistinfo(
    client: Client, name: str, positions: Range = (0, None)
) -> AsyncIterator[Iterable[str]]:
    """Show what a playlist holds; of what is not in the music directory, the URI alone."""
    listed = await _read(client, name, positions)
    for start in range(0, len(listed), PAGE):
        page = listed[start : start + PAGE]
        songs = await client.in_thread(partial(_known, client, page))
        yield [line for song in songs for line in song_lines(song, client.tags)]


@command("playlistlength", text, available=_offered)
async def playlistlength(client: Client, name: str) -> tuple[str, str]:
    """Count what a playlist holds, and how long it plays."""
    songs = await client.in_thread(partial(_known, client, await _read(client, name)))
    return (
        f"songs: {len(songs)}",
        f"playtime: {whole(sum(song.duration_s or 0.0 for song in songs))}",
    )


@command("searchplaylist", text, text, any_number_of(text), available=_offered)
async def searchplaylist(client: Client, name: str, *words: str) -> AsyncIterator[Iterable[str]]:
    """Show what a playlist holds whose tags contain what is asked for, with its position there."""
    wanted = selection(words, folded=True)
    songs = await client.in_thread(partial(_known, client, await _read(client, name)))
    found = await client.in_thread(lambda: wanted.pick(enumerate(songs), lambda row: row[1]))
    for start in range(0, len(found), PAGE):
        yield [
            line
            for position, song in found[start : start + PAGE]
            for line in (*song_lines(song, client.tags), f"Pos: {position}")
        ]


def _known(client: Client, listed: Iterable[Song]) -> list[Song]:
    """Return these songs with what is known of them; parts of files are known already."""
    music = client.services.music
    return [song if song.span else music.song(song.uri) or song for song in listed]


@command(
    "load",
    text,
    optional(position_range),
    optional(insert_at),
    permission=Permission.ADD,
    available=_offered,
)
async def load(
    client: Client, name: str, positions: Range = (0, None), at: InsertAt | None = None
) -> None:
    """Add what a playlist holds to the queue; what is not there any more is left out."""
    client.check_place(at)
    listed = await _read(client, name, positions)
    songs = await client.in_thread(partial(_known, client, listed))
    there = [song for song in songs if "://" in song.uri or song.last_modified is not None]
    if there:
        await client.ask(AddSongs(tuple(there), at, name))


@command("save", text, optional(text), permission=CONTROL, available=_offered)
async def save(client: Client, name: str, mode: str = "create") -> None:
    """Make a playlist of the queue."""
    if mode not in {"create", "append", "replace"}:
        raise refused("Unrecognized save mode, expected create, append, or replace")
    uris = [entry.song.uri for entry in client.status.entries]

    def change(playlists: StoredPlaylists) -> None:
        exists = playlists.exists(name)
        if mode == "create" and exists:
            raise AckError(AckCode.EXIST, "Playlist already exists")
        if mode != "create" and not exists:
            raise AckError(AckCode.NO_EXIST, "No such playlist")
        before = playlists.read(name) if mode == "append" else []
        playlists.write(name, before + uris)

    await _edit(client, change)


@command("rm", text, permission=CONTROL, available=_offered)
async def rm(client: Client, name: str) -> None:
    """Remove a playlist."""
    await _edit(client, lambda playlists: playlists.remove(name))


@command("rename", text, text, permission=CONTROL, available=_offered)
async def rename(client: Client, name: str, new_name: str) -> None:
    """Give a playlist another name."""
    await _edit(client, lambda playlists: playlists.rename(name, new_name))


@command("playlistclear", text, permission=CONTROL, available=_offered)
async def playlistclear(client: Client, name: str) -> None:
    """Empty a playlist."""
    await _edit_list(client, name, lambda _uris: [])


@command("playlistadd", text, text, optional(unsigned), permission=CONTROL, available=_offered)
async def playlistadd(client: Client, name: str, uri: str, position: int | None = None) -> None:
    """Add a song, or everything below a directory; the playlist is made if there is none."""
    songs = await songs_of(client, uri)
    if songs is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    await _insert(client, name, songs, position)


@command("searchaddpl", text, text, any_number_of(text), permission=CONTROL, available=_offered)
async def searchaddpl(client: Client, name: str, *words: str) -> None:
    """Add what ``search`` shows to a playlist."""
    rest = list(words)
    place = take_option(rest, "position")
    position = None if place is None else unsigned(place)
    wanted = selection(rest, folded=True)
    songs = await client.hub.updates.songs()
    picked = await client.in_thread(lambda: wanted.pick(songs, lambda song: song))
    await _insert(client, name, picked, position)


@command("playlistdelete", text, position_range, permission=CONTROL, available=_offered)
async def playlistdelete(client: Client, name: str, positions: Range) -> None:
    """Take positions out of a playlist."""

    def change(uris: list[str]) -> list[str]:
        start, end = _inside(positions, len(uris))
        return uris[:start] + uris[end:]

    await _edit_list(client, name, change)


@command("playlistmove", text, position_range, unsigned, permission=CONTROL, available=_offered)
async def playlistmove(client: Client, name: str, positions: Range, to: int) -> None:
    """Move positions of a playlist elsewhere in it."""
    if positions == (to, to + 1):
        return

    def change(uris: list[str]) -> list[str]:
        start, end = _inside(positions, len(uris))
        rest = uris[:start] + uris[end:]
        if start == end or to > len(rest):
            raise refused("Bad range")
        return rest[:to] + uris[start:end] + rest[to:]

    await _edit_list(client, name, change)


def _inside(positions: Range, length: int) -> tuple[int, int]:
    start, end = positions
    if start > length:
        raise refused("Bad song index")
    return start, length if end is None else min(end, length)


async def _insert(client: Client, name: str, songs: Sequence[Song], position: int | None) -> None:
    added = [song.uri for song in songs]

    def change(playlists: StoredPlaylists) -> None:
        uris = playlists.read(name) if playlists.exists(name) else []
        place = len(uris) if position is None else position
        if place > len(uris):
            raise refused("Bad position")
        playlists.write(name, uris[:place] + added + uris[place:])

    await _edit(client, change)


async def _edit_list(client: Client, name: str, change: Callable[[list[str]], list[str]]) -> None:
    """Change what a playlist holds; there must be one."""
    await _edit(client, lambda playlists: playlists.write(name, change(playlists.read(name))))
