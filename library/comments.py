"""What a file's tags say literally, as ``readcomments`` shows it.

Called from threads. Keys are those of the file, where they are words: Vorbis comments, APE keys,
ASF attributes, the descriptions of ID3's ``TXXX`` and the names of MP4's free-form atoms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.id3
import mutagen.mp4

from library.tag_file import open_tag_file

Comments = Iterator[tuple[str, Any]]

_KEY: Final = re.compile(r"[A-Za-z_-]+", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_FREE_FORM: Final = "----:"
_TECHNICAL: Final = "metadata_block_picture"
"""Pictures have a command of their own."""


def comments_of(path: Path) -> tuple[tuple[str, str], ...]:
    """Return keys and values in the order of the file; nothing if it cannot be read.

    What a client could not read is left out: keys that are no words, values with control
    characters.
    """
    try:
        file = open_tag_file(path)
    except (OSError, mutagen.MutagenError):
        return ()
    if file is None:
        return ()
    found = ((key, str(value)) for key, value in _comments(file.tags))
    return tuple((key, text) for key, text in found if _is_clean(key, text))


def _is_clean(key: str, text: str) -> bool:
    is_word = _KEY.fullmatch(key) is not None and key.lower() != _TECHNICAL
    return is_word and not _CONTROL.search(text)


def _comments(tags: Any) -> Comments:  # noqa: ANN401  (the library is untyped)
    for kind, read in _READERS:
        if isinstance(tags, kind):
            return read(tags)
    return iter(())


def _id3(tags: Any) -> Comments:  # noqa: ANN401  (the library is untyped)
    return ((frame.desc, text) for frame in tags.getall("TXXX") for text in frame.text)


def _mp4(tags: Any) -> Comments:  # noqa: ANN401  (the library is untyped)
    for key, values in tags.items():
        if key.startswith(_FREE_FORM):
            name = key.rpartition(":")[2]
            yield from ((name, bytes(value).decode("utf-8", "replace")) for value in values)


def _ape(tags: Any) -> Comments:  # noqa: ANN401  (the library is untyped)
    for key, value in tags.items():
        if isinstance(value, mutagen.apev2.APETextValue):
            texts: Iterable[Any] = value
            yield from ((key, text) for text in texts)


def _pairs(tags: Any) -> Comments:  # noqa: ANN401  (the library is untyped)
    return iter(tags)


_READERS: Final[tuple[tuple[type, Callable[[Any], Comments]], ...]] = (
    (mutagen.id3.ID3, _id3),
    (mutagen.mp4.MP4Tags, _mp4),
    (mutagen.apev2.APEv2, _ape),
    (mutagen.asf.ASFTags, _pairs),
    (list, _pairs),  # Vorbis comments, of whichever container
)
