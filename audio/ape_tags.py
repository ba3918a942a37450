"""APEv2 tags at the end of an MP3 file, which FFmpeg looks for in other kinds of file only.

A footer of 32 bytes ends the tag; an ID3v1 tag of 128 bytes may follow. The footer says how long
the items before it are. (Hydrogenaudio: "APEv2 specification".)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

_FOOTER: Final = struct.Struct("<8sIII12x")
_ITEM: Final = struct.Struct("<II")
_MAGIC: Final = b"APETAGEX"
_ID3V1_BYTES: Final = 128
_NAME_BYTES: Final = 256
_MOST_ITEMS: Final = 1000
_LONGEST_TEXT: Final = 4096
_KIND: Final = 0b110
"""The bits of an item's flags that are 0 for text."""


def ape_tags(path: str) -> Mapping[str, str]:
    """Return the texts of a local file's APEv2 tag; none if there is no tag, or no reading it."""
    try:
        with Path(path).open("rb") as file:
            return dict(_texts(file))
    except OSError:
        return {}


def _texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    """Go from item to item; a damaged one ends the way."""
    at, end, count = _items(file)
    for _ in range(min(count, _MOST_ITEMS)):
        file.seek(at)
        head = file.read(_ITEM.size + _NAME_BYTES)
        if len(head) < _ITEM.size or at >= end:
            return
        size, flags = _ITEM.unpack_from(head)
        name, closed, _ = head[_ITEM.size :].partition(b"\0")
        if not closed:
            return
        at += _ITEM.size + len(name) + 1
        if not flags & _KIND and size <= _LONGEST_TEXT:
            file.seek(at)
            yield name.decode("ascii", "replace"), file.read(size).decode("utf-8", "replace")
        at += size


def _items(file: BinaryIO) -> tuple[int, int, int]:
    """Return where the items begin and end, and how many there are; 0 without a tag."""
    length = file.seek(0, os.SEEK_END)
    for behind in (0, _ID3V1_BYTES):
        end = length - behind - _FOOTER.size
        if end < 0:
            break
        file.seek(end)
        magic, _, size, count = _FOOTER.unpack(file.read(_FOOTER.size))
        if magic == _MAGIC and _FOOTER.size <= size <= end + _FOOTER.size:
            return end + _FOOTER.size - size, end, count
    return 0, 0, 0
