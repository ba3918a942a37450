"""The playout ring: where one decode worker leaves frames and the mixer takes them.

One writer, one reader, no lock. Each side owns one counter and only reads the other's; an
``int`` is rebound atomically, and a counter is published after the frames it covers, so the
reader never sees a frame that is not there. Counters are absolute (frames since the chain's
first), which makes "how far" and "how full" the same kind of number.

The end of the chain stands in the ring itself, behind its last frame, so it cannot overtake
audio. The reader may step back over the last ``history`` frames it took: pause and skip
throw away what was rendered but not heard, and render it again.
"""

from __future__ import annotations

import mmap

import numpy as np
import numpy.typing as npt

from playback.levels import UNKNOWN, Levels
from playback.units import Frames

Block = npt.NDArray[np.float32]
"""Frames in memory: shape (frames, 2), float32, nominally within ±1."""

CHANNELS = 2


class Ring:
    """A preallocated float32 ring of shape (capacity, 2).

    Its memory is mapped for it alone: a page costs nothing until it is written, and all goes
    back to the system with the ring, which memory from the C library's heap does not.

    Raises:
        MemoryError: the system has none left.
    """

    def __init__(self, capacity: Frames, history: Frames) -> None:
        size = max(1, capacity) * CHANNELS * np.dtype(np.float32).itemsize
        try:
            memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError(f"no memory for a ring of {capacity} frames") from error
        self._frames: Block = np.frombuffer(memory, dtype=np.float32).reshape(-1, CHANNELS)
        self._capacity = int(capacity)
        self._history = int(history)
        self._written = 0
        self._taken = 0
        self._furthest = 0  # the most the reader ever took; what the writer may rely on
        self._end: int | None = None
        self.source_bits = 32
        """Significant bits of the samples in it; the writer lowers it for exact 16 or 24 bit."""
        self.levels: Levels = UNKNOWN
        """How loud the file is as a whole; the writer says so before its first frame."""

    @property
    def capacity(self) -> Frames:
        """Frames it can hold, history included."""
        return Frames(self._capacity)

    @property
    def written(self) -> Frames:
        """Frames the writer has committed since the chain began."""
        return Frames(self._written)

    @property
    def taken(self) -> Frames:
        """The reader's position: frames since the chain began."""
        return Frames(self._taken)

    @property
    def readable(self) -> Frames:
        """Where the reader has to stop for now: behind what was written, or at the end."""
        end = self._end
        return Frames(self._written if end is None else min(self._written, end))

    @property
    def level(self) -> Frames:
        """Frames that are ready to be read."""
        return Frames(max(0, self.readable - self._taken))

    @property
    def end(self) -> Frames | None:
        """Total length of the chain once its last frame is in the ring; None before."""
        return None if self._end is None else Frames(self._end)

    @property
    def complete(self) -> bool:
        """True once every frame the chain will ever have has been written."""
        return self._end is not None

    @property
    def exhausted(self) -> bool:
        """True once the reader has taken the last frame of a complete chain."""
        return self._end is not None and self._taken >= self._end

    # The writer's side.

    @property
    def space(self) -> Frames:
        """Frames the writer may add now without overwriting the reader's history."""
        return Frames(self._capacity - self._history - (self._written - self._furthest))

    def write(self, block: Block) -> Frames:
        """Append as much of ``block`` (frames, 2) as there is space for; return how much."""
        count = min(len(block), self.space)
        if count <= 0:
            return Frames(0)
        at = self._written % self._capacity
        head = min(count, self._capacity - at)
        self._frames[at : at + head] = block[:head]
        if head < count:
            self._frames[: count - head] = block[head:count]
        self._written += count
        return Frames(count)

    def finish(self, end: Frames | None = None) -> None:
        """Mark the end: behind the last written frame, or at one before it.

        An end may move while the chain sounds; what the reader has taken beyond it stays taken.
        """
        self._end = self._written if end is None else min(int(end), self._written)

    def reopen(self) -> None:
        """Take the end away: more frames will follow the last written one."""
        self._end = None

    # The reader's side.

    def read(self, out: Block) -> Frames:
        """Fill ``out`` (frames, 2) from the reader's position; return how many frames it got."""
        count = self.peek(Frames(self._taken), out)
        if count:
            self.step_to(Frames(self._taken + count))
        return count

    def peek(self, position: Frames, out: Block) -> Frames:
        """Fill ``out`` from a position that is in the ring, and stay; return how many it got."""
        count = min(len(out), self.readable - position)
        if count <= 0:
            return Frames(0)
        at = position % self._capacity
        head = min(count, self._capacity - at)
        out[:head] = self._frames[at : at + head]
        if head < count:
            out[head:count] = self._frames[: count - head]
        return Frames(count)

    @property
    def oldest(self) -> Frames:
        """The oldest frame that the reader may step back to."""
        return Frames(max(0, self._furthest - self._history))

    def step_to(self, position: Frames) -> None:
        """Move the reader to ``position``, which must still be in the ring.

        Raises:
            ValueError: the position is beyond what was written, or older than the history.
        """
        if not self.oldest <= position <= self._written:
            raise ValueError(
                f"cannot step to frame {position}: the ring holds {self.oldest} to {self._written}"
            )
        self._taken = int(position)
        self._furthest = max(self._furthest, self._taken)
