"""Reads whole chains, for tests that look at what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audio.chain_source import ChainSource
from audio.ring import CHANNELS, Block
from playback.units import ZERO_TICKS, Ticks, frames_to_ticks


def read_all(source: ChainSource) -> Block:
    """Read a chain to its end."""
    blocks = [np.empty((0, CHANNELS), dtype=np.float32)]
    while (block := source.read()) is not None:
        blocks.append(block)
    return np.concatenate(blocks)


def decoded(
    path: Path, rate_hz: int = 44_100, offset: Ticks = ZERO_TICKS, end: Ticks | None = None
) -> Block:
    """Decode a passage of a file."""
    with ChainSource(str(path), offset=offset, end=end, rate_hz=rate_hz) as source:
        return read_all(source)


def open_files() -> int:
    """Return how many file descriptors the process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def decoded_frames(path: Path, rate_hz: int, begin: int, end: int) -> Block:
    """Decode frames ``begin`` to ``end`` of a file."""
    return decoded(path, rate_hz, frames_to_ticks(begin, rate_hz), frames_to_ticks(end, rate_hz))
