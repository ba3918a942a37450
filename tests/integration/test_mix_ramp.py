"""Overlaps by level through the engine: both songs as they are, added up from an exact frame on.

Songs of noise whose ends swell and fade. Their ramps stand in tags, or are measured. What is heard
is compared with the sum of the decoded frames, bit by bit: no envelope touches either.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import (
    ChangeOptions,
    ChangePassage,
    PlayPosition,
    SetRange,
)
from audio.measuring import measure
from playback.options import ReplayGainMode
from playback.profile import Profile
from playback.ramp import Ramp
from playback.stored_passages import PassageChange
from playback.units import Frames, Ticks, frames_to_ticks, seconds_to_ticks
from tests import sounds
from tests.engine_rig import BUFFER, PERIOD, RATE_HZ, Rig
from tests.integration.joints import DELAY_S, THRESHOLD_MS, Mix, added, ask, crossed, hear
from tests.integration.music import falling
from tests.sounds import Codec
from tests.tagging import write_gain

SECONDS = 5
A = SECONDS * RATE_HZ
SWELL, FADE = RATE_HZ, 2 * RATE_HZ
START_TAG = "-30.00 0.05;-20.00 0.50;-17.00 0.75;-11.00 1.00;-8.00 1.20;"
END_TAG = "-30.00 0.10;-20.00 0.75;-17.00 1.25;-11.00 1.50;-8.00 1.75;"
X = round((1.25 + 0.75 - DELAY_S) * RATE_HZ)


class Songs:
    """Files that swell and fade."""

    def __init__(self, directory: Path, count: int = 2) -> None:
        gains = np.ones((A, 1))
        gains[:SWELL, 0] = np.linspace(0, 1, SWELL) ** 2
        gains[-FADE:, 0] = np.linspace(1, 0, FADE) ** 2
        self.paths: list[Path] = []
        self.frames: list[Mix] = []
        for seed in range(1, count + 1):
            signal = sounds.noise(A, seed=seed, level=0.1) * gains
            path = directory / f"{seed}.flac"
            self.paths.append(sounds.make(path, signal, Codec.FLAC16))
            self.frames.append(sounds.as_decoded(signal, Codec.FLAC16))

    def tag(self) -> Songs:
        for path in self.paths:
            write_gain(path, MIXRAMP_START=START_TAG, mixramp_end=END_TAG)
        return self

    def play(self, rig: Rig) -> None:
        rig.add(*self.paths)
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)


@pytest.fixture
def songs(tmp_path: Path) -> Songs:
    return Songs(tmp_path).tag()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": THRESHOLD_MS}) as rig:
        yield rig


@pytest.mark.parametrize("crossfade_s", [0, 3])
def test_tagged_songs_are_added_up_from_the_exact_frame_without_an_envelope(
    rig: Rig, songs: Songs, crossfade_s: int
) -> None:
    ask(rig, crossfade_s=crossfade_s)
    songs.play(rig)
    expected = added(songs.frames, X)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_threshold_between_two_points_is_read_in_proportion(rig: Rig, songs: Songs) -> None:
    ask(rig, db=-14.0)
    songs.play(rig)
    expected = added(songs.frames, round((1.375 + 0.875 - DELAY_S) * RATE_HZ))
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_the_threshold_is_about_what_is_heard_with_replay_gain(rig: Rig, songs: Songs) -> None:
    write_gain(songs.paths[0], replaygain_track_gain="-6.00 dB")
    write_gain(songs.paths[1], replaygain_track_gain="+3.00 dB")
    rig.do(ChangeOptions(replay_gain_mode=ReplayGainMode.TRACK))
    ask(rig)
    songs.play(rig)
    a, b = songs.frames
    louder, quieter = np.float32(10 ** (3 / 20)), np.float32(10 ** (-6 / 20))
    expected = added((a * quieter, b * louder), round((1.5 + 0.5 - DELAY_S) * RATE_HZ))
    heard = hear(rig, len(expected))
    assert np.abs(heard - expected).max() < 1e-6


@pytest.mark.parametrize("crossfade_s", [0, 2])
def test_where_one_side_is_unknown_the_crossfade_counts(
    rig: Rig, tmp_path: Path, crossfade_s: int
) -> None:
    songs = Songs(tmp_path)
    write_gain(songs.paths[0], MIXRAMP_START=START_TAG, MIXRAMP_END=END_TAG)
    write_gain(songs.paths[1], MIXRAMP_END=END_TAG, MIXRAMP_START="loud")
    ask(rig, crossfade_s=crossfade_s)
    songs.play(rig)
    expected = crossed(songs.frames, crossfade_s * RATE_HZ)
    assert np.abs(hear(rig, len(expected)) - expected).max() < 1e-6


@pytest.mark.parametrize(("db", "delay_s"), [(-7.0, DELAY_S), (-17.0, 2.5)])
def test_where_nothing_is_left_of_it_the_songs_follow_each_other_to_the_frame(
    rig: Rig, songs: Songs, db: float, delay_s: float
) -> None:
    ask(rig, db=db, delay_s=delay_s, crossfade_s=2)
    songs.play(rig)
    expected = np.concatenate(songs.frames)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_it_takes_no_more_than_half_of_a_song(rig: Rig, songs: Songs) -> None:
    for path in songs.paths:
        write_gain(path, MIXRAMP_START="-17 20;", MIXRAMP_END="-17 25;")
    ask(rig)
    songs.play(rig)
    expected = added(songs.frames, A // 2)
    assert np.array_equal(hear(rig, len(expected)), expected)


# What was measured


def tone(directory: Path, name: str, quiet_before: int, quiet_after: int) -> tuple[Path, Mix]:
    """A loud tone with a very quiet one around it, whole tenths of seconds long."""
    gains = np.ones((A, 1))
    gains[:quiet_before] = 0.001
    gains[A - quiet_after :] = 0.001
    signal = sounds.sine(A, hz=1000.0, level=0.3) * gains
    path = sounds.make(directory / f"{name}.flac", signal, Codec.FLAC16)
    return path, sounds.as_decoded(signal, Codec.FLAC16)


def read(ramp: Ramp, level_db: float) -> float:
    levels, times = zip(*ramp, strict=True)
    return float(np.interp(level_db, levels, times))


def test_measured_ends_overlap_where_nothing_is_loud(tmp_path: Path) -> None:
    first = tone(tmp_path, "a", 0, round(1.3 * RATE_HZ))
    second = tone(tmp_path, "b", round(0.9 * RATE_HZ), 0)
    found = {str(path): measure(str(path), lambda _: None) for path, _ in (first, second)}
    profiles = {uri: measured.profile(trim=False) for uri, measured in found.items()}
    ramp_a, ramp_b = found[str(first[0])].end, found[str(second[0])].start
    overlap_s = read(ramp_a, -17.0) + read(ramp_b, -17.0) - 0.1
    assert 1.9 <= overlap_s <= 2.1  # 1.3 + 0.9 - 0.1, in steps of a tenth of a second
    begins = (A / RATE_HZ - overlap_s) * RATE_HZ
    with Rig(
        tmp_path, measured=profiles.get, settings={"minimum_playback_buffer_ms": THRESHOLD_MS}
    ) as rig:
        ask(rig, delay_s=0.1)
        rig.add(first[0], second[0])
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        expected = added((first[1], second[1]), A - int(begins))
        assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_tag_outranks_what_was_measured_each_side_by_itself(tmp_path: Path) -> None:
    songs = Songs(tmp_path)
    write_gain(songs.paths[0], MIXRAMP_END=END_TAG)
    wrong: Ramp = ((-17.0, 2.25),)
    measured = Profile(start=((-17.0, 0.75),), end=wrong)
    with Rig(
        tmp_path, measured=lambda _: measured, settings={"minimum_playback_buffer_ms": THRESHOLD_MS}
    ) as rig:
        ask(rig)
        songs.play(rig)
        expected = added(songs.frames, X)
        assert np.array_equal(hear(rig, len(expected)), expected)


# What outranks it


def define(rig: Rig, path: Path, **points_s: float) -> None:
    points = {name: seconds_to_ticks(at_s) for name, at_s in points_s.items()}
    rig.do(ChangePassage(PassageChange(str(path), str(path), points)))


def test_explicit_leads_outrank_it(rig: Rig, songs: Songs) -> None:
    define(rig, songs.paths[0], lead_out=4.0)
    define(rig, songs.paths[1], lead_in=1.0)
    ask(rig)
    songs.play(rig)
    expected = crossed(songs.frames, RATE_HZ)
    assert np.abs(hear(rig, len(expected)) - expected).max() < 1e-6


@pytest.mark.parametrize("side", [0, 1])
def test_one_explicit_lead_is_enough(rig: Rig, songs: Songs, side: int) -> None:
    define(rig, songs.paths[side], **({"lead_in": 1.0} if side else {"lead_out": 4.0}))
    ask(rig)
    songs.play(rig)
    expected = np.concatenate(songs.frames)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_an_explicit_fade_is_heard_in_it(rig: Rig, songs: Songs) -> None:
    define(rig, songs.paths[0], fade_out=4.0)
    ask(rig)
    songs.play(rig)
    a = songs.frames[0].copy()
    a[4 * RATE_HZ :] *= falling(RATE_HZ).astype(np.float32)
    expected = added((a, songs.frames[1]), X)
    assert np.abs(hear(rig, len(expected)) - expected).max() < 1e-6


def test_a_part_that_ends_before_its_file_does_not_overlap(rig: Rig, songs: Songs) -> None:
    ask(rig)
    entries = rig.add(*songs.paths)
    end = frames_to_ticks(Frames(A - 1000), RATE_HZ)
    rig.do(SetRange(entries[0], (Ticks(0), end)))
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    rig.until(lambda status: status.advancing)
    expected = np.concatenate([songs.frames[0][:-1000], songs.frames[1]])
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_part_that_ends_with_its_file_does(rig: Rig, songs: Songs) -> None:
    begin = 2 * RATE_HZ
    define(rig, songs.paths[0], start=2.0)
    ask(rig)
    songs.play(rig)
    expected = added((songs.frames[0][begin:], songs.frames[1]), X)
    assert np.array_equal(hear(rig, len(expected)), expected)


# Changes while it plays


def test_asked_for_while_a_song_sounds_it_counts_at_its_end(rig: Rig, songs: Songs) -> None:
    songs.play(rig)
    hear(rig, 20_000)
    ask(rig, db=-11.0)
    hear(rig, 40_000)
    ask(rig)
    expected = added(songs.frames, X)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_switched_off_while_a_song_sounds_its_end_is_not_crossed(rig: Rig, songs: Songs) -> None:
    ask(rig)
    songs.play(rig)
    hear(rig, 20_000)
    rig.do(ChangeOptions(mixramp_delay_s=float("nan")))
    expected = np.concatenate(songs.frames)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_an_overlap_that_has_begun_goes_on_as_it_began(rig: Rig, songs: Songs) -> None:
    ask(rig)
    songs.play(rig)
    hear(rig, A - X + BUFFER + 2 * PERIOD)
    ask(rig, db=-30.0, crossfade_s=2)
    expected = added(songs.frames, X)
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_later_song_follows_the_same_way(rig: Rig, tmp_path: Path) -> None:
    songs = Songs(tmp_path, 3).tag()
    ask(rig)
    songs.play(rig)
    first = len(hear(rig, A + 10_000))
    rig.wait_decoded()
    expected = added((added(songs.frames[:2], X), songs.frames[2]), X)
    assert np.array_equal(hear(rig, len(expected))[first:], expected[first:])
