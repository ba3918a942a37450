"""The units that numbers wear, and the one rule that converts them.

A *tick* is 1/28,224,000 s: the least common multiple of all usual sample rates, so that a
point in time is exact at any of them. Points are stored as file-absolute ticks, counted as
frames, and shown as seconds.
"""

from __future__ import annotations

from typing import Final, NewType

EntryId = NewType("EntryId", int)
"""One occurrence in the queue: MPD's songid."""
ChainId = NewType("ChainId", int)
"""One decode of one entry; a new one for each start and each seek."""
Ticks = NewType("Ticks", int)
Frames = NewType("Frames", int)

TICKS_PER_SECOND: Final = 28_224_000
TICKS_PER_MS: Final = TICKS_PER_SECOND // 1000
ZERO_TICKS: Final = Ticks(0)


def seconds_to_ticks(seconds: float) -> Ticks:
    """Round ``seconds`` to the nearest tick."""
    return Ticks(round(seconds * TICKS_PER_SECOND))


def ticks_to_seconds(ticks: Ticks) -> float:
    """Return ``ticks`` in seconds."""
    return ticks / TICKS_PER_SECOND


def ticks_to_frames(point: Ticks, rate_hz: int) -> Frames:
    """Return the frame that a file-absolute point falls into (rounded down).

    Convert points and subtract afterwards; a converted duration would round twice.
    """
    return Frames(point * rate_hz // TICKS_PER_SECOND)


def frames_to_ticks(frames: int, rate_hz: int) -> Ticks:
    """Return the first tick at or after the start of a frame, so that converting back is exact."""
    return Ticks(-(-frames * TICKS_PER_SECOND // rate_hz))


def ms_to_frames(ms: int, rate_hz: int) -> Frames:
    """Return how many whole frames ``ms`` milliseconds hold at ``rate_hz``."""
    return Frames(ms * rate_hz // 1000)


def frames_to_ms(frames: int, rate_hz: int) -> int:
    """Return how many whole milliseconds ``frames`` last at ``rate_hz``."""
    return frames * 1000 // rate_hz
