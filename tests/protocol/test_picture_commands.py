"""Covers and embedded pictures, piece by piece, as a real MPD sends them."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen
import mutagen.flac
import pytest

from tests.mpd_server import MpdClient, mpd_over
from tests.protocol.talk import House, Running, Talk, Wire, hub_of, run, running
from tests.sounds import Codec, make, noise

formats: Any = mutagen  # its modules are typed in part only
COVER = bytes(range(256)) * 40  # with line ends, OKs and zeros
EMBEDDED = b"OK\nACK \n" * 2_500
SIZES = {"cover": len(COVER), "embedded": len(EMBEDDED)}


def write_songs(root: Path) -> None:
    (root / "album" / "none").mkdir(parents=True)
    song = make(root / "album" / "1.flac", noise(4_410), Codec.FLAC16)
    shutil.copy(song, root / "album" / "none" / "2.flac")
    (root / "album" / "cover.jpg").write_bytes(COVER)
    file = formats.flac.FLAC(song)
    picture = formats.flac.Picture()
    picture.data, picture.mime, picture.type = EMBEDDED, "image/jpeg", 3
    file.add_picture(picture)
    file.save()


@pytest.fixture(name="music", scope="module")
def fixture_music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mpd")


@pytest.fixture(name="mpd", scope="module")
def fixture_mpd(music: Path) -> Iterator[MpdClient]:
    with mpd_over(music, write_songs) as client:
        yield client


@pytest.fixture(name="ours", scope="module")
def fixture_ours(mpd: MpdClient, music: Path) -> Iterator[Running]:
    assert mpd.send("stats")
    with running(House(music=music / "music")) as runs:
        yield runs


def replies(address: tuple[str, int], *lines: str) -> bytes:
    """Return all bytes that a new connection is answered, behind the greeting."""
    with Wire(address) as wire:
        wire.send("".join(f"{line}\n" for line in lines).encode())
        wire.socket.shutdown(socket.SHUT_WR)
        return wire.read_all().partition(b"\n")[2]


@pytest.mark.parametrize(
    "request_lines",
    [
        ["albumart album/1.flac 0"], ["albumart album/1.flac 8192"], ["albumart album/ 10000"],
        [f"albumart album/1.flac {len(COVER)}"], [f"albumart album/1.flac {len(COVER) + 1}"],
        ["albumart album 0"], ["albumart album/none/2.flac 0"], ["albumart album/nosuch 0"],
        ["albumart nosuch/x 0"], ['albumart "" 0'], ["albumart / 0"], ["albumart ../x 0"],
        ["albumart /etc/passwd 0"], ["albumart foo://x 0"], ["albumart file:///etc/passwd 0"],
        ["albumart album/1.flac x"], ["albumart album/1.flac -1"], ["albumart album/1.flac"],
        ["binarylimit 64", "albumart album/1.flac 0"],
        ["binarylimit 64", "albumart album/1.flac 1"],
        ["readpicture album/1.flac 0"], ["readpicture album/1.flac 19990"],
        [f"readpicture album/1.flac {len(EMBEDDED)}"],
        [f"readpicture album/1.flac {len(EMBEDDED) + 1}"],
        ["readpicture album/none/2.flac 0"], ["readpicture album/none/2.flac 5"],
        ["readpicture nosuch 0"], ["readpicture album 0"], ['readpicture "" 0'],
        ["readpicture ../x 0"], ["readpicture /etc/passwd 0"], ["readpicture foo://x 0"],
        ["binarylimit 64", "readpicture album/1.flac 0"],
        ["command_list_ok_begin", "readpicture album/1.flac 0", "albumart album/1.flac 0", "ping",
         "command_list_end"],
        ["command_list_begin", "albumart album/1.flac 0", "albumart x 0", "command_list_end"],
    ],
)  # fmt: skip
def test_the_bytes_are_mpds(request_lines: list[str], mpd: MpdClient, ours: Running) -> None:
    host, port = mpd._socket.getpeername()
    assert replies(ours.address, *request_lines) == replies((host, port), *request_lines)


@pytest.mark.parametrize(("name", "picture"), [("albumart", COVER), ("readpicture", EMBEDDED)])
def test_a_picture_is_read_to_its_empty_end(ours: Running, name: str, picture: bytes) -> None:
    got = b""
    with ours.connect() as wire:
        while True:
            wire.send(f"{name} album/1.flac {len(got)}\n".encode())
            head = {}
            while not (line := line_of(wire)).startswith("binary"):
                key, _, value = line.partition(": ")
                head[key] = value
            assert int(head.pop("size")) == len(picture)
            assert head == ({} if name == "albumart" else {"type": "image/jpeg"})
            piece = wire.read(int(line.removeprefix("binary: ")))
            assert wire.read(4) == b"\nOK\n"
            if not piece:
                break
            assert len(piece) == min(8192, len(picture) - len(got))
            got += piece
    assert got == picture


def line_of(wire: Wire) -> str:
    line = b""
    while not line.endswith(b"\n"):
        line += wire.read(1)
    return line.decode().rstrip("\n")


def test_a_cover_by_any_usual_name_is_found(tmp_path: Path) -> None:
    make(tmp_path / "1.flac", noise(4_410), Codec.FLAC16)
    (tmp_path / "Folder.JPG").write_bytes(b"picture")
    heard = conversation(House(music=tmp_path), "albumart 1.flac 0")
    assert heard == "size: 7\nbinary: 7\npicture\nOK\n"


def test_a_local_client_may_ask_for_any_file(music: Path, ours: Running) -> None:
    assert ours.clients() == 0
    path = music / "music" / "album" / "1.flac"
    lines = (f"albumart {path} 10235", f"readpicture file://{path} 19990")
    heard = conversation(House(music=music), *lines, is_local=True)
    assert heard == (
        f"size: {len(COVER)}\nbinary: 5\n{COVER[10_235:].decode('latin-1')}\nOK\n"
        f"size: {len(EMBEDDED)}\ntype: image/jpeg\nbinary: 10\n{EMBEDDED[19_990:].decode()}\nOK\n"
    )


def conversation(house: House, *lines: str, is_local: bool = False) -> str:
    async def talk() -> str:
        talker = Talk(hub_of(house), is_local=is_local)
        await talker.send(*lines)
        return talker.said.decode("latin-1")

    return run(talk())


def test_a_track_of_a_sheet_has_the_pictures_of_its_file(tmp_path: Path) -> None:
    write_songs(tmp_path)
    sheet = 'FILE "1.flac" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n'
    (tmp_path / "album" / "x.cue").write_text(sheet)
    house = House(music=tmp_path)
    for name, size in (("albumart", len(COVER)), ("readpicture", len(EMBEDDED))):
        heard = conversation(house, f"{name} album/x.cue/track0001 {size}")
        assert heard.startswith(f"size: {size}\n")
