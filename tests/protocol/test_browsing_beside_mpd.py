"""Requests about the library to a real MPD and to this server, over the same files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mpd_server import MpdClient, mpd_over
from tests.protocol.talk import House, asked
from tests.sounds import Codec, make, noise

MTIME = 1_577_836_800
SONGS: dict[str, dict[str, str]] = {
    "a/1.flac": {
        "artist": "Aya", "albumartist": "Aya & Ben", "album": "Air", "title": "Zed", "track": "10",
        "date": "2001", "genre": "Pop",
    },
    "a/2.flac": {
        "artist": "Ben", "albumartist": "Aya & Ben", "album": "Air", "title": "Yes", "track": "2",
        "date": "2001",
    },
    "b/3.flac": {"artist": "Ärz", "album": "Air", "title": "X'\"\\", "date": "1999"},
    "b/c/4.flac": {"artist": "aya", "album": "Sea", "title": "Wow", "genre": "Pop"},
    "5.flac": {"title": "Alone"},
}  # fmt: skip

REQUESTS = [
    "find artist Aya", "find ARTIST aya", "find artist Aya album Air", "search artist aYA",
    "search artist ärz", "find albumartist Ben", 'find genre ""', "find any Pop", "search any p",
    "find file a/1.flac", "search file B/", "find filename b/3.flac", "find base b", 'find base ""',
    "find base b/", "find base ../b", "find base b genre Pop", "find nosuch x", "find artist",
    "find artist Aya album", "find nosuch", "find", 'find ""', "search",
    "find album Air sort Track", "find album Air sort -Track", "find album Air sort title",
    "find album Air sort Title window 1:2", "find album Air window 1:",
    "find album Air window 9:10", "find album Air sort ArtistSort", "find album Air sort nosuch",
    "find album Air window x",
    "find album Air window 2:1", "search title w sort", "find sort title",
    "find \"(artist == 'Aya')\"", "find \"(artist != 'Aya')\"", "find \"(!(artist == 'Aya'))\"",
    "find \"((artist == 'Aya') AND (album == 'Air'))\"", "find \"(title contains 'e')\"",
    "search \"(title contains 'E')\"", "search \"(artist == 'AYA')\"", "find \"(base 'b')\"",
    "find \"(file == '5.flac')\"", "find \"(any == 'Pop')\"", "find \"((artist == 'Aya'))\"",
    "find \"(title == 'X\\\\'\\\"\\\\\\\\')\"", "find \"(artist == 'Aya')\" album Air",
    "find \"(artist == 'Aya'\"", "find \"(artist == 'Aya)\"", "find \"(artist == Aya)\"",
    "find \"(artist 'Aya')\"", "find \"(nosuch == 'Aya')\"", "find \"(artist == 'Aya') x\"",
    "find \"((artist == 'Aya') OR (album == 'x'))\"", 'find "()"', 'find "("', 'find "(!artist)"',
    "find \"(base '')\"",
    "list artist", "list Albumartist", "list genre", "list album artist Aya", "list album Aya",
    "list artist Aya", "list file", "list file artist Aya", "list filename", "list nosuch", "list",
    "list album group artist", "list album group albumartist group date", "list title group album",
    "list album group album", "list album group date group date", "list album group nosuch",
    "list date album Air", "list track", "list albumartistsort", "list artistsort",
    "list album artist Aya group date", "list album \"(artist == 'Ben')\"", "list album artist",
    "list title album Air artist", "list album nosuch x", "list artist group", "list file nosuch x",
    "count artist Aya", "count album Air", "count artist nobody", "count group artist",
    "count album Air group date", "count group nosuch", "count nosuch x", "count artist", "count",
    "count \"(genre == 'Pop')\"",
    "findadd nosuch x", "findadd artist", "searchadd nosuch x", "searchadd",
    "findadd artist Aya sort nosuch", "findadd artist Aya position x",
    "playlistfind base a/", 'playlistfind base ""',
    "find modified-since 2019-12-31", "find modified-since 2020-01-01T00:00:01Z",
    "find modified-since 1577836800", "find modified-since 1577836801", "find modified-since x",
    'find modified-since ""', "find \"(modified-since '20200101')\"",
    "find \"(modified-since '2020-01-01T01:00:00+01:00')\"", "find \"(modified-since '2020-02')\"",
    "find \"(modified-since == '2020-01-01')\"", "find \"(modified-since 'x')\"",
    "find \"(AudioFormat == '44100:16:2')\"", "find \"(AudioFormat == '44100:16:1')\"",
    "find \"(AudioFormat =~ '*:*:2')\"", "find \"(audioformat =~ '44100:24:*')\"",
    "find \"(AudioFormat == '44100:*:2')\"", "find \"(AudioFormat == 'x')\"",
    "find \"(AudioFormat == '44100:16')\"", "find \"(AudioFormat == '44100:16:9')\"",
    "find \"(AudioFormat != '44100:16:2')\"", "find \"(artist !contains 'e')\"",
    "find \"(artist contains'e')\"", "find \"(artist = 'Aya')\"",
    "readcomments a/1.flac", "readcomments a", "readcomments nosuch", "readcomments /etc/passwd",
    "readcomments", "readcomments foo://x",
    "find comment x", "search Comment x", 'find comment ""', "find \"(comment == 'x')\"",
    "list comment", "list album group comment", "find artist Aya sort comment",
    "count group comment", "playlistfind comment x",
    "lsinfo", "lsinfo a", "lsinfo 5.flac", "lsinfo empty", "listall", "listall b", "listall empty",
    "listallinfo b/c",
]  # fmt: skip


def write_music(root: Path) -> None:
    for uri, tags in SONGS.items():
        (root / uri).parent.mkdir(parents=True, exist_ok=True)
        make(root / uri, noise(4_410 * (1 + len(uri))), Codec.FLAC16, None, **tags)
    (root / "empty").mkdir()
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
    reply = asked(House(music=music / "music"), request_line).splitlines()
    assert reply.pop() == end
    if " sort " in request_line:  # MPD forgets the format of songs that it sorts
        reply = [line for line in reply if not line.startswith("Format: ")]
    assert blocks(reply) == blocks([f"{key}: {value}" for key, value in pairs])


def blocks(lines: list[str]) -> list[list[str]]:
    """Part the songs; what is said of each may come in any order, and first comes its name."""
    parted: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(("file: ", "directory: ")):
            parted.append([])
        parted[-1].append(line)
    return [
        part if not part or not part[0].startswith("file: ") else sorted(part) for part in parted
    ]
