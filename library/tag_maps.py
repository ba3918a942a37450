"""How each container spells MPD's tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from library.tag_names import TAG_NAMES

VORBIS: Final[Mapping[str, str]] = {name.lower(): name for name in TAG_NAMES} | {
    "tracknumber": "Track",
    "discnumber": "Disc",
    "movement": "MovementNumber",
    "movementname": "Movement",
}
"""Vorbis comments (FLAC, Ogg, Opus), lower-cased."""

MATROSKA: Final[Mapping[str, str]] = dict(VORBIS) | {
    "album_artist": "AlbumArtist",
    "date_released": "Date",
    "disc": "Disc",
    "part_number": "Track",
    "track": "Track",
}
"""Matroska's own names and those that FFmpeg writes, lower-cased."""

ID3: Final[Mapping[str, str]] = {
    "TPE1": "Artist",
    "TPE2": "AlbumArtist",
    "TSOP": "ArtistSort",
    "TSOA": "AlbumSort",
    "TSO2": "AlbumArtistSort",
    "TIT2": "Title",
    "TSOT": "TitleSort",
    "TALB": "Album",
    "TRCK": "Track",
    "TDRC": "Date",
    "TDOR": "OriginalDate",
    "TCON": "Genre",
    "TMOO": "Mood",
    "TCOM": "Composer",
    "TPE3": "Conductor",
    "TIT1": "Grouping",
    "TPOS": "Disc",
    "TPUB": "Label",
}
"""ID3 frames, in the order in which MPD reports them."""

ID3_USER_TEXT: Final[Mapping[str, str]] = {
    "albumartistsort": "AlbumArtistSort",
    "musicbrainz artist id": "MUSICBRAINZ_ARTISTID",
    "musicbrainz album id": "MUSICBRAINZ_ALBUMID",
    "musicbrainz album artist id": "MUSICBRAINZ_ALBUMARTISTID",
    "musicbrainz track id": "MUSICBRAINZ_TRACKID",
    "musicbrainz release track id": "MUSICBRAINZ_RELEASETRACKID",
    "musicbrainz work id": "MUSICBRAINZ_WORKID",
    "musicbrainz release group id": "MUSICBRAINZ_RELEASEGROUPID",
}
"""Descriptions of ID3's ``TXXX`` frames, lower-cased."""

MUSICBRAINZ_OWNER: Final = "http://musicbrainz.org"
"""Owner of the ``UFID`` frame that holds the track id."""

MP4: Final[Mapping[str, str]] = {
    "\xa9ART": "Artist",
    "soar": "ArtistSort",
    "\xa9alb": "Album",
    "soal": "AlbumSort",
    "aART": "AlbumArtist",
    "soaa": "AlbumArtistSort",
    "\xa9nam": "Title",
    "sonm": "TitleSort",
    "trkn": "Track",
    "\xa9gen": "Genre",
    "\xa9day": "Date",
    "\xa9wrt": "Composer",
    "soco": "ComposerSort",
    "\xa9grp": "Grouping",
    "\xa9wrk": "Work",
    "\xa9mvn": "Movement",
    "disk": "Disc",
} | {
    f"----:com.apple.iTunes:{key}": name
    for key, name in {
        "MusicBrainz Artist Id": "MUSICBRAINZ_ARTISTID",
        "MusicBrainz Album Id": "MUSICBRAINZ_ALBUMID",
        "MusicBrainz Album Artist Id": "MUSICBRAINZ_ALBUMARTISTID",
        "MusicBrainz Track Id": "MUSICBRAINZ_TRACKID",
        "MusicBrainz Release Track Id": "MUSICBRAINZ_RELEASETRACKID",
        "MusicBrainz Release Group Id": "MUSICBRAINZ_RELEASEGROUPID",
        "LABEL": "Label",
        "MOOD": "Mood",
    }.items()
}
"""MP4 atoms (M4A, ALAC)."""

APE: Final[Mapping[str, str]] = {name.lower(): name for name in TAG_NAMES} | {
    "album artist": "AlbumArtist",
    "year": "Date",
}
"""APEv2 keys (WavPack, Monkey's Audio, Musepack), lower-cased."""

ASF: Final[Mapping[str, str]] = {
    "Author": "Artist",
    "WM/AlbumTitle": "Album",
    "WM/AlbumArtist": "AlbumArtist",
    "Title": "Title",
    "WM/TrackNumber": "Track",
    "WM/Genre": "Genre",
    "WM/Mood": "Mood",
    "WM/Year": "Date",
    "WM/Composer": "Composer",
    "WM/Conductor": "Conductor",
    "WM/PartOfSet": "Disc",
    "WM/Publisher": "Label",
}
"""ASF attributes (WMA)."""
