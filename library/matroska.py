"""Matroska and WebM: length, format and tags of their first sound track.

A file is a tree of elements: an id, a size, and content, which is again elements or a value. The
parts that are needed stand before the first cluster of sound; tags may stand behind the last one,
and then an index at the beginning (*SeekHead*) says where.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

_SEGMENT: Final = 0x18538067
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_INFO, _TIMESTAMP_SCALE, _DURATION, _TITLE = 0x1549A966, 0x2AD7B1, 0x4489, 0x7BA9
_TRACKS, _TRACK, _TRACK_TYPE, _CODEC, _PRIVATE = 0x1654AE6B, 0xAE, 0x83, 0x86, 0x63A2
_AUDIO, _RATE, _CHANNELS, _BIT_DEPTH = 0xE1, 0xB5, 0x9F, 0x6264
_TAGS, _TAG, _SIMPLE_TAG, _TAG_NAME, _TAG_STRING = 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
_CLUSTER: Final = 0x1F43B675
_SOUND: Final = 2
_MOST_BYTES: Final = 1 << 24
_MOST_S: Final = 1e7
_MOST_HZ: Final = 10_000_000
_MOST_ELEMENTS: Final = 1_000
_WHOLE_NUMBERS: Final = ("A_PCM/INT", "A_FLAC", "A_ALAC", "A_TTA", "A_WAVPACK")
"""Codecs whose samples are whole numbers; those of all the others are floats."""

Elements = Iterator[tuple[int, bytes]]


@dataclass(slots=True)
class Matroska:
    """What was found.

    Attributes:
        audio_format: of the first sound track, as MPD prints it; None if there is none.
        duration_s: None if the file does not say.
        tags: lower-cased names, and values.
    """

    audio_format: str | None = None
    duration_s: float | None = None
    tags: tuple[tuple[str, str], ...] = ()
    title: tuple[tuple[str, str], ...] = ()
    places: dict[int, int] = field(default_factory=dict)


def read_matroska(file: BinaryIO) -> Matroska | None:
    """Read a file; None if it holds no sound.

    Raises:
        ValueError: it ends too early, or makes no sense.
    """
    file.seek(0)
    found = Matroska()
    for ident, size in _heads(file):
        if ident == _SEGMENT:
            _read_segment(file, file.tell(), found)
            break
        file.seek(size, 1)
    if found.tags == ():
        found.tags = found.title
    return found if found.audio_format else None


def _read_segment(file: BinaryIO, begin: int, found: Matroska) -> None:
    for ident, size in _heads(file):
        if ident == _CLUSTER:
            break
        if ident in _PARTS and size <= _MOST_BYTES:
            _PARTS[ident](file.read(size), found)
        else:
            file.seek(size, 1)
    if not found.tags and _TAGS in found.places:
        file.seek(min(begin + found.places[_TAGS], os.fstat(file.fileno()).st_size))
        ident, size = next(_heads(file), (0, 0))
        if ident == _TAGS and size <= _MOST_BYTES:
            _read_tags(file.read(size), found)


def _read_places(content: bytes, found: Matroska) -> None:
    for ident, seek in _elements(content):
        if ident == _SEEK:
            parts = dict(_elements(seek))
            name = int.from_bytes(parts.get(_SEEK_ID, b""))
            found.places[name] = int.from_bytes(parts.get(_SEEK_POSITION, b""))


def _read_info(content: bytes, found: Matroska) -> None:
    parts = dict(_elements(content))
    scale_ns = int.from_bytes(parts.get(_TIMESTAMP_SCALE, b"")) or 1_000_000
    if _DURATION in parts:
        duration_s = _float(parts[_DURATION]) * scale_ns / 1e9
        found.duration_s = duration_s if 0 < duration_s < _MOST_S else None
    if _TITLE in parts:
        found.title = (("title", _text(parts[_TITLE])),)


def _read_tracks(content: bytes, found: Matroska) -> None:
    for ident, track in _elements(content):
        parts = dict(_elements(track)) if ident == _TRACK else {}
        if int.from_bytes(parts.get(_TRACK_TYPE, b"")) == _SOUND:
            audio = dict(_elements(parts.get(_AUDIO, b"")))
            rate_hz = round(_float(audio[_RATE])) if _RATE in audio else 8_000
            if not 0 < rate_hz < _MOST_HZ:
                raise ValueError(f"{rate_hz} Hz is no rate")
            channels = int.from_bytes(audio.get(_CHANNELS, b"\x01"))
            depth = int.from_bytes(audio.get(_BIT_DEPTH, b""))
            codec, private = _text(parts.get(_CODEC, b"")), parts.get(_PRIVATE, b"")
            found.audio_format = f"{rate_hz}:{_bits(codec, depth, private)}:{channels}"
            return


def _bits(codec: str, depth: int, private: bytes) -> str:
    if not codec.startswith(_WHOLE_NUMBERS):
        return "f"
    if codec == "A_FLAC" and len(private) >= 22:  # "fLaC", a block's head, STREAMINFO
        depth = ((private[20] & 1) << 4 | private[21] >> 4) + 1
    return "16" if depth <= 16 else "32"


def _read_tags(content: bytes, found: Matroska) -> None:
    pairs = []
    for ident, tag in _elements(content):
        if ident == _TAG:
            for inner, simple in _elements(tag):
                if inner == _SIMPLE_TAG:
                    parts = dict(_elements(simple))
                    name = _text(parts.get(_TAG_NAME, b"")).lower()
                    pairs.append((name, _text(parts.get(_TAG_STRING, b""))))
    has_title = any(name == "title" for name, _ in pairs)
    found.tags = (*(() if has_title else found.title), *pairs)


_PARTS: Final = {
    _SEEK_HEAD: _read_places,
    _INFO: _read_info,
    _TRACKS: _read_tracks,
    _TAGS: _read_tags,
}


def _heads(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield id and size of one element after the other; whoever asks moves on to the next."""
    end = os.fstat(file.fileno()).st_size
    for _ in range(_MOST_ELEMENTS):
        head = file.read(12)
        if len(head) < 2:
            return
        ident, at = _number(head, 0, keep_mark=True)
        size, at = _number(head, at)
        file.seek(at - len(head), 1)
        yield ident, min(size, end - file.tell())


def _elements(content: bytes) -> Elements:
    """Yield id and content of each element inside another."""
    at = 0
    while at < len(content):
        ident, at = _number(content, at, keep_mark=True)
        size, at = _number(content, at)
        yield ident, content[at : at + size]
        at += size


def _number(content: bytes, at: int, *, keep_mark: bool = False) -> tuple[int, int]:
    """Read a number whose first set bit tells its length; return it, and where it ends."""
    if at >= len(content) or not content[at]:
        raise ValueError("no number stands here")
    length = 9 - content[at].bit_length()
    value = int.from_bytes(content[at : at + length])
    return value if keep_mark else value & ((1 << 7 * length) - 1), at + length


def _float(content: bytes) -> float:
    if len(content) not in {4, 8}:
        return 0.0
    value: float = struct.unpack(">f" if len(content) == 4 else ">d", content)[0]
    return value


def _text(content: bytes) -> str:
    return content.rstrip(b"\0").decode("utf-8", "replace")
