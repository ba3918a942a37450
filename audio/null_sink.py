"""A device without sound: takes frames at the pace of the monotonic clock, as a card would.

Used where no card is there, so that everything else works, and as the output called ``null``.
"""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from typing import Final

from audio.baton import Baton
from audio.convert import BYTES
from audio.device import Device, OutputFormat, WriteResult
from playback.errors import SinkError
from playback.units import Frames


@dataclass(slots=True)
class _Progress:
    """Frames since ``open``; the clock starts with the first write after open, drop or xrun."""

    written: int = 0
    heard_before: int = 0
    started_s: float | None = None


class NullDevice(Device):
    """Swallows sound in real time."""

    def __init__(self) -> None:
        self._baton: Final = Baton()
        self._dropped: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._format: OutputFormat | None = None
        self._progress = _Progress()
        self._epoch = 0

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called."""
        return self._epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Take any format."""
        with self._baton:
            self._format = wanted
            self._progress = _Progress()
        return wanted

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until the whole period fits into the buffer.

        Raises:
            SinkError: it is not open.
        """
        since = self._epoch if epoch is None else epoch
        result = WriteResult.PLAYED
        while True:
            with self._baton:
                taken = self._opened()
                if since != self._epoch:
                    return WriteResult.DROPPED
                frames = len(period) // (BYTES[taken.sample] * taken.channels)
                if self._ran_dry():
                    result = WriteResult.XRUN
                missing = self._level() + frames - max(taken.buffer, frames)
                if missing <= 0:
                    self._take(frames)
                    return result
            self._wait(missing / taken.rate_hz)

    def delay(self) -> Frames:
        """Return how many written frames have not been heard yet."""
        with self._baton:
            return Frames(self._level())

    def heard_frames(self) -> Frames:
        """Return how many frames have been heard since ``open``."""
        with self._baton:
            return Frames(self._heard())

    def drop(self) -> Frames:
        """Forget what was written and not heard; wake a blocked ``write``."""
        with self._baton:
            self._epoch += 1
            heard = self._heard()
            self._progress = _Progress(heard, heard)
        self._dropped.put(None)
        return Frames(heard)

    def close(self) -> None:
        """Close; safe to call twice."""
        with self._baton:
            heard = self._heard()
            self._format = None
            self._progress = _Progress(heard, heard)

    # With the baton held.

    def _opened(self) -> OutputFormat:
        if self._format is None:
            raise SinkError("the null output is not open")
        return self._format

    def _heard(self) -> int:
        progress = self._progress
        if self._format is None or progress.started_s is None:
            return progress.heard_before
        passed = int((time.monotonic() - progress.started_s) * self._format.rate_hz)
        return min(progress.heard_before + passed, progress.written)

    def _level(self) -> int:
        return self._progress.written - self._heard()

    def _ran_dry(self) -> bool:
        if self._progress.started_s is None or self._level() > 0:
            return False
        self._progress = _Progress(self._progress.written, self._progress.written)
        return True

    def _take(self, frames: int) -> None:
        self._progress.written += frames
        if self._progress.started_s is None:
            self._progress.started_s = time.monotonic()

    # Without it.

    def _wait(self, seconds: float) -> None:
        """Sleep until there should be room, or something was dropped."""
        try:
            self._dropped.get(timeout=seconds)
        except queue.Empty:
            return
