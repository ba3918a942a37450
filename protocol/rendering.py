"""Values into lines, lines into bytes.

Nothing a file or a user wrote can break the framing: line ends inside values become blanks,
what is not UTF-8 is replaced, and no line is longer than what clients' buffers hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from library.music_directory import Folder, Item, PlaylistFile
from playback.errors import AckError
from playback.song import Song
from playback.status import QueueEntry
from playback.units import Ticks, ticks_to_seconds

MAX_LINE_BYTES: Final = 4095
"""Including the key, without the line end; libmpdclient gives up on more."""

TagMask: TypeAlias = frozenset[str]
"""Canonical names of the tags a client wants to see."""

_LINE_ENDS: Final = re.compile(r"[\r\n]")
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def encode(lines: Iterable[str]) -> bytes:
    """Return lines as they go to a client, each with its end."""
    return b"".join(map(_encode_line, lines))


def _encode_line(line: str) -> bytes:
    encoded = _LINE_ENDS.sub(" ", line).encode("utf-8", "replace")
    if len(encoded) > MAX_LINE_BYTES:
        encoded = encoded[:MAX_LINE_BYTES].decode("utf-8", "ignore").encode()
    return encoded + b"\n"


def acknowledge(error: AckError, index: int, command: str) -> str:
    """Return the line that refuses a command."""
    return f"ACK [{error.code:d}@{index}] {{{command}}} {error}"


def time_stamp(unix_s: int) -> str:
    """Return a time as MPD writes it: UTC, in seconds."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(value: float) -> int:
    """Round to the nearest whole number, halves up."""
    return int(value + 0.5)


def shortest(value: float) -> str:
    """Return a number in decimal notation with as few digits as tell it from all others."""
    if math.isinf(value):
        return str(value)
    digits = format(Decimal(repr(value)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def shown_uri(uri: str) -> str:
    """Return a URI without user name and password."""
    if not _HAS_SCHEME.match(uri) or "@" not in uri:
        return uri
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@lru_cache(maxsize=4096)
def song_lines(
    song: Song, mask: TagMask, sound_range: tuple[Ticks, Ticks | None] | None = None
) -> tuple[str, ...]:
    """Return a song's block."""
    return (
        f"file: {shown_uri(song.uri)}",
        *_head_lines(song, sound_range),
        *(f"{name}: {value}" for name, value in song.tags if name in mask and value),
        *_duration_lines(song, sound_range),
    )


def _head_lines(song: Song, sound_range: tuple[Ticks, Ticks | None] | None) -> Iterator[str]:
    if sound_range is None and song.span is not None:
        sound_range = song.span.start, song.span.end
    if sound_range is not None:
        start_s, end_s = _seconds(song, sound_range)
        yield f"Range: {start_s:.3f}-{'' if end_s is None else f'{end_s:.3f}'}"
    if song.last_modified is not None:
        yield f"Last-Modified: {time_stamp(song.last_modified)}"
    if song.audio_format is not None:
        yield f"Format: {song.audio_format}"


def _duration_lines(song: Song, sound_range: tuple[Ticks, Ticks | None] | None) -> Iterator[str]:
    duration_s = song.duration_s
    if sound_range is not None:
        start_s, end_s = _seconds(song, sound_range)
        until_s = song.duration_s if end_s is None else end_s
        duration_s = None if until_s is None else max(0.0, until_s - start_s)
    if duration_s is not None:
        yield f"Time: {whole(duration_s)}"
        yield f"duration: {duration_s:.3f}"


def _seconds(song: Song, sound_range: tuple[Ticks, Ticks | None]) -> tuple[float, float | None]:
    """Return a range in seconds; an end behind the song's own is an open end."""
    start, end = sound_range
    end_s = None if end is None else ticks_to_seconds(end)
    file_s = song.duration_s if song.span is None else None
    if end_s is not None and file_s is not None and end_s >= file_s:
        end_s = None
    return ticks_to_seconds(start), end_s


def entry_lines(entry: QueueEntry, position: int, mask: TagMask) -> tuple[str, ...]:
    """Return a queue entry's block."""
    priority = (f"Prio: {entry.priority}",) if entry.priority else ()
    return (
        *song_lines(entry.song, mask, entry.range),
        f"Pos: {position}",
        f"Id: {entry.id}",
        *priority,
    )


def item_lines(item: Item, mask: TagMask) -> tuple[str, ...]:
    """Return the block of whatever a directory may hold."""
    if isinstance(item, Song):
        return song_lines(item, mask)
    if item.last_modified is None:
        return (name_line(item),)
    return name_line(item), f"Last-Modified: {time_stamp(item.last_modified)}"


def name_line(item: Item) -> str:
    """Return the line that names whatever a directory may hold."""
    match item:
        case Song():
            return f"file: {shown_uri(item.uri)}"
        case PlaylistFile():
            return f"playlist: {item.uri}"
        case Folder():
            return f"directory: {item.uri}"
