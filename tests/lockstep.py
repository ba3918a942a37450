"""An output device whose clock is the test: nothing is heard until the test plays it.

It models what the engine can tell of a card: a buffer, a blocking ``write``, ``delay``, ``drop``
and the faults. The real sink thread drives it from one side, the test from the other:

    device.run(88_200)                  # hear two seconds, the engine refilling as it goes
    assert device.heard[0] == ...       # exactly what came out, frame by frame

As ALSA does, a period goes in whole once there is room for all of it; with ``short_writes`` it
goes in piece by piece, as plugins may do it. A wait that lasts longer than ``timeout_s`` is an
AssertionError that says where things stood.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from audio.convert import BYTES
from audio.device import Device, OutputFormat, SampleFormat, WriteResult
from playback.errors import SinkError
from playback.units import Frames


class LockStepDevice(Device):
    """The engine's side is ``Device``; everything below "The test's side" is for tests.

    Args:
        short_writes: a write takes whatever fits instead of waiting for a whole period's room.
        sample: what the device takes whatever it is asked for; None = what it is asked for.
        timeout_s: how long the test's waits may last.
    """

    def __init__(
        self,
        *,
        short_writes: bool = False,
        sample: SampleFormat | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self._changed = threading.Condition()
        self._short_writes = short_writes
        self._sample = sample
        self.timeout_s = timeout_s
        """How long the test's waits may last; may be changed at any time."""
        self._format: OutputFormat | None = None
        self._buffer = bytearray()
        self._heard: list[npt.NDArray[np.float32]] = []
        self._heard_since_open = 0
        self._epoch = 0
        self._writing = False
        self._lost = False
        self._opener = threading.local()  # as a card does, it knows a handle opened before a loss
        self._hung = False
        self._xrun = False
        self.opens = 0
        """How often it was opened."""
        self.drops = 0
        """How often it was told to drop."""
        self.dropped = 0
        """Frames that were thrown away unheard by ``drop``, ``close`` or ``lose``."""

    # The engine's side.

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called."""
        return self._epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open; SinkError while lost."""
        with self._changed:
            if self._lost:
                raise SinkError("the lock-step device is not there")
            self._format = OutputFormat(
                wanted.rate_hz,
                self._sample or wanted.sample,
                wanted.channels,
                wanted.period,
                wanted.buffer,
            )
            self._heard_since_open = 0
            self.opens += 1
            self._opener.opening = self.opens
            self._changed.notify_all()
            return self._format

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until everything is in the buffer, or a drop or loss comes in between."""
        with self._changed:
            since = self._epoch if epoch is None else epoch
            rest = bytes(period)
            result = self._stumble()
            self._writing = True
            self._changed.notify_all()
            try:
                while rest:
                    while not (self._disturbed(since) or self._fits(rest)):
                        self._changed.wait()
                    if self._gone():
                        raise SinkError("the lock-step device was lost")
                    if self._epoch != since:
                        return WriteResult.DROPPED
                    room = self._room() * self._frame_bytes()
                    self._buffer += rest[:room]
                    rest = rest[room:]
                    self._changed.notify_all()
            finally:
                self._writing = False
                self._changed.notify_all()
            return result

    def delay(self) -> Frames:
        """Frames in the buffer."""
        with self._changed:
            return Frames(self._level())

    def heard_frames(self) -> Frames:
        """Frames heard since the device was opened for the last time."""
        with self._changed:
            return Frames(self._heard_since_open)

    def drop(self) -> Frames:
        """Throw the buffer away."""
        with self._changed:
            self._epoch += 1
            self.drops += 1
            self._discard()
            self._changed.notify_all()
            return Frames(self._heard_since_open)

    def close(self) -> None:
        """Close; what is in the buffer is lost. Does nothing to who has opened it since."""
        with self._changed:
            if not self._gone():
                self._discard()
                self._format = None
                self._changed.notify_all()

    # The test's side: playing.

    @property
    def heard(self) -> npt.NDArray[np.float32]:
        """Everything that was ever heard, over all openings: shape (frames, 2), float32."""
        with self._changed:
            return np.concatenate([np.empty((0, 2), dtype=np.float32), *self._heard])

    def play(self, frames: int) -> int:
        """Let up to ``frames`` frames be heard from what is in the buffer; return how many."""
        with self._changed:
            return self._play(frames)

    def run(self, frames: int) -> None:
        """Let exactly ``frames`` frames be heard, the engine refilling the buffer meanwhile."""
        with self._changed:
            missing = frames
            while missing:
                step = min(missing, self._period())
                self._await_level(step, f"the last {missing} of {frames} frames to play")
                missing -= self._play(step)

    def wait_filled(self) -> None:
        """Wait until no further period fits."""
        with self._changed:
            self._await(lambda: self._room() < self._period(), "a full buffer")

    def wait_level(self, frames: int) -> None:
        """Wait until at least ``frames`` frames are in the buffer."""
        with self._changed:
            self._await_level(frames, f"{frames} frames in the buffer")

    def wait_blocked(self) -> None:
        """Wait until a ``write`` is waiting for room."""
        with self._changed:
            self._await(lambda: self._writing, "a blocked write")

    def wait_drops(self, count: int) -> None:
        """Wait until it has been told to drop ``count`` times in all."""
        with self._changed:
            self._await(lambda: self.drops >= count, f"drop number {count}")

    def wait_open(self) -> OutputFormat:
        """Wait until it is open; return the format."""
        with self._changed:
            self._await(lambda: self._format is not None, "being opened")
            assert self._format is not None
            return self._format

    def wait_closed(self) -> None:
        """Wait until it is closed."""
        with self._changed:
            self._await(lambda: self._format is None, "being closed")

    # The test's side: faults.

    def lose(self) -> None:
        """Unplug it: a blocked or further ``write`` and ``open`` fail; the buffer is lost."""
        with self._changed:
            self._lost = True
            self._discard()
            self._format = None
            self._changed.notify_all()

    def come_back(self) -> None:
        """Plug it in again; it must be opened anew."""
        with self._changed:
            self._lost = False
            self._changed.notify_all()

    def xrun_next(self) -> None:
        """Let the next ``write`` find that the buffer has played out and run dry."""
        with self._changed:
            self._xrun = True

    def hang(self) -> None:
        """Take and play nothing more, without failing, until ``recover``."""
        with self._changed:
            self._hung = True
            self._changed.notify_all()

    def recover(self) -> None:
        """End ``hang``."""
        with self._changed:
            self._hung = False
            self._changed.notify_all()

    # With the condition held.

    def _play(self, frames: int) -> int:
        if self._format is None or self._hung:
            return 0
        count = min(frames, self._level())
        size = count * self._frame_bytes()
        self._heard.append(decode(bytes(self._buffer[:size]), self._format.sample))
        del self._buffer[:size]
        self._heard_since_open += count
        self._changed.notify_all()
        return count

    def _stumble(self) -> WriteResult:
        if not self._xrun or self._format is None:
            return WriteResult.PLAYED
        self._xrun = False
        self._play(self._level())
        return WriteResult.XRUN

    def _disturbed(self, since: int) -> bool:
        return self._gone() or self._epoch != since

    def _gone(self) -> bool:
        """Closed or lost since the calling thread opened it, whoever has opened it again."""
        opening = getattr(self._opener, "opening", self.opens)
        return self._format is None or opening != self.opens

    def _fits(self, rest: bytes) -> bool:
        if self._hung or self._format is None:
            return False
        whole = min(len(rest) // self._frame_bytes(), self._format.buffer)
        return self._room() >= (1 if self._short_writes else whole)

    def _discard(self) -> None:
        self.dropped += self._level()
        self._buffer.clear()

    def _level(self) -> int:
        return len(self._buffer) // self._frame_bytes() if self._format else 0

    def _room(self) -> int:
        return self._format.buffer - self._level() if self._format else 0

    def _period(self) -> int:
        return self._format.period if self._format else 1

    def _frame_bytes(self) -> int:
        return BYTES[self._format.sample] * self._format.channels if self._format else 1

    def _await_level(self, frames: int, what: str) -> None:
        self._await(lambda: self._level() >= frames, what)

    def _await(self, reached: Callable[[], bool], what: str) -> None:
        if not self._changed.wait_for(reached, self.timeout_s):
            state = "closed" if self._format is None else f"{self._level()} frames in its buffer"
            raise AssertionError(
                f"lock-step device: waited {self.timeout_s} s for {what}; it is {state}, "
                f"{self._heard_since_open} frames heard, a write is "
                f"{'waiting' if self._writing else 'not under way'}"
            )


def decode(data: bytes, sample: SampleFormat) -> npt.NDArray[np.float32]:
    """Turn interleaved stereo device samples into floats of shape (frames, 2)."""
    match sample:
        case SampleFormat.S16:
            scaled = np.frombuffer(data, "<i2") / 2.0**15
        case SampleFormat.S24_3:
            octets = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(octets), 4), np.uint8)
            wide[:, 1:] = octets  # in the upper three bytes, so that the sign comes along
            scaled = wide.reshape(-1).view("<i4") / 2.0**31
        case SampleFormat.S24:
            scaled = np.frombuffer(data, "<i4") / 2.0**23
        case SampleFormat.S32:
            scaled = np.frombuffer(data, "<i4") / 2.0**31
        case SampleFormat.FLOAT:
            scaled = np.frombuffer(data, "<f4").astype(np.float64)
    return np.asarray(scaled.reshape(-1, 2), dtype=np.float32)
