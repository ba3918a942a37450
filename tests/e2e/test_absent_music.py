"""A stick that is not mounted when the daemon starts: it waits, and goes on where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.daemon import Daemon, running_daemon
from tests.e2e.reference_mix import RATE_HZ, Piece
from tests.mpd_server import MpdClient
from tests.pulse import PulseServer
from tests.sounds import Codec
from tests.waiting import until

SONG = Piece("song", Codec.WAV16, tenths=400, low_hz=100, high_hz=2000)
OTHER = Piece("other", Codec.FLAC16, tenths=20)
EXCERPT = 4_096
SWALLOWED_S = 0.2  # PulseAudio loses the first instants of a stream
DECLICK = 220


def elapsed_s(client: MpdClient) -> float:
    return float(client.status()["elapsed"])


def warnings(daemon: Daemon) -> list[str]:
    return [line for line in daemon.log.splitlines() if " WARNING " in line or " ERROR " in line]


def test_a_music_directory_that_comes_after_the_start_is_waited_for(
    tmp_path: Path, pulse: PulseServer
) -> None:
    with running_daemon(
        tmp_path, environment=pulse.environment, settings={"output": {"plugin": "auto"}}
    ) as daemon:
        client = daemon.connect()
        for piece in (SONG, OTHER):
            piece.write(daemon.music)
            client.send(f"add {piece.file_name}")
        assert client.send("seek 0 10") == ([], "OK")
        until(lambda: elapsed_s(client) > 10, "it plays")
        daemon.stop()
        away = daemon.music.rename(tmp_path / "away")
        pulse.record_anew()

        daemon.start()

        client = daemon.connect()
        until(lambda: "error" in client.status(), "the user is told")
        status = client.status()
        assert str(daemon.music) in status["error"]
        assert (status["state"], status["song"]) == ("play", "0")
        assert status["playlistlength"] == "2"
        at_s = elapsed_s(client)
        assert 10 < at_s < 12
        assert client.send("ping") == ([], "OK")
        assert "ok" in daemon.page("/healthz")
        [line] = warnings(daemon)
        assert "No music: " in line
        assert not pulse.recorder.frames.any()

        away.rename(daemon.music)

        until(lambda: elapsed_s(client) > at_s + 0.5, "it plays on", 35)
        assert "error" not in client.status()
        assert client.status()["song"] == "0"
        recording = pulse.recorder.frames
    loud = np.flatnonzero(recording.any(axis=1))
    first = int(loud[0])
    inside = first + DECLICK + RATE_HZ // 10
    excerpt = recording[inside : inside + EXCERPT].tobytes()
    found = SONG.samples().tobytes().find(excerpt)
    assert found >= 0, "it is not what is heard"
    begin_s = (found // 4 - (inside - first)) / RATE_HZ
    assert at_s - 0.001 <= begin_s <= at_s + SWALLOWED_S
    assert len(warnings(daemon)) == 1
    assert "watchdog" not in daemon.log.lower()


def test_a_music_directory_that_does_not_exist_is_said_at_the_start(tmp_path: Path) -> None:
    missing = tmp_path / "stick"
    with running_daemon(tmp_path, settings={"paths": {"music_directory": missing}}) as daemon:
        line = until(lambda: warnings(daemon), "it is said")[0]
        assert f"No music: The music directory {missing} cannot be read" in line
        client = daemon.connect()
        assert client.status()["state"] == "stop"
        assert not missing.exists()
