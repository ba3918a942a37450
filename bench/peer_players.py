"""The players that are compared: how each is configured, started, asked and ended."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).parents[1]
_UP_S: Final = 60.0
_SCANNED_S: Final = 600.0


class PeerClient:
    """One connection over TCP."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _SCANNED_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")
        if not self._lines.readline().startswith(b"OK MPD"):
            raise ConnectionError("no greeting")

    def send(self, *commands: str) -> dict[str, str]:
        """Have commands carried out; returns the last one's answer."""
        answer: dict[str, str] = {}
        for command in commands:
            self._socket.sendall(command.encode() + b"\n")
            answer = {}
            while (line := self._lines.readline().decode()) != "OK\n":
                if not line or line.startswith("ACK"):
                    raise RuntimeError(f"{command}: {line!r}")
                key, _, value = line.rstrip("\n").partition(": ")
                answer[key] = value
        return answer

    def add_all(self, uris: list[str]) -> None:
        """Add songs, a list of 500 at a time."""
        for begin in range(0, len(uris), 500):
            adds = "".join(f'add "{uri}"\n' for uri in uris[begin : begin + 500])
            self.send(f"command_list_begin\n{adds}command_list_end")

    def at(self, command: str) -> float:
        """Give a command; returns the reading of ``time.monotonic`` just before."""
        at_s = time.monotonic()
        self.send(command)
        return at_s

    def rest(self) -> None:
        """Put everything back as it was."""
        for command in (
            *("stop", "clear", "repeat 0", "random 0", "single 0", "consume 0"),
            *("crossfade 0", "setvol 100"),
        ):
            self.send(command)

    def close(self) -> None:
        """Leave."""
        self._lines.close()
        self._socket.close()


class Player(ABC):
    """A player that plays to the ALSA PCM ``bench``; ``with`` starts and ends it.

    Args:
        folder: for its configuration and state, which outlive it.
        music: the music directory.
        environment: the sink's.
    """

    name: str

    def __init__(self, folder: Path, music: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.music = music
        self.port = _free_port()
        self.greeting_s = 0.0
        """From exec to the greeting, at the latest start."""
        # As installed: not compiling every module anew, whatever this shell's Python is told.
        self._environment = {k: v for k, v in environment.items() if not k.startswith("PYTHON")}
        self._configure()

    @abstractmethod
    def _configure(self) -> None:
        """Write its configuration."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return what is executed."""

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def __enter__(self) -> Self:
        began_s = time.monotonic()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), env=self._environment, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.client = self._greeted(began_s + _UP_S)
        self.greeting_s = time.monotonic() - began_s
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()

    def _greeted(self, until_s: float) -> PeerClient:
        while True:
            try:
                return PeerClient(self.port)
            except OSError:
                if time.monotonic() > until_s or self._process.poll() is not None:
                    raise
                time.sleep(0.002)

    def scan(self) -> None:
        """Let it know its music directory."""
        self.client.send("update")
        until_s = time.monotonic() + _SCANNED_S
        while "updating_db" in self.client.send("status"):
            if time.monotonic() > until_s:
                raise TimeoutError(f"{self.name} is still updating")
            time.sleep(0.1)


class Wkmp(Player):
    """This program; its watchdog makes its rounds every 100 ms."""

    name = "wkmp"

    def _configure(self) -> None:
        (self.folder / "wkmp.ini").write_text(
            f"[paths]\nmusic_directory = {self.music}\ndata_directory = {self.folder}/data\n"
            f"[network]\nport = {self.port}\nsocket = none\n"
            "[output]\nplugin = alsa\ndevice = bench\n"
        )
        self._environment |= {"PYTHONPATH": str(ROOT)}

    def _command(self) -> list[str]:
        return [sys.executable, "-P", "-m", "wkmp", "--config", str(self.folder / "wkmp.ini")]


class Mpd(Player):
    """The Music Player Daemon, with software volume and one format, as a card would have it."""

    name = "mpd"

    def _configure(self) -> None:
        (self.folder / "playlists").mkdir(exist_ok=True)
        (self.folder / "mpd.conf").write_text(
            f'music_directory "{self.music}"\nplaylist_directory "{self.folder}/playlists"\n'
            f'db_file "{self.folder}/db"\nstate_file "{self.folder}/state"\n'
            f'bind_to_address "127.0.0.1"\nport "{self.port}"\n'
            'audio_output {\n type "alsa"\n name "bench"\n device "bench"\n'
            ' mixer_type "software"\n format "44100:16:2"\n}\n'
        )

    def _command(self) -> list[str]:
        return ["mpd", "--no-daemon", "--stderr", str(self.folder / "mpd.conf")]


PLAYERS: Final = (Wkmp, Mpd)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used, by threads that have ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wakeups(pid: int) -> dict[str, int]:
    """Return how often each thread has gone to sleep so far: it woke as often."""
    return {
        task.name: _number(task / "status", "voluntary_ctxt_switches")
        for task in Path(f"/proc/{pid}/task").iterdir()
    }


def rss_mib(pid: int) -> float:
    """Return the resident memory."""
    return _number(Path(f"/proc/{pid}/status"), "VmRSS") / 1024


def _number(file: Path, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+)", file.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
