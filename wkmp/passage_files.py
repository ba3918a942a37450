"""Passages in files: JSON, which holds everything, and CUE sheets, which hold beginnings.

The JSON is a list of objects: ``uri``, the ``file`` that the passage is in, and the points that
are set, in seconds, by name. CUE tracks become passages that begin at INDEX 01
and end where the next track begins; they are called by their titles.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from library.cue import FRAMES_PER_SECOND, CueTrack, tracks_of
from playback.errors import WkmpError
from playback.point_text import NAMES, in_text
from playback.stored_passages import CURVES

_TITLE: Final = "Title"
_PLACE: Final = ("uri", "file")


class PassageFileError(WkmpError):
    """A file of passages cannot be read; the text says where it is wrong."""


@dataclass(frozen=True, slots=True)
class WrittenPassage:
    """A passage in words: points by name, as ``playback.point_text`` reads them."""

    uri: str
    file: str
    points: Mapping[str, str]


def from_pairs(pairs: Iterable[tuple[str, str]]) -> list[WrittenPassage]:
    """Read the daemon's answer to ``passage list``."""
    found: list[dict[str, str]] = []
    for key, value in pairs:
        if key == "passage":
            found.append({})
        found[-1][key] = value
    return [WrittenPassage(each.pop("passage"), each.pop("in"), each) for each in found]


def to_json(passages: Iterable[WrittenPassage]) -> str:
    """Write passages so that ``from_json`` reads the very same."""
    listed = [
        {
            "uri": each.uri,
            "file": each.file,
            **{key: text if key in CURVES else float(text) for key, text in each.points.items()},
        }
        for each in passages
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> list[WrittenPassage]:
    """Read passages.

    Raises:
        PassageFileError: it is no such JSON; the text names the place.
    """
    try:
        listed = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise PassageFileError(f"line {error.lineno}: {error.msg}") from error
    if not isinstance(listed, list):
        raise PassageFileError("a list of passages is expected")
    return [_from_object(number, each) for number, each in enumerate(listed, 1)]


def _from_object(number: int, each: Any) -> WrittenPassage:  # noqa: ANN401  (JSON)
    if not isinstance(each, dict) or not all(isinstance(each.get(k), str) for k in _PLACE):
        raise PassageFileError(f'passage {number}: an object with "uri" and "file" is expected')
    points = {key: value for key, value in each.items() if key not in _PLACE}
    if strange := [key for key in points if key not in NAMES]:
        problem = f"there is no point {strange[0]!r}; there are: {', '.join(NAMES)}"
        raise PassageFileError(f"passage {number}: {problem}")
    words = {
        key: f"{value:f}" if isinstance(value, Decimal) else str(value)
        for key, value in points.items()
        if value is not None
    }
    return WrittenPassage(each["uri"], each["file"], words)


def from_cue(text: str, folder: str) -> list[WrittenPassage]:
    """Read the tracks of a CUE sheet as passages of the files it names.

    Args:
        text: the sheet.
        folder: where its files are, as a URI.

    Raises:
        PassageFileError: it has no track.
    """
    tracks = tracks_of(text)
    if not tracks:
        raise PassageFileError("there is no track in this CUE sheet")
    return [_from_track(track, folder) for track in tracks]


def _from_track(track: CueTrack, folder: str) -> WrittenPassage:
    title = dict(track.tags).get(_TITLE, "").replace("/", "-")
    points = {"start": track.start, "end": track.end}
    file = posixpath.normpath(posixpath.join(folder, track.file))
    return WrittenPassage(
        f"{file}/{title or f'track{track.number:02}'}",
        file,
        {name: in_text(point) for name, point in points.items() if point is not None},
    )


def to_cue(passages: Sequence[WrittenPassage]) -> str:
    """Write the passages that are parts of a file, file by file, by their beginnings.

    A sheet cannot say where a passage ends before the next one begins, nor any other point.
    """
    return "".join(f"{line}\n" for line in _sheet_lines(passages))


def _sheet_lines(passages: Sequence[WrittenPassage]) -> Iterator[str]:
    number = 0
    parts = [each for each in passages if each.uri != each.file]
    for file in dict.fromkeys(each.file for each in parts):
        yield f'FILE "{_plain(file)}" WAVE'
        for each in sorted((each for each in parts if each.file == file), key=_begin):
            number += 1
            yield f"  TRACK {number:02} AUDIO"
            yield f'    TITLE "{_plain(each.uri.rpartition("/")[2])}"'
            yield f"    INDEX 01 {_index(_begin(each))}"


def _begin(passage: WrittenPassage) -> Decimal:
    return Decimal(passage.points.get("start", "0"))


def _index(seconds: Decimal) -> str:
    frames = round(seconds * FRAMES_PER_SECOND)
    whole, frames = divmod(frames, FRAMES_PER_SECOND)
    return f"{whole // 60:02}:{whole % 60:02}:{frames:02}"


def _plain(text: str) -> str:
    """A sheet has no way to write a quotation mark."""
    return text.replace('"', "'")
