"""A run of consecutive source frames that waits to be taken: one codec frame, or silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from audio.channels import Column, Factors, downmix, mix_into
from audio.ring import Block
from audio.samples import SampleCoding, sanitise


@dataclass(slots=True)
class Piece:
    """Source frames as the codec left them; they are converted while they are taken.

    Attributes:
        frames: how many there are.
        columns: one per channel; none for silence.
        factors: downmix of the columns.
        coding: of the samples; None for silence.
        taken: how many have been taken or skipped.
    """

    frames: int
    columns: tuple[Column, ...] = ()
    factors: Factors = ()
    coding: SampleCoding | None = None
    taken: int = 0

    @property
    def left(self) -> int:
        """Frames that can still be taken."""
        return self.frames - self.taken

    def skip(self, most: int) -> int:
        """Pass over up to ``most`` frames; return how many."""
        count = min(most, self.left)
        self.taken += count
        return count

    def take(self, out: Block) -> int:
        """Fill ``out`` (frames, 2) from its beginning as far as frames are left; return how far."""
        begin = self.taken
        count = self.skip(len(out))
        room = out[:count]
        if self.coding is not None:
            wanted = [column[begin : begin + count] for column in self.columns]
            mix_into(room, wanted, self.factors, 1.0 / self.coding.full_scale)
            if self.coding.is_float:
                sanitise(room)
        else:
            room[:] = 0.0
        return count

    @classmethod
    def of(
        cls, planes: Sequence[memoryview], coding: SampleCoding, frames: int, names: tuple[str, ...]
    ) -> Self:
        """View a codec's memory as one column per channel, without copying it.

        Args:
            planes: one buffer per channel, or a single one with the channels interleaved; each
                may be longer than its samples.
            coding: of the samples.
            frames: how many each channel has.
            names: of the channels, in FFmpeg's words.
        """
        channels = len(names)
        if len(planes) == channels:
            columns = tuple(np.frombuffer(plane, coding.dtype, frames) for plane in planes)
        else:
            whole = np.frombuffer(planes[0], coding.dtype, frames * channels)
            columns = tuple(whole.reshape(frames, channels).T)
        if coding.dtype is np.uint8:  # silence is 128
            columns = tuple(column.astype(np.int16) - (1 << 7) for column in columns)
        return cls(frames, columns, downmix(names), coding)


SILENT = Piece(0)
"""Nothing to take."""
