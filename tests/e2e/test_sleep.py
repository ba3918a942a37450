"""The daemon sleeps when nothing plays: nothing wakes up but the liveness beat."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, sine
from tests.waiting import until

PAUSE_CLOSES_S = 5.0
LONG_S = 40.0
SHORT_S = 2.0
SLICE_S = 0.25


def switches(pid: int) -> int:
    """Count how often any of the process's threads went to sleep."""
    texts = [
        status.read_text("ascii") for status in Path(f"/proc/{pid}/task").glob("*/status")
    ]  # fmt: skip
    return sum(
        int(count)
        for text in texts
        for count in re.findall(r"\nvoluntary_ctxt_switches:\t(\d+)", text)
    )


def wake_ups(pid: int, seconds: float) -> int:
    """Return in how many slices of so many seconds any thread has run."""
    awake, before = 0, switches(pid)
    for _ in range(round(seconds / SLICE_S)):
        time.sleep(SLICE_S)  # the time is what is measured
        now = switches(pid)
        awake += now != before
        before = now
    return awake


def plays(daemon: Daemon) -> MpdClient:
    make(daemon.music / "song.flac", sine(60 * 8_000, 8_000, channels=1), Codec.FLAC16, 8_000)
    client = daemon.connect()
    client.send("add song.flac")
    client.send("play")
    until(lambda: float(client.status()["elapsed"]) > 0.2, "it plays")
    return client


def is_settled(daemon: Daemon) -> None:
    """Wait until no thread has run for a moment: files are decoded, the device is closed."""
    until(lambda: wake_ups(daemon.pid, SLICE_S) == 0, "it has come to rest", PAUSE_CLOSES_S + 5)


def test_playing_it_is_awake(daemon: Daemon) -> None:
    plays(daemon)
    assert wake_ups(daemon.pid, 4 * SLICE_S) == 4


@pytest.mark.parametrize("command", ["stop", pytest.param("pause 1", marks=pytest.mark.long)])
def test_it_falls_asleep_even_while_clients_wait(daemon: Daemon, command: str) -> None:
    client = plays(daemon)
    daemon.connect().ask("idle")
    client.send(command)
    client.ask("idle")
    is_settled(daemon)
    assert wake_ups(daemon.pid, SHORT_S) <= 2  # a beat may fall upon the border of two slices


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("command", ["stop", "pause 1"])
def test_asleep_only_the_liveness_beat_wakes_it(daemon: Daemon, command: str) -> None:
    client = plays(daemon)
    client.send(command)
    client.ask("idle")
    is_settled(daemon)
    before = switches(daemon.pid)
    assert wake_ups(daemon.pid, LONG_S) <= 0.1 * LONG_S
    assert switches(daemon.pid) - before <= 0.1 * LONG_S  # of all threads together
