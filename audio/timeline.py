"""Timestamps of one file as frame numbers, and where they say that something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Final, Generic, Protocol, TypeVar

_LONGEST_HOLE_S: Final = 60
_LONGEST_DURATION: Final = 1 << 31
"""FFmpeg lets a negative duration wrap around."""


class CodecFrame(Protocol):
    """What is needed of a decoder's frame; ``pts`` and ``duration`` in units of the time base."""

    @property
    def pts(self) -> int | None:
        """Timestamp of its first sample."""

    @property
    def duration(self) -> int:
        """How long it lasts by the container."""

    @property
    def samples(self) -> int:
        """How many it holds per channel."""


F = TypeVar("F", bound=CodecFrame)


@dataclass(frozen=True, slots=True)
class Placed(Generic[F]):
    """A codec frame in its place.

    Attributes:
        lost: frames missing before it.
        codec_frame: the decoder's frame.
        kept: how many of its samples belong to the file, from the first on.
    """

    lost: int
    codec_frame: F
    kept: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scale between a container's timestamps and frames.

    Attributes:
        rate_hz: frames per second.
        time_base: seconds per timestamp unit.
        origin: timestamp of frame 0, the first that a decode from the start yields.
        ends_count: True where a frame's end is trustworthy and its begin is not: FFmpeg puts a
            Vorbis packet that goes from long to short blocks 448 samples late, and makes its
            duration as much too short.
    """

    rate_hz: int
    time_base: Fraction
    origin: int = 0
    ends_count: bool = False

    def frame(self, pts: int) -> int:
        """Return the frame nearest to a timestamp."""
        units = (pts - self.origin) * self.time_base.numerator * self.rate_hz
        ticks = self.time_base.denominator
        return (2 * units + ticks) // (2 * ticks)

    def pts(self, frame: int) -> int:
        """Return the timestamp at or before a frame."""
        units = self.time_base.numerator * self.rate_hz
        return frame * self.time_base.denominator // units + self.origin

    def begin(self, codec_frame: CodecFrame) -> int | None:
        """Return the number of a codec frame's first sample; None without a timestamp."""
        if codec_frame.pts is None:
            return None
        if self.ends_count and 0 < codec_frame.duration < _LONGEST_DURATION:
            return self.frame(codec_frame.pts + codec_frame.duration) - codec_frame.samples
        return self.frame(codec_frame.pts)

    def place(
        self, codec_frames: Iterable[F], expected: int, length: int | None = None
    ) -> Iterator[Placed[F]]:
        """Say of each codec frame what is missing before it, and what of it is kept.

        Args:
            codec_frames: in the order of decoding.
            expected: where the first one should begin.
            length: of the file, where the last frame may reach beyond it.
        """
        for this, following in pairwise(chain(codec_frames, (None,))):
            assert this is not None  # noqa: S101  # only the last of the chain is None
            found = self.begin(this)
            lost = 0 if found is None else self._lost(expected, found, this, following)
            if found is not None and (lost or abs(found - expected) <= self._unit):
                expected = found
            kept = this.samples
            if following is None and length is not None and expected < length:
                kept = min(kept, length - expected)
            yield Placed(lost, this, kept)
            expected += this.samples

    def _lost(
        self, expected: int, found: int, this: CodecFrame, following: CodecFrame | None
    ) -> int:
        """Return how many frames are missing between ``expected`` and ``found``.

        A lost packet leaves a hole of about a packet, and what follows stands behind it as
        well. More than a minute is no hole but a nonsensical timestamp.
        """
        hole = found - expected
        least = max(self._unit, this.samples * 3 // 4)
        if not least <= hole <= _LONGEST_HOLE_S * self.rate_hz:
            return 0
        after = None if following is None else self.begin(following)
        steady = after is None or abs(after - found - this.samples) <= self._unit
        return hole if steady else 0

    @property
    def _unit(self) -> int:
        """Frames that coarse timestamps may be off by."""
        return -(-2 * self.time_base.numerator * self.rate_hz // self.time_base.denominator)
