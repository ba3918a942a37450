"""A whole session with ``mpc``, and a second one that prints what changes: ``mpc idleloop``."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest

from tests.daemon import Daemon
from tests.sounds import Codec, make, sine
from tests.waiting import PATIENCE_S, until

SONG_S = 20
TITLES = ("One", "Two", "Three", "Four")


class Mpc:
    """The program, talking to one daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._place = ("--host=127.0.0.1", f"--port={daemon.port}")

    def __call__(self, *words: object, fails: bool = False) -> str:
        """Run one command; returns what it printed."""
        done = subprocess.run(
            ["mpc", *self._place, *map(str, words)],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def titles(self) -> list[str]:
        return self("playlist", "-f", "%title%").split()

    def starts(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["mpc", *self._place, *words], stdout=subprocess.PIPE, text=True)


class IdleLoop:
    """``mpc idleloop`` in a terminal of its own.

    What it prints for a command is complete once it has printed ``subscription``: that is made
    to happen after the command, and is the last one it prints of any bundle.
    """

    def __init__(self, daemon: Daemon, mpc: Mpc) -> None:
        self._fence = daemon.connect()
        self._marks = cycle(("subscribe fence", "unsubscribe fence"))
        others = daemon.metric("wkmp_clients")
        self._process = mpc.starts("idleloop")
        self._lines: list[str] = []
        self._grown = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until(lambda: daemon.metric("wkmp_clients") > others, "idleloop is connected")
        self._printed()

    def printed_for(self, act: Callable[[], object]) -> set[str]:
        """Do something, and return the events that were printed because of it."""
        self._printed()
        act()
        return self._printed()

    def _printed(self) -> set[str]:
        assert self._fence.send(next(self._marks)) == ([], "OK")
        with self._grown:
            assert self._grown.wait_for(lambda: "subscription" in self._lines, PATIENCE_S)
            printed = set(self._lines) - {"subscription"}
            self._lines.clear()
            return printed

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join(PATIENCE_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                with self._grown:
                    self._lines.append(line.strip())
                    self._grown.notify_all()


@pytest.fixture
def mpc(daemon: Daemon) -> Mpc:
    for number, title in enumerate(TITLES):
        signal = sine(SONG_S * 44_100, hz=220 + 55 * number, level=0.1)
        make(daemon.music / f"{number + 1}.flac", signal, Codec.FLAC16, title=title, artist="Band")
    return Mpc(daemon)


@pytest.fixture
def idleloop(daemon: Daemon, mpc: Mpc) -> Iterator[IdleLoop]:
    loop = IdleLoop(daemon, mpc)
    yield loop
    loop.close()


def plays(daemon: Daemon, position: int) -> dict[str, str]:
    """Wait until a position is heard, and return the status."""
    client = daemon.connect()

    def heard() -> dict[str, str]:
        status = client.status()
        sounds = status["state"] == "play" and float(status["elapsed"]) > 0 and "audio" in status
        return status if sounds and status["song"] == str(position) else {}

    return until(heard, f"position {position} is heard")


def test_music_is_found_queued_and_edited(daemon: Daemon, mpc: Mpc, idleloop: IdleLoop) -> None:
    files = ["1.flac", "2.flac", "3.flac", "4.flac"]
    assert mpc("ls", "-f", "%file%").split() == files
    assert mpc("listall").split() == files
    assert mpc("ls", "-f", "%artist% - %title%").splitlines()[1] == "Band - Two"
    assert mpc("update", "--wait")
    assert idleloop.printed_for(lambda: mpc("update", "--wait")) == {"update"}
    extra = daemon.music / "5.flac"
    make(extra, sine(4_410), Codec.FLAC16)
    assert idleloop.printed_for(lambda: mpc("update", "--wait")) == {"update", "database"}
    extra.unlink()
    assert mpc("search", "title", "thr") == "3.flac\n"
    assert mpc("find", "artist", "Band").split() == files

    assert idleloop.printed_for(lambda: mpc("add", "/")) == {"playlist"}
    assert mpc("playlist", "-f", "%position% %title% %time%").splitlines() == [
        f"{number} {title} 0:20" for number, title in enumerate(TITLES, 1)
    ]
    assert idleloop.printed_for(lambda: mpc("move", 1, 3)) == {"playlist"}
    assert mpc.titles() == ["Two", "Three", "One", "Four"]
    assert idleloop.printed_for(lambda: mpc("del", 4)) == {"playlist"}
    assert idleloop.printed_for(lambda: mpc("shuffle")) == {"playlist"}
    assert sorted(mpc.titles()) == ["One", "Three", "Two"]
    assert idleloop.printed_for(lambda: mpc("prio", 7, 2)) == {"playlist"}
    assert mpc("playlist", "-f", "%prio%").split() == ["0", "7", "0"]
    assert idleloop.printed_for(lambda: mpc("clear")) == {"playlist"}
    assert mpc.titles() == []
    assert "No such directory" in mpc("add", "absent.flac", fails=True)
    assert idleloop.printed_for(lambda: mpc("ls")) == set()


def test_the_library_is_listed_counted_and_queued(daemon: Daemon, mpc: Mpc) -> None:
    mpc("update", "--wait")
    assert mpc("list", "title").splitlines() == sorted(TITLES)
    assert mpc("list", "artist", "title", "Two") == "Band\n"
    assert mpc("list", "title", "group", "artist").splitlines()[0] == "Band"
    assert "Songs:        4\n" in mpc("stats")
    assert daemon.connect().send("count artist Band") == (
        [("songs", "4"), ("playtime", "80")],
        "OK",
    )
    mpc("findadd", "title", "Two")
    mpc("searchadd", "title", "f")
    assert mpc.titles() == ["Two", "Four"]
    assert "Band - Four" in mpc("searchplay", "title", "four")
    plays(daemon, 1)
    mpc("stop")


def test_playlists_are_stored(mpc: Mpc, idleloop: IdleLoop) -> None:
    mpc("add", "3.flac")
    mpc("add", "1.flac")
    assert idleloop.printed_for(lambda: mpc("save", "mine")) == {"stored_playlist"}
    mpc("clear")
    assert mpc("lsplaylists") == "mine\n"
    assert mpc("playlist", "-f", "%title%", "mine").split() == ["Three", "One"]
    assert idleloop.printed_for(lambda: mpc("load", "mine")) == {"playlist"}
    assert mpc.titles() == ["Three", "One"]
    assert "already exists" in mpc("save", "mine", fails=True)
    assert idleloop.printed_for(lambda: mpc("rm", "mine")) == {"stored_playlist"}
    assert mpc("lsplaylists") == ""


def test_playing_is_controlled(daemon: Daemon, mpc: Mpc, idleloop: IdleLoop) -> None:
    mpc("add", "/")

    def play_second() -> None:
        mpc("play", 2)
        plays(daemon, 1)

    assert idleloop.printed_for(play_second) == {"player"}
    assert mpc("current", "-f", "%title%") == "Two\n"
    assert mpc("queued", "-f", "%title%") == "Three\n"
    assert "[playing] #2/4" in mpc("status")
    assert idleloop.printed_for(lambda: mpc("pause")) == {"player"}
    assert "[paused]  #2/4" in mpc("status")
    assert idleloop.printed_for(lambda: mpc("toggle")) == {"player"}
    assert idleloop.printed_for(lambda: mpc("seek", "50%")) == {"player"}
    assert "0:10/0:20 (50%)" in mpc("status")
    mpc("seek", "+0:03")
    assert 13 <= float(plays(daemon, 1)["elapsed"]) < 15
    mpc("seekthrough", "+0:10")
    assert float(plays(daemon, 2)["elapsed"]) < 6
    assert idleloop.printed_for(lambda: (mpc("next"), plays(daemon, 3))) == {"player"}
    assert idleloop.printed_for(lambda: (mpc("prev"), plays(daemon, 2))) == {"player"}
    mpc("seek", "0:10")
    mpc("cdprev")
    assert float(plays(daemon, 2)["elapsed"]) < 3
    mpc("cdprev")
    assert mpc("current", "-f", "%title%") == "Two\n"
    assert idleloop.printed_for(lambda: mpc("searchplay", "four")) == {"player"}
    assert mpc("current", "-f", "%title%") == "Four\n"
    assert mpc("queued") == ""
    assert idleloop.printed_for(lambda: mpc("stop")) == {"player"}
    assert "playing" not in mpc("status")
    assert "Not playing" in mpc("next", fails=True)


def test_the_queue_is_edited_while_it_plays(daemon: Daemon, mpc: Mpc, idleloop: IdleLoop) -> None:
    mpc("add", "1.flac", "2.flac")
    mpc("play")
    plays(daemon, 0)
    assert idleloop.printed_for(lambda: mpc("insert", "4.flac")) == {"playlist"}
    assert mpc.titles() == ["One", "Four", "Two"]
    assert idleloop.printed_for(lambda: (mpc("del", 1), plays(daemon, 0))) == {"playlist", "player"}
    assert mpc("current", "-f", "%title%") == "Four\n"
    assert idleloop.printed_for(lambda: mpc("crop")) == {"playlist"}
    assert mpc.titles() == ["Four"]
    assert "[playing] #1/1" in mpc("status")
    assert idleloop.printed_for(lambda: mpc("clear")) == {"playlist", "player"}
    assert "playing" not in mpc("status")


def test_options_volume_and_outputs(daemon: Daemon, mpc: Mpc, idleloop: IdleLoop) -> None:
    assert idleloop.printed_for(lambda: mpc("volume", 40)) == {"mixer"}
    assert idleloop.printed_for(lambda: mpc("volume", "+5")) == {"mixer"}
    assert idleloop.printed_for(lambda: mpc("volume", 45)) == set()
    assert mpc("volume") == "volume: 45%\n"
    for option in ("repeat", "random", "single", "consume"):
        assert idleloop.printed_for(lambda o=option: mpc(o, "on")) == {"options"}  # type: ignore[misc]
    status = mpc("status")
    assert "repeat: on    random: on    single: on    consume: on" in status
    mpc("single", "once")
    assert "single: once" in mpc("status")
    assert idleloop.printed_for(lambda: mpc("crossfade", 4)) == {"options"}
    assert mpc("crossfade") == "crossfade: 4\n"
    assert idleloop.printed_for(lambda: mpc("mixrampdb", "-17")) == {"options"}
    assert mpc("mixrampdb") == "mixrampdb: -17.000000\n"
    mpc("mixrampdelay", "1.5")
    assert mpc("mixrampdelay") == "mixrampdelay: 1.500000\n"
    assert idleloop.printed_for(lambda: mpc("replaygain", "album")) == {"options"}
    assert mpc("replaygain") == "replay_gain_mode: album\n"
    assert mpc("outputs") == "Output 1 (Sound) is enabled\n"
    assert idleloop.printed_for(lambda: mpc("disable", 1)) == {"output"}
    assert mpc("outputs") == "Output 1 (Sound) is disabled\n"
    assert idleloop.printed_for(lambda: mpc("enable", "Sound")) == {"output"}
    assert idleloop.printed_for(lambda: mpc("toggleoutput", 1)) == {"output"}
    assert mpc("outputs") == "Output 1 (Sound) is disabled\n"
    assert daemon.connect().status()["volume"] == "45"


def test_what_there_is_to_read(daemon: Daemon, mpc: Mpc) -> None:
    assert mpc("version") == "mpd version: 0.24.0\n"
    stats = mpc("stats")
    for line in ("Artists:      1", "Songs:        4", "DB Play Time: 0 days, 0:01:20"):
        assert line in stats
    assert mpc("channels") == ""
    reader = mpc.starts("waitmessage", "news")
    assert until(lambda: mpc("channels"), "somebody has subscribed") == "news\n"
    mpc("sendmessage", "news", "hello")
    assert reader.communicate(timeout=PATIENCE_S)[0] == "hello\n"
    assert daemon.connect().status()["state"] == "stop"


def test_idle_ends_with_the_first_event_asked_for(daemon: Daemon, mpc: Mpc) -> None:
    waiting = mpc.starts("idle", "options", "mixer")
    until(lambda: daemon.metric("wkmp_clients") == 1, "mpc is connected")
    mpc("add", "1.flac")
    mpc("volume", 33)
    assert waiting.communicate(timeout=PATIENCE_S)[0] == "mixer\n"
