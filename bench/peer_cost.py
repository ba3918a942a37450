"""What a player takes: CPU and wake-ups in each state, memory, and the time to its greeting."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.machine import Neighbours
from bench.peer_music import SONG_S, PeerMusic
from bench.peer_players import PeerClient, Player, cpu_s, rss_mib, wakeups

DEVICE_CLOSES_S: Final = 6.0
"""Longer than the pause after which wkmp gives the device back."""
RINGS_FILL_S: Final = 4.0
CROSSFADE_S: Final = 30
CHANGE_S: Final = 0.03
"""Between two ``next``: each song is begun, and its decoders, too."""


@dataclass(frozen=True, slots=True)
class Window:
    """A player over some seconds in one state.

    Attributes:
        cpu_percent: of one core.
        wakeups: voluntary context switches per second, all threads.
        rss_mib: at the end.
        others: share of the machine that all other programs took, the sound server included.
    """

    cpu_percent: float
    wakeups: float
    rss_mib: float
    others: float


def windows(player: Player, music: PeerMusic, window_s: float) -> dict[str, Window]:
    """Return what the player takes in each state."""
    client = player.client
    found = {}
    for state, enter in _STATES.items():
        client.rest()
        enter(client, music)
        found[state] = _window(player.pid, window_s)
    client.rest()
    return found


def track_changes(player: Player, songs: list[str], count: int) -> tuple[float, float]:
    """Return the memory in MiB before and after so many track changes.

    A tenth of them comes first, so that what is made once is there.
    """
    client = player.client
    client.rest()
    client.add_all(songs)
    client.send("repeat 1", "play 0")
    _skip(client, count // 10)
    before = rss_mib(player.pid)
    _skip(client, count)
    after = rss_mib(player.pid)
    client.rest()
    return before, after


def greetings(player: Player, songs: list[str], runs: int) -> list[float]:
    """Return the seconds from exec to greeting with so many songs queued."""
    with player:
        player.client.rest()
        player.client.add_all(songs)
    found = []
    for _ in range(runs):
        with player:
            found.append(player.greeting_s)
            queued = int(player.client.send("status")["playlistlength"])
            if queued != len(songs):
                raise RuntimeError(f"{player.name} has kept {queued} of {len(songs)} songs")
    with player:
        player.client.rest()
    return found


def median(of: list[Window]) -> Window:
    """Return each figure's median."""
    return Window(
        *(
            statistics.median(getattr(window, name) for window in of)
            for name in Window.__slots__  # in the order of the constructor
        )
    )


def _window(pid: int, window_s: float) -> Window:
    neighbours = Neighbours()
    used_s, before, began_s = cpu_s(pid), wakeups(pid), time.monotonic()
    time.sleep(window_s)
    took_s = time.monotonic() - began_s
    used_s = cpu_s(pid) - used_s
    woken = sum(count - before.get(thread, 0) for thread, count in wakeups(pid).items())
    return Window(
        100 * used_s / took_s,
        woken / took_s,
        rss_mib(pid),
        max(0.0, neighbours.share() - used_s / took_s / (os.cpu_count() or 1)),
    )


def _skip(client: PeerClient, count: int) -> None:
    for _ in range(count):
        client.send("next")
        time.sleep(CHANGE_S)


def _stopped(_client: PeerClient, _music: PeerMusic) -> None:
    time.sleep(DEVICE_CLOSES_S)


def _paused(client: PeerClient, music: PeerMusic) -> None:
    _playing("flac")(client, music)
    client.send("pause 1")
    time.sleep(DEVICE_CLOSES_S)


def _playing(suffix: str) -> Callable[[PeerClient, PeerMusic], None]:
    def enter(client: PeerClient, music: PeerMusic) -> None:
        client.add_all([music.noise(suffix)] * 5)
        client.send("play 0")
        time.sleep(RINGS_FILL_S)
        if float(client.send("status")["elapsed"]) <= 0:
            raise RuntimeError(f"{suffix} is not played")

    return enter


def _crossfading(client: PeerClient, music: PeerMusic) -> None:
    client.add_all([music.noise("flac")] * 5)
    client.send(f"crossfade {CROSSFADE_S}", "play 0")
    time.sleep(RINGS_FILL_S)
    client.send(f"seekcur {SONG_S - CROSSFADE_S - 2}")
    while float(client.send("status")["elapsed"]) < SONG_S - CROSSFADE_S + 1:
        time.sleep(0.2)


_STATES: Final[dict[str, Callable[[PeerClient, PeerMusic], None]]] = {
    "stopped": _stopped,
    "paused": _paused,
    "FLAC 44.1": _playing("flac"),
    "MP3": _playing("mp3"),
    "crossfading": _crossfading,
    "96 → 44.1": _playing("96.flac"),
}
