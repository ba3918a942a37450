"""ReplayGain with the whole daemon: wkmp.ini, MPD's commands, a crash, and what is heard then."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import sounds
from tests.daemon import running_daemon
from tests.sounds import Codec
from tests.tagging import write_gain
from tests.waiting import until

FRAMES = 44_100


def test_preamps_of_wkmp_ini_and_the_mode_of_before_a_crash_are_heard_to_the_bit(
    tmp_path: Path,
) -> None:
    recording = tmp_path / "heard.raw"
    settings: dict[str, dict[str, object]] = {
        "output Recorder": {"plugin": "file", "path": recording, "format": "FLOAT_LE"},
        "playback": {
            "replaygain_preamp": "2.5",
            "replaygain_missing_preamp": "-7",
            "replaygain_limit": "no",
        },
    }
    songs = [sounds.noise(FRAMES, seed=seed, level=0.05) for seed in (1, 2, 3)]
    with running_daemon(tmp_path, settings=settings) as daemon:
        paths = [
            sounds.make(daemon.music / f"{name}.flac", song, Codec.FLAC16)
            for name, song in zip("abc", songs, strict=True)
        ]
        write_gain(paths[0], replaygain_track_gain="+6.00 dB", replaygain_track_peak="0.9")
        write_gain(paths[1], replaygain_track_gain="-1 dB", replaygain_album_gain="-8.25 dB")
        client = daemon.connect()
        for command in ("replay_gain_mode album", "add a.flac", "add b.flac", "add c.flac"):
            assert client.send(command) == ([], "OK")
        daemon.kill()
        daemon.start()
        client = daemon.connect()
        assert client.send("replay_gain_status") == ([("replay_gain_mode", "album")], "OK")
        assert client.send("play") == ([], "OK")
        until(lambda: client.status()["state"] == "stop", "the queue has ended")
    heard = np.fromfile(recording, "<f4").reshape(-1, 2)
    decoded = [sounds.as_decoded(song, Codec.FLAC16) for song in songs]
    gains = [np.float32(10 ** (gain_db / 20)) for gain_db in (8.5, -5.75, -7.0)]
    expected = np.concatenate([song * gain for song, gain in zip(decoded, gains, strict=True)])
    assert np.array_equal(heard[: len(expected)], expected)
    assert not heard[len(expected) :].any()  # the last period is filled up
