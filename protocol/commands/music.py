"""The music directory: what there is to add."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Final

from library.comments import comments_of
from library.music_directory import Folder, Item, MusicDirectory, PlainFile, PlaylistFile
from playback.errors import AckCode, AckError
from playback.song import Song
from protocol.arguments import refused, text
from protocol.client import Client
from protocol.commands.connection import HIDE_PLAYLISTS
from protocol.commands.stored_playlists import playlist_lines
from protocol.permissions import Permission
from protocol.registry import command, optional
from protocol.rendering import item_lines, name_line, time_stamp
from protocol.song_files import file_of_song

PAGE: Final = 200
"""Songs read at once; between pages other clients have their turn."""


def _place(argument: str) -> str:
    """Read the URI of a directory or song; ``/`` is the root."""
    return "" if argument == "/" else argument


@command("lsinfo", optional(_place))
async def lsinfo(client: Client, uri: str = "") -> Iterator[str]:
    """Show what a directory holds, or a song."""
    _check_scheme(uri)
    if uri.startswith("/"):
        raise AckError(AckCode.PERMISSION, "Access denied")
    items = await client.in_thread(partial(_inside, client.services.music, uri))
    if items is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    shows_stored = not uri and HIDE_PLAYLISTS not in client.features
    stored = await playlist_lines(client) if shows_stored else []
    return chain((line for item in items for line in item_lines(item, client.tags)), stored)


def _check_scheme(uri: str) -> None:
    if "://" in uri:
        raise AckError(AckCode.ARG, "Unsupported URI scheme")


def _inside(music: MusicDirectory, uri: str) -> tuple[Item, ...] | None:
    song = music.song(uri)
    if song is None:
        return _shown(music, uri)
    sheet = (PlaylistFile(uri, None),) if music.tracks(uri) else ()
    return (song, *sheet, *music.parts(uri))


def _shown(music: MusicDirectory, uri: str) -> tuple[Item, ...] | None:
    """Return what a directory holds; one without music is as good as absent, but for the root."""
    listing = music.listing(uri)
    return None if uri and not listing else listing


@command("listall", optional(_place))
def listall(client: Client, uri: str = "") -> AsyncIterator[Iterable[str]]:
    """Name everything below a directory."""
    return _pages(client, uri, lambda item: (name_line(item),))


@command("listallinfo", optional(_place))
def listallinfo(client: Client, uri: str = "") -> AsyncIterator[Iterable[str]]:
    """Show everything below a directory."""
    return _pages(client, uri, lambda item: item_lines(item, client.tags))


async def _pages(
    client: Client, uri: str, lines: Callable[[Item], Iterable[str]]
) -> AsyncIterator[Iterable[str]]:
    items = await client.in_thread(partial(_below, client.services.music, uri))
    if items is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    while page := await client.in_thread(lambda: list(islice(items, PAGE))):
        yield [line for item in page for line in lines(item)]


def _below(music: MusicDirectory, uri: str) -> Iterator[Item] | None:
    """Return a song, or a directory and everything below it; None if nothing is there."""
    start = music.song(uri) or music.folder(uri)
    if isinstance(start, Song):
        return iter((start,))
    if start is None or _shown(music, uri) is None:
        return None
    return chain((start,) if uri else (), music.walk(uri))


@command("listfiles", optional(text))
async def listfiles(client: Client, uri: str = "") -> Iterator[str]:
    """Name all files of a directory, music or not."""
    _check_scheme(uri)
    if uri.startswith("/"):
        raise AckError(AckCode.PERMISSION, "Access denied")
    music = client.services.music
    try:
        files = await client.in_thread(partial(music.files, uri))
    except OSError as error:
        problem = f"Failed to open {music.root / uri}: {error.strerror}"
        raise AckError(AckCode.SYSTEM, problem) from error
    return (line for item in files for line in _file_lines(item))


def _file_lines(item: Folder | PlainFile) -> Iterator[str]:
    if isinstance(item, Folder):
        yield f"directory: {item.uri}"
    else:
        yield f"file: {item.name}"
        yield f"size: {item.size_bytes}"
    yield f"Last-Modified: {time_stamp(item.last_modified)}"


@command("readcomments", text)
async def readcomments(client: Client, uri: str) -> Iterator[str]:
    """Show what a file's tags say literally."""
    file = await file_of_song(client, uri)
    comments = await client.in_thread(partial(comments_of, file))
    return (f"{key}: {value}" for key, value in comments)


def _any_place(argument: str) -> str:
    """Read what is to be read anew; it need not exist."""
    place = _place(argument)
    if place and any(part in {"", ".", ".."} for part in place.split("/")):
        raise refused("Malformed path")
    return place


@command("update", optional(_any_place), permission=Permission.CONTROL)
def update(client: Client, _uri: str = "") -> tuple[str]:
    """Read the music directory anew."""
    return (f"updating_db: {client.hub.updates.start(all_anew=False)}",)


@command("rescan", optional(_any_place), permission=Permission.CONTROL)
def rescan(client: Client, _uri: str = "") -> tuple[str]:
    """Read the music directory anew, also what has not changed."""
    return (f"updating_db: {client.hub.updates.start(all_anew=True)}",)
