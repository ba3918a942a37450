"""Digital silence that was measured at both ends of a file, left out to the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors.messages import (
    AddSongs,
    ChangePassage,
    GetQueueSnapshot,
    GiveSignOfLife,
    PlayPosition,
)
from audio.measuring import measure
from playback.profile import Profile
from playback.song import Song
from playback.stored_passages import PassageChange
from playback.units import Ticks
from tests import sounds
from tests.engine_rig import RATE_HZ, Rig
from tests.integration.joints import THRESHOLD_MS, Mix, added, ask, hear
from tests.sounds import Codec
from tests.tagging import write_gain

BEFORE, AFTER = 30_000, 50_001


def with_silence(directory: Path, name: str, seed: int) -> tuple[Path, Mix]:
    """A file of noise with digital silence around it; and the noise."""
    sound = sounds.noise(2 * RATE_HZ, seed=seed, level=0.1)
    sound[[0, -1]] = 0.1
    signal = np.concatenate([np.zeros((BEFORE, 2)), sound, np.zeros((AFTER, 2))])
    path = sounds.make(directory / f"{name}.flac", signal, Codec.FLAC16)
    return path, sounds.as_decoded(sound, Codec.FLAC16)


@pytest.fixture
def padded(tmp_path: Path) -> list[tuple[Path, Mix]]:
    return [with_silence(tmp_path, name, seed) for seed, name in enumerate("ab", start=1)]


def profiles_of(padded: list[tuple[Path, Mix]], *, trim: bool) -> dict[str, Profile]:
    return {str(path): measure(str(path), lambda _: None).profile(trim=trim) for path, _ in padded}


def settle(rig: Rig) -> None:
    """Wait until what the files say of themselves has come round, and is decoded ahead."""
    for _ in range(2):
        rig.until(lambda _status: prepared(rig), timeout_s=10.0)
        rig.engine.decoder.ask(GiveSignOfLife(), timeout_s=5.0)


def prepared(rig: Rig) -> bool:
    """Whether every chain of the plan could begin."""
    plan = rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan
    levels = rig.engine.ring_levels_s()
    return all(levels.get(slot.chain, 0.0) >= THRESHOLD_MS / 1000 for slot in plan.slots)


def padded_rig(directory: Path, padded: list[tuple[Path, Mix]], *, trim: bool = True) -> Rig:
    return Rig(
        directory,
        measured=profiles_of(padded, trim=trim).get,
        settings={"minimum_playback_buffer_ms": THRESHOLD_MS},
    )


def play(rig: Rig, *songs: Song) -> None:
    rig.do(AddSongs(songs))
    settle(rig)
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()


def test_silence_that_was_measured_is_left_out_to_the_frame(
    tmp_path: Path, padded: list[tuple[Path, Mix]]
) -> None:
    with padded_rig(tmp_path, padded) as rig:
        play(rig, *(Song(str(path)) for path, _ in padded))
        expected = np.concatenate([sound for _, sound in padded])
        assert rig.status.duration_s == 2.0
        assert np.array_equal(hear(rig, len(expected)), expected)


def test_unless_it_is_asked_for_silence_is_played(
    tmp_path: Path, padded: list[tuple[Path, Mix]]
) -> None:
    with padded_rig(tmp_path, padded, trim=False) as rig:
        play(rig, *(Song(str(path)) for path, _ in padded))
        expected = np.zeros((BEFORE + 2 * RATE_HZ + AFTER, 2), dtype=np.float32)
        expected[BEFORE : BEFORE + 2 * RATE_HZ] = padded[0][1]
        assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_stored_passage_keeps_its_silence(tmp_path: Path, padded: list[tuple[Path, Mix]]) -> None:
    path, sound = padded[0]
    with padded_rig(tmp_path, padded) as rig:
        rig.do(ChangePassage(PassageChange(f"{path}/p", str(path), {"start": Ticks(0)})))
        play(rig, Song(f"{path}/p"))
        heard = hear(rig, BEFORE + 2 * RATE_HZ)
        assert not heard[:BEFORE].any()
        assert np.array_equal(heard[BEFORE:], sound)


def test_levels_and_silence_work_together(tmp_path: Path, padded: list[tuple[Path, Mix]]) -> None:
    for path, _ in padded:
        seconds = BEFORE / RATE_HZ + 0.25, AFTER / RATE_HZ + 0.75
        write_gain(path, MIXRAMP_START=f"-17 {seconds[0]!r}", MIXRAMP_END=f"-17 {seconds[1]!r}")
    with padded_rig(tmp_path, padded) as rig:
        ask(rig)
        play(rig, *(Song(str(path)) for path, _ in padded))
        expected = added([sound for _, sound in padded], RATE_HZ // 2)
        assert np.array_equal(hear(rig, len(expected)), expected)
