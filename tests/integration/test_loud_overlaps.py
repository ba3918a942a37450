"""Masters that are as loud as can be cross into each other without a sample that is cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors.messages import ChangeOptions, PlayPosition, SeekCurrent, SetPause
from actors.telemetry import Count
from audio.device import SampleFormat
from tests import sounds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.integration.music import Frames, cut, falling, rising
from tests.sounds import Codec
from tests.spies import TelemetrySpy

SECONDS, OVERLAP_S = 6, 2
BEGIN, END = (SECONDS - OVERLAP_S) * RATE_HZ, SECONDS * RATE_HZ
OVERLAP = END - BEGIN
RELEASE = round(0.2 * RATE_HZ)
WINDOW = round(0.005 * RATE_HZ)


def masters(directory: Path) -> list[tuple[Path, Frames]]:
    """Two songs of -8 dBFS RMS, full scale at their peaks."""
    made = []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        signal = np.clip(rng.normal(0, 10 ** (-8 / 20), (SECONDS * RATE_HZ, 2)), -1, 1)
        path = sounds.make(directory / f"{seed}.flac", signal, Codec.FLAC16)
        made.append((path, sounds.as_decoded(signal, Codec.FLAC16)))
    return made


@pytest.fixture
def telemetry() -> TelemetrySpy:
    return TelemetrySpy()


def play(rig: Rig, songs: list[tuple[Path, Frames]]) -> None:
    rig.do(ChangeOptions(crossfade_s=OVERLAP_S))
    rig.add(*(path for path, _ in songs))
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    rig.until(lambda status: status.advancing)


def summed(songs: list[tuple[Path, Frames]]) -> Frames:
    """What the two give in their overlap without anything that holds them down."""
    (_, first), (_, second) = songs
    both = first[BEGIN:] * falling(OVERLAP) + second[:OVERLAP] * rising(OVERLAP)
    return both.astype(np.float32)


@pytest.mark.parametrize("sample", [SampleFormat.FLOAT, SampleFormat.S16])
def test_loud_masters_cross_without_a_cut_sample_and_are_untouched_outside(
    tmp_path: Path, telemetry: TelemetrySpy, sample: SampleFormat
) -> None:
    songs = masters(tmp_path)
    raw = summed(songs)
    assert np.abs(raw).max() > 1.1
    with Rig(tmp_path, sample=sample, telemetry=telemetry) as rig:
        play(rig, songs)
        rig.device.run(END + 2 * RATE_HZ)
        heard = rig.device.heard
    assert Count.CLIPPED_SAMPLES not in telemetry.counts
    assert np.abs(heard).max() <= 1.0
    before, after = BEGIN, END + RELEASE + WINDOW
    if sample is SampleFormat.S16:  # a period is dithered or not
        before, after = BEGIN - PERIOD, after + PERIOD
    assert np.array_equal(heard[:before], songs[0][1][:before])
    assert np.array_equal(heard[after:][:RATE_HZ], songs[1][1][OVERLAP:][after - END :][:RATE_HZ])


def test_what_holds_them_down_is_a_slow_gain(tmp_path: Path) -> None:
    songs = masters(tmp_path)
    with Rig(tmp_path) as rig:
        play(rig, songs)
        rig.device.run(END)
        heard = rig.device.heard[BEGIN:END]
    raw = summed(songs)
    loud = np.flatnonzero(np.abs(raw).min(axis=1) > 0.1)
    gains = heard[loud] / raw[loud]
    np.testing.assert_allclose(gains[:, 0], gains[:, 1], atol=2e-6)
    steps = np.diff(gains[:, 0]) / np.diff(loud)
    assert gains.max() <= 1 + 1e-6
    assert gains.min() > 0.68  # -3.3 dB; equal power adds no more than 3
    assert steps.max() <= 1 / RELEASE + 5e-6
    assert steps.min() >= -0.4 / WINDOW


def test_quiet_songs_cross_as_if_nothing_watched(tmp_path: Path) -> None:
    songs = masters(tmp_path)
    with Rig(tmp_path) as rig:
        rig.do(ChangeOptions(volume=100))
        quiet = [(path, song * np.float32(0.25)) for path, song in songs]
        for path, song in quiet:
            sounds.make(path, song.astype(np.float64), Codec.FLAC16)
        decoded = [(p, sounds.as_decoded(s.astype(np.float64), Codec.FLAC16)) for p, s in quiet]
        play(rig, decoded)
        rig.device.run(END)
        np.testing.assert_allclose(rig.device.heard[BEGIN:END], summed(decoded), atol=2e-7)


def test_a_pause_within_goes_on_with_the_gain_that_it_had(tmp_path: Path) -> None:
    """What is mixed again after a pause is what would have been heard without it."""
    songs = masters(tmp_path)
    with Rig(tmp_path) as rig:
        play(rig, songs)
        rig.device.run(END + RATE_HZ)
        through = rig.device.heard[: END + RATE_HZ].copy()
    (tmp_path / "again").mkdir()
    with Rig(tmp_path / "again") as rig:
        play(rig, songs)
        middle = BEGIN + OVERLAP // 2
        rig.device.run(middle)
        cut(rig, SetPause(paused=True))
        at = len(rig.device.heard)
        rig.do(SetPause(paused=False))
        rig.until(lambda status: status.advancing)
        rig.device.run(RATE_HZ)
        resumed = rig.device.heard
    assert at >= middle
    rise = 882  # the ramp of a resume
    offset = len(resumed) - RATE_HZ
    later = resumed[offset + rise + 300 :]
    assert np.array_equal(later, through[middle + rise + 300 :][: len(later)])


def test_a_seek_out_of_an_overlap_leaves_nothing_behind(tmp_path: Path) -> None:
    songs = masters(tmp_path)
    with Rig(tmp_path) as rig:
        play(rig, songs)
        rig.device.run(BEGIN + OVERLAP // 2)
        cut(rig, SeekCurrent(1.0))
        rig.until(lambda status: status.advancing)
        rig.wait_decoded()
        rig.device.run(RATE_HZ)
        last = rig.device.heard[-RATE_HZ // 2 :]
    song = songs[0][1]
    places = np.flatnonzero((song == last[0]).all(axis=1))
    assert [p for p in places if np.array_equal(song[p : p + len(last)], last)] != []
