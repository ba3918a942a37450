"""Music radio without a tag: songs are measured, joined by level, and their silence is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from audio.measuring import measure
from playback.ramp import Ramp
from playback.units import ticks_to_seconds
from storage.measurement_rows import packed, unpacked
from tests import sounds
from tests.daemon import running_daemon
from tests.sounds import Codec
from tests.waiting import until

RATE_HZ = 44_100
QUIET = 0.0005
SILENCES = (22_050, 17_640)
PARTS_S = (0.6, 1.6, 0.8)
Mix = npt.NDArray[np.float32]


def song(seed: int) -> tuple[sounds.Signal, sounds.Signal]:
    """Loud noise between quiet noise, with digital silence around it; and without that."""
    gains = np.repeat([QUIET, 0.1, QUIET], [round(part * RATE_HZ) for part in PARTS_S])
    sound = sounds.noise(len(gains), seed=seed, level=1.0) / 4 * gains[:, None]
    sound[[0, -1]] = QUIET
    before, after = (np.zeros((count, 2)) for count in SILENCES)
    return np.concatenate([before, sound, after]), sound


def read(ramp: Ramp, level_db: float) -> float:
    levels, times = zip(*unpacked(packed(ramp)), strict=True)
    return float(np.interp(level_db, levels, times))


def overlap_of(first: Path, second: Path) -> float:
    """The seconds that both are to sound, by the formula, of what is measured of the files."""
    a, b = (measure(str(path), lambda _: None) for path in (first, second))
    end_s = read(a.end, -17.0) - ticks_to_seconds(a.silence_after)
    start_s = read(b.start, -17.0) - ticks_to_seconds(b.silence_before)
    return end_s + start_s - 0.1


def test_measured_songs_are_joined_by_level_and_without_their_silence(tmp_path: Path) -> None:
    recording = tmp_path / "heard.raw"
    settings: dict[str, dict[str, object]] = {
        "output Recorder": {"plugin": "file", "path": recording, "format": "FLOAT_LE"},
        "playback": {"trim_silence": "yes"},
    }
    signals = [song(seed) for seed in (1, 2)]
    with running_daemon(tmp_path, settings=settings) as daemon:
        paths = [
            sounds.make(daemon.music / f"{name}.flac", padded, Codec.FLAC16)
            for name, (padded, _) in zip("ab", signals, strict=True)
        ]
        assert daemon.command("analyze").returncode == 0
        client = daemon.connect()
        for command in ("mixrampdb -17", "mixrampdelay 0.1", "add a.flac", "add b.flac"):
            assert client.send(command) == ([], "OK")
        assert client.send("play") == ([], "OK")
        until(lambda: client.status()["state"] == "stop", "the queue has ended")
    overlap_s = overlap_of(*paths)
    assert 1.1 <= overlap_s <= 1.4  # 0.8 + 0.6 - 0.1, in steps of a tenth of a second
    a, b = (sounds.as_decoded(sound, Codec.FLAC16) for _, sound in signals)
    begins = int(len(a) - overlap_s * RATE_HZ)
    expected: Mix = np.zeros((begins + len(b), 2), dtype=np.float32)
    expected[: len(a)] = a
    expected[begins:] += b
    heard = np.fromfile(recording, "<f4").reshape(-1, 2)
    assert np.array_equal(heard[: len(expected)], expected)
    assert not heard[len(expected) :].any()  # the last period is filled up
