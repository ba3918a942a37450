"""DSD files, written byte by byte: DSF (Sony) and DSDIFF (Philips), since no encoder is at hand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.sounds import Signal

DSD64_HZ: Final = 2_822_400
_BLOCK: Final = 4_096
_CHANNEL_TYPES: Final = {1: 1, 2: 2, 4: 4, 6: 7}
_CHANNEL_IDS: Final = (b"SLFT", b"SRGT", b"C   ", b"LFE ", b"LS  ", b"RS  ")

Bits = npt.NDArray[np.uint8]


def modulate(signal: Signal) -> Bits:
    """Turn a signal into density of ones, by a first-order modulator in closed form."""
    counted = np.floor(np.cumsum((signal + 1.0) / 2.0, axis=0))
    return np.diff(counted, axis=0, prepend=0.0).astype(np.uint8)


def write_dsf(path: Path, signal: Signal, rate_hz: int = DSD64_HZ, id3: bytes = b"") -> Path:
    """Write a DSF file: blocks of 4096 bytes per channel in turn, least significant bit first.

    Args:
        path: where to.
        signal: shape (samples, channels), one sample per bit.
        rate_hz: bits per second and channel.
        id3: a tag for its end.
    """
    bits = modulate(signal)
    samples, channels = bits.shape
    packed = [np.packbits(bits[:, channel], bitorder="little") for channel in range(channels)]
    blocks = -(-len(packed[0]) // _BLOCK)
    padded = [np.pad(column, (0, blocks * _BLOCK - len(column))) for column in packed]
    data = np.stack([column.reshape(blocks, _BLOCK) for column in padded], axis=1).tobytes()
    kind = (1, 0, _CHANNEL_TYPES[channels], channels, rate_hz, 1, samples, _BLOCK, 0)
    sound = b"fmt " + struct.pack("<QIIIIIIQII", 52, *kind)
    sound += b"data" + struct.pack("<Q", 12 + len(data)) + data
    end = 28 + len(sound)
    head = b"DSD " + struct.pack("<QQQ", 28, end + len(id3), end if id3 else 0)
    path.write_bytes(head + sound + id3)
    return path


def write_dff(path: Path, signal: Signal, rate_hz: int = DSD64_HZ) -> Path:
    """Write a DSDIFF file: bytes of the channels in turn, most significant bit first."""
    bits = modulate(signal)
    channels = bits.shape[1]
    data = np.stack([np.packbits(bits[:, channel]) for channel in range(channels)], axis=1)
    names = struct.pack(">H", channels) + b"".join(_CHANNEL_IDS[:channels])
    plain = b"DSD " + bytes([14]) + b"not compressed"
    properties = b"SND " + _chunk(b"FS  ", struct.pack(">I", rate_hz)) + _chunk(b"CHNL", names)
    properties += _chunk(b"CMPR", plain)
    body = b"DSD " + _chunk(b"FVER", bytes([1, 5, 0, 0])) + _chunk(b"PROP", properties)
    body += _chunk(b"DSD ", data.tobytes())
    path.write_bytes(_chunk(b"FRM8", body))
    return path


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack(">Q", len(content)) + content + bytes(len(content) % 2)
