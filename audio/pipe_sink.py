"""Bare samples into a pipe: a FIFO that somebody may read, or a program's standard input."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Final

from audio.device import SampleFormat
from audio.side_sink import SideSink
from playback.errors import SinkError

_GIVES_UP_S: Final = 0.3
"""How long a reader is waited for once nobody is to wait for it."""
_ENDS_S: Final = 2.0
"""How long a program may take to end after the end of its input, and again when asked to."""


class _PipeSink(SideSink):
    """Writes to a descriptor that may be full for long, without being caught in it."""

    def __init__(self, sample: SampleFormat) -> None:
        self._sample = sample
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._deadline_s: float | None = None
        self._over = False

    def __del__(self) -> None:
        os.close(self._wake)

    @property
    def sample(self) -> SampleFormat:
        """What is written."""
        return self._sample

    def give_up(self) -> None:
        """Wait for the reader for a moment only."""
        self._deadline_s = time.monotonic() + _GIVES_UP_S
        os.eventfd_write(self._wake, 1)

    def _write_all(self, descriptor: int, samples: memoryview) -> None:
        """Write, waiting for the reader; write no more if that was given up.

        Raises:
            OSError: nobody reads any more.
        """
        rest = samples
        while rest and not self._over:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:
                self._over = not self._waited_for_room(descriptor)

    def _waited_for_room(self, descriptor: int) -> bool:
        """Wait for room; return False if it was given up."""
        watched = select.poll()
        watched.register(descriptor, select.POLLOUT)
        if self._deadline_s is None:
            watched.register(self._wake, select.POLLIN)
            watched.poll()
            return True
        return bool(watched.poll(max(0.0, self._deadline_s - time.monotonic()) * 1000))


class FifoSink(_PipeSink):
    """A FIFO. While nobody has it open for reading, nothing is written and nothing is wrong."""

    def __init__(self, path: Path, sample: SampleFormat) -> None:
        super().__init__(sample)
        self._path = path
        self._descriptor: int | None = None

    def open(self) -> None:
        """Make the FIFO if it is not there.

        Raises:
            SinkError: it cannot be made, or something else is there.
        """
        try:
            with contextlib.suppress(FileExistsError):
                os.mkfifo(self._path)
            mode = self._path.stat().st_mode
        except OSError as error:
            raise SinkError(f"cannot make the FIFO {self._path}: {error.strerror}") from error
        if not stat.S_ISFIFO(mode):
            raise SinkError(f"{self._path} is there already and is no FIFO; move it away")

    def write(self, samples: memoryview) -> None:
        """Write if somebody reads.

        Raises:
            SinkError: the FIFO is gone.
        """
        try:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags)
            self._write_all(self._descriptor, samples)
        except BrokenPipeError:  # the reader has gone; another one may come
            self.close()
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise SinkError(f"cannot write to {self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Close it; the reader gets what is in it, and its end."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class CommandSink(_PipeSink):
    """A program that reads from its standard input; a shell starts it."""

    def __init__(self, command: str, sample: SampleFormat) -> None:
        super().__init__(sample)
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start the program, in a session of its own: Ctrl-C is not for it.

        Raises:
            SinkError: there is no shell, or no room for another process.
        """
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", self._command],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise SinkError(f"cannot start '{self._command}': {error.strerror}") from error
        assert self._process.stdin is not None  # noqa: S101  (it is a pipe)
        os.set_blocking(self._process.stdin.fileno(), False)

    def write(self, samples: memoryview) -> None:
        """Write to its standard input.

        Raises:
            SinkError: it has ended, or reads no more.
        """
        process = self._process
        assert process is not None  # noqa: S101  (the caller opens first)
        assert process.stdin is not None  # noqa: S101
        try:
            self._write_all(process.stdin.fileno(), samples)
        except OSError as error:
            status = _ended(process)
            ended = "reads no more" if status is None else f"has ended with status {status}"
            raise SinkError(f"the command '{self._command}' {ended}") from error

    def close(self) -> None:
        """End its input, and wait until it has ended; if it does not, it is made to."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101
        process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if _ended(process) is not None:
                return
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        process.wait()


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for a process to end; return its status, or None if it does not."""
    try:
        return process.wait(_ENDS_S)
    except subprocess.TimeoutExpired:
        return None
