"""Length and format from the heads of files that the tag library reads wrongly or not at all.

Everything is as MPD's decoders tell it: samples of WAV and AIFF files have 16 or 32 bits or are
floats, DSD is called ``dsd64``. A length that a header does not know, or that the file is too
short for, is counted from the file's size.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from library.matroska import read_matroska
from library.mp4_length import mp4_duration_s

_HEAD: Final = 64
_EXTENSIBLE: Final = 0xFFFE
_WAV_PCM: Final = 1
_WAV_FLOAT: Final = 3
_WAV_ADPCM: Final = frozenset({0x02, 0x11})
_UNKNOWN_32: Final = 0xFFFFFFFF
_AU_BITS: Final = {2: "16", 3: "16", 4: "32", 5: "32", 6: "f", 7: "f"}
_AU_BYTES: Final = {2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8}
_WAVPACK_RATES_HZ: Final = (
    6_000, 8_000, 9_600, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000,
    88_200, 96_000, 192_000,
)  # fmt: skip
_AC3_RATES_HZ: Final = (48_000, 44_100, 32_000)
_AC3_CHANNELS: Final = (2, 1, 2, 3, 3, 4, 4, 5)
_AC3_LFE_BEHIND_BITS: Final = (0, 0, 2, 2, 2, 4, 2, 4)
"""How many bits stand between the channel mode and the flag of the low-frequency channel."""
_MOST_CHUNKS: Final = 1_000
_MOST_HZ: Final = 100_000_000
_MOST_CHANNELS: Final = 255
_DSD_HZ: Final = 44_100


@dataclass(frozen=True, slots=True)
class SoundHeader:
    """What the head of a file says of its sound.

    Attributes:
        audio_format: as MPD prints it; None where the tag library is right.
        duration_s: None where the tag library is right, or nobody knows.
        tags: names as in the file, lower-cased, and values; of containers that the tag library
            cannot read.
    """

    audio_format: str | None = None
    duration_s: float | None = None
    tags: tuple[tuple[str, str], ...] = ()


def read_header(path: Path) -> SoundHeader | None:
    """Read the head of a file; None if it is none of the formats that are read here.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        for signature, read in _READERS:
            if head[: len(signature)] == signature or head[4 : 4 + len(signature)] == signature:
                try:
                    return read(file, head)
                except (struct.error, ValueError, IndexError, ArithmeticError):
                    return None
    return None


def _linear(frames: float, rate_hz: int, bits: str, channels: int) -> SoundHeader:
    _refuse_nonsense(rate_hz, channels)
    return SoundHeader(f"{rate_hz}:{bits}:{channels}", frames / rate_hz)


def _refuse_nonsense(rate_hz: int, channels: int) -> None:
    if not (0 < rate_hz < _MOST_HZ and 0 < channels <= _MOST_CHANNELS):
        raise ValueError(f"{rate_hz} Hz and {channels} channels are no format")


def _widened(bits: int) -> str:
    return "16" if bits <= 16 else "32"


