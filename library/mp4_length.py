"""How long the sound of an MP4 file is by its edit list: what players trim does not count."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

_MOST_ATOMS: Final = 1_000
_BY_VERSION: Final = {0: (struct.Struct(">8xII"), struct.Struct(">8xI4xI"))}
_BY_VERSION[1] = (struct.Struct(">16xIQ"), struct.Struct(">16xI4xQ"))
"""Scale and duration in ``mvhd``, number and duration in ``tkhd``, behind version and flags."""


def mp4_duration_s(file: BinaryIO) -> float | None:
    """Return the length of the first sound track; None if the file does not say.

    Raises:
        struct.error: it ends too early.
    """
    file.seek(0)
    for name, end in _atoms(file, os.fstat(file.fileno()).st_size):
        if name == b"moov":
            return _in_movie(file, end)
    return None


def _in_movie(file: BinaryIO, end: int) -> float | None:
    scale = 0
    for name, inner_end in _atoms(file, end):
        if name == b"mvhd":
            scale, _ = _fields(file, 0)
        elif name == b"trak":
            duration, is_sound = _track(file, inner_end)
            if is_sound:
                return duration / scale if scale and duration else None
    return None


def _track(file: BinaryIO, end: int) -> tuple[int, bool]:
    """Return a track's duration in the movie's units, and whether it is sound."""
    duration, is_sound = 0, False
    for name, inner_end in _atoms(file, end):
        if name == b"tkhd":
            _, duration = _fields(file, 1)
        elif name == b"mdia":
            for inner, _ in _atoms(file, inner_end):
                if inner == b"hdlr":
                    is_sound = file.read(12)[8:] == b"soun"
    return duration, is_sound


def _fields(file: BinaryIO, which: int) -> tuple[int, int]:
    version = file.read(4)[:1]
    layout = _BY_VERSION[1 if version == b"\x01" else 0][which]
    first, second = layout.unpack(file.read(layout.size))
    return first, second


def _atoms(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield each atom's name and where it ends, with the file at its content."""
    for _ in range(_MOST_ATOMS):
        start = file.tell()
        head = file.read(8)
        if len(head) < 8 or start >= end:
            return
        size = int.from_bytes(head[:4])
        if size == 1:
            size = int.from_bytes(file.read(8))
        stop = end if size == 0 else min(max(start + size, file.tell()), end)
        yield head[4:], stop
        file.seek(stop)
