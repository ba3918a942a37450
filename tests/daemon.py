"""The real daemon, ``python -m wkmp``, in a process and a home of its own.

    with running_daemon(tmp_path) as daemon:
        client = daemon.connect()
        client.send("add one.flac")

It listens on a free port and plays to the null output unless told otherwise. Its log is given to
the watchdog guard, and must be free of tracebacks when it has ended. ``kill`` and ``start`` again
keep the data: that is a crash and a restart.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tests import watchdog_guard
from tests.mpd_server import MpdClient
from tests.waiting import PATIENCE_S

T = TypeVar("T")

ROOT: Final = Path(__file__).parents[1]
_LISTENING: Final = re.compile(r"  Listening  127\.0\.0\.1:(?P<port>\d+)")
_LAST_LINE_OF_BANNER: Final = "  Try "


class Daemon:
    """One daemon and its data; the process may end and be started again.

    Args:
        folder: for its home, configuration, log and, if ``music`` is not given, music.
        environment: variables besides; those of a ``PulseServer``, for example.
        settings: sections of wkmp.ini with their keys, over the ones that all tests share.
        python_path: where Python looks besides, for a ``sitecustomize`` of the test's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        music: Path | None = None,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, Mapping[str, object]] | None = None,
        python_path: Sequence[str] = (),
    ) -> None:
        self.music = music or folder / "music"
        self.home = folder / "home"
        self.data = folder / "data"
        self.log_file = folder / "daemon.log"
        self.ini = folder / "wkmp.ini"
        for directory in (self.music, self.home):
            directory.mkdir(exist_ok=True)
        # A local socket's path may have 107 bytes; the folder of a test can be longer by itself.
        self._runtime = Path(tempfile.mkdtemp(prefix="wkmp-"))
        self.metrics_port = free_port()
        self._write_ini(settings or {})
        self._environment = _clean(os.environ) | dict(environment or {})
        self._environment |= {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self._runtime),
            "PYTHONPATH": os.pathsep.join((str(ROOT), *python_path)),
        }
        self._clients: list[MpdClient] = []
        self.process: subprocess.Popen[str] | None = None
        self.port = 0
        self.banner = ""

    # Its life

    def start(self) -> None:
        """Start it, and return once it listens."""
        watchdog_guard.watch_log(self.log_file)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "wkmp", "--config", str(self.ini)],
                cwd=self.home, env=self._environment,
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self.banner = self._read_banner()
        listening = _LISTENING.search(self.banner)
        assert listening, self.banner
        self.port = int(listening["port"])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """End it in order; returns how long that took, in seconds."""
        process = self._running()
        began_s = time.monotonic()
        process.send_signal(number)
        try:
            status = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # has every thread's stack written to the log
            process.wait()
            status = None
        took_s = time.monotonic() - began_s
        self._ended()
        assert status == 0, self.log
        return took_s

    def kill(self) -> None:
        """End it as a crash or the out-of-memory killer would."""
        process = self._running()
        process.kill()
        process.wait()
        self._ended()

    def crashed(self) -> int:
        """Wait until it has ended by itself; returns its exit status."""
        process = self._running()
        status = process.wait(PATIENCE_S)
        self._ended()
        return status

    def close(self) -> None:
        """End it if it still runs, and remove what is outside of the folder."""
        try:
            if self.process is not None:
                self.stop()
        finally:
            if self.process is not None:
                self.kill()
            shutil.rmtree(self._runtime, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The process."""
        return self._running().pid

    @property
    def log(self) -> str:
        """Everything it has logged, in all its lives."""
        return self.log_file.read_text("utf-8", errors="replace")

    # Talking to it

    def connect(self) -> MpdClient:
        """Connect a client, closed with the daemon."""
        self._running()
        client = MpdClient(self.port)
        self._clients.append(client)
        return client

    def command(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``python -m wkmp WORDS`` as the daemon's user."""
        config = () if words[0].startswith("--") else ("--config", str(self.ini))
        return subprocess.run(
            [sys.executable, "-P", "-m", "wkmp", *words, *config],
            cwd=self.home, env=self._environment | variables,
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    def page(self, path: str) -> str:
        """Return a page of its HTTP endpoint."""
        url = f"http://127.0.0.1:{self.metrics_port}{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            text: str = answer.read().decode()
        return text

    def metric(self, name: str) -> float:
        """Return the value of one metric, named with its labels as the page does; 0 if absent."""
        values = dict(line.rsplit(" ", 1) for line in self.page("/metrics").splitlines() if line)
        return float(values.get(name, 0))

    def _running(self) -> subprocess.Popen[str]:
        assert self.process is not None, "the daemon has not been started"
        return self.process

    def _ended(self) -> None:
        for client in self._clients:
            client.close()
        self._clients.clear()
        process, self.process = self._running(), None
        assert process.stdout is not None
        process.stdout.close()
        assert "Traceback" not in self.log, self.log

    def _read_banner(self) -> str:
        process = self._running()
        assert process.stdout is not None
        text = ""
        while _LAST_LINE_OF_BANNER not in text:
            line = process.stdout.readline()
            assert line, f"it has ended with {process.wait()}:\n{self.log}"
            text += line
        return text

    def _write_ini(self, settings: Mapping[str, Mapping[str, object]]) -> None:
        sections: dict[str, dict[str, object]] = {
            "paths": {"music_directory": self.music, "data_directory": self.data},
            "network": {"port": 0},
            "output": {"plugin": "null"},
            "metrics": {"port": self.metrics_port},
        }
        for section, keys in settings.items():
            sections.setdefault(section, {}).update(keys)
        lines: list[str] = []
        for section, keys in sections.items():
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in keys.items())]
        self.ini.write_text("\n".join(lines) + "\n", "utf-8")


@contextlib.contextmanager
def running_daemon(
    folder: Path,
    *,
    music: Path | None = None,
    environment: Mapping[str, str] | None = None,
    settings: Mapping[str, Mapping[str, object]] | None = None,
    python_path: Sequence[str] = (),
) -> Iterator[Daemon]:
    """Run a daemon for a ``with`` block; see ``Daemon`` for the arguments."""
    daemon = Daemon(
        folder, music=music, environment=environment, settings=settings, python_path=python_path
    )
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.close()


def free_port() -> int:
    """Return a TCP port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would lead to this user's own files, sound and settings."""
    unwanted = ("XDG_", "WKMP_", "PULSE_", "MPD_", "ALSA_")
    return {key: value for key, value in environment.items() if not key.startswith(unwanted)}
