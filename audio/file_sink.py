"""A recording: WAV, or the bare samples.

It is only ever added to. What a file holds when it is opened stays, be it from the last run or
from before a crash; a WAV file's header is right after each write, so a recording can be read
while it grows, and none needs repair.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from pathlib import Path
from typing import Final

from audio.convert import BYTES
from audio.device import SampleFormat
from audio.ring import CHANNELS
from audio.side_sink import SideSink
from playback.errors import SinkError

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT_CHUNK_BYTES: Final = 16
_INTEGERS, _FLOATS = 1, 3
_SIZE_OF_FILE: Final = 4
_SIZE_OF_DATA: Final = 40
_LARGEST: Final = 2**32 - 1
"""What a size says that does not fit; readers take it for "to the end"."""

WAV_FORMATS: Final = (
    SampleFormat.S16,
    SampleFormat.S24_3,
    SampleFormat.S32,
    SampleFormat.FLOAT,
)


class FileSink(SideSink):
    """Appends to a file.

    Args:
        wav: with a WAV header; else bare samples.
    """

    def __init__(self, path: Path, sample: SampleFormat, rate_hz: int, *, wav: bool) -> None:
        self._path = path
        self._sample = sample
        self._rate_hz = rate_hz
        self._wav = wav
        self._frame_bytes = BYTES[sample] * CHANNELS
        self._descriptor: int | None = None
        self._end = 0

    @property
    def sample(self) -> SampleFormat:
        """What is written."""
        return self._sample

    def open(self) -> None:
        """Open or make the file, and go to its end.

        Raises:
            SinkError: it cannot be opened, or is something else than a recording like this.
        """
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
            self._descriptor = os.open(self._path, flags, 0o666)
            self._go_to_end(self._descriptor)
        except OSError as error:
            self.close()
            raise SinkError(f"cannot write {self._path}: {error.strerror}") from error
        except SinkError:
            self.close()
            raise

    def write(self, samples: memoryview) -> None:
        """Add frames.

        Raises:
            SinkError: the disk is full, or has failed; whole frames may have been added.
        """
        assert self._descriptor is not None  # noqa: S101  (the caller opens first)
        rest = samples
        try:
            while rest:
                rest = rest[
                    os.pwrite(self._descriptor, rest, self._end + len(samples) - len(rest)) :
                ]
        except OSError as error:
            self._end += (len(samples) - len(rest)) // self._frame_bytes * self._frame_bytes
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
                self._write_sizes(self._descriptor)
            raise SinkError(f"cannot write {self._path}: {error.strerror}") from error
        self._end += len(samples)
        self._write_sizes(self._descriptor)

    def give_up(self) -> None:
        """Do nothing: a disk cannot be told to hurry."""

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _go_to_end(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SinkError(f"{self._path} is no regular file; for a FIFO: plugin = pipe")
        header = self._header() if self._wav else b""
        found = os.pread(descriptor, len(header), 0)
        if not found.strip(b"\0"):  # new, or its header has never reached the disk
            os.pwrite(descriptor, header, 0)
        elif _without_sizes(found) != _without_sizes(header):
            raise SinkError(
                f"{self._path} is there already and is something else than a WAV file of "
                f"{self._rate_hz} Hz, {self._sample}; move it away"
            )
        frames = max(0, status.st_size - len(header)) // self._frame_bytes
        self._end = len(header) + frames * self._frame_bytes
        os.ftruncate(descriptor, self._end)
        self._write_sizes(descriptor)

    def _header(self) -> bytes:
        kind = _FLOATS if self._sample is SampleFormat.FLOAT else _INTEGERS
        return _HEADER.pack(
            *(b"RIFF", 0, b"WAVE", b"fmt ", _FORMAT_CHUNK_BYTES, kind, CHANNELS, self._rate_hz),
            *(self._rate_hz * self._frame_bytes, self._frame_bytes, BYTES[self._sample] * 8),
            *(b"data", 0),
        )

    def _write_sizes(self, descriptor: int) -> None:
        if not self._wav:
            return
        for at, taken in ((_SIZE_OF_FILE, 8), (_SIZE_OF_DATA, _HEADER.size)):
            size = min(self._end - taken, _LARGEST)
            os.pwrite(descriptor, size.to_bytes(4, "little"), at)


def _without_sizes(header: bytes) -> bytes:
    return header[:_SIZE_OF_FILE] + header[_SIZE_OF_FILE + 4 : _SIZE_OF_DATA]
