"""What a listener hears when the controls are used while music sounds; exact to the frame.

Real files, real decoders, all actors; the lock-step device is the clock. ``heard`` holds every
frame that left the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from actors.address import Request
from actors.messages import (
    ChangeOptions,
    DeleteId,
    Done,
    PlayPosition,
    SeekCurrent,
    SetPause,
    SkipNext,
    StopPlaying,
)
from playback.errors import AckCode, AckError
from playback.options import Switch
from playback.player import PlayerState
from tests import sounds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.sounds import Codec

DECLICK = 220  # 5 ms at 44.1 kHz, rounded
RESUME = 882  # 20 ms

Frames = npt.NDArray[np.float32]


class Music:
    """Three files of noise, each frame of which can be told from every other."""

    def __init__(self, directory: Path, seconds: float = 4.0) -> None:
        self.paths: list[Path] = []
        self.frames: list[Frames] = []
        for seed in (1, 2, 3):
            signal = sounds.noise(round(seconds * RATE_HZ), seed=seed, level=0.1)
            path = directory / f"{seed}.flac"
            self.paths.append(sounds.make(path, signal, Codec.FLAC16))
            self.frames.append(sounds.as_decoded(signal, Codec.FLAC16))


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 500}) as rig:
        yield rig


def play(rig: Rig, music: Music) -> None:
    """Queue the three files and play the first."""
    rig.add(*music.paths)
    rig.do(PlayPosition(0))
    rig.wait_decoded()


def command(rig: Rig, request: Request[Done[None]]) -> None:
    """Give a command and wait until what was mixed ahead has been thrown away."""
    drops = rig.device.drops
    rig.do(request)
    rig.device.wait_drops(drops + 1)


def test_pause_falls_silent_within_5_ms_and_resume_goes_on_at_the_very_frame(
    rig: Rig, music: Music
) -> None:
    play(rig, music)
    rig.device.run(10_000)
    rig.device.wait_filled()
    command(rig, SetPause(True))
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    rig.do(SetPause(False))
    rig.device.run(20_000)
    heard, source = rig.device.heard, music.frames[0]
    assert np.array_equal(heard[:10_000], source[:10_000])
    fall = np.arange(DECLICK - 1, -1, -1)[:, None] / DECLICK
    tail = heard[10_000 : 10_000 + PERIOD]
    assert np.abs(tail[:DECLICK] - source[10_000 : 10_000 + DECLICK] * fall).max() < 1e-6
    assert not tail[DECLICK:].any()
    resumed = heard[10_000 + PERIOD :]
    rise = np.arange(1, RESUME + 1)[:, None] / RESUME
    assert np.abs(resumed[:RESUME] - source[10_000 : 10_000 + RESUME] * rise).max() < 1e-6
    assert np.array_equal(resumed[RESUME:], source[10_000 + RESUME : 30_000])


def test_next_leaves_with_a_short_ramp_and_starts_the_following_song_at_its_first_frame(
    rig: Rig, music: Music
) -> None:
    play(rig, music)
    rig.device.run(15_000)
    rig.device.wait_filled()
    command(rig, SkipNext())
    rig.until(lambda status: status.current == 1 and status.advancing)
    rig.device.run(30_000)
    heard = rig.device.heard
    assert np.array_equal(heard[:15_000], music.frames[0][:15_000])
    fall = 1 - np.arange(1, DECLICK + 1)[:, None] / DECLICK
    expected = music.frames[1][:30_000].astype(np.float64)
    expected[:DECLICK] += music.frames[0][15_000 : 15_000 + DECLICK] * fall
    assert np.abs(heard[15_000:] - expected).max() < 1e-6
    assert np.array_equal(heard[15_000 + DECLICK :], music.frames[1][DECLICK:30_000])


def test_seek_goes_on_at_the_exact_frame_with_a_short_ramp(rig: Rig, music: Music) -> None:
    play(rig, music)
    rig.device.run(5_000)
    rig.device.wait_filled()
    command(rig, SeekCurrent(2.5))
    rig.until(lambda status: status.advancing and status.elapsed_s >= 2.5)
    before = len(rig.device.heard)
    rig.device.run(20_000)
    heard = rig.device.heard
    target = round(2.5 * RATE_HZ)
    rest = heard[before + 2 * DECLICK :]
    at = np.flatnonzero(np.all(music.frames[0][target : target + 5 * DECLICK] == rest[0], axis=1))
    assert len(at) == 1
    begin = target + int(at[0])
    assert np.array_equal(rest, music.frames[0][begin : begin + len(rest)])
    assert begin - target <= 2 * DECLICK  # nothing of the target was skipped


def test_stop_falls_silent_and_play_starts_the_song_again_from_its_start(
    rig: Rig, music: Music
) -> None:
    play(rig, music)
    rig.device.run(12_000)
    rig.device.wait_filled()
    command(rig, StopPlaying())
    assert rig.status.state is PlayerState.STOP
    rig.device.wait_closed()
    stopped = len(rig.device.heard)
    rig.do(PlayPosition(None))
    rig.device.run(10_000)
    assert np.array_equal(rig.device.heard[stopped:], music.frames[0][:10_000])


def test_deleting_the_song_that_sounds_continues_with_the_next_one(rig: Rig, music: Music) -> None:
    play(rig, music)
    rig.device.run(9_000)
    rig.device.wait_filled()
    command(rig, DeleteId(rig.status.entries[0].id))
    rig.until(lambda status: status.advancing and len(status.entries) == 2)
    rig.device.run(9_000)
    assert rig.status.current == 0
    assert np.array_equal(rig.device.heard[9_000 + DECLICK :], music.frames[1][DECLICK:9_000])


def test_removing_the_following_song_just_before_its_start_plays_the_one_behind_it(
    rig: Rig, music: Music
) -> None:
    play(rig, music)
    length = len(music.frames[0])
    rig.device.run(length - 1_000)  # the end of the first is mixed, and the next begun
    rig.device.wait_filled()
    command(rig, DeleteId(rig.status.entries[1].id))
    rig.device.run(1_000 + 5_000)
    expected = np.concatenate([music.frames[0], music.frames[2][:5_000]])
    assert np.array_equal(rig.device.heard, expected)


def test_a_song_added_while_the_last_frames_sound_follows_without_a_gap(
    rig: Rig, music: Music
) -> None:
    rig.add(music.paths[0])
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    length = len(music.frames[0])
    rig.device.run(length - 1_500)
    rig.device.wait_filled()
    drops = rig.device.drops
    rig.add(music.paths[1])
    rig.device.wait_drops(drops + 1)  # the silence that was mixed behind the end is thrown away
    rig.wait_decoded()
    rig.device.run(1_500 + 5_000)
    expected = np.concatenate([music.frames[0], music.frames[1][:5_000]])
    assert np.array_equal(rig.device.heard, expected)


def test_a_crossfade_between_two_songs_begins_at_its_frame_and_keeps_the_power(
    rig: Rig, music: Music
) -> None:
    rig.do(ChangeOptions(crossfade_s=1))
    play(rig, music)
    a, x = len(music.frames[0]), RATE_HZ
    rig.device.run(a + 4_000)
    heard = rig.device.heard
    assert np.array_equal(heard[: a - x], music.frames[0][: a - x])
    u = (np.arange(x) + 0.5) / x
    rise, fall = np.sin(np.pi * u / 2)[:, None], np.cos(np.pi * u / 2)[:, None]
    overlap = music.frames[0][a - x :] * fall + music.frames[1][:x] * rise
    assert np.abs(heard[a - x : a] - overlap).max() < 1e-6
    assert np.array_equal(heard[a:], music.frames[1][x : x + 4_000])
    assert rig.until(lambda status: status.current == 1).elapsed_s == pytest.approx(1.0, abs=0.11)


def test_next_during_an_overlap_keeps_the_second_song_where_it_is(rig: Rig, music: Music) -> None:
    rig.do(ChangeOptions(crossfade_s=1))
    play(rig, music)
    a, x = len(music.frames[0]), RATE_HZ
    rig.device.run(a - x // 2)
    rig.device.wait_filled()
    command(rig, SkipNext())
    rig.until(lambda status: status.current == 1)
    rig.device.run(20_000)
    slew = 2205
    settled = rig.device.heard[a - x // 2 + slew :]
    begin = x // 2 + slew
    assert np.array_equal(settled, music.frames[1][begin : begin + len(settled)])


def test_repeat_of_a_single_song_loops_with_no_frame_inserted_or_lost(
    rig: Rig, music: Music
) -> None:
    rig.add(music.paths[0])
    rig.do(ChangeOptions(repeat=True, single=Switch.ON))
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    rig.device.run(int(2.5 * len(music.frames[0])))
    expected = np.tile(music.frames[0], (3, 1))[: int(2.5 * len(music.frames[0]))]
    assert np.array_equal(rig.device.heard, expected)


def test_the_queue_ends_in_stop_after_its_last_frame_was_heard(rig: Rig, music: Music) -> None:
    rig.add(music.paths[0])
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    length = len(music.frames[0])
    rig.device.run(length - 1)
    assert rig.status.state is PlayerState.PLAY
    rig.device.run(PERIOD)
    status = rig.until(lambda status: status.state is PlayerState.STOP)
    assert status.current is None
    assert np.array_equal(rig.device.heard[:length], music.frames[0])


def test_single_pauses_at_the_start_of_the_following_song(rig: Rig, music: Music) -> None:
    rig.do(ChangeOptions(single=Switch.ON))
    play(rig, music)
    rig.device.run(len(music.frames[0]))
    rig.device.play(PERIOD)  # the end is told with the period behind it
    status = rig.until(lambda status: status.state is PlayerState.PAUSE)
    assert (status.current, status.elapsed_s) == (1, 0.0)
    before = len(rig.device.heard)
    assert not rig.device.heard[len(music.frames[0]) :].any()
    rig.do(SetPause(False))
    rig.until(lambda status: status.advancing)
    rig.device.run(8_000)
    heard = rig.device.heard[before:]
    begin = int(np.argmax(heard.any(axis=1)))
    assert np.array_equal(heard[begin + RESUME :], music.frames[1][RESUME : len(heard) - begin])


@pytest.mark.parametrize("behind", [0, 1, 512])
def test_single_pauses_with_any_number_of_frames_played_behind_the_end(
    rig: Rig, music: Music, behind: int
) -> None:
    """Room for a period comes exactly so many frames behind the end; the end is told then."""
    rig.do(ChangeOptions(single=Switch.ON))
    play(rig, music)
    length = len(music.frames[0])
    rig.device.run((length + behind) % PERIOD)
    for _ in range((length + behind) // PERIOD):
        rig.device.wait_filled()
        rig.device.run(PERIOD)
    status = rig.until(lambda status: status.state is PlayerState.PAUSE)
    assert (status.current, status.elapsed_s) == (1, 0.0)
    rig.do(SetPause(False))
    rig.until(lambda status: status.advancing)
    rig.device.run(8_000)
    heard = rig.device.heard
    assert not heard[length : length + behind].any()
    assert np.array_equal(heard[length + behind :], music.frames[1][:8_000])


def test_a_queue_that_is_full_refuses_more_songs(tmp_path: Path, music: Music) -> None:
    with Rig(tmp_path, maximum_length=2) as rig:
        rig.add(*music.paths[:2])
        with pytest.raises(AckError, match="Playlist is too large") as refused:
            rig.add(music.paths[2])
        assert refused.value.code == AckCode.PLAYLIST_MAX
        assert len(rig.status.entries) == 2
