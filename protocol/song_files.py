"""Where on this machine the file of a URI is, if a client may know."""

from __future__ import annotations

from pathlib import Path

from playback.errors import AckCode, AckError
from protocol.arguments import refused
from protocol.client import Client
from protocol.commands.reflection import URL_SCHEMES


def place_of(client: Client, uri: str) -> Path | None:
    """Return where a URI leads, whatever is there; None if it is not on this machine.

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


async def file_of_song(client: Client, uri: str) -> Path:
    """Return the file of a song, or the one that it is a part of.

    Raises:
        AckError: there is no such song here, or the client may not ask for it.
    """
    place = place_of(client, uri)
    found = None if place is None else await client.in_thread(lambda: _file(client, uri, place))
    if found is None:
        raise AckError(AckCode.NO_EXIST, "No such song")
    return found


def _file(client: Client, uri: str, place: Path) -> Path | None:
    music = client.services.music
    is_outside = uri.startswith("/") or "://" in uri
    song = music.file_outside(place) if is_outside else music.song(uri)
    if song is None or song.span is None:
        return None if song is None else place
    return music.path_of(song.span.file)
