"""The music directory is not there, at the start or later: playing waits for it, at its place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import PlayPosition, RunRound, SeekCurrent, SetPause, StopPlaying
from audio.chain_source import ChainSource
from audio.ring import Block
from library.music_directory import MusicDirectory
from playback.player import PlayerState
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.integration.music import DECLICK, Music

SETTINGS = {"minimum_playback_buffer_ms": 500}


class Stick:
    """A music directory with three songs that can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "stick"
        self._away = folder / "away"
        self.root.mkdir()
        self.music = Music(self.root, 4, 4, 4)
        self.out = threading.Event()

    def take_away(self, *, mount_point_stays: bool = False) -> None:
        self.root.rename(self._away)
        if mount_point_stays:
            self.root.mkdir()
        self.out.set()

    def bring_back(self) -> None:
        if self.root.exists():
            self.root.rmdir()
        self._away.rename(self.root)
        self.out.clear()

    def open_source(self, path: str, **more: object) -> ChainSource:
        """Open a file that ends when the stick is out, as it does with FFmpeg."""
        out = self.out

        class OnStick(ChainSource):
            def read(self) -> Block | None:
                return None if out.is_set() else super().read()

        return OnStick(path, **more)  # type: ignore[arg-type]


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    return Stick(tmp_path)


def rig_on(tmp_path: Path, stick: Stick) -> Rig:
    return Rig(tmp_path, settings=SETTINGS, music=MusicDirectory(stick.root))


@pytest.fixture
def rig(tmp_path: Path, stick: Stick) -> Iterator[Rig]:
    with rig_on(tmp_path, stick) as rig:
        yield rig


def is_missed(rig: Rig, stick: Stick) -> None:
    """Wait until the user is told; and that is nothing for the watchdog."""
    status = rig.until(lambda status: status.error is not None)
    assert str(stick.root) in str(status.error)
    assert rig.engine.watchdog.ask(RunRound(), timeout_s=5.0) == ()


@pytest.mark.parametrize("mount_point_stays", [False, True])
def test_absent_at_the_start_it_is_waited_for_and_the_position_is_kept(
    tmp_path: Path, stick: Stick, mount_point_stays: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with rig_on(tmp_path, stick) as before:
        before.add(*stick.music.paths)
        before.do(PlayPosition(1))
        before.do(SeekCurrent(1.5))
        version = before.status.queue_version
    stick.take_away(mount_point_stays=mount_point_stays)
    with rig_on(tmp_path, stick) as rig:
        is_missed(rig, stick)
        status = rig.status
        assert (status.state, status.current, status.elapsed_s) == (PlayerState.PLAY, 1, 1.5)
        assert (len(status.entries), status.queue_version) == (3, version)
        stick.bring_back()
        rig.until(lambda status: status.error is None)
        rig.until(lambda status: status.advancing)
        rig.wait_decoded()
        rig.device.run(3 * RATE_HZ)
        rest = stick.music.songs[1][3 * RATE_HZ // 2 :]
        expected = np.concatenate([rest, stick.music.songs[2]])[: 3 * RATE_HZ]
        heard, rise = rig.device.heard, np.arange(1, DECLICK + 1)[:, None] / DECLICK
        assert np.abs(heard[:DECLICK] - expected[:DECLICK] * rise).max() < 1e-6
        assert np.array_equal(heard[DECLICK:], expected[DECLICK:])
        assert rig.interventions.received == []
    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1


def test_a_song_that_cannot_be_had_is_waited_for_at_its_start_and_not_skipped(
    rig: Rig, stick: Stick
) -> None:
    rig.add(stick.music.paths[0])
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    stick.take_away()
    rig.add(*stick.music.paths[1:])
    is_missed(rig, stick)
    rig.device.run(4 * RATE_HZ)
    rig.device.play(PERIOD)
    status = rig.until(lambda status: status.current == 1)
    assert status.state is PlayerState.PLAY
    assert rig.engine.watchdog.ask(RunRound(), timeout_s=5.0) == ()
    stick.bring_back()
    rig.until(lambda status: status.error is None and status.advancing)
    rig.device.run(3 * RATE_HZ)
    heard = rig.device.heard
    assert np.array_equal(heard[: 4 * RATE_HZ], stick.music.songs[0])
    rest = heard[4 * RATE_HZ :]
    start = int(np.argmax(rest.any(axis=1)))
    song = stick.music.songs[1]
    start -= int(np.argmax(song.any(axis=1)))
    assert np.array_equal(rest[start:], song[: len(rest) - start])
    assert rig.interventions.received == []


def test_pulled_out_in_the_middle_what_is_decoded_is_played_and_then_it_waits(
    tmp_path: Path, stick: Stick, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "long").mkdir()
    long = Music(tmp_path / "long", 20)
    path = stick.root / "long.flac"
    long.paths[0].rename(path)
    with Rig(
        tmp_path,
        settings=SETTINGS,
        music=MusicDirectory(stick.root),
        open_source=stick.open_source,
    ) as rig:
        rig.add(path, stick.music.paths[0])
        rig.do(PlayPosition(0))
        rig.until(lambda status: status.advancing)
        full = 15 * RATE_HZ
        (chain,) = list(rig.engine.ring_levels_s())[:1]
        rig.until(lambda _status: rig.engine.ring_levels_s()[chain] >= 14.5)
        stick.take_away()
        rig.device.run(full - RATE_HZ)
        is_missed(rig, stick)
        rig.until(lambda _: rig.device.play(PERIOD) >= 0 and rig.engine.ring_levels_s()[chain] == 0)
        rig.until(lambda status: rig.device.play(PERIOD) >= 0 and not status.advancing)
        status = rig.status
        assert (status.state, status.current) == (PlayerState.PLAY, 0)
        assert rig.engine.watchdog.ask(RunRound(), timeout_s=5.0) == ()
        before = len(rig.device.heard)
        stick.bring_back()
        rig.until(lambda status: status.error is None and status.advancing)
        rig.device.run(RATE_HZ)
        heard, song = rig.device.heard, long.songs[0]
        length = min(len(heard), len(song))
        differs = ~(heard[:length] == song[:length]).all(axis=1)
        dry = int(np.argmax(differs))
        assert full - RATE_HZ <= dry < before
        again = dry + DECLICK + int(np.argmax(heard[dry + DECLICK :].any(axis=1)))
        again -= int(np.argmax(song[dry:].any(axis=1)))
        length = len(heard) - again
        assert length > RATE_HZ // 2
        assert np.array_equal(heard[again + DECLICK :], song[dry + DECLICK : dry + length])
        assert rig.interventions.received == []
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1


def test_controls_work_while_it_is_away(rig: Rig, stick: Stick) -> None:
    stick.take_away()
    rig.add(*stick.music.paths)
    is_missed(rig, stick)  # stopped, the first two are decoded
    rig.do(PlayPosition(2))
    rig.do(SeekCurrent(2))
    rig.do(SetPause(True))
    assert (rig.status.current, rig.status.elapsed_s) == (2, 2)
    stick.bring_back()
    rig.until(lambda status: status.error is None)
    rig.do(StopPlaying())
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.device.run(RATE_HZ)
    assert np.array_equal(rig.device.heard, stick.music.songs[0][:RATE_HZ])
