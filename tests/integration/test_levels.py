"""ReplayGain through the engine: exact factors, from the first frame to the last.

Songs of noise with tags. What is heard is compared with the decoded frames times the factor that
MPD's rules give for the tags, in float32, bit by bit; while a gain moves, with a straight line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from actors.messages import ChangeOptions, PlayPosition, SeekCurrent, SetPause, StopPlaying
from actors.telemetry import Count
from audio.device import SampleFormat
from playback.levels import Levelling, Levels
from playback.options import ReplayGainMode
from playback.profile import Profile
from tests import formats, sounds
from tests.engine_rig import BUFFER, PERIOD, RATE_HZ, Rig
from tests.integration.music import DECLICK, RESUME, SLEW, Music, falling, resuming, rising
from tests.sounds import Codec
from tests.spies import TelemetrySpy
from tests.tagging import write_ape, write_gain, write_header_gain

OFF, TRACK, ALBUM, AUTO = ReplayGainMode
TAGS = {
    "replaygain_track_gain": "-6.20 dB",
    "replaygain_track_peak": "0.8",
    "replaygain_album_gain": "+1.40 dB",
    "replaygain_album_peak": "0.9",
}
OTHER_TAGS = {"replaygain_track_gain": "-3.00 dB", "replaygain_album_gain": "-9.10 dB"}
Frames = npt.NDArray[np.float32]
Gains = npt.NDArray[np.float64]


def factor(gain_db: float) -> np.float32:
    return np.float32(10 ** (gain_db / 20))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 100}) as rig:
        yield rig


@pytest.fixture
def music(tmp_path: Path) -> Music:
    made = Music(tmp_path, 3.0, 3.0)
    write_gain(made.paths[0], **TAGS)
    write_gain(made.paths[1], **OTHER_TAGS)
    return made


def choose(rig: Rig, mode: ReplayGainMode) -> None:
    rig.do(ChangeOptions(replay_gain_mode=mode))


def hear(rig: Rig, frames: int) -> Frames:
    """Let so many frames be heard in all."""
    rig.device.run(frames - len(rig.device.heard))
    return rig.device.heard[:frames]


def change_at(rig: Rig, frames: int, change: Callable[[], None]) -> int:
    """Let ``frames`` be heard, then do something; returns the next frame to be mixed."""
    hear(rig, frames)
    rig.device.wait_filled()
    rig.device.wait_blocked()
    change()
    return ((frames + BUFFER) // PERIOD + 1) * PERIOD


def moving(before: float, after: float) -> Gains:
    """The gains of a slew, shape (frames, 1): the first has gone the first step."""
    steps = np.arange(1, SLEW + 1)[:, None] / SLEW
    line: Gains = before + (after - before) * steps
    return line


def constant(gain: float, frames: int) -> Gains:
    return np.full((frames, 1), gain)


@pytest.mark.parametrize(
    ("mode", "first_db", "second_db"), [(TRACK, -6.2, -3.0), (ALBUM, 0.0, -9.1)]
)
def test_each_song_is_heard_at_its_gain_from_its_first_frame_to_its_last(
    rig: Rig, music: Music, mode: ReplayGainMode, first_db: float, second_db: float
) -> None:
    choose(rig, mode)
    music.play(rig)
    a, b = music.songs
    first = np.float32(1 / 0.9) if mode is ALBUM else factor(first_db)  # its peak allows no more
    heard = hear(rig, len(a) + len(b))
    assert np.array_equal(heard[: len(a)], a * first)
    assert np.array_equal(heard[len(a) :], b * factor(second_db))


def test_off_every_bit_is_as_it_was(rig: Rig, music: Music) -> None:
    music.play(rig)
    expected = np.concatenate(music.songs)
    assert np.array_equal(hear(rig, len(expected)), expected)


def flac(folder: Path, signal: sounds.Signal) -> Path:
    return write_gain(sounds.make(folder / "a.flac", signal, Codec.FLAC16), **OTHER_TAGS)


def mp3_id3(folder: Path, signal: sounds.Signal) -> Path:
    return write_gain(sounds.make(folder / "a.mp3", signal, Codec.MP3_LAME), **OTHER_TAGS)


def mp3_ape(folder: Path, signal: sounds.Signal) -> Path:
    return write_ape(sounds.make(folder / "a.mp3", signal, Codec.MP3_LAME), **OTHER_TAGS)


def m4a(folder: Path, signal: sounds.Signal) -> Path:
    return write_gain(sounds.make(folder / "a.m4a", signal, Codec.AAC), **OTHER_TAGS)


def ogg(folder: Path, signal: sounds.Signal) -> Path:
    return write_gain(sounds.make(folder / "a.ogg", signal, Codec.VORBIS), **OTHER_TAGS)


def opus(folder: Path, signal: sounds.Signal) -> Path:
    path = sounds.make(folder / "a.opus", signal, Codec.OPUS, RATE_HZ)
    write_header_gain(path, -2.0)
    return write_gain(path, R128_TRACK_GAIN=str(-8 * 256))


def wavpack(folder: Path, signal: sounds.Signal) -> Path:
    made = next(each for each in formats.LOSSLESS if each.file_name == "wavpack-16.wv")
    return write_gain(made.make(folder, signal), **OTHER_TAGS)


@pytest.mark.parametrize("make", [flac, mp3_id3, mp3_ape, m4a, ogg, opus, wavpack])
def test_every_kind_of_file_is_heard_at_exactly_its_gain(
    tmp_path: Path, make: Callable[[Path, sounds.Signal], Path]
) -> None:
    path = make(tmp_path, sounds.noise(RATE_HZ, level=0.1))
    heard = {}
    for mode in (OFF, TRACK):
        folder = tmp_path / mode
        folder.mkdir()
        with Rig(folder, settings={"minimum_playback_buffer_ms": 100}) as rig:
            choose(rig, mode)
            rig.add(path)
            rig.do(PlayPosition(0))
            rig.wait_decoded()
            rig.until(lambda status: status.advancing)
            heard[mode] = hear(rig, RATE_HZ - PERIOD)
    assert np.abs(heard[OFF]).max() > 0.1
    assert np.array_equal(heard[TRACK], heard[OFF] * factor(-3.0))


def test_a_mode_that_is_chosen_while_it_plays_moves_the_gain_within_50_ms(
    rig: Rig, music: Music
) -> None:
    music.play(rig)
    begin = change_at(rig, 20_000, lambda: choose(rig, TRACK))
    song, gain = music.songs[0], factor(-6.2)
    heard = hear(rig, begin + SLEW + 10_000)
    assert np.array_equal(heard[:begin], song[:begin])
    moved = song[begin : begin + SLEW] * moving(1.0, float(gain))
    assert np.abs(heard[begin : begin + SLEW] - moved).max() < 1e-6
    assert np.array_equal(heard[begin + SLEW :], song[begin + SLEW : len(heard)] * gain)


def test_a_mode_that_is_chosen_while_another_one_is_under_way_goes_on_from_there(
    rig: Rig, music: Music
) -> None:
    music.play(rig)
    begin = change_at(rig, 20_000, lambda: choose(rig, TRACK))
    again = change_at(rig, 20_000 + PERIOD, lambda: choose(rig, OFF))
    assert again == begin + PERIOD  # a part of the way is gone
    there = float(moving(1.0, float(factor(-6.2)))[PERIOD - 1, 0])
    song = music.songs[0]
    heard = hear(rig, again + SLEW + 10_000)
    back = song[again : again + SLEW] * moving(there, 1.0)
    assert np.abs(heard[again : again + SLEW] - back).max() < 1e-6
    assert np.array_equal(heard[again + SLEW :], song[again + SLEW : len(heard)])


def test_auto_is_the_album_and_with_random_at_once_the_track(rig: Rig, music: Music) -> None:
    choose(rig, AUTO)
    music.play(rig)
    begin = change_at(rig, 20_000, lambda: rig.do(ChangeOptions(random=True)))
    back = change_at(rig, 40_000, lambda: rig.do(ChangeOptions(random=False)))
    song, album, track = music.songs[0], np.float32(1 / 0.9), factor(-6.2)
    heard = hear(rig, back + SLEW + 10_000)
    assert np.array_equal(heard[:begin], song[:begin] * album)
    assert np.array_equal(heard[begin + SLEW : back], song[begin + SLEW : back] * track)
    line = np.concatenate([moving(float(album), float(track)), moving(float(track), float(album))])
    slews = [*range(begin, begin + SLEW), *range(back, back + SLEW)]
    assert np.abs(heard[slews] - song[slews] * line).max() < 1e-6
    assert np.array_equal(heard[back + SLEW :], song[back + SLEW : len(heard)] * album)
    assert rig.status.options.replay_gain_mode is AUTO


def test_within_an_overlap_both_songs_move(rig: Rig, music: Music) -> None:
    music.play(rig, crossfade_s=1)
    a, b = music.songs
    x, enters = RATE_HZ, len(a) - RATE_HZ
    begin = change_at(rig, enters + 5_000, lambda: choose(rig, TRACK))
    done = begin + SLEW
    assert done < len(a)
    expected = np.zeros((len(a) + len(b) - x, 2))
    for song, at, gain, fade in (
        (a, 0, float(factor(-6.2)), np.concatenate([constant(1, enters), falling(x)])),
        (b, enters, float(factor(-3.0)), np.concatenate([rising(x), constant(1, len(b) - x)])),
    ):
        gains = fade.copy()
        gains[done - at :] *= gain
        left = 1 - np.arange(1, SLEW + 1)[:, None] / SLEW
        was = float(fade[begin - at, 0])
        gains[begin - at : done - at] *= gain
        gains[begin - at : done - at] += was * (1 - gain) * left
        expected[at : at + len(song)] += song * gains
    heard = hear(rig, len(expected))
    assert np.abs(heard - expected).max() < 2e-6
    assert np.array_equal(heard[len(a) :], b[x:] * factor(-3.0))


def test_both_songs_of_an_overlap_sound_at_their_own_gains(rig: Rig, music: Music) -> None:
    choose(rig, TRACK)
    music.play(rig, crossfade_s=1)
    a, b = music.songs
    x = RATE_HZ
    mixed = a[-x:] * falling(x) * factor(-6.2) + b[:x] * rising(x) * factor(-3.0)
    heard = hear(rig, len(a) + 5_000)
    assert np.array_equal(heard[: len(a) - x], a[:-x] * factor(-6.2))
    assert np.abs(heard[len(a) - x : len(a)] - mixed).max() < 1e-6


def test_a_seek_begins_at_the_gain(rig: Rig, music: Music) -> None:
    choose(rig, TRACK)
    music.play(rig)
    hear(rig, 10_000)
    rig.device.wait_filled()
    drops = rig.device.drops
    rig.do(SeekCurrent(2.0))
    rig.device.wait_drops(drops + 1)
    rig.until(lambda status: status.advancing and status.elapsed_s >= 2.0)
    rig.wait_decoded()
    heard = hear(rig, 10_000 + 20_000)[10_000:]
    sought = music.songs[0][2 * RATE_HZ :] * factor(-6.2)
    at = int(np.flatnonzero(np.all(heard == sought[DECLICK], axis=1))[0]) - DECLICK
    assert np.array_equal(heard[at + DECLICK :], sought[DECLICK : len(heard) - at])


def test_a_mode_that_is_chosen_in_a_pause_moves_the_gain_after_it(rig: Rig, music: Music) -> None:
    music.play(rig)
    hear(rig, 20_000)
    rig.device.wait_filled()
    drops = rig.device.drops
    rig.do(SetPause(True))
    rig.device.wait_drops(drops + 1)
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    choose(rig, TRACK)
    rig.do(SetPause(False))
    song = music.songs[0][20_000:]
    heard = hear(rig, 20_000 + PERIOD + SLEW + 10_000)[20_000 + PERIOD :]
    expected = song[: len(heard)].astype(np.float64)
    expected[:SLEW] *= moving(1.0, float(factor(-6.2)))
    expected[SLEW:] *= float(factor(-6.2))
    expected[:RESUME] *= resuming()
    assert np.abs(heard - expected).max() < 1e-6


def test_a_mode_that_is_chosen_while_stopped_counts_from_the_first_frame(
    rig: Rig, music: Music
) -> None:
    music.play(rig)
    hear(rig, 20_000)
    rig.device.wait_filled()
    drops = rig.device.drops
    rig.do(StopPlaying())
    rig.device.wait_drops(drops + 1)
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    choose(rig, TRACK)
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    before = len(rig.device.heard)
    heard = hear(rig, before + 10_000)[before:]
    begin = int(np.argmax(heard.any(axis=1)))
    assert np.array_equal(heard[begin:], music.songs[0][: 10_000 - begin] * factor(-6.2))


@pytest.mark.parametrize(("limit", "clips"), [(True, False), (False, True)])
def test_a_peak_is_kept_below_full_scale_unless_nobody_minds(
    tmp_path: Path, limit: bool, clips: bool
) -> None:
    signal = np.clip(sounds.noise(RATE_HZ, level=0.2), -0.5, 0.5)
    path = sounds.make(tmp_path / "a.flac", signal, Codec.FLAC16)
    peak = float(np.abs(sounds.as_decoded(signal, Codec.FLAC16)).max())
    rounded_up = f"{peak + 1e-6:.6f}"
    write_gain(path, replaygain_track_gain="9.00 dB", replaygain_track_peak=rounded_up)
    telemetry = TelemetrySpy()
    with Rig(
        tmp_path,
        levelling=Levelling(limit=limit),
        telemetry=telemetry,
        sample=SampleFormat.S32,
        settings={"minimum_playback_buffer_ms": 100},
    ) as rig:
        choose(rig, TRACK)
        rig.add(path)
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        heard = hear(rig, RATE_HZ - PERIOD)
    assert np.abs(heard).max() == pytest.approx(1.0, abs=1e-5)
    assert (telemetry.counts.get(Count.CLIPPED_SAMPLES, 0) > 0) is clips


def test_preamps_are_for_songs_with_and_without_a_gain(tmp_path: Path) -> None:
    music = Music(tmp_path, 1.0, 1.0)
    write_gain(music.paths[0], **OTHER_TAGS)
    levelling = Levelling(preamp_db=-1.5, missing_preamp_db=-7.0)
    with Rig(tmp_path, levelling=levelling, settings={"minimum_playback_buffer_ms": 100}) as rig:
        choose(rig, TRACK)
        music.play(rig)
        a, b = music.songs
        heard = hear(rig, len(a) + len(b))
    assert np.array_equal(heard[: len(a)], a * factor(-4.5))
    assert np.array_equal(heard[len(a) :], b * factor(-7.0))


def test_what_was_measured_counts_where_tags_say_nothing(tmp_path: Path) -> None:
    music = Music(tmp_path, 1.0, 1.0)
    write_gain(music.paths[0], replaygain_track_gain="-3.00 dB")
    with Rig(
        tmp_path,
        settings={"minimum_playback_buffer_ms": 100},
        measured={str(path): Profile(Levels(-5.0, 0.9)) for path in music.paths}.get,
    ) as rig:
        choose(rig, TRACK)
        music.play(rig)
        a, b = music.songs
        heard = hear(rig, len(a) + len(b))
    assert np.array_equal(heard[: len(a)], a * factor(-3.0))
    assert np.array_equal(heard[len(a) :], b * factor(-5.0))


def test_the_mode_outlives_a_restart_and_counts_from_the_first_frame(
    tmp_path: Path, music: Music
) -> None:
    settings = {"minimum_playback_buffer_ms": 100}
    with Rig(tmp_path, settings=settings) as rig:
        choose(rig, AUTO)
        rig.add(*music.paths)
    with Rig(tmp_path, settings=settings) as rig:
        assert rig.status.options.replay_gain_mode is AUTO
        rig.do(PlayPosition(1))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        assert np.array_equal(hear(rig, 10_000), music.songs[1][:10_000] * factor(-9.1))
