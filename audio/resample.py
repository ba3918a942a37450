"""One source rate to the working rate, streaming and on the file's own grid.

Output frame k of a file sounds at k / working rate, counted from the file's first frame; that
is what makes a passage, a seek and the whole file agree to the sample. A resampler's first
output belongs to its first input, so it may begin only where both grids meet: every
``rate / gcd`` frames. It begins there early enough for its filter to have settled (``WARM_UP_S``)
and what comes out before the wanted frame is thrown away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr

from audio.ring import CHANNELS, Block
from playback.units import Frames

WARM_UP_S: Final = 0.1
"""Longer than soxr's filter at any ratio: what lies further away is not heard in a frame."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where to begin reading so that a certain output frame is right.

    Attributes:
        source: first source frame to feed.
        discard: output frames to throw away first.
    """

    source: Frames
    discard: Frames


def entry_for(wanted: Frames, source_hz: int, working_hz: int) -> Entry:
    """Return where feeding begins for output frame ``wanted`` (at the working rate)."""
    common = math.gcd(source_hz, working_hz)
    source_step, working_step = source_hz // common, working_hz // common
    settled = wanted * source_hz // working_hz - int(WARM_UP_S * source_hz)
    steps = max(0, settled) // source_step
    return Entry(Frames(steps * source_step), Frames(wanted - steps * working_step))


class Resampler:
    """soxr's high-quality stream for stereo; equal input gives equal output in any blocks."""

    def __init__(self, source_hz: int, working_hz: int) -> None:
        self._source_hz = source_hz
        self._stream = soxr.ResampleStream(source_hz, working_hz, CHANNELS, "float32", "HQ")

    def push(self, block: Block) -> Block:
        """Take source frames (n, 2); return what is finished, often less at first, maybe none."""
        finished: Block = self._stream.resample_chunk(block)
        return finished

    def flush(self) -> Block:
        """Return everything still inside, as if silence followed the last frame.

        More comes out than belongs to the source; the caller knows the count and cuts there.
        """
        silence = np.zeros((int(WARM_UP_S * self._source_hz) + 1, CHANNELS), dtype=np.float32)
        finished: Block = self._stream.resample_chunk(silence, last=True)
        return finished
