"""Where the frames of a constant-rate MP3 file begin: known by arithmetic, without reading it.

FFmpeg finds a place in an MP3 file by reading all of it up to there: 80 ms for an hour in memory,
seconds from a card. Its fast way jumps, but is a frame off half the time. At a constant bit
rate a frame's number follows from its position: frames have ``bits / 8`` bytes on average and
each begins less than two bytes from its ideal place. A position that does not fit proves that
the rate is not constant after all, and the slow way is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

_ID3_HEADER: Final = 10
_TAG_WITHIN: Final = slice(13, 40)
_STRAY_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class MpegGrid:
    """The frames of one file.

    Attributes:
        first_byte: where the first frame with sound begins.
        first_pts: its timestamp.
        frame_bytes: length of a frame, on average.
        frame_ticks: duration of a frame in units of the time base.
    """

    first_byte: int
    first_pts: int
    frame_bytes: Fraction
    frame_ticks: int

    def pts_at(self, position: int) -> int | None:
        """Return the timestamp of the frame that begins at a byte; None if none should."""
        number = round((position - self.first_byte) / self.frame_bytes)
        stray = abs(self.first_byte + number * self.frame_bytes - position)
        return self.first_pts + number * self.frame_ticks if stray < _STRAY_BYTES else None


def says_constant_rate(path: str) -> bool:
    """Look for the tag by which LAME and FFmpeg mark a file of constant bit rate."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_ID3_HEADER)
            if head.startswith(b"ID3") and len(head) == _ID3_HEADER:
                size = 0
                for byte in head[6:]:
                    size = size << 7 | byte & 0x7F
                file.seek(size, 1)
                head = b""
            return b"Info" in (head + file.read(_TAG_WITHIN.stop))[_TAG_WITHIN]
    except OSError:
        return False
