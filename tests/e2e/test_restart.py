"""Nothing that was answered ``OK`` is lost: by a kill, at any moment, or by an orderly stop."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.daemon import Daemon, running_daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, sine
from tests.waiting import until

SONGS = ("one.flac", "two.flac", "three.flac", "four.flac")
SONG_S = 150
POSITION_LOST_S = 5.0

OPTIONS = (
    ("volume", "setvol 41"),
    ("repeat", "repeat 1"),
    ("random", "random 1"),
    ("single", "single oneshot"),
    ("consume", "consume 1"),
    ("xfade", "crossfade 3"),
    ("mixrampdb", "mixrampdb -17"),
    ("mixrampdelay", "mixrampdelay 1.5"),
)  # fmt: skip
PASSING = {"elapsed", "time", "bitrate", "audio", "duration"}


@pytest.fixture(autouse=True)
def _songs(daemon: Daemon) -> None:
    for number, name in enumerate(SONGS):
        tone = sine(SONG_S * 8_000, 8_000, hz=200 + 50 * number, level=0.1, channels=1)
        make(daemon.music / name, tone, Codec.FLAC16, 8_000)


def kept(client: MpdClient) -> dict[str, object]:
    """Everything that a restart must bring back."""
    status = {key: value for key, value in client.status().items() if key not in PASSING}
    return {
        "queue": client.send("playlistinfo"),
        "status": status,
        "outputs": client.send("outputs"),
        "replay gain": client.send("replay_gain_status"),
        "stickers": client.send("sticker list song two.flac"),
    }


def elapsed_s(client: MpdClient) -> float:
    return float(client.status()["elapsed"])


def plays_on(client: MpdClient) -> float:
    """Wait until it is heard to go on; returns where it was first."""
    assert client.status()["state"] == "play"
    first = elapsed_s(client)
    until(lambda: elapsed_s(client) > first + 0.1, "it plays on")
    return first


def plays_at(client: MpdClient, position: int, seconds: int) -> None:
    """Play, and wait until it is heard."""
    assert client.send(f"seek {position} {seconds}") == ([], "OK")
    until(lambda: elapsed_s(client) > seconds, "it plays")


@pytest.mark.parametrize("ends", ["kill", "stop"])
def test_everything_is_there_again_and_plays_on(daemon: Daemon, ends: str) -> None:
    client = daemon.connect()
    for name in SONGS:
        client.send(f"add {name}")
    for command in (
        *(command for _, command in OPTIONS), "replay_gain_mode album", "prio 9 1:3", "deleteid 1",
    ):  # fmt: skip
        assert client.send(command) == ([], "OK"), command
    client.send("addid one.flac 1")
    for command in (
        "save mix", "load mix 0:1", "sticker set song two.flac rating 8",
        "sticker inc song two.flac playCount 1",
    ):  # fmt: skip
        assert client.send(command) == ([], "OK"), command
    plays_at(client, 2, 20)
    before = kept(client)
    assert {key for key, _ in OPTIONS} <= set(client.status())
    assert client.status()["lastloadedplaylist"] == "mix"
    assert before["stickers"] == ([("sticker", "playCount=1"), ("sticker", "rating=8")], "OK")
    at = elapsed_s(client)
    daemon.kill() if ends == "kill" else daemon.stop()
    daemon.start()
    again = daemon.connect()
    assert kept(again) == before
    assert at - POSITION_LOST_S <= plays_on(again) <= at + 2


def elapsed_of(status: dict[str, str]) -> float:
    return float(status.get("elapsed", "0"))


@pytest.mark.parametrize(("command", "state"), [("pause 1", "pause"), ("stop", "stop")])
def test_a_player_that_was_silent_stays_silent(daemon: Daemon, command: str, state: str) -> None:
    client = daemon.connect()
    client.send("add one.flac")
    plays_at(client, 0, 30)
    assert client.send(command) == ([], "OK")
    before = client.status()
    daemon.kill()
    daemon.start()
    again = daemon.connect()
    assert again.status()["state"] == state
    # What the device had played when the pause reached it is written a moment after its OK.
    assert elapsed_of(again.status()) == pytest.approx(elapsed_of(before), abs=0.2)
    assert again.status()["song"] == "0"
    again.send("play")
    assert plays_on(again) >= (29 if state == "pause" else 0)


def test_the_output_stays_as_it_was_switched(daemon: Daemon) -> None:
    client = daemon.connect()
    assert client.send("disableoutput 0") == ([], "OK")
    daemon.kill()
    daemon.start()
    assert ("outputenabled", "0") in daemon.connect().send("outputs")[0]


@pytest.mark.long
def test_the_position_is_saved_while_it_plays(daemon: Daemon) -> None:
    client = daemon.connect()
    client.send("add one.flac")
    plays_at(client, 0, 10)
    until(lambda: elapsed_s(client) > 10 + POSITION_LOST_S + 1, "some seconds have passed")
    at = elapsed_s(client)
    daemon.kill()
    daemon.start()
    assert at - POSITION_LOST_S - 0.5 <= plays_on(daemon.connect()) <= at + 2


@pytest.mark.parametrize("command", ["seekcur +40", "seekid 1 40"])
def test_a_seek_that_was_answered_is_not_forgotten(daemon: Daemon, command: str) -> None:
    client = daemon.connect()
    client.send("add one.flac")
    client.send("play")
    until(lambda: elapsed_s(client) > 0, "it plays")
    assert client.send(command) == ([], "OK")
    daemon.kill()
    daemon.start()
    assert 39.9 <= plays_on(daemon.connect()) <= 42


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_stop_is_quick_and_loses_no_second(
    daemon: Daemon, number: signal.Signals
) -> None:
    client = daemon.connect()
    client.send("add one.flac")
    plays_at(client, 0, 10)
    until(lambda: elapsed_s(client) > 10.4, "it has played a little")
    at = elapsed_s(client)
    assert daemon.stop(number) < 2.0
    daemon.start()
    assert at - 0.2 <= plays_on(daemon.connect()) <= at + 1.0


def test_a_thread_that_hangs_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    )
    (tmp_path / "hanging").mkdir()
    with running_daemon(tmp_path / "hanging", python_path=[str(site)]) as hanging:
        assert hanging.stop() < 2.0


@pytest.mark.long
@pytest.mark.timeout(120)
def test_however_busy_it_is_it_ends_in_order(daemon: Daemon) -> None:
    client = daemon.connect()
    for name in SONGS:
        client.send(f"add {name}")
    for position in range(40):
        client.send(f"play {position % len(SONGS)}")
        assert daemon.stop() < 2.0
        daemon.start()
        client = daemon.connect()


def test_after_a_restart_it_can_wait_to_be_asked_on(daemon: Daemon) -> None:
    client = daemon.connect()
    client.send("add one.flac")
    plays_at(client, 0, 10)
    daemon.kill()
    with daemon.ini.open("a") as ini:
        ini.write("[playback]\nrestore_paused = yes\n")
    daemon.start()
    again = daemon.connect()
    assert again.status()["state"] == "pause"
    assert elapsed_s(again) > 10 - POSITION_LOST_S
    again.send("pause 0")
    plays_on(again)


@dataclass(slots=True)
class Queue:
    """What the queue must be after the edits that were answered; the first entry plays."""

    entries: list[tuple[int, str]]
    version: int
    volume: int
    chance: random.Random
    numbers: Iterator[str] = field(default_factory=lambda: iter(SONGS * 10_000))

    def edit(self) -> tuple[str, Queue]:
        """Return some edit, and the queue that follows from it (a new id stands as 0)."""
        what = self.chance.choice(("add", "add", "delete", "move", "swap", "volume"))
        entries, position = list(self.entries), self.chance.randrange(1, len(self.entries))
        version, volume = self.version + 1, self.volume
        match what:
            case "delete" if len(entries) > 4:
                command = f"deleteid {entries.pop(position)[0]}"
            case "move" if position != len(entries) - 1:
                entries.append(entries.pop(position))
                command = f"move {position} {len(entries) - 1}"
            case "swap" if position > 1:
                entries[1], entries[position] = entries[position], entries[1]
                command = f"swap 1 {position}"
            case "volume":
                version, volume = self.version, (self.volume + 7) % 100
                command = f"setvol {volume}"
            case _:
                name = next(self.numbers)
                entries.append((0, name))
                command = f"addid {name}"
        return command, Queue(entries, version, volume, self.chance, self.numbers)

    def is_what(self, client: MpdClient) -> bool:
        status, there = client.status(), found(client)
        same_entries = len(there) == len(self.entries) and all(
            name == found_name and number in {0, found_number}
            for (number, name), (found_number, found_name) in zip(self.entries, there, strict=True)
        )
        numbers = (int(status["playlist"]), int(status["volume"]))
        return same_entries and numbers == (self.version, self.volume)


def found(client: MpdClient) -> list[tuple[int, str]]:
    pairs = client.send("playlistinfo")[0]
    files = [value for key, value in pairs if key == "file"]
    ids = [int(value) for key, value in pairs if key == "Id"]
    return list(zip(ids, files, strict=True))


class Load:
    """Another client that asks without a pause, until the daemon is gone."""

    def __init__(self, daemon: Daemon) -> None:
        self._client = MpdClient(daemon.port)
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def end(self) -> None:
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        try:
            while True:
                self._client.send("status")
                self._client.send("playlistinfo")
        except (OSError, ValueError):
            return  # the daemon was killed


def kill_again_and_again(daemon: Daemon, times: int, seed: int) -> None:
    chance = random.Random(seed)
    client = daemon.connect()
    for name in SONGS:
        client.send(f"add {name}")
    plays_at(client, 0, 10)
    for _ in range(times):
        status = client.status()
        queue = Queue(found(client), int(status["playlist"]), int(status["volume"]), chance)
        load = Load(daemon)
        for _ in range(chance.randrange(12)):
            command, after = queue.edit()
            pairs, answer = client.send(command)
            assert answer == "OK", (command, answer)
            if pairs:
                after.entries[-1] = (int(pairs[0][1]), after.entries[-1][1])
            queue = after
        allowed = [queue]
        if chance.random() < 0.5:  # one that is not answered may have happened or not
            command, after = queue.edit()
            client.ask(command)
            allowed.append(after)
        daemon.kill()
        load.end()
        daemon.start()
        client = daemon.connect()
        assert any(queue.is_what(client) for queue in allowed), (allowed, found(client))
        assert client.status()["state"] == "play"
        assert elapsed_s(client) >= 9
    plays_on(client)


def test_twenty_kills_amid_edits_lose_nothing(daemon: Daemon) -> None:
    kill_again_and_again(daemon, 20, seed=2)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_hundred_kills_amid_edits_lose_nothing(daemon: Daemon) -> None:
    kill_again_and_again(daemon, 100, seed=3)
