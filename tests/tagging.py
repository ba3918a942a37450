"""ReplayGain written into real files the way people's taggers do, each into its kind of tag."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final

import mutagen
import mutagen.apev2
import mutagen.id3

formats: Any = mutagen  # its modules are typed in part only

_HEADER_GAIN_AT: Final = 16
"""In the Opus header (RFC 7845, 5.1), counted from its magic word."""
_OGG_POLYNOMIAL: Final = 0x04C11DB7


def write_gain(path: Path, **tags: str) -> Path:
    """Write tags such as ``replaygain_track_gain`` into the kind of tag that the file has."""
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    for name, text in tags.items():
        if isinstance(file.tags, formats.id3.ID3):
            file.tags.add(formats.id3.TXXX(encoding=3, desc=name, text=text))
        elif path.suffix == ".m4a":
            file[f"----:com.apple.iTunes:{name}"] = text.encode()
        else:
            file[name] = text
    file.save()
    return path


def write_ape(path: Path, **tags: str) -> Path:
    """Write an APEv2 tag, with a picture in it, to the end of a file, before an ID3v1 tag."""
    data = path.read_bytes()
    old = data[-128:] if data[-128:].startswith(b"TAG") else b""
    path.write_bytes(data[: len(data) - len(old)])
    tag = formats.apev2.APEv2()
    for name, text in tags.items():
        tag[name] = text
    tag["Cover Art (Front)"] = formats.apev2.APEValue(b"cover.jpg\0" + bytes(5000), 1)
    tag.save(path)
    with path.open("ab") as file:
        file.write(old)
    return path


def write_header_gain(path: Path, gain_db: float) -> Path:
    """Set the output gain in the header of an Opus file, which every decoder applies."""
    data = bytearray(path.read_bytes())
    segments = data[26]
    first_page = 27 + segments + sum(data[27 : 27 + segments])
    at = data.index(b"OpusHead") + _HEADER_GAIN_AT
    struct.pack_into("<h", data, at, round(gain_db * 256))
    struct.pack_into("<I", data, 22, 0)
    struct.pack_into("<I", data, 22, _ogg_checksum(bytes(data[:first_page])))
    path.write_bytes(data)
    return path


def _ogg_checksum(page: bytes) -> int:
    remainder = 0
    for byte in page:
        remainder ^= byte << 24
        for _ in range(8):
            carry = _OGG_POLYNOMIAL if remainder & 0x80000000 else 0
            remainder = (remainder << 1 & 0xFFFFFFFF) ^ carry
    return remainder
