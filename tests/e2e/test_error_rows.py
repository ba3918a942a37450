"""Faults of files and disks that are rarer than those in ``test_bad_files.py``, caused for real."""

from __future__ import annotations

import os
import resource
import socket
import time
from pathlib import Path

from tests.daemon import Daemon, running_daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, noise
from tests.waiting import until

WITHOUT_ROOTS_RIGHTS = """
import ctypes

class Head(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

class Rights(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32),
                ("inheritable", ctypes.c_uint32)]

libc = ctypes.CDLL(None)
head, rights = Head(0x20080522, 0), (Rights * 2)()
libc.capget(ctypes.byref(head), rights)
for half in rights[:1]:
    half.effective &= ~0b110  # to read what its owner alone may read
    half.permitted &= ~0b110
assert libc.capset(ctypes.byref(head), rights) == 0
"""

SLOW_DISK = """
import os
import time

import av

opens = av.open

class SlowContainer:
    def __init__(self, container):
        self._container = container

    def __getattr__(self, name):
        return getattr(self._container, name)

    def demux(self, stream):
        for number, packet in enumerate(self._container.demux(stream)):
            while number > 12 and os.path.exists("stalled"):
                time.sleep(0.02)
            yield packet

def open_slowly(file, *words, **more):
    container = opens(file, *words, **more)
    return SlowContainer(container) if "slow" in file else container

av.open = open_slowly
"""


def song(folder: Path, name: str, tenths: int = 10) -> Path:
    return make(folder / f"{name}.flac", noise(tenths * 4_410, level=0.05), Codec.FLAC16)


def site(folder: Path, code: str) -> str:
    """Make a folder of which the daemon runs the code at its start."""
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(code)
    return str(folder / "site")


def is_heard(client: MpdClient, file: str, within_s: float = 10) -> None:
    until(
        lambda: (
            dict(client.send("currentsong")[0]).get("file") == file
            and float(client.status().get("elapsed", 0)) > 0
        ),
        f"{file} is heard",
        within_s,
    )


def warnings(daemon: Daemon) -> list[str]:
    return [line for line in daemon.log.splitlines() if " WARNING " in line or " ERROR " in line]


def may_not_be_read(file: Path) -> None:
    file.chmod(0)


def is_on_a_broken_disk(file: Path) -> None:
    file.unlink()
    file.symlink_to("/proc/self/mem")  # a regular file; reading its beginning is an I/O error


def becomes_a_device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def becomes_a_socket(file: Path) -> None:
    file.unlink()
    # The path of a socket may have 107 bytes; relative to its folder it has few.
    here = Path.cwd()
    os.chdir(file.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(file.name)
    finally:
        os.chdir(here)


def leads_in_a_circle(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


REASONS = {
    may_not_be_read: "Permission denied",
    is_on_a_broken_disk: "Input/output error",
    becomes_a_device: "it is not a regular file",
    becomes_a_socket: "it is not a regular file",
    leads_in_a_circle: "Too many levels of symbolic links",
}


def test_files_that_cannot_be_read_are_passed_over_and_the_log_says_why(tmp_path: Path) -> None:
    with running_daemon(tmp_path, python_path=[site(tmp_path, WITHOUT_ROOTS_RIGHTS)]) as daemon:
        names = ["one", "two", *(spoil.__name__ for spoil in REASONS), "good"]
        files = [song(daemon.music, name) for name in names]
        client = daemon.connect()
        for file in files:  # stopped, it decodes the first two
            assert client.send(f"add {file.name}") == ([], "OK")
        for spoil, file in zip(REASONS, files[2:-1], strict=True):
            spoil(file)
        assert client.send("play 2") == ([], "OK")
        is_heard(client, "good.flac")
        status = client.status()
        assert (status["state"], status["playlistlength"]) == ("play", str(len(names)))
        told = warnings(daemon)
        assert len(told) == len(REASONS)
        for spoil, reason in REASONS.items():
            [line] = [line for line in told if f"{spoil.__name__}.flac" in line]
            assert reason in line
        assert any(f"{spoil.__name__}.flac" in status["error"] for spoil in REASONS)
        assert daemon.metric("wkmp_decode_failures_total") == len(REASONS)
        # The user's controls keep working.
        assert client.send("play 0") == ([], "OK")
        is_heard(client, "one.flac")


def test_a_disk_that_is_slow_silences_a_song_and_does_not_skip_it(tmp_path: Path) -> None:
    with running_daemon(tmp_path, python_path=[site(tmp_path, SLOW_DISK)]) as daemon:
        daemon.command("settings", "set", "minimum_playback_buffer_ms", "500")
        song(daemon.music, "slow", 40)
        song(daemon.music, "next")
        (daemon.home / "stalled").touch()
        client = daemon.connect()
        for name in ("slow.flac", "next.flac"):
            assert client.send(f"add {name}") == ([], "OK")
        assert client.send("play") == ([], "OK")
        until(lambda: daemon.metric("wkmp_underruns_total"), "the ring has run dry")
        ran_dry_s = float(client.status()["elapsed"])
        assert 1.0 < ran_dry_s < 1.7
        time.sleep(1.0)  # so long it is dry
        status = client.status()
        assert (status["state"], status["song"]) == ("play", "0")
        assert "error" not in status
        assert float(status["elapsed"]) < 1.7
        (daemon.home / "stalled").unlink()
        resumed_s = time.monotonic()
        is_heard(client, "next.flac")
        took_s = time.monotonic() - resumed_s
        assert 4.0 - ran_dry_s - 0.5 < took_s < 4.0 - ran_dry_s + 1.0  # none of the rest is lost
        assert daemon.metric("wkmp_underruns_total") == 1
        assert daemon.metric("wkmp_decode_failures_total") == 0
        assert "error" not in client.status()


def test_a_full_disk_is_told_plays_on_and_loses_nothing(daemon: Daemon) -> None:
    """No file of the daemon may grow any more, as on a full disk."""
    song(daemon.music, "long", 300)
    client = daemon.connect()
    assert client.send("add long.flac") == ([], "OK")
    assert client.send("play") == ([], "OK")
    is_heard(client, "long.flac")
    _, most = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (0, most))
    assert client.send("setvol 33") == ([], "OK")
    told = until(lambda: client.status().get("error", ""), "the user is told")
    assert told.startswith("changes are not being saved: ")
    for _ in range(3):
        assert client.send("add long.flac") == ([], "OK")
    before_s = float(client.status()["elapsed"])
    until(lambda: float(client.status()["elapsed"]) > before_s + 0.5, "it plays on")
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (most, most))
    until(lambda: "error" not in client.status(), "everything is saved", 40)
    daemon.kill()
    daemon.start()
    status = daemon.connect().status()
    assert (status["volume"], status["playlistlength"]) == ("33", "4")
