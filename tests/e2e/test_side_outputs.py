"""Recordings, FIFOs and programs beside the sound device, with the whole daemon."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.daemon import Daemon, running_daemon
from tests.e2e.reference_mix import RATE_HZ, Piece
from tests.mpd_server import MpdClient
from tests.sounds import Codec
from tests.waiting import until

SONG = Piece("song", Codec.WAV16, tenths=400, low_hz=100, high_hz=2000)
RESUME = round(0.02 * RATE_HZ)


def enabled(client: MpdClient) -> list[str]:
    pairs, _ = client.send("outputs")
    return [value for key, value in pairs if key == "outputenabled"]


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def recorded(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    settings: dict[str, dict[str, object]] = {
        "output Recorder": {"plugin": "file", "path": tmp_path / "rec.wav", "enabled": "no"},
        "output Program": {"plugin": "pipe", "command": f"cat >> '{tmp_path}/rec.raw'"},
    }
    with running_daemon(tmp_path, settings=settings) as daemon:
        SONG.write(daemon.music)
        yield daemon


def test_they_are_listed_switched_and_remembered_over_a_crash(daemon: Daemon) -> None:
    assert "besides: Recorder, Program" in daemon.banner
    client = daemon.connect()
    pairs, _ = client.send("outputs")
    assert [key for key, _ in pairs] == ["outputid", "outputname", "plugin", "outputenabled"] * 3
    assert [value for _, value in pairs] == [
        *("0", "Sound", "null", "1"),
        *("1", "Recorder", "file", "0"),
        *("2", "Program", "pipe", "1"),
    ]
    assert client.send("toggleoutput 1") == ([], "OK")
    assert client.send("disableoutput 2") == ([], "OK")
    assert client.send("disableoutput 0") == ([], "OK")
    assert client.send("enableoutput 3")[1] == "ACK [50@0] {enableoutput} No such audio output"
    daemon.kill()
    daemon.start()
    assert enabled(daemon.connect()) == ["0", "1", "0"]


def test_what_is_heard_is_recorded_by_all_and_goes_on_after_a_crash(
    daemon: Daemon, tmp_path: Path
) -> None:
    client = daemon.connect()
    client.send("enableoutput 1")
    client.send(f"add {SONG.file_name}")
    client.send("play")
    path = tmp_path / "rec.wav"
    until(lambda: size(path) > 200_000, "a second is recorded")
    daemon.kill()
    first = recorded(path)
    samples = SONG.samples().tobytes()
    assert samples.startswith(first)
    daemon.start()
    until(lambda: size(path) > len(first) + 200_000, "it goes on")
    daemon.connect().send("stop")
    daemon.stop()
    both = recorded(path)
    assert both.startswith(first)
    # Where it goes on is where the position was saved last; it rises from silence there.
    again = both[len(first) + RESUME * 4 :]
    assert samples.find(again[:20_000]) >= 0
    assert np.frombuffer((tmp_path / "rec.raw").read_bytes(), "<i2").any()


def test_a_second_sound_card_is_refused_with_the_reason(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, settings={"output": {"plugin": "alsa"}, "output B": {}})
    done = daemon.command("check-config")
    assert done.returncode == 2
    assert "[output B] plugin = auto: [output] is the sound device already" in done.stderr
