"""Pictures of songs, piece by piece.

A client asks for the next piece until it has all of them; asking behind the last byte is answered
with an empty piece. The head of the answer is the same for each piece of a picture.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from library.music_directory import MusicDirectory
from library.pictures import Picture, cover_beside, piece_of
from playback.errors import AckCode, AckError
from protocol.arguments import refused, text, unsigned
from protocol.client import Client
from protocol.commands.reflection import URL_SCHEMES
from protocol.registry import Piece, command


@command("albumart", text, unsigned)
async def albumart(client: Client, uri: str, offset: int) -> Piece:
    """Send a piece of the cover that lies beside a song, or in a directory whose URI ends in /."""
    place = _path(client, uri.removesuffix("/") if len(uri) > 1 else uri)
    found = None
    if place is not None:
        folder = place if not uri or uri.endswith("/") else place.parent
        read = partial(_cover, client.services.music, uri, folder, offset, client.binary_bytes)
        found = await client.in_thread(read)
    if found is None:
        raise AckError(AckCode.NO_EXIST, "No file exists")
    size, data = found
    if offset > size:
        raise refused("Offset too large")
    return Piece((f"size: {size}",), data)


def _cover(
    music: MusicDirectory, uri: str, folder: Path, offset: int, longest: int
) -> tuple[int, bytes] | None:
    """Return the size of a cover and a piece of it; None if there is none."""
    if not folder.is_dir() and (song := music.song(uri)) and song.span is not None:
        folder = (music.root / song.span.file).parent  # it is a part of that file
    cover = cover_beside(folder)
    try:
        return None if cover is None else piece_of(cover, offset, longest)
    except OSError:
        return None  # it went away, or may not be read


@command("readpicture", text, unsigned)
async def readpicture(client: Client, uri: str, offset: int) -> Piece | tuple[()]:
    """Send a piece of the picture that is embedded in a song."""
    place = _path(client, uri)
    found = await client.in_thread(partial(_embedded, client, uri, place))
    if found is None:
        return ()
    size = len(found.data)
    if offset > size:
        raise refused("Bad file offset")
    kind = (f"type: {found.mime_type}",) if found.mime_type else ()
    return Piece((f"size: {size}", *kind), found.data[offset : offset + client.binary_bytes])


def _embedded(client: Client, uri: str, place: Path | None) -> Picture | None:
    """Return a song's picture.

    Raises:
        AckError: there is no such song.
    """
    music = client.services.music
    is_outside = uri.startswith("/") or "://" in uri
    song = None
    if place is not None:
        song = music.file_outside(place) if is_outside else music.song(uri)
    if song is None or place is None:
        raise AckError(AckCode.NO_EXIST, "No such song")
    file = place if song.span is None else music.path_of(song.span.file)
    return None if file is None else client.hub.pictures.of(file)


def _path(client: Client, uri: str) -> Path | None:
    """Return where a URI leads; None if it is not on this machine.

    Raises:
        AckError: it is none of this server's, or none of this client's.
    """
    scheme, found, rest = uri.partition("://")
    if found and scheme.lower() == "file":
        uri = rest
    elif found and scheme.lower() not in URL_SCHEMES:
        raise refused("Unsupported URI scheme")
    elif found:
        return None
    if uri.startswith("/"):
        if not client.is_local:
            raise AckError(AckCode.PERMISSION, "Access denied")
        return Path(uri)
    return client.services.music.path_of(uri)
