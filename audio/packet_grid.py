"""Where a seek has landed, in files whose timestamps are too coarse to say it to the frame.

Matroska, WebM and ASF count in milliseconds, which are up to 192 frames long. But packets hold
whole multiples of a codec's unit, the *step*: so wherever a packet may begin is known, and the
timestamp only has to tell which of these places it is. How far timestamps stray from the truth
is learnt from the first packets of the file, whose places are known; over a second of packets
the middle between the extremes is right to a few frames, however the numbers were rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from audio.timeline import CodecFrame

_OPUS_STEP: Final = 120
"""2.5 ms at 48 kHz, the shortest packet."""
_VORBIS_HEADER: Final = b"\x01vorbis"
_VORBIS_BLOCK_SIZES: Final = 21
"""Bytes behind the header's signature; the low half is the shorter block's exponent."""
_LARGEST_STRAY: Final = Fraction(1, 4)
"""Of a step: what is further from any place than this has not been recognised."""


@dataclass(frozen=True, slots=True)
class PacketGrid:
    """The places in one file where packets may begin.

    Attributes:
        step: frames from one place to the next.
        phase: a place.
        scale: frames per unit of the time base.
        lead: by how many frames timestamps are ahead of the truth.
    """

    step: int
    phase: int
    scale: Fraction
    lead: Fraction

    @classmethod
    def learn(
        cls, opening: Sequence[CodecFrame], scale: Fraction, codec: str, header: bytes | None
    ) -> Self | None:
        """Learn from the first codec frames of a file; None if they stand on no grid.

        The very first one may be shorter than its packet, for codecs trim what they need to
        settle, so the grid begins behind it.

        Args:
            opening: the first codec frames, the first of the file at their head.
            scale: frames per unit of the time base.
            codec: FFmpeg's name.
            header: the codec's own header.
        """
        if len(opening) < 2:
            return None
        phase = opening[0].samples
        step = _step_of(codec, header, opening[1:])
        stray = _stray(opening[1:], scale)
        if not step or stray is None:
            return None
        return cls(step, phase % step, scale, stray - phase)

    def begin(self, landed: Sequence[CodecFrame]) -> int | None:
        """Return which frame of the file the first of some codec frames begins with.

        Args:
            landed: consecutive whole codec frames.
        """
        stray = _stray(landed, self.scale)
        if stray is None:
            return None
        guess = stray - self.lead
        place = self.phase + round((guess - self.phase) / self.step) * self.step
        return place if abs(place - guess) <= self.step * _LARGEST_STRAY else None


def _stray(frames: Sequence[CodecFrame], scale: Fraction) -> Fraction | None:
    """Return where timestamps say that the first frame begins: the middle of what they say."""
    said: list[Fraction] = []
    behind = 0
    for frame in frames:
        if frame.pts is not None:
            said.append(frame.pts * scale - behind)
        behind += frame.samples
    return (min(said) + max(said)) / 2 if said else None


def _step_of(codec: str, header: bytes | None, whole: Sequence[CodecFrame]) -> int:
    """Return the unit of a codec's packets in frames; 0 if they have none.

    Args:
        codec: FFmpeg's name.
        header: the codec's own header.
        whole: codec frames; all but the last are as long as their packets.
    """
    header = header or b""
    if codec == "opus":
        return _OPUS_STEP
    if codec == "vorbis":
        sizes = header.partition(_VORBIS_HEADER)[2][_VORBIS_BLOCK_SIZES:]
        return (1 << (sizes[0] & 0xF)) // 4 if sizes else 0
    if codec == "flac" and len(header) >= 4:
        return int.from_bytes(header[:2]) if header[:2] == header[2:4] else 0
    lengths = {frame.samples for frame in whole[:-1] or whole}
    return lengths.pop() if len(lengths) == 1 else 0
