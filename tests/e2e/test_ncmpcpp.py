"""``ncmpcpp`` in a terminal of its own: what it shows, and what its keys do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.sounds import Codec, make, sine
from tests.terminal import Terminal, terminal
from tests.waiting import until

TITLES = ("Alpha", "Beta", "Gamma")


@pytest.fixture
def ncmpcpp(daemon: Daemon, tmp_path: Path) -> Iterator[Terminal]:
    for number, title in enumerate(TITLES):
        tone = sine(60 * 8_000, 8_000, hz=200 + 50 * number, channels=1)
        make(
            daemon.music / f"{number}.flac", tone, Codec.FLAC16, 8_000,
            title=title, artist="Band", album="Record",
        )  # fmt: skip
    daemon.connect().send("add 1.flac")
    (tmp_path / "config" / "ncmpcpp").mkdir(parents=True)
    foreign = ("MPD_", "XDG_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    environment |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    with terminal(f"ncmpcpp --host=127.0.0.1 --port={daemon.port}", environment) as screen:
        yield screen


def shows_no_trouble(screens: list[str]) -> None:
    for screen in screens:
        assert "MPD:" not in screen
        assert "error" not in screen.lower()
        assert "ncmpcpp:" not in screen


def test_queue_and_library_are_shown_and_played_by_keys(daemon: Daemon, ncmpcpp: Terminal) -> None:
    client = daemon.connect()
    screens = [ncmpcpp.shows("Playlist (1 item", "Band", "Beta", "1:00", "Volume: 100%")]
    ncmpcpp.press("Enter")
    until(lambda: client.status()["state"] == "play", "Enter plays")
    screens.append(ncmpcpp.shows("Beta", "[0:"))
    ncmpcpp.press("2")
    screens.append(ncmpcpp.shows("Browse: /", *(f"Band - {title}" for title in TITLES)))
    ncmpcpp.press("Space")
    until(lambda: client.status()["playlistlength"] == "2", "Space adds")
    ncmpcpp.press("1")
    screens.append(ncmpcpp.shows("Playlist (2 items", "Alpha", "Beta"))
    ncmpcpp.press(">")
    until(lambda: client.status().get("song") == "1", "the next one plays")
    ncmpcpp.press("p")
    until(lambda: client.status()["state"] == "pause", "it is paused")
    ncmpcpp.press("p")
    until(lambda: client.status()["state"] == "play", "it goes on")
    ncmpcpp.press("Left")
    until(lambda: client.status()["volume"] != "100", "the volume changes")
    ncmpcpp.press("r")
    screens.append(ncmpcpp.shows("Repeat mode is on"))
    client.send("add 2.flac")
    screens.append(ncmpcpp.shows("Playlist (3 items", "Gamma"))  # it was told
    ncmpcpp.press("s")
    until(lambda: client.status()["state"] == "stop", "it is stopped")
    screens.append(ncmpcpp.screen())
    shows_no_trouble(screens)
    assert 'wkmp_command_errors_total{code="' not in daemon.page("/metrics")


def test_the_media_library_is_walked_and_searched(daemon: Daemon, ncmpcpp: Terminal) -> None:
    client = daemon.connect()
    ncmpcpp.shows("Playlist (1 item")
    ncmpcpp.press("4")
    screens = [ncmpcpp.shows("Media library", "Artists", "Band", "Record", "Gamma")]
    ncmpcpp.press("Right")
    ncmpcpp.press("Space")
    until(lambda: client.status()["playlistlength"] == "4", "Space adds the album")
    ncmpcpp.press("1")
    screens.append(ncmpcpp.shows("Playlist (4 items", "Alpha", "Beta", "Gamma"))
    shows_no_trouble(screens)
    assert 'wkmp_command_errors_total{code="' not in daemon.page("/metrics")


def test_the_search_engine_finds_and_queues(daemon: Daemon, ncmpcpp: Terminal) -> None:
    client = daemon.connect()
    ncmpcpp.shows("Playlist (1 item")
    ncmpcpp.press("3")
    screens = [ncmpcpp.shows("Search engine", "Any", "Artist", "Search in:")]
    ncmpcpp.press("Enter")
    for key in "gamm":
        ncmpcpp.press(key)
    ncmpcpp.press("Enter")
    screens.append(ncmpcpp.shows("Any          : gamm"))
    ncmpcpp.press("y")
    screens.append(ncmpcpp.shows("Search results: Found 1 song", "Band - Gamma"))
    ncmpcpp.press("Space")
    until(lambda: client.status()["playlistlength"] == "2", "Space adds what was found")
    shows_no_trouble(screens)
    assert 'wkmp_command_errors_total{code="' not in daemon.page("/metrics")


def test_stored_playlists_and_outputs_have_their_screens(daemon: Daemon, ncmpcpp: Terminal) -> None:
    client = daemon.connect()
    ncmpcpp.shows("Playlist (1 item")
    client.send("playlistadd mine 0.flac")
    client.send("playlistadd mine 2.flac")
    ncmpcpp.press("5")
    screens = [ncmpcpp.shows("Playlist editor", "mine", "Band - Alpha", "Band - Gamma")]
    ncmpcpp.press("Enter")
    until(lambda: client.status()["playlistlength"] == "3", "Enter loads and plays it")
    until(lambda: client.status()["state"] == "play", "it plays")
    ncmpcpp.press("7")
    screens.append(ncmpcpp.shows("Outputs", "Sound"))
    ncmpcpp.press("Enter")
    until(lambda: ("outputenabled", "0") in client.send("outputs")[0], "Enter switches it off")
    ncmpcpp.shows('Output "Sound" disabled')  # only then does it know that it is off
    ncmpcpp.press("Enter")
    until(lambda: ("outputenabled", "1") in client.send("outputs")[0], "and on")
    ncmpcpp.press("1")
    ncmpcpp.press("c")
    screens.append(ncmpcpp.shows("clear"))
    ncmpcpp.press("y")
    until(lambda: client.status()["playlistlength"] == "0", "the queue is cleared")
    shows_no_trouble(screens)
    assert 'wkmp_command_errors_total{code="' not in daemon.page("/metrics")
