"""Pictures of songs: the cover beside a song, and those that are embedded in it.

Everything here reads the disk, so it is called from threads.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4

from library.tag_file import open_tag_file

SUFFIXES: Final = ("png", "jpg", "webp", "jpeg", "jxl", "avif", "gif", "bmp")
STEMS: Final = ("cover", "folder", "front", "albumart", "album")
_RANKS: Final = {
    f"{stem}.{suffix}": rank
    for rank, (stem, suffix) in enumerate((stem, suffix) for stem in STEMS for suffix in SUFFIXES)
}
_LINK: Final = "-->"
"""Instead of a type: the picture is elsewhere."""
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An embedded picture; the type is empty if nobody says it."""

    data: bytes
    mime_type: str


def cover_beside(folder: Path) -> Path | None:
    """Return a directory's cover: the best of the usual names, in any case; None = no cover.

    MPD's own names, ``cover.png`` and its like, come first.
    """
    try:
        ranked = sorted(
            (_RANKS[name.lower()], name != name.lower(), name) for name in _candidates(folder)
        )
    except OSError:
        return None
    return next((folder / name for _, _, name in ranked if (folder / name).is_file()), None)


def _candidates(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if entry.name.lower() in _RANKS)


def piece_of(path: Path, offset: int, longest: int) -> tuple[int, bytes]:
    """Return a file's size, and up to ``longest`` bytes of it from ``offset`` on.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(offset)
        return size, file.read(longest)


class EmbeddedPictures:
    """The first picture of each file; clients ask for one in many pieces."""

    def __init__(self) -> None:
        self._read = functools.lru_cache(maxsize=2)(_read_version)

    def of(self, path: Path) -> Picture | None:
        """Return a file's first picture; None if it has none, or cannot be read."""
        try:
            status = path.stat()
            return self._read(path, status.st_mtime_ns, status.st_size)
        except (OSError, mutagen.MutagenError):
            return None


def _read_version(path: Path, _modified_ns: int, _size_bytes: int) -> Picture | None:
    """Read a file's first picture; time and size are there to tell its versions apart."""
    file = open_tag_file(path)
    found = () if file is None else _pictures(file)
    return next((picture for picture in found if picture.mime_type != _LINK), None)


def _pictures(file: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    for picture in getattr(file, "pictures", ()):  # FLAC
        yield Picture(picture.data, picture.mime)
    for kind, read in _READERS:
        if isinstance(file.tags, kind):
            yield from read(file.tags)


def _id3(tags: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    for frame in tags.getall("APIC"):
        yield Picture(frame.data, frame.mime)


def _mp4(tags: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    for cover in tags.get("covr", ()):
        yield _recognised(bytes(cover))


def _ape(tags: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    for key, value in tags.items():
        if key.lower().startswith("cover art") and isinstance(value, mutagen.apev2.APEBinaryValue):
            yield _recognised(bytes(value.value or b"").partition(b"\0")[2])


def _wma(tags: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    for attribute in tags.get("WM/Picture", ()):
        yield from _asf(attribute.value)


def _comments(tags: Any) -> Iterator[Picture]:  # noqa: ANN401  (the library is untyped)
    """Read Vorbis comments, of whichever container."""
    for key, value in tags:
        if key.lower() == "metadata_block_picture":
            yield from _vorbis(value)


_READERS: Final[tuple[tuple[type, Callable[[Any], Iterator[Picture]]], ...]] = (
    (mutagen.id3.ID3, _id3),
    (mutagen.mp4.MP4Tags, _mp4),
    (mutagen.apev2.APEv2, _ape),
    (mutagen.asf.ASFTags, _wma),
    (list, _comments),
)


def _asf(value: bytes) -> Iterator[Picture]:
    """Read what WMA calls a picture: kind, length, type, description, data."""
    with contextlib.suppress(struct.error, UnicodeDecodeError, ValueError):
        _kind, length = struct.unpack_from("<BI", value)
        texts = value[5 : len(value) - length].decode("utf-16-le")
        yield Picture(value[len(value) - length :], texts.split("\0")[0])


def _vorbis(value: str) -> Iterator[Picture]:
    with contextlib.suppress(binascii.Error, ValueError, mutagen.flac.error, struct.error):
        picture: Any = mutagen.flac.Picture(base64.b64decode(value))  # type: ignore[no-untyped-call]
        yield Picture(picture.data, picture.mime)


def _recognised(data: bytes) -> Picture:
    """Return a picture whose type nobody says, with what its first bytes tell."""
    kinds = (kind for signature, kind in _SIGNATURES if data.startswith(signature))
    return Picture(data, next(kinds, ""))
