"""CUE sheets: which tracks a file has, where they begin, and what they are called.

Of the format only what players use is read: ``FILE``, ``TRACK``, ``INDEX 01``, and the
descriptions that stand before the first track or inside one. A line that makes no sense is left
out; nothing a sheet can hold is an error.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from playback.units import TICKS_PER_SECOND, Ticks

FRAMES_PER_SECOND: Final = 75
"""A CD's frames, in which an INDEX counts."""

Tags = list[tuple[str, str]]

_WORD: Final = re.compile(r'"([^"]*)"?|(\S+)')
_TIME: Final = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2})")
_ALBUM_TAGS: Final = {"PERFORMER": "AlbumArtist", "TITLE": "Album"}
_TRACK_TAGS: Final = {"PERFORMER": "Artist", "TITLE": "Title", "SONGWRITER": "Composer"}
_REMARKS: Final = {"GENRE": "Genre", "DATE": "Date", "COMPOSER": "Composer", "DISCNUMBER": "Disc"}


@dataclass(slots=True)
class CueTrack:
    """A track.

    Attributes:
        number: as the sheet counts.
        file: as the sheet names it, relative to the sheet's directory.
        start: file-absolute.
        end: where the next track of the same file begins; None = the file's end.
        tags: ``(canonical MPD tag name, value)`` pairs, those of the album first.
    """

    number: int
    file: str
    start: Ticks | None = None
    end: Ticks | None = None
    tags: Tags = field(default_factory=list)


def tracks_of(text: str) -> tuple[CueTrack, ...]:
    """Read a sheet; tracks that are no audio, or have no beginning, are left out."""
    album: Tags = []
    tracks: list[CueTrack] = []
    file = ""
    for command, *words in _lines(text):
        match command, words:
            case "FILE", [name, *_]:
                file = name
            case "TRACK", [number, *kind]:
                is_audio = not kind or kind[0].upper() == "AUDIO"
                tracks.append(CueTrack(_number(number), file if is_audio else ""))
                tracks[-1].tags = [*album, ("Track", number)]
            case "INDEX", [index, time] if tracks and _number(index) == 1:
                tracks[-1].start = _ticks(time)
            case _:
                _describe(command, words, tracks[-1].tags if tracks else album, bool(tracks))
    return tuple(_with_ends([track for track in tracks if track.file and track.start is not None]))


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        words = [quoted or plain for quoted, plain in _WORD.findall(line)]
        if words:
            yield [words[0].upper(), *words[1:]]


def _describe(command: str, words: list[str], tags: Tags, in_track: bool) -> None:
    if command == "REM" and len(words) > 1:
        name, value = _REMARKS.get(words[0].upper()), words[1]
    else:
        names = _TRACK_TAGS if in_track else _ALBUM_TAGS
        name, value = names.get(command), words[0] if words else ""
    if name is not None and value:
        tags.append((name, value))


def _with_ends(tracks: list[CueTrack]) -> Iterator[CueTrack]:
    for track, following in itertools.zip_longest(tracks, tracks[1:]):
        if following is not None and following.file == track.file:
            track.end = following.start
        if track.end is None or track.start is None or track.end > track.start:
            yield track


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _ticks(text: str) -> Ticks | None:
    time = _TIME.fullmatch(text)
    if time is None:
        return None
    minutes, seconds, frames = map(int, time.groups())
    count = (minutes * 60 + seconds) * FRAMES_PER_SECOND + frames
    return Ticks(count * TICKS_PER_SECOND // FRAMES_PER_SECOND)
