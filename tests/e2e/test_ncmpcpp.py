"""``ncmpcpp`` in a terminal of its own: what it shows, and what its keys do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon, until
from tests.sounds import Codec, make, sine

TITLES = ("Alpha", "Beta", "Gamma")


class Terminal:
    """A program in ``tmux``: what its screen shows, and keys for it."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._tmux = ("tmux", "-S", str(folder / "tmux"), "-f", "/dev/null")
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        foreign = ("TMUX", "MPD_")
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        self._environment |= home | {"TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self._run("new-session", "-d", "-x", "110", "-y", "30", *command)

    def screen(self) -> str:
        return self._run("capture-pane", "-p")

    def press(self, key: str) -> None:
        self._run("send-keys", key)

    def shows(self, *texts: str) -> str:
        """Wait until all texts are on the screen."""

        def complete() -> str:
            screen = self.screen()
            return screen if all(text in screen for text in texts) else ""

        return until(complete, f"the screen shows {texts}")

    def close(self) -> None:
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words],
            env=self._environment, capture_output=True, text=True, timeout=15, check=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def ncmpcpp(daemon: Daemon, tmp_path: Path) -> Iterator[Terminal]:
    for number, title in enumerate(TITLES):
        tone = sine(60 * 8_000, 8_000, hz=200 + 50 * number, channels=1)
        make(
            daemon.music / f"{number}.flac", tone, Codec.FLAC16, 8_000,
            title=title, artist="Band", album="Record",
        )  # fmt: skip
    daemon.connect().send("add 1.flac")
    folder = tmp_path / "terminal"
    (folder / "config" / "ncmpcpp").mkdir(parents=True)
    terminal = Terminal(folder, "ncmpcpp", "--host=127.0.0.1", f"--port={daemon.port}")
    yield terminal
    terminal.close()


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
    for screen in screens:
        assert "MPD:" not in screen
        assert "error" not in screen.lower()
        assert "ncmpcpp:" not in screen
    assert 'wkmp_command_errors_total{code="' not in daemon.page("/metrics")
