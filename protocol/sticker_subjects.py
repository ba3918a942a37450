"""What stickers can be attached to."""

from __future__ import annotations

from typing import Final

from library.stickers import FILTER, PLAYLIST, SONG, Subject
from library.tag_names import TAG_NAMES, canonical_tag
from playback.errors import AckCode, AckError
from protocol.arguments import refused
from protocol.client import Client
from protocol.expressions import Matches
from protocol.matching import song_filter

TAGS: Final = (
    "Artist", "Album", "AlbumArtist", "Title", "Genre", "Composer", "Performer", "Conductor",
    "Work", "Ensemble", "Location", "Label",
)  # fmt: skip
"""Tags whose values may have stickers."""
KINDS: Final = (FILTER, PLAYLIST, SONG, *(name for name in TAG_NAMES if name in TAGS))


def sticker_kind(argument: str) -> str:
    """Read ``song``, ``playlist``, ``filter`` or the name of such a tag."""
    kind = argument if argument in KINDS else canonical_tag(argument)
    if kind not in KINDS:
        raise refused(f'unknown sticker domain "{argument}"')
    return kind


async def check_subject(client: Client, subject: Subject) -> None:
    """Make sure that it is there.

    Raises:
        AckError: it is not.
    """
    uri, music, playlists = subject.uri, client.services.music, client.services.playlists
    match subject.kind:
        case "song":
            problem = "No such song"
            is_there = await client.in_thread(lambda: music.song(uri)) is not None
        case "playlist":
            problem = "No such playlist"
            is_there = playlists is not None and await client.in_thread(
                lambda: playlists.exists(uri)
            )
        case "filter":
            problem = f'no song matches: "{uri}"'
            is_there = await _is_among_songs(client, song_filter((uri,), folded=False))
        case tag:
            problem = f'no such {tag}: "{uri}"'
            is_there = await _is_among_songs(client, lambda song: uri in song.values(tag))
    if not is_there:
        raise AckError(AckCode.NO_EXIST, problem)


async def _is_among_songs(client: Client, matches: Matches) -> bool:
    songs = await client.hub.updates.songs()
    return await client.in_thread(lambda: any(map(matches, songs)))
