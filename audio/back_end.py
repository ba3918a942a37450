"""What audioread promises of each of its back-ends, on top of what a sound file can do anyway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import audioread
import numpy as np

from audio.ring import CHANNELS, Block
from audio.sound_file import SoundFile


class BackEnd(audioread.AudioFile, SoundFile):  # type: ignore[misc]  # audioread has no types
    """A sound file that audioread's users can read too: as 16-bit little-endian stereo."""

    @property
    def samplerate(self) -> int:
        """Frames per second."""
        return self.rate_hz

    @property
    def duration(self) -> float:
        """Length in seconds; 0 if unknown."""
        return (self.length or 0) / self.rate_hz

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left, a tenth of a second at a time."""
        block: Block = np.empty((self.rate_hz // 10, CHANNELS), dtype=np.float32)
        while count := self.read(block):
            yield np.clip(block[:count] * 32768.0, -32768, 32767).astype("<i2").tobytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
