"""The music directory: what there is to add."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Final

from library.music_directory import Folder, Item, PlainFile
from playback.errors import AckCode, AckError
from playback.song import Song
from protocol.arguments import refused, text
from protocol.client import Client
from protocol.matching import Matches, simple_filter
from protocol.permissions import Permission
from protocol.registry import any_number_of, command, optional
from protocol.rendering import item_lines, name_line, song_lines, time_stamp

PAGE: Final = 200
"""Songs read at once; between pages other clients have their turn."""


def _folder(argument: str) -> str:
    """Read the URI of a directory or song; ``/`` is the root, a slash behind it does not matter."""
    return argument.rstrip("/")


@command("lsinfo", optional(_folder))
async def lsinfo(client: Client, uri: str = "") -> Iterator[str]:
    """Show what a directory holds, or a song."""
    if "://" in uri:
        raise AckError(AckCode.ARG, "Unsupported URI scheme")
    music = client.services.music
    song = await client.in_thread(partial(music.song, uri))
    items = (song,) if song else await client.in_thread(partial(music.listing, uri))
    if items is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    ordered = sorted(items, key=lambda item: not isinstance(item, Folder))
    return (line for item in ordered for line in item_lines(item, client.tags))


@command("listall", optional(_folder))
def listall(client: Client, uri: str = "") -> AsyncIterator[Iterable[str]]:
    """Name everything below a directory."""
    return _pages(client, uri, lambda item: (name_line(item),))


@command("listallinfo", optional(_folder))
def listallinfo(client: Client, uri: str = "") -> AsyncIterator[Iterable[str]]:
    """Show everything below a directory."""
    return _pages(client, uri, lambda item: item_lines(item, client.tags))


async def _pages(
    client: Client, uri: str, lines: Callable[[Item], Iterable[str]]
) -> AsyncIterator[Iterable[str]]:
    music = client.services.music
    song = await client.in_thread(partial(music.song, uri))
    if song is None and await client.in_thread(partial(music.listing, uri)) is None:
        raise AckError(AckCode.NO_EXIST, "No such directory")
    items = iter((song,)) if song else music.walk(uri)
    while page := await client.in_thread(lambda: list(islice(items, PAGE))):
        yield [line for item in page for line in lines(item)]


@command("listfiles", optional(_folder))
async def listfiles(client: Client, uri: str = "") -> Iterator[str]:
    """Name all files of a directory, music or not."""
    if "://" in uri:
        raise AckError(AckCode.ARG, "Unsupported URI scheme")
    try:
        files = await client.in_thread(partial(client.services.music.files, uri))
    except OSError as error:
        raise AckError(AckCode.NO_EXIST, "No such directory") from error
    return (line for item in files for line in _file_lines(item))


def _file_lines(item: Folder | PlainFile) -> Iterator[str]:
    if isinstance(item, Folder):
        yield f"directory: {item.uri}"
    else:
        yield f"file: {item.name}"
        yield f"size: {item.size_bytes}"
    yield f"Last-Modified: {time_stamp(item.last_modified)}"


@command("find", text, any_number_of(text))
def find(client: Client, *words: str) -> AsyncIterator[Iterable[str]]:
    """Show songs whose tags are exactly as asked for."""
    return _matching(client, simple_filter(words, folded=False))


@command("search", text, any_number_of(text))
def search(client: Client, *words: str) -> AsyncIterator[Iterable[str]]:
    """Show songs whose tags contain what is asked for, in any case."""
    return _matching(client, simple_filter(words, folded=True))


async def _matching(client: Client, matches: Matches) -> AsyncIterator[Iterable[str]]:
    items = client.services.music.walk("")
    while page := await client.in_thread(lambda: list(islice(items, PAGE))):
        songs = (item for item in page if isinstance(item, Song) and matches(item))
        yield [line for song in songs for line in song_lines(song, client.tags)]


def _any_path(argument: str) -> str:
    """Read what is to be read anew; it need not exist."""
    parts = argument.strip("/").split("/")
    if argument.strip("/") and any(part in {"", ".", ".."} for part in parts):
        raise refused("Malformed path")
    return argument


@command("update", optional(_any_path), permission=Permission.CONTROL)
def update(client: Client, _uri: str = "") -> tuple[str]:
    """Read the music directory anew."""
    return (f"updating_db: {client.hub.update(client.services.music.forget)}",)


@command("rescan", optional(_any_path), permission=Permission.CONTROL)
def rescan(client: Client, _uri: str = "") -> tuple[str]:
    """Read the music directory anew, also what has not changed."""
    return (f"updating_db: {client.hub.update(client.services.music.forget)}",)


@command("listplaylists")
def listplaylists(_client: Client) -> None:
    """List the stored playlists; there are none."""
