"""MPD's tag names: the canonical spelling and order of everything a client may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TAG_NAMES: Final[tuple[str, ...]] = (
    "Artist",
    "ArtistSort",
    "Album",
    "AlbumSort",
    "AlbumArtist",
    "AlbumArtistSort",
    "Title",
    "TitleSort",
    "Track",
    "Name",
    "Genre",
    "Mood",
    "Date",
    "OriginalDate",
    "Composer",
    "ComposerSort",
    "Performer",
    "Conductor",
    "Work",
    "Movement",
    "MovementNumber",
    "ShowMovement",
    "Ensemble",
    "Location",
    "Grouping",
    "Disc",
    "Label",
    "MUSICBRAINZ_ARTISTID",
    "MUSICBRAINZ_ALBUMID",
    "MUSICBRAINZ_ALBUMARTISTID",
    "MUSICBRAINZ_TRACKID",
    "MUSICBRAINZ_RELEASETRACKID",
    "MUSICBRAINZ_WORKID",
    "MUSICBRAINZ_RELEASEGROUPID",
)
"""All but ``Comment``, which MPD leaves out unless it is configured: it is long and of no use."""

_UNREAD: Final = "Comment"
"""A tag that a client may name, and that no song has."""

_BY_LOWER: Final[Mapping[str, str]] = {name.lower(): name for name in (*TAG_NAMES, _UNREAD)}


def canonical_tag(name: str) -> str | None:
    """Return the canonical spelling of a tag's name in any case, or None if it is no tag."""
    return _BY_LOWER.get(name.lower())
