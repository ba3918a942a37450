"""A real MPD on a free port, to compare with: by default a null output and songs of silence."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.waiting import until

_CONFIGURATION = """
music_directory "{folder}/music"
playlist_directory "{folder}/state"
db_file "{folder}/state/db"
sticker_file "{folder}/state/stickers"
state_file "{folder}/state/state"
pid_file "{folder}/state/pid"
log_file "{folder}/state/log"
bind_to_address "127.0.0.1"
port "{port}"
zeroconf_enabled "no"
{more}
"""
NULL_OUTPUT = """
audio_output {
    type "null"
    name "null"
    mixer_type "software"
}
"""


class MpdClient:
    """One connection to MPD."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._stream = self._socket.makefile("rwb")
        self._stream.readline()

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, command: str) -> tuple[list[tuple[str, str]], str]:
        """Send a command; returns the reply's pairs, and ``OK`` or the ACK."""
        self.ask(command)
        pairs: list[tuple[str, str]] = []
        while True:
            line = self._stream.readline().decode().rstrip("\n")
            if line == "OK" or line.startswith("ACK "):
                return pairs, line
            if not line:
                raise ConnectionError(f"MPD closed the connection at {command!r}")
            key, _, value = line.partition(": ")
            pairs.append((key, value))

    def ask(self, command: str) -> None:
        """Send a command and leave its reply."""
        self._stream.write(command.encode() + b"\n")
        self._stream.flush()

    def status(self) -> dict[str, str]:
        return dict(self.send("status")[0])


@contextlib.contextmanager
def running_mpd(
    folder: Path, songs: Sequence[tuple[str, float]] = (), *, more: str = NULL_OUTPUT
) -> Iterator[MpdClient]:
    """Run MPD and connect to it.

    Args:
        folder: its music is in ``music``.
        songs: silence to be put there: ``(file name, seconds)``.
        more: the rest of its configuration: outputs and what else is wanted.
    """
    (folder / "music").mkdir(exist_ok=True)
    (folder / "state").mkdir()
    for name, seconds in songs:
        _write_silence(folder / "music" / name, seconds)
    port = _free_port()
    configuration = folder / "mpd.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, more=more))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            ["mpd", "--no-daemon", str(configuration)], stdout=output, stderr=output
        )
    try:
        client = _connected(port, process)
        try:
            client.send("update")
            until(lambda: "updating_db" not in client.status(), "the music is known to MPD")
            yield client
        finally:
            client.close()
    finally:
        process.terminate()
        process.wait(timeout=10)


def _write_silence(path: Path, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * int(8000 * seconds)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _connected(port: int, process: subprocess.Popen[bytes]) -> MpdClient:
    clients: list[MpdClient] = []

    def connects() -> bool:
        assert process.poll() is None, "MPD has exited"
        with contextlib.suppress(ConnectionRefusedError):
            clients.append(MpdClient(port))
        return bool(clients)

    until(connects, "MPD is ready")
    return clients[0]


@contextlib.contextmanager
def mpd_over(folder: Path, write_music: Callable[[Path], None]) -> Iterator[MpdClient]:
    """Run an MPD that knows what ``write_music`` puts into its music directory."""
    with running_mpd(folder) as client:
        write_music(folder / "music")
        client.send("update")
        while "updating_db" in client.status():
            client.send("idle update")
        yield client
