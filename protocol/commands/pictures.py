"""Pictures of songs, piece by piece.

A client asks for the next piece until it has all of them; asking behind the last byte is answered
with an empty piece. The head of the answer is the same for each piece of a picture.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from library.music_directory import MusicDirectory
from library.pictures import cover_beside, piece_of
from playback.errors import AckCode, AckError
from protocol.arguments import refused, text, unsigned
from protocol.client import Client
from protocol.registry import Piece, command
from protocol.song_files import file_of_song, place_of


@command("albumart", text, unsigned)
async def albumart(client: Client, uri: str, offset: int) -> Piece:
    """Send a piece of the cover that lies beside a song, or in a directory whose URI ends in /."""
    place = place_of(client, uri.removesuffix("/") if len(uri) > 1 else uri)
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
    file = await file_of_song(client, uri)
    found = await client.in_thread(partial(client.hub.pictures.of, file))
    if found is None:
        return ()
    size = len(found.data)
    if offset > size:
        raise refused("Bad file offset")
    kind = (f"type: {found.mime_type}",) if found.mime_type else ()
    return Piece((f"size: {size}", *kind), found.data[offset : offset + client.binary_bytes])