def _chunks(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, where its content begins, and how long it says it is."""
    size_of = struct.Struct(order)
    end = os.fstat(file.fileno()).st_size
    for _ in range(_MOST_CHUNKS):
        head = file.read(4 + size_of.size)
        if len(head) < 4 + size_of.size:
            return
        (size,) = size_of.unpack(head[4:])
        begin = file.tell()
        yield head[:4], begin, size
        file.seek(min(begin + size + size % 2, end))


def _wave(file: BinaryIO, head: bytes) -> SoundHeader | None:
    if head[8:12] != b"WAVE":
        return None
    file.seek(12)
    description = b""
    wide_size = 0
    for name, begin, size in _chunks(file, "<I"):
        if name == b"ds64":
            (wide_size,) = struct.unpack("<8xQ", file.read(16))
        elif name == b"fmt ":
            description = file.read(min(size, 40))
        elif name == b"data":
            left = os.fstat(file.fileno()).st_size - begin
            said = wide_size or size
            return _wave_of(description, left if said in {0, _UNKNOWN_32} else min(said, left))
    return None


def _wave_of(description: bytes, data_bytes: int) -> SoundHeader:
    """Return what a WAV file's ``fmt`` chunk means for so much data."""
    kind, channels, rate_hz, byte_rate, frame_bytes, bits = struct.unpack(
        "<HHIIHH", description[:16]
    )
    if kind == _EXTENSIBLE:
        (kind,) = struct.unpack("<H", description[24:26])
    if kind in {_WAV_PCM, _WAV_FLOAT}:
        shown = "f" if kind == _WAV_FLOAT else _widened(bits)
        return _linear(data_bytes // frame_bytes, rate_hz, shown, channels)
    duration_s = data_bytes / byte_rate
    if kind in _WAV_ADPCM:  # here bytes per second are often wrong
        (block_frames,) = struct.unpack("<H", description[18:20])
        duration_s = data_bytes // frame_bytes * block_frames / rate_hz
    return SoundHeader(f"{rate_hz}:32:{channels}", duration_s)


def _aiff(file: BinaryIO, head: bytes) -> SoundHeader | None:
    if head[8:12] not in {b"AIFF", b"AIFC"}:
        return None
    file.seek(12)
    for name, _, size in _chunks(file, ">I"):
        if name == b"COMM":
            content = file.read(min(size, 22))
            channels, frames, bits, exponent, mantissa = struct.unpack(">HIHHQ", content[:18])
            rate_hz = round(mantissa * 2.0 ** (exponent - 16_383 - 63))
            is_float = content[18:22].lower() in {b"fl32", b"fl64"}
            return _linear(frames, rate_hz, "f" if is_float else _widened(bits), channels)
    return None


def _wavpack(_file: BinaryIO, head: bytes) -> SoundHeader | None:
    (total, flags) = struct.unpack("<I8xI", head[12:28])
    number = flags >> 23 & 15
    if number >= len(_WAVPACK_RATES_HZ) or total == _UNKNOWN_32:
        return None
    rate_hz = _WAVPACK_RATES_HZ[number]
    bits = "f" if flags & 0x80 else str(8 * (1 + flags % 4))
    return _linear(total, rate_hz, bits, _wavpack_channels(_file, head, flags))


def _wavpack_channels(file: BinaryIO, head: bytes, flags: int) -> int:
    """Return the channels: of one block, or what the first of several blocks says."""
    if flags & 0x800 and flags & 0x1000:  # the first block is the last one too
        return 1 if flags & 4 else 2
    (size,) = struct.unpack("<I", head[4:8])
    file.seek(32)
    block = file.read(min(size - 24, 1 << 20))
    at = 0
    while at + 2 <= len(block):
        name, words = block[at], block[at + 1]
        at += 2
        if name & 0x80:
            words |= block[at] << 8 | block[at + 1] << 16
            at += 2
        if name & 0x3F == 0x0D:
            return block[at]
        at += 2 * words
    raise ValueError("it does not say how many channels it has")


def _tta(_file: BinaryIO, head: bytes) -> SoundHeader:
    channels, bits, rate_hz, frames = struct.unpack("<HHII", head[6:18])
    return _linear(frames, rate_hz, _widened(bits), channels)


def _dsd(rate_hz: int, samples: float, channels: int) -> SoundHeader:
    _refuse_nonsense(rate_hz, channels)
    return SoundHeader(f"dsd{rate_hz // _DSD_HZ}:{channels}", samples / rate_hz)


def _dsf(file: BinaryIO, _head: bytes) -> SoundHeader:
    file.seek(52)
    channels, rate_hz, _, samples = struct.unpack("<IIIQ", file.read(20))
    return _dsd(rate_hz, samples, channels)


def _dff(file: BinaryIO, _head: bytes) -> SoundHeader | None:
    rate_hz = channels = 0
    file.seek(16)
    for name, begin, size in _chunks(file, ">Q"):
        if name == b"PROP":
            file.seek(begin + 4)
            for inner, inner_begin, _ in _chunks(file, ">Q"):
                if inner_begin >= begin + size:
                    break
                if inner == b"FS  ":
                    (rate_hz,) = struct.unpack(">I", file.read(4))
                elif inner == b"CHNL":
                    (channels,) = struct.unpack(">H", file.read(2))
        elif name == b"DSD ":
            return _dsd(rate_hz, size * 8 / channels, channels)
        elif name == b"DST ":
            return SoundHeader(f"dsd{rate_hz // _DSD_HZ}:{channels}")
    return None


def _au(file: BinaryIO, head: bytes) -> SoundHeader | None:
    data_at, size, coding, rate_hz, channels = struct.unpack(">5I", head[4:24])
    if coding not in _AU_BITS:
        return None
    left = max(0, os.fstat(file.fileno()).st_size - data_at)
    frames = min(left, size) // (_AU_BYTES[coding] * channels)
    return _linear(frames, rate_hz, _AU_BITS[coding], channels)


def _ac3(_file: BinaryIO, head: bytes) -> SoundHeader | None:
    """Return the format of AC-3; of E-AC-3, whose head differs, also the channels."""
    stream = int.from_bytes(head[:16])

    def bits(at: int, count: int) -> int:
        return stream >> (128 - at - count) & ((1 << count) - 1)

    enhanced = bits(40, 5) > 10
    code = bits(32, 2)
    if code >= len(_AC3_RATES_HZ):
        return None
    mode = bits(36, 3) if enhanced else bits(48, 3)
    lfe_at = 39 if enhanced else 51 + _AC3_LFE_BEHIND_BITS[mode]
    channels = _AC3_CHANNELS[mode] + bits(lfe_at, 1)
    return SoundHeader(f"{_AC3_RATES_HZ[code]}:f:{channels}")


def _mp4(file: BinaryIO, _head: bytes) -> SoundHeader:
    return SoundHeader(duration_s=mp4_duration_s(file))


def _matroska(file: BinaryIO, _head: bytes) -> SoundHeader | None:
    found = read_matroska(file)
    return SoundHeader(found.audio_format, found.duration_s, found.tags) if found else None


_READERS: Final[tuple[tuple[bytes, Callable[[BinaryIO, bytes], SoundHeader | None]], ...]] = (
    (b"RIFF", _wave),
    (b"RF64", _wave),
    (b"FORM", _aiff),
    (b"wvpk", _wavpack),
    (b"TTA1", _tta),
    (b"DSD ", _dsf),
    (b"FRM8", _dff),
    (b".snd", _au),
    (b"\x0b\x77", _ac3),
    (b"ftyp", _mp4),
    (b"\x1a\x45\xdf\xa3", _matroska),
)
