"""Files that are not what they seemed: passed over with a reason, and the music goes on."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daemon import Daemon, until
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, noise


def song(folder: Path, name: str, tenths: int = 10, codec: Codec = Codec.FLAC16) -> Path:
    return make(folder / f"{name}{codec.suffix}", noise(tenths * 4_410, level=0.05), codec)


def vanishes(file: Path) -> None:
    file.unlink()


def becomes_text(file: Path) -> None:
    file.write_text("This was music once.\n" * 100)


def becomes_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def becomes_a_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def becomes_empty(file: Path) -> None:
    file.write_bytes(b"")


def ends_in_its_head(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


SPOILED = [
    vanishes,
    becomes_text,
    becomes_a_directory,
    becomes_a_fifo,
    becomes_empty,
    ends_in_its_head,
]


def by_name(spoil: Callable[[Path], None]) -> str:
    return spoil.__name__


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


@pytest.mark.parametrize("spoil", SPOILED, ids=by_name)
@pytest.mark.parametrize("codec", [Codec.FLAC16, Codec.MP3_LAME], ids=lambda codec: codec.name)
def test_a_file_that_went_bad_is_passed_over_and_the_queue_keeps_it(
    daemon: Daemon, spoil: Callable[[Path], None], codec: Codec
) -> None:
    bad = song(daemon.music, "bad", codec=codec)
    for name in ("good", "one", "two"):
        song(daemon.music, name)
    client = daemon.connect()
    # Stopped, it decodes the first two.
    for name in ("one.flac", "two.flac", bad.name, "good.flac"):
        assert client.send(f"add {name}") == ([], "OK")
    spoil(bad)
    assert client.send("play 2") == ([], "OK")
    is_heard(client, "good.flac")
    status = client.status()
    assert bad.name in status["error"]
    assert status["playlistlength"] == "4"
    told = warnings(daemon)
    assert len(told) == 1, told
    assert bad.name in told[0]
    client.send("clearerror")
    assert "error" not in client.status()
