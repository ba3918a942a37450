"""Finds the files that are to be measured and has them measured, one after another.

    python -m wkmp.analysis_process JOB

The job is JSON, see ``wkmp.analysis_wire``. It ends when all is done, on SIGTERM, or when
standard input ends.

The files are decoded in a process of their own, the *listener*. One that crashes it, or keeps it
silent for too long, is noted as unmeasurable, and another listener goes on with the next file.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from library.song_files import song_files, version_of
from playback.errors import StorageError, WkmpError
from playback.measurement import FileVersion, MeasuredFile, Outcome, Unmeasurable
from storage.measurements import MeasurementReader
from wkmp.analysis_wire import (
    Begun,
    Found,
    Job,
    Later,
    Measured,
    News,
    Passed,
    Trouble,
    answer_of,
    news_line,
)
from wkmp.low_priority import step_back

PATIENCE_S: Final = 120.0
"""A listener gets processor time only if nobody else wants it: silence need not be death."""
START_PATIENCE_S: Final = 600.0
_READ_BYTES: Final = 65_536
_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""What no codec does; SIGKILL is what the kernel sends when memory runs out."""
LISTENER: Final = (sys.executable, "-P", "-m", "wkmp.analysis_listener")


class NobodyWaits(Exception):  # noqa: N818  (no error: it is how an analysis is stopped)
    """Standard input has ended, or SIGTERM has come."""


class CannotListen(WkmpError):  # noqa: N818  (it is what happened)
    """No listener can be started; no file is to blame."""


class _Lost(Exception):  # noqa: N818  (it is what happened)
    """The listener has ended, or says nothing."""


class Listener:
    """The process that decodes; started when needed, and again when it was lost.

    Args:
        command: what is run.
        patience_s: how long it may say nothing while it measures.
        stop_fd: becomes readable, and empty, when nobody waits any more.
    """

    def __init__(
        self, command: Sequence[str] = LISTENER, patience_s: float = PATIENCE_S, stop_fd: int = 0
    ) -> None:
        self._command = command
        self._patience_s = patience_s
        self._stop_fd = stop_fd
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""

    def measure(self, path: str) -> Outcome | Later:
        """Have a file measured.

        Raises:
            NobodyWaits: it was told to stop.
            CannotListen: there is no listener.
        """
        process = self._running()
        try:
            _pipe(process.stdin).write(json.dumps(path).encode() + b"\n")
            while (answer := answer_of(self._line(process, self._patience_s))) is None:
                pass
        except (_Lost, BrokenPipeError):
            return self._blame()
        return answer

    def close(self) -> None:
        """End it, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)  # one that hangs in a dead network mount cannot even be killed
        _pipe(process.stdin).close()
        _pipe(process.stdout).close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._heard = b""
        self._process = subprocess.Popen(
            self._command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._line(self._process, START_PATIENCE_S)
        except _Lost as lost:
            raise CannotListen("the process that decodes does not start") from lost
        return self._process

    def _line(self, process: subprocess.Popen[bytes], patience_s: float) -> str:
        """Wait for the next line."""
        voice = _pipe(process.stdout).fileno()
        while b"\n" not in self._heard:
            ready, _, _ = select.select([voice, self._stop_fd], [], [], patience_s)
            if self._stop_fd in ready and not os.read(self._stop_fd, _READ_BYTES):
                raise NobodyWaits
            said = os.read(voice, _READ_BYTES) if voice in ready else b""
            if not said and (voice in ready or not ready):
                raise _Lost
            self._heard += said
        line, self._heard = self._heard.split(b"\n", 1)
        return line.decode()

    def _blame(self) -> Outcome | Later:
        """Say what has happened to the listener, and whether that is the file's fault."""
        process = self._process
        status = None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(1.0)  # if it has ended, that is known soon
        self.close()
        if status is None:
            return Unmeasurable(f"decoding it gave nothing for {self._patience_s:g} s")
        if -status in _FROM_OUTSIDE:
            return Later("the process that decodes was killed")
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return Unmeasurable(f"decoding it ended the process ({name})")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("both ends of the listener are pipes")
    return pipe


def analyse(job: Job, listener: Listener, tell: Callable[[News], None]) -> None:
    """Measure everything that is not known yet.

    Raises:
        NobodyWaits: it was told to stop.
        CannotListen: nothing can be measured.
    """
    music = Path(job.music)
    seen = 0

    def counted() -> Iterator[tuple[str, FileVersion]]:
        nonlocal seen
        for each in song_files(music, job.below):
            seen += 1
            yield each

    try:
        wanted = list(MeasurementReader(Path(job.database)).unknown(counted()))
    except StorageError as error:
        tell(Trouble(str(error)))
        return
    if not seen:
        tell(Trouble(f"there are no songs in {music / job.below}"))
        return
    tell(Found(len(wanted), sum(version.size_bytes for _, version in wanted), seen - len(wanted)))
    for uri, version in wanted:
        tell(Begun(uri))
        answer = listener.measure(str(music / uri))
        if isinstance(answer, Later):
            tell(Passed(uri, version.size_bytes, answer.reason))
        elif _is_still(music / uri, version):
            tell(Measured(MeasuredFile(uri, version, answer)))
        else:
            tell(Passed(uri, version.size_bytes, "it has changed meanwhile"))


def _is_still(path: Path, version: FileVersion) -> bool:
    """Return whether a file is what it was; if the whole disk is gone, no file is to blame."""
    try:
        return version_of(path) == version
    except OSError:
        return False


def main(words: Sequence[str]) -> None:
    """Carry out one job."""
    step_back()
    job = Job(**json.loads(words[0]))
    listener = Listener()
    signal.signal(signal.SIGTERM, _stop)
    try:
        analyse(job, listener, _say)
    except CannotListen as error:
        _say(Trouble(str(error)))
    except (NobodyWaits, BrokenPipeError):
        pass
    finally:
        listener.close()


def _stop(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise NobodyWaits


def _say(news: News) -> None:
    sys.stdout.write(news_line(news))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # a reader that has gone is no reason for a traceback
