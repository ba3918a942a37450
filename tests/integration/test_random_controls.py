"""Controls at random moments, beside what must be heard.

What only holds the music up (pauses, lost and switched outputs, xruns) may not change it: beyond
each ramp it goes on exactly as in an offline mix of the whole queue. Whatever else a listener does,
no sample leaps: nothing comes in, leaves or changes its gain faster than the declick ramp allows.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pytest

from actors.address import Request
from actors.messages import (
    ChangeOptions,
    DeleteRange,
    Done,
    MoveRange,
    PlayPosition,
    SeekCurrent,
    SetPause,
    SkipNext,
    SkipPrevious,
    StopPlaying,
    SwitchOutput,
)
from playback.insertion import InsertAt
from playback.options import Switch
from playback.player import PlayerState
from tests import sounds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.integration.music import DECLICK, RESUME, Frames, Music, cut, falling, rising
from tests.sounds import Codec

SETTINGS = {"minimum_playback_buffer_ms": 500}


class Held:
    """Plays a queue, holds it up at random, and knows what must be heard next."""

    def __init__(self, rig: Rig, whole: npt.NDArray[np.float64], rng: Random) -> None:
        self.rig = rig
        self.whole = whole
        self.rng = rng
        self.at = 0  # frames of the whole that have been heard
        self.ramp = 0  # frames that may still differ from it
        self.seen = 0  # frames that have been compared

    def listen(self, frames: int) -> None:
        """Hear so many frames."""
        self.rig.wait_decoded()
        self.rig.device.run(frames)
        self.compare()

    def compare(self) -> None:
        """What has been heard, also in an xrun, is what follows but for a ramp."""
        heard = self.rig.device.heard[self.seen :]
        expected = self.whole[self.at : self.at + len(heard)]
        assert np.abs(heard - expected)[self.ramp :].max(initial=0) < 1e-5
        self.at += len(heard)
        self.seen += len(heard)
        self.ramp = max(0, self.ramp - len(heard))

    def pause(self) -> None:
        """Pause, hear some of what falls silent, and go on."""
        device = self.rig.device
        cut(self.rig, SetPause(True))
        self.compare()
        device.wait_level(PERIOD)
        tail = self.rng.choice((0, 1, 100, DECLICK - 1, DECLICK, 500, PERIOD))
        device.play(tail)
        drops = device.drops
        self.rig.do(SetPause(False))
        device.wait_drops(drops + 1)
        self.rig.until(lambda status: status.advancing)
        self.at += tail if tail < DECLICK else 0  # caught before it had fallen silent
        self.seen += tail
        self.ramp = RESUME

    def switch(self) -> None:
        """Switch the output off and on."""
        cut(self.rig, SwitchOutput(0, False))
        self.rig.device.wait_closed()
        self.compare()
        self.rig.do(SwitchOutput(0, True))
        self.rig.until(lambda status: status.advancing)
        self.ramp = RESUME

    def lose(self) -> None:
        """Unplug the device and plug it in again."""
        self.rig.device.wait_filled()
        self.rig.device.lose()
        self.rig.until(lambda status: status.error is not None and not status.advancing)
        self.compare()
        self.rig.device.come_back()
        self.rig.until(lambda status: status.error is None and status.advancing)
        self.ramp = RESUME

    def stumble(self) -> None:
        """Let the device run dry once; it plays what it has."""
        self.rig.device.xrun_next()
        self.listen(3 * PERIOD)

    def edit_behind(self) -> None:
        """Do what concerns only what comes later."""
        count = len(self.rig.status.entries)
        self.rig.add("missing.flac")
        self.rig.do(DeleteRange(count, None))


def mix(songs: list[Frames], x: int) -> npt.NDArray[np.float64]:
    """Mix a queue offline: each song overlaps the next by ``x`` frames with equal power."""
    total = sum(len(song) for song in songs) - x * (len(songs) - 1)
    whole = np.zeros((total, 2))
    at = 0
    for number, song in enumerate(songs):
        part = song.astype(np.float64)
        if number and x:
            part[:x] *= rising(x)
        if number < len(songs) - 1 and x:
            part[-x:] *= falling(x)
        whole[at : at + len(song)] += part
        at += len(song) - x
    return whole


@pytest.mark.parametrize("crossfade_s", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_what_holds_the_music_up_does_not_change_it(
    tmp_path: Path, seed: int, crossfade_s: int
) -> None:
    rng = Random(seed)
    music = Music(tmp_path, 3, 3, 3)
    with Rig(tmp_path, settings=SETTINGS) as rig:
        music.play(rig, crossfade_s=crossfade_s)
        held = Held(rig, mix(music.songs, crossfade_s * RATE_HZ), rng)
        acts = [held.pause] * 12 + [held.switch] * 4 + [held.stumble] * 2 + [held.edit_behind] * 2
        rng.shuffle(acts)
        acts.insert(rng.randrange(len(acts)), held.lose)
        for act in acts:
            held.listen(rng.choice((0, 1, 50, 3_000, rng.randrange(20_000))))
            act()
        held.listen(20_000)


FREQUENCIES = (110.0, 147.0, 196.0)
LEVEL = 0.25
NATURAL = 2 * np.pi * max(FREQUENCIES) / RATE_HZ * LEVEL
"""The most by which neighbouring samples of a song differ."""
RAMP = LEVEL / DECLICK
"""The most that a ramp adds."""


def smooth(directory: Path) -> list[Path]:
    """Songs without a step: whole waves, so that they begin and end at zero."""
    paths = []
    for number, frequency in enumerate(FREQUENCIES):
        frames = round(300 * RATE_HZ / frequency)
        wave = LEVEL * np.sin(2 * np.pi * frequency * np.arange(frames) / RATE_HZ)
        signal = np.stack([wave, wave], axis=1)
        path = directory / f"smooth{number}.flac"
        paths.append(sounds.make(path, signal, Codec.FLAC24))
    return paths


class Fidgety:
    """A listener who cannot leave anything alone."""

    def __init__(self, rig: Rig, rng: Random) -> None:
        self.rig = rig
        self.rng = rng
        self.silenced: list[int] = []
        """Frames at which the device was closed, maybe before its ramp was heard."""

    def act(self) -> None:
        """Do something legal."""
        rng, status = self.rng, self.rig.status
        count = len(status.entries)
        commands: list[Request[Done[None]]] = [
            SetPause(None),
            SkipNext(),
            SkipPrevious(),
            SeekCurrent(rng.uniform(0, 2.6)),
            ChangeOptions(crossfade_s=rng.choice((0, 1))),
            ChangeOptions(single=rng.choice((Switch.OFF, Switch.ON))),
            ChangeOptions(volume=rng.choice((30, 70, 100))),
            PlayPosition(rng.randrange(count)),
            MoveRange(0, 1, InsertAt(rng.randrange(count))),
        ]
        if rng.random() < 0.03:
            commands = [StopPlaying()]
        if status.state is PlayerState.STOP:
            commands = [PlayPosition(rng.randrange(count))]
        command = rng.choice(commands)
        if isinstance(command, StopPlaying):
            self.hear(PERIOD)
            self.rig.do(command)
            self.hear(4 * PERIOD)
            self.silenced.append(len(self.rig.device.heard))
        else:
            self.rig.do(command)

    def hear(self, frames: int) -> None:
        """Hear what there is, as far as it comes at once."""
        device = self.rig.device
        left = frames
        while left > 0:
            self.rig.until(
                lambda status: status.state is not PlayerState.PLAY or device.delay() > 0
            )
            left -= device.play(min(left, PERIOD)) or PERIOD


@pytest.mark.parametrize("seed", range(8))
def test_nothing_a_listener_does_makes_a_step(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    with Rig(tmp_path, settings=SETTINGS) as rig:
        rig.do(ChangeOptions(repeat=True))
        rig.add(*smooth(tmp_path), *smooth(tmp_path))
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        listener = Fidgety(rig, rng)
        for _ in range(60):
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                listener.act()
            listener.hear(rng.choice((0, 10, 100, 500, 2_000, 8_000)))
        heard = rig.device.heard
    assert np.isfinite(heard).all()
    steps = np.abs(np.diff(heard, axis=0)).max(axis=1)
    for at in listener.silenced:
        steps[max(0, at - 8 * PERIOD) : at + PERIOD] = 0
    # Two songs that sound and two that leave, at most, change at once.
    assert steps.max() < 4 * (NATURAL + RAMP)
