"""Reading a file's tags and sound format, the way MPD shows them.

The only home of the tag library. Values come out with canonical names in the file's own order,
without control characters, without empty values; track and disc numbers without their totals.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import mutagen
import mutagen.aac
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp3
import mutagen.mp4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from library.sound_header import SoundHeader, read_header
from library.tag_file import open_tag_file
from library.tag_maps import (
    APE,
    ASF,
    ID3,
    ID3_USER_TEXT,
    MATROSKA,
    MP4,
    MUSICBRAINZ_OWNER,
    VORBIS,
)
from playback.song import Song

Tags: TypeAlias = tuple[tuple[str, str], ...]
Pairs: TypeAlias = Iterator[tuple[str, str]]

SUFFIXES: Final[frozenset[str]] = frozenset(
    {"aac", "ac3", "aif", "aifc", "aiff", "ape", "au", "dff", "dsf", "eac3", "flac", "m4a", "m4b"}
    | {"mka", "mp2", "mp3", "mp4", "mpc", "oga", "ogg", "opus", "spx", "tta", "wav", "webm"}
    | {"wma", "wv"}
)
"""File name suffixes of music, lower-cased, without the dot."""

MIME_TYPES: Final = (
    "audio/aac",
    "audio/ac3",
    "audio/aiff",
    "audio/ape",
    "audio/basic",
    "audio/dsd",
    "audio/eac3",
    "audio/flac",
    "audio/m4a",
    "audio/matroska",
    "audio/mp4",
    "audio/mpeg",
    "audio/musepack",
    "audio/ogg",
    "audio/opus",
    "audio/speex",
    "audio/tta",
    "audio/vorbis",
    "audio/wav",
    "audio/webm",
    "audio/x-aiff",
    "audio/x-ape",
    "audio/x-dff",
    "audio/x-dsd",
    "audio/x-dsf",
    "audio/x-flac",
    "audio/x-matroska",
    "audio/x-ms-wma",
    "audio/x-musepack",
    "audio/x-speex",
    "audio/x-tta",
    "audio/x-wav",
    "audio/x-wavpack",
)
"""What servers call it, each at least once."""

CUE_SHEET: Final = "cuesheet"
"""The tag that holds a CUE sheet, lower-cased."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER: Final = re.compile(r"\s*0*(\d+)")
_NUMBERED: Final = frozenset({"Track", "Disc"})


class NotMusicError(Exception):
    """The file's suffix promises music, its content does not hold it."""


def is_song_name(name: str) -> bool:
    """Return whether a file of this name is taken for music."""
    return name.rpartition(".")[2].lower() in SUFFIXES and "." in name


def read_song(path: Path, uri: str) -> Song:
    """Read one file; see ``read_song_and_sheet``."""
    return read_song_and_sheet(path, uri)[0]


def read_song_and_sheet(path: Path, uri: str) -> tuple[Song, str | None]:
    """Read one file, and the CUE sheet that is in its tags, if there is one.

    A ``.flac`` without a readable head is still a song, as with MPD: playing it tells why not.

    Args:
        path: the file.
        uri: how clients call it.

    Raises:
        OSError: the file cannot be read.
        NotMusicError: it holds no music.
    """
    modified = int(path.stat().st_mtime)
    header = read_header(path)
    file = _opened(path, header)
    info, tags = getattr(file, "info", None), getattr(file, "tags", None)
    header = header or SoundHeader()
    pairs = _pairs(tags) if tags else _mapped(MATROSKA, ((n, [text]) for n, text in header.tags))
    song = Song(
        uri,
        duration_s=header.duration_s or getattr(info, "length", None) or None,
        tags=_clean(pairs),
        last_modified=modified,
        audio_format=header.audio_format or _audio_format(info),
    )
    return song, _sheet(tags)


def _opened(path: Path, header: SoundHeader | None) -> Any:  # noqa: ANN401  (untyped library)
    """Open a file by its name, or else by its content; None if only its head can be read."""
    try:
        file = open_tag_file(path)
        problem: Exception | None = None
    except mutagen.MutagenError as error:
        if isinstance(error.__cause__, OSError) or isinstance(
            next(iter(error.args), None), OSError
        ):
            raise OSError(f"{path} cannot be read: {error}") from error
        file, problem = None, error
    if file is None and (header is None or header.audio_format is None):
        file = _opened_by_content(path)
    if file is None and header is None and not isinstance(problem, mutagen.flac.error):
        raise NotMusicError(f"{path} holds no music: {problem}") from problem
    return file


def _opened_by_content(path: Path) -> Any:  # noqa: ANN401  (untyped library)
    """Open a file whose name promises something else than it holds; None if it is no music."""
    with path.open("rb") as opened:
        head = opened.read(8)
    for signature, kinds in _BY_CONTENT:
        if head.startswith(signature) or head.endswith(signature):
            for kind in kinds:
                with contextlib.suppress(mutagen.MutagenError):
                    return open_tag_file(path, kind)
    return None


_BY_CONTENT: Final[tuple[tuple[bytes, tuple[type, ...]], ...]] = (
    (b"fLaC", (mutagen.flac.FLAC,)),
    (b"ID3", (mutagen.mp3.MP3, mutagen.flac.FLAC)),
    (b"\xff", (mutagen.mp3.MP3, mutagen.aac.AAC)),
    (b"OggS", (OggVorbis, OggOpus, OggFLAC)),
    (b"ftyp", (mutagen.mp4.MP4,)),
)
"""What stands in the first eight bytes of a file, and what may be in it."""


