"""CUE sheets as a real MPD shows them, and what wkmp shows besides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen.flac
import pytest

from tests.mpd_server import MpdClient, mpd_over
from tests.protocol.talk import House, asked
from tests.sounds import Codec, make, noise

open_flac: Any = mutagen.flac.FLAC
MTIME = 1_577_836_800
RATE_HZ = 8_000
SHEET = """REM GENRE Rock
REM DATE 1999
REM COMMENT "nobody needs it"
PERFORMER "The Band"
TITLE "The Album"
FILE "album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "One, \u00fcber"
    PERFORMER "Singer"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE Two
    INDEX 00 00:00:70
    INDEX 01 00:01:37
  TRACK 03 AUDIO
    TITLE "Three"
    INDEX 01 00:02:00
"""

REQUESTS = [
    "lsinfo d/album.cue", "listplaylist d/album.cue", "listplaylistinfo d/album.cue",
    "listplaylist d/inside.flac",
    "listplaylistinfo d/inside.flac", "listall d/album.cue", "listallinfo d/album.cue",
    "lsinfo d/album.cue/track0002", "listall d/album.cue/track0002", "lsinfo d/empty.cue",
    "find file d/album.cue/track0001", "find title One,\u0020\u00fcber", "list album title Three",
    "find title Three artist F base d/album.cue", "search base d/album.cue",
    "count base d/album.cue",
    "addid d/album.cue/track0009", "add d/album.cue/x", "listfiles d/album.cue",
]  # fmt: skip


def house(music: Path) -> House:
    return House(music=music / "music", playlists=music / "lists")


def write_music(root: Path) -> None:
    folder = root / "d"
    folder.mkdir(parents=True)
    for name in ("album.flac", "inside.flac"):
        make(folder / name, noise(3 * RATE_HZ), Codec.FLAC16, RATE_HZ, artist="F", title="W")
    (folder / "album.cue").write_text(SHEET, "utf-8")
    (folder / "empty.cue").write_text("FILE gone.flac WAVE\n  TRACK 01 AUDIO\n INDEX 01 0:0:0\n")
    file = open_flac(folder / "inside.flac")
    file["CUESHEET"] = SHEET
    file.save()
    for path in (*root.rglob("*"), root):
        os.utime(path, (MTIME, MTIME))


@pytest.fixture(name="music", scope="module")
def fixture_music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mpd")


@pytest.fixture(name="mpd", scope="module")
def fixture_mpd(music: Path) -> Iterator[MpdClient]:
    with mpd_over(music, write_music) as client:
        yield client


@pytest.mark.parametrize("request_line", REQUESTS)
def test_the_answer_is_mpds(request_line: str, music: Path, mpd: MpdClient) -> None:
    pairs, end = mpd.send(request_line)
    reply = asked(house(music), request_line).splitlines()
    assert reply.pop() == end
    assert reply == [f"{key}: {value}" for key, value in pairs]


def test_a_directory_is_mpds_with_the_song_that_has_tracks_as_a_directory_besides(
    music: Path, mpd: MpdClient
) -> None:
    pairs, _ = mpd.send("lsinfo d")
    reply = asked(house(music), "lsinfo d").splitlines()
    expected = [f"{key}: {value}" for key, value in pairs]
    besides = [line for line in reply if line not in {*expected, "OK"}]
    assert [line for line in expected if line not in reply] == []
    assert besides == ["directory: d/inside.flac"]


def test_the_tracks_inside_a_song_have_uris_of_their_own(music: Path) -> None:
    lines = asked(house(music), "lsinfo d/inside.flac").splitlines()
    uris = [line.removeprefix("file: ") for line in lines if line.startswith("file: ")]
    tracks = [f"d/inside.flac/track000{number}" for number in (1, 2, 3)]
    assert uris == ["d/inside.flac", *tracks]
    found = asked(house(music), "find file d/inside.flac/track0002").splitlines()
    assert {"Title: Two", "Range: 1.493-2.000", "duration: 0.507"} <= set(found)
