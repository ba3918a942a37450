"""Every sub-command of the real ``mpc``, to a real MPD and to the daemon, over the same music."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen
import mutagen.flac
import pytest

from tests.daemon import Daemon, running_daemon
from tests.mpd_server import MpdClient, running_mpd
from tests.sounds import Codec, make, noise
from tests.waiting import PATIENCE_S, until

formats: Any = mutagen  # its modules are typed in part only

MTIME = 1_577_836_800
SONG_S = 40
SONGS = {
    "a/1.flac": {"artist": "Aya", "album": "Air", "title": "One", "track": "1", "date": "2001"},
    "a/2.flac": {"artist": "Aya", "album": "Air", "title": "Two", "track": "2", "genre": "Pop"},
    "b/3.flac": {"artist": "Ärz", "album": "Sea", "title": 'Three\'s "best"'},
    "4.flac": {"title": "Alone"},
}

SESSION = """
status
version
ls
ls a
ls -f %title% a
ls nosuch
listall
listall b
listall nosuch
lsplaylists
search title o
search any PO
search filename A/
search title nosuch
search nosuch x
find artist Aya
find artist aya
find artist Aya title Two
find (artist == "Aya")
find ((artist == "Aya") AND (title != "One"))
find title nosuch
list artist
list album
list album artist Aya
list album group artist
list title group album group artist
list nosuch
list filename
findadd artist Aya
searchadd title alone
playlist
clear
add a
add /
add nosuch
add b/3.flac 4.flac
playlist
playlist -f %position%:%file%:%time%:%track%:%date%:%genre%:%album%
current
queued
queued -f %title%
play
pause
status
current
current -f %title%
queued -f %title%
play 3
pause
status
next
pause
prev
pause
cdprev
pause
seek 0:10
seek +0:05
seek -0:03
seek 50%
seek 999%
seek x
seekthrough +0:30
pause
pause-if-playing
toggle
pause-if-playing
pause-if-playing
play 99
play x
searchplay three
pause
searchplay nosuch
insert a/1.flac
playlist
move 1 3
move 99 1
move 1 99
playlist
prio 10 2
prio 5 1 3-4
prio 300 1
prio 5 99
playlist -f %prio%:%title%
del 1
del 2-3
del 99
del 0
playlist
crop
playlist
stop
next
prev
crop
status
save mine
save mine
lsplaylists
playlist mine
playlist nosuch
load mine
load nosuch
--range=0:1 load mine
--range=5:9 load mine
playlist
rm mine
rm mine
clear
status
volume
volume 40
volume +5
volume -50
volume 101
volume x
volume
repeat
repeat on
repeat on
repeat off
repeat x
random on
random off
single
single once
single on
single off
consume on
consume off
crossfade
crossfade 5
crossfade 0
crossfade x
mixrampdb
mixrampdb -17
mixrampdb 0
mixrampdelay
mixrampdelay 2
mixrampdelay -1
replaygain
replaygain track
replaygain album
replaygain off
replaygain x
outputs
disable 1
outputs
toggleoutput 1
toggleoutput 1
enable 1
enable only 1
disable only 1
enable null
enable nosuch
disable nosuch
enable 9
outputset 1 nosuch=1
outputset 9 nosuch=1
outputs
clearerror
sticker a/1.flac set rating 5
sticker a/2.flac set rating 10
sticker a/1.flac get rating
sticker a/1.flac get nosuch
sticker a/1.flac list
sticker a find rating
sticker a/1.flac delete rating
sticker a/1.flac list
sticker nosuch get rating
albumart a/1.flac
albumart b/3.flac
albumart nosuch
readpicture a/1.flac
readpicture b/3.flac
readpicture nosuch
channels
sendmessage nobody hello
listneighbors
mount
mount x nosuch://y
unmount x
update
update --wait
update a
rescan --wait
stats
--quiet play
--verbose status
nosuch
""".strip().splitlines()
"""Lines of a session; blanks part the words, but for those inside of parentheses."""

ELSEWHERE = {"idle", "idleloop", "waitmessage", "subscribe", "shuffle"}
"""Sub-commands that wait or that chance decides; they have their tests beside this one."""

_WORD = re.compile(r"\((?:[^()]|\([^()]*\))*\)|[^ ]+")
_WORDS_OF_0_24 = (
    (re.compile(r'no such sticker: ".*"'), "no such sticker"),
    (re.compile(r"version: [\d.]+"), "version: X"),
    (re.compile(r"(Play Time|Uptime|DB Updated):.*"), r"\1: X"),
    (re.compile(r"Updating DB \(#\d+\) \.\.\.\n"), ""),
)
"""What differs between the versions, or from moment to moment."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mpd")


@pytest.fixture(scope="module")
def mpd(folder: Path) -> Iterator[MpdClient]:
    with running_mpd(folder, ()) as client:
        write_music(folder / "music")
        client.send("update")
        until(lambda: "updating_db" not in client.status(), "MPD knows the music")
        yield client


@pytest.fixture(scope="module")
def daemon(
    mpd: MpdClient, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    assert mpd.send("ping") == ([], "OK")
    settings = {"output": {"name": "null", "plugin": "null"}}
    place = tmp_path_factory.mktemp("daemon")
    with running_daemon(place, music=folder / "music", settings=settings) as running:
        yield running


def write_music(root: Path) -> None:
    for seed, (uri, tags) in enumerate(SONGS.items()):
        (root / uri).parent.mkdir(parents=True, exist_ok=True)
        make(root / uri, noise(SONG_S * 8_000, seed=seed), Codec.FLAC16, 8_000, **tags)
    (root / "a" / "cover.jpg").write_bytes(bytes(range(256)) * 90)
    song = formats.flac.FLAC(root / "a" / "1.flac")
    picture = formats.flac.Picture()
    picture.data, picture.mime, picture.type = bytes(range(256)) * 80, "image/jpeg", 3
    song.add_picture(picture)
    song.save()
    for path in (*root.rglob("*"), root):
        os.utime(path, (MTIME, MTIME))


def run(port: int, line: str) -> tuple[int, str, str]:
    """Run one line; returns exit status and what was printed."""
    done = subprocess.run(
        ["mpc", "--host=127.0.0.1", f"--port={port}", *_WORD.findall(line)],
        capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return done.returncode, _evened(done.stdout), _evened(done.stderr)


def _evened(printed: bytes) -> str:
    text = printed.decode("utf-8", "backslashreplace")
    for pattern, instead in _WORDS_OF_0_24:
        text = pattern.sub(instead, text)
    return text


def test_each_line_of_a_session_prints_what_it_prints_with_mpd(
    mpd: MpdClient, daemon: Daemon
) -> None:
    mpd_port = mpd._socket.getpeername()[1]
    different = []
    for line in SESSION:
        expected, found = run(mpd_port, line), run(daemon.port, line)
        if found != expected:
            different.append((line, expected, found))
    assert different == []


def test_the_session_leaves_no_sub_command_out() -> None:
    printed = subprocess.run(["mpc", "help"], capture_output=True, text=True, check=False).stdout
    commands = set(re.findall(r"^  mpc ([a-z-]+)", printed, re.MULTILINE))
    used = {word for line in SESSION for word in line.split()}
    assert len(commands) > 60
    assert commands - used == ELSEWHERE
