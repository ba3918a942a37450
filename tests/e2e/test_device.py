"""Sound devices that go, come back, hang, were never there, or are changed while it plays."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.daemon import Daemon, running_daemon
from tests.e2e.listening import Recording
from tests.e2e.reference_mix import RATE_HZ, Piece
from tests.mpd_server import MpdClient
from tests.pulse import PulseServer
from tests.sounds import Codec
from tests.waiting import until

SONG = Piece("song", Codec.WAV16, tenths=400, low_hz=100, high_hz=2000)
EXCERPT = 4_096


@pytest.fixture
def player(tmp_path: Path, pulse: PulseServer) -> Iterator[Daemon]:
    """A daemon that plays a song to the sound server, from its tenth second on."""
    with running_daemon(
        tmp_path, environment=pulse.environment, settings={"output": {"plugin": "auto"}}
    ) as daemon:
        SONG.write(daemon.music)
        client = daemon.connect()
        client.send(f"add {SONG.file_name}")
        client.send("seek 0 10")
        plays_on(client)
        yield daemon


def elapsed_s(client: MpdClient) -> float:
    return float(client.status()["elapsed"])


def plays_on(client: MpdClient, within_s: float = 10) -> None:
    first = elapsed_s(client)
    until(lambda: elapsed_s(client) > first + 0.2, "it plays on", within_s)


def error(client: MpdClient) -> str:
    return client.status().get("error", "")


def song_at(recording: Recording) -> float:
    """Return which second of the song a recording ends with."""
    loud = np.flatnonzero(recording.any(axis=1))
    end = int(loud[-1]) + 1
    excerpt = recording[end - EXCERPT : end].tobytes()
    at = SONG.samples().tobytes().find(excerpt)
    assert at >= 0, "it is not what is heard"
    return (at // 4 + EXCERPT) / RATE_HZ


def test_a_device_that_is_lost_and_comes_back(player: Daemon, pulse: PulseServer) -> None:
    client = player.connect()
    pulse.recorder.wait_longer(RATE_HZ)
    pulse.kill()
    text = until(lambda: error(client), "the user is told")
    status = client.status()
    assert status["state"] == "play"
    heard_s = song_at(pulse.recorder.frames)
    assert abs(float(status["elapsed"]) - heard_s) < 0.3
    assert elapsed_s(client) == float(status["elapsed"])
    assert "[Errno" not in text
    assert player.log.count("is lost") == 1
    # The user's controls keep working.
    assert client.send("setvol 100") == ([], "OK")
    pulse.record_anew()
    plays_on(client)
    assert not error(client)
    first_s = until(lambda: first_heard(pulse), "the song is heard again")
    assert abs(first_s - heard_s) < 0.3


def first_heard(pulse: PulseServer) -> float:
    """Return which second of the song a recording begins with; 0 while it is silent.

    The server swallows the first instants.
    """
    frames = pulse.recorder.frames
    loud = np.flatnonzero(frames.any(axis=1))
    if not len(loud) or len(frames) - loud[0] < RATE_HZ:
        return 0.0
    begin = int(loud[0]) + RATE_HZ // 2
    at = SONG.samples().tobytes().find(frames[begin : begin + EXCERPT].tobytes())
    assert at >= 0, "it is not what is heard"
    return (at // 4) / RATE_HZ - 0.5


@pytest.mark.long
def test_a_device_that_hangs_is_given_up_and_tried_again(
    player: Daemon, pulse: PulseServer
) -> None:
    client = player.connect()
    pulse.freeze()
    until(lambda: error(client), "the user is told")
    at_s = elapsed_s(client)
    assert client.send("ping") == ([], "OK")
    assert "ok" in player.page("/healthz")
    assert elapsed_s(client) == at_s
    pulse.thaw()
    until(lambda: not error(client), "it is back")
    plays_on(client)
    assert elapsed_s(client) - at_s < 2


def test_while_the_device_is_away_the_controls_work(player: Daemon, pulse: PulseServer) -> None:
    client = player.connect()
    pulse.kill()
    until(lambda: error(client), "the user is told")
    client.send("seekcur 30")
    assert elapsed_s(client) == 30
    client.send("pause 1")
    assert client.status()["state"] == "pause"
    client.send("stop")
    assert client.status()["state"] == "stop"
    pulse.record_anew()
    client.send("seek 0 20")
    plays_on(client)
    assert elapsed_s(client) < 23
    assert not error(client)


def test_without_a_device_it_plays_in_silence_until_one_is_chosen(
    tmp_path: Path, pulse: PulseServer
) -> None:
    unplugged = {key: value for key, value in pulse.environment.items() if "PULSE" not in key}
    with running_daemon(
        tmp_path, environment=unplugged, settings={"output": {"plugin": "auto"}}
    ) as daemon:
        assert "no sound card found" in daemon.banner
        SONG.write(daemon.music)
        client = daemon.connect()
        client.send(f"add {SONG.file_name}")
        client.send("play")
        plays_on(client)
        assert not pulse.recorder.frames.any()
        before_s = elapsed_s(client)
        done = daemon.command("device", "wkmp_pulse")
        assert (done.returncode, done.stdout) == (0, "wkmp_pulse (wkmp_pulse)\n")
        until(lambda: first_heard(pulse), "the song is heard")
        assert first_heard(pulse) >= before_s - 0.3
        assert not error(client)
        daemon.stop()
        daemon.start()
        assert "wkmp_pulse" in daemon.banner  # a choice outlives a restart


def test_another_device_is_chosen_while_it_plays(player: Daemon, pulse: PulseServer) -> None:
    listed = player.command("devices")
    assert listed.returncode == 0
    assert listed.stdout.startswith("pulse ")
    client = player.connect()
    assert player.command("device", "null").stdout == "nothing (no sound)\n"
    plays_on(client)
    pulse.recorder.wait_longer(RATE_HZ)
    assert not pulse.recorder.frames[-RATE_HZ // 4 :].any()
    assert player.command("device", "desktop").stdout.endswith("(pulse)\n")
    plays_on(client)
    pulse.recorder.wait_longer(RATE_HZ)
    assert abs(song_at(pulse.recorder.frames) - elapsed_s(client)) < 0.5
    wrong = player.command("device", "nonsense")
    assert wrong.returncode == 0  # it may be a PCM that only ALSA knows
    until(lambda: "nonsense" in error(client), "the user is told")
    player.command("device", "pulse")
    plays_on(client)
    assert not error(client)


def test_the_device_is_closed_after_a_stop(player: Daemon, pulse: PulseServer) -> None:
    client = player.connect()
    assert open_streams(pulse) == 1
    client.send("stop")
    until(lambda: open_streams(pulse) == 0, "it is closed at once", 2)


@pytest.mark.long
def test_the_device_is_closed_some_seconds_after_a_pause(
    player: Daemon, pulse: PulseServer
) -> None:
    client = player.connect()
    client.send("pause 1")
    assert open_streams(pulse) == 1
    until(lambda: open_streams(pulse) == 0, "it is closed", 7)
    client.send("pause 0")
    plays_on(client)
    assert open_streams(pulse) == 1


def open_streams(pulse: PulseServer) -> int:
    """Count who plays to the server."""
    listed = subprocess.run(
        ["pactl", "list", "short", "sink-inputs"],
        env=pulse.environment, capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
    return len(listed.stdout.splitlines())


def test_with_a_fallback_a_lost_device_is_no_error_and_the_next_opening_finds_it_again(
    tmp_path: Path, pulse: PulseServer
) -> None:
    output = {"plugin": "alsa", "device": "wkmp_pulse", "fallback": "null"}
    with running_daemon(
        tmp_path, environment=pulse.environment, settings={"output": output}
    ) as daemon:
        SONG.write(daemon.music)
        client = daemon.connect()
        client.send(f"add {SONG.file_name}")
        client.send("play")
        plays_on(client)
        before_s = elapsed_s(client)
        pulse.kill()
        until(lambda: "Playing to the fallback, silence" in daemon.log, "it is told in the log")
        plays_on(client)
        assert not error(client)
        assert 0 < elapsed_s(client) - before_s < 5
        pulse.record_anew()
        assert daemon.command("device", "wkmp_pulse").returncode == 0  # has it opened anew
        until(lambda: first_heard(pulse), "the song is heard again")
        assert not error(client)