def _sheet(tags: Any) -> str | None:  # noqa: ANN401  (the library is untyped)
    """Return the text of a ``CUESHEET`` tag."""
    items: Iterable[tuple[str, Any]] = ()
    if isinstance(tags, mutagen.id3.ID3):
        frames: Any = tags
        items = ((frame.desc, frame) for frame in frames.getall("TXXX"))
    elif isinstance(tags, mutagen.apev2.APEv2):
        items = dict(tags).items()
    elif isinstance(tags, list):  # Vorbis comments
        items = tags
    return next((str(value) for key, value in items if key.lower() == CUE_SHEET), None)


def _pairs(tags: Any) -> Pairs:  # noqa: ANN401  (the library is untyped)
    for kind, read in _READERS:
        if isinstance(tags, kind):
            return read(tags)
    if isinstance(tags, list):  # Vorbis comments, of whichever container
        return _mapped(VORBIS, ((key.lower(), [value]) for key, value in tags))
    return iter(())


def _mapped(names: Mapping[str, str], items: Iterable[tuple[str, Iterable[Any]]]) -> Pairs:
    for key, values in items:
        if (name := names.get(key)) is not None:
            for value in values:
                yield name, str(value)


def _id3(tags: Any) -> Pairs:  # noqa: ANN401  (the library is untyped)
    for frame_id, name in ID3.items():
        for frame in tags.getall(frame_id):
            texts = frame.genres if frame_id == "TCON" else frame.text
            for text in texts:
                yield name, str(text).strip()  # as MPD does, in ID3 only
    for frame in tags.getall("TXXX"):
        if (user_name := ID3_USER_TEXT.get(frame.desc.lower())) is not None:
            for text in frame.text:
                yield user_name, str(text).strip()
    for frame in tags.getall("UFID"):
        if frame.owner == MUSICBRAINZ_OWNER:
            yield "MUSICBRAINZ_TRACKID", frame.data.decode("ascii", "replace")


def _mp4(tags: Any) -> Pairs:  # noqa: ANN401  (the library is untyped)
    for key, name in MP4.items():
        for value in tags.get(key, ()):
            if isinstance(value, bytes):
                yield name, value.decode("utf-8", "replace")
            else:
                yield name, str(value[0] if isinstance(value, tuple) else value)


def _ape(tags: Any) -> Pairs:  # noqa: ANN401  (the library is untyped)
    texts = (
        (key.lower(), value)
        for key, value in tags.items()
        if isinstance(value, mutagen.apev2.APETextValue)
    )
    return _mapped(APE, texts)


def _asf(tags: Any) -> Pairs:  # noqa: ANN401  (the library is untyped)
    return _mapped(ASF, ((key, [value]) for key, value in tags))


_READERS: Final[tuple[tuple[type, Callable[[Any], Pairs]], ...]] = (
    (mutagen.id3.ID3, _id3),
    (mutagen.mp4.MP4Tags, _mp4),
    (mutagen.apev2.APEv2, _ape),
    (mutagen.asf.ASFTags, _asf),
)


def _clean(pairs: Pairs) -> Tags:
    cleaned = ((name, _value(name, text)) for name, text in pairs)
    return tuple(_shared(name, value) for name, value in cleaned if value)


@lru_cache(maxsize=8192)
def _shared(name: str, value: str) -> tuple[str, str]:
    """Return the pair; what many songs have in common is in memory once."""
    return name, value


def _value(name: str, text: str) -> str:
    value = _CONTROL.sub(" ", text)
    value = value.encode("utf-8", "replace").decode("utf-8")
    if name not in _NUMBERED:
        return value
    number = _NUMBER.match(value)
    return number[1] if number else ""


def _audio_format(info: Any) -> str | None:  # noqa: ANN401  (the library is untyped)
    rate = getattr(info, "sample_rate", None) or _fixed_rate(info)
    channels = getattr(info, "channels", None)
    if not rate or not channels:
        return None
    return sys.intern(f"{rate}:{_sample_format(info)}:{channels}")


def _fixed_rate(info: Any) -> int | None:  # noqa: ANN401  (the library is untyped)
    """Opus has one rate, so nobody writes it down."""
    return 48_000 if type(info).__module__ == "mutagen.oggopus" else None


_BITS_BY_DECODER: Final[Mapping[str, str]] = {
    "mutagen.mp3": "24",
    "mutagen.oggopus": "16",
    "mutagen.oggspeex": "f",
    "mutagen.oggvorbis": "f",
    "mutagen.musepack": "f",
    "mutagen.asf": "f",
    "mutagen.aac": "f",
}
"""What MPD's decoders make of sources that have no sample width of their own."""


def _sample_format(info: Any) -> str:  # noqa: ANN401  (the library is untyped)
    module = type(info).__module__
    for prefix, bits in _BITS_BY_DECODER.items():
        if module.startswith(prefix):
            return bits
    width = getattr(info, "bits_per_sample", 0) or 16
    if module.startswith("mutagen.mp4"):
        return _widened(width) if info.codec in {"alac", "fLaC"} else "f"
    return str(width)


def _widened(width: int) -> str:
    """This decoder knows 16 and 32 bits only."""
    return "16" if width <= 16 else "32"
