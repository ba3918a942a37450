"""Holds what went to the device until it has been heard, and gives it out then.

What is mixed ahead may be thrown away again, by a pause, a seek or a skip. Whoever is to get what
is heard, each frame once, can therefore not be fed when it is mixed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from audio.ring import Block


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of the mix that has been heard; its block is shared and never written to.

    Attributes:
        block: frames (n, 2).
        altered: whether anything was computed, so that rounding needs dither.
        source_bits: significant bits of its samples if it is not altered.
    """

    block: Block
    altered: bool
    source_bits: int


class HeardTap:
    """Pieces of the mix by the device's count of frames."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, Heard]] = deque()

    def post(self, at: int, block: Block, *, altered: bool, source_bits: int) -> None:
        """Keep a copy of what goes to the device as its frame ``at`` and those that follow."""
        self._pieces.append((at, Heard(block.copy(), altered, source_bits)))

    def heard(self, count: int) -> list[Heard]:
        """Take out what has been heard, now that the device has played ``count`` frames."""
        out: list[Heard] = []
        while self._pieces and self._pieces[0][0] < count:
            at, piece = self._pieces.popleft()
            split = count - at
            if split < len(piece.block):
                rest = Heard(piece.block[split:], piece.altered, piece.source_bits)
                self._pieces.appendleft((count, rest))
                piece = Heard(piece.block[:split], piece.altered, piece.source_bits)
            out.append(piece)
        return out

    def clear(self) -> None:
        """Forget what has not been heard: it will not be."""
        self._pieces.clear()
