"""One daemon per data directory, and how others find it.

A lock on a file says whether a daemon runs: the kernel gives it back however the daemon ends.
In the file stands where the daemon can be reached.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from playback.errors import ConfigError, WkmpError

_NAME: Final = "daemon.lock"
_TRIES: Final = 4
_BETWEEN_TRIES_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a running daemon can be reached.

    Attributes:
        pid: its process.
        socket: its local socket, if it has one.
        address: host and port, if it listens on a network.
    """

    pid: int
    socket: str | None = None
    address: tuple[str, int] | None = None


class AlreadyRunningError(WkmpError):
    """Another daemon uses this data directory."""


class Claim:
    """The right to be the daemon of one data directory, held until closed.

    Raises:
        AlreadyRunningError: another process holds it.
        ConfigError: the directory cannot be made or written to.
    """

    def __init__(self, data_directory: Path) -> None:
        try:
            data_directory.mkdir(parents=True, exist_ok=True)
            self._file = (data_directory / _NAME).open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                f"[paths] data_directory = {data_directory}: cannot be used: {error.strerror}"
            ) from error
        if not _locked(self._file):
            held_by = _read(self._file)
            self._file.close()
            process = f"process {held_by.pid}" if held_by else "another process"
            raise AlreadyRunningError(
                f"wkmp is already running with the data in {data_directory} ({process})"
            )
        self.tell(Whereabouts(os.getpid()))

    def tell(self, where: Whereabouts) -> None:
        """Leave word where this daemon can be reached."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": where.pid, "socket": where.socket, "address": where.address}, self._file)
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def find(data_directory: Path) -> Whereabouts | None:
    """Return where the daemon of this data directory is, or None if none runs."""
    try:
        file = (data_directory / _NAME).open("r+", encoding="utf-8")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(file)
    return None


def _locked(file: IO[str]) -> bool:
    # ``find`` holds the lock for an instant to see whether it is free: not a reason to give up.
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN_TRIES_S)
        else:
            return True
    return False


def _read(file: IO[str]) -> Whereabouts | None:
    file.seek(0)
    try:
        stored = json.load(file)
        address = stored["address"]
        host_and_port = (str(address[0]), int(address[1])) if address else None
        return Whereabouts(int(stored["pid"]), stored["socket"], host_and_port)
    except (ValueError, KeyError, TypeError, IndexError):
        return None  # caught in the middle of writing
