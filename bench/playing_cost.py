"""What playing costs: the engine's speed limit, and the daemon's appetite in each state."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from actors.messages import ChangeOptions, PlayPosition
from bench.paced_device import AS_FAST_AS_IT_GETS
from bench.stand import Stand
from playback.player import PlayerState

CROSSFADE_S = 3
DEVICE_CLOSES_S = 6.0
"""Longer than the pause after which the daemon gives the device back."""


@dataclass(frozen=True, slots=True)
class Appetite:
    """The daemon in one state.

    Attributes:
        cpu_share: of one core.
        wakeups: voluntary context switches per second, all threads.
        rss_mib: resident memory.
    """

    cpu_share: float
    wakeups: float
    rss_mib: float


def times_real_time(files: Sequence[Path], seconds_each: float) -> float:
    """Return how many seconds of crossfaded music the engine plays in one."""
    with Stand(speed=AS_FAST_AS_IT_GETS) as stand:
        stand.do(ChangeOptions(crossfade_s=CROSSFADE_S))
        stand.add(*files)
        began_s = time.monotonic()
        stand.do(PlayPosition(0))
        stand.wait_until(lambda: stand.engine.status.latest.state is PlayerState.STOP, 120.0)
        took_s = time.monotonic() - began_s
    return (len(files) * seconds_each - (len(files) - 1) * CROSSFADE_S) / took_s


def appetites(file: Path, window_s: float) -> dict[str, Appetite]:
    """Return what the whole daemon takes in each state, over ``window_s`` seconds."""
    with _daemon(file.parent) as (pid, client):
        found = {"stopped": _appetite(pid, window_s)}
        client.send(*[f"add {file.name}"] * 5, "play")
        time.sleep(3.0)  # until the rings are full
        found["playing FLAC"] = _appetite(pid, window_s)
        client.send("pause 1")
        time.sleep(DEVICE_CLOSES_S)
        found["paused"] = _appetite(pid, window_s)
        client.send("stop")
        time.sleep(1.0)
        found["stopped again"] = _appetite(pid, window_s)
    return found


class _Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._stream = _connected(port).makefile("rwb")
        self._stream.readline()

    def send(self, *commands: str) -> None:
        """Have commands carried out."""
        for command in commands:
            self._stream.write(command.encode() + b"\n")
            self._stream.flush()
            while (line := self._stream.readline()) != b"OK\n":
                if not line or line.startswith(b"ACK"):
                    raise RuntimeError(f"{command}: {line!r}")


def _connected(port: int) -> socket.socket:
    until_s = time.monotonic() + 20.0
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def _daemon(music: Path) -> Iterator[tuple[int, _Client]]:
    """Run the daemon with a null output and a home of its own."""
    with tempfile.TemporaryDirectory(prefix="wkmp-bench-") as home:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "wkmp", str(music), "--port", str(port), "--device", "null"],
            env={key: text for key, text in os.environ.items() if not key.startswith("XDG_")}
            | {"HOME": home, "XDG_RUNTIME_DIR": home},
            stdout=subprocess.DEVNULL,
        )
        try:
            client = _Client(port)
            time.sleep(1.0)
            yield process.pid, client
        finally:
            process.terminate()
            process.wait()


def _appetite(pid: int, window_s: float) -> Appetite:
    cpu_s, switches, began_s = _cpu_s(pid), _switches(pid), time.monotonic()
    time.sleep(window_s)
    took_s = time.monotonic() - began_s
    return Appetite(
        (_cpu_s(pid) - cpu_s) / took_s,
        sum(count - switches.get(thread, 0) for thread, count in _switches(pid).items()) / took_s,
        _status(Path(f"/proc/{pid}/status"), "VmRSS") / 1024,
    )


def _cpu_s(pid: int) -> float:
    """Return the CPU seconds used so far, by threads that have ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _switches(pid: int) -> dict[str, int]:
    return {
        task.name: _status(task / "status", "voluntary_ctxt_switches")
        for task in Path(f"/proc/{pid}/task").iterdir()
    }


def _status(file: Path, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+)", file.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
