"""A stored passage is changed while it plays: at once, to the frame, without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import AddSongs, ChangePassage, GiveSignOfLife, PlayPosition
from playback.errors import AckError
from playback.song import Song
from playback.stored_passages import PassageChange
from playback.units import Frames, Ticks, frames_to_ticks
from tests.engine_rig import RATE_HZ, Rig
from tests.integration.music import Music, falling, rising

SECOND = RATE_HZ


def ticks(frames: int) -> Ticks:
    return frames_to_ticks(Frames(frames), RATE_HZ)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 200}) as rig:
        yield rig


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path, 4.0, 2.0)


def define(rig: Rig, path: Path, **points: int | None) -> None:
    """Change the passage ``FILE/p``; points in frames."""
    asked = {name: None if at is None else ticks(at) for name, at in points.items()}
    rig.do(ChangePassage(PassageChange(f"{path}/p", str(path), asked)))
    for peer in (rig.engine.decoder, rig.engine.buffer):  # they have heard of it, too
        peer.ask(GiveSignOfLife(), timeout_s=5.0)


def play(rig: Rig, music: Music) -> None:
    """Queue the first file's passage and the second file, and play."""
    songs = (Song(f"{music.paths[0]}/p"), Song(str(music.paths[1])))
    rig.do(AddSongs(songs))
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()


def hear(rig: Rig, frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Let so many frames be heard in all."""
    rig.device.run(frames - len(rig.device.heard))
    return rig.device.heard[:frames]


def test_a_passage_plays_from_its_start_to_its_end_and_the_next_song_follows(
    rig: Rig, music: Music
) -> None:
    define(rig, music.paths[0], start=12_345, end=2 * SECOND + 1)
    play(rig, music)
    expected = np.concatenate([music.songs[0][12_345 : 2 * SECOND + 1], music.songs[1]])
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_an_end_moved_back_while_it_plays_ends_it_there(rig: Rig, music: Music) -> None:
    define(rig, music.paths[0], end=3 * SECOND)
    play(rig, music)
    hear(rig, 5_000)
    define(rig, music.paths[0], end=SECOND + 77)
    rig.wait_decoded()
    expected = np.concatenate([music.songs[0][: SECOND + 77], music.songs[1]])
    assert np.array_equal(hear(rig, len(expected)), expected)


@pytest.mark.parametrize("end", [3 * SECOND + 5, None], ids=["later", "the file's"])
def test_an_end_moved_on_while_it_plays_plays_on_to_there(
    rig: Rig, music: Music, end: int | None
) -> None:
    define(rig, music.paths[0], end=SECOND)
    play(rig, music)
    hear(rig, 5_000)
    define(rig, music.paths[0], end=end)
    rig.wait_decoded()
    expected = np.concatenate([music.songs[0][:end], music.songs[1]])
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_an_end_that_goes_to_and_fro_is_where_it_was_put_last(rig: Rig, music: Music) -> None:
    define(rig, music.paths[0], end=2 * SECOND)
    play(rig, music)
    hear(rig, 5_000)
    for end in (SECOND, 3 * SECOND, SECOND // 2, 3 * SECOND + 1, 2 * SECOND - 1):
        define(rig, music.paths[0], end=end)
    rig.wait_decoded()
    expected = np.concatenate([music.songs[0][: 2 * SECOND - 1], music.songs[1]])
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_a_lead_given_while_it_plays_makes_the_overlap(rig: Rig, music: Music) -> None:
    overlap = SECOND // 2
    define(rig, music.paths[0], end=2 * SECOND)
    rig.do(
        ChangePassage(
            PassageChange(f"{music.paths[1]}/p", str(music.paths[1]), {"lead_in": ticks(overlap)})
        )
    )
    rig.do(AddSongs((Song(f"{music.paths[0]}/p"), Song(f"{music.paths[1]}/p"))))
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    hear(rig, 5_000)
    define(rig, music.paths[0], lead_out=2 * SECOND - overlap)
    rig.wait_decoded()
    begin, (first, second) = 2 * SECOND - overlap, music.songs
    both = first[begin : 2 * SECOND] * falling(overlap) + second[:overlap] * rising(overlap)
    heard = hear(rig, 2 * SECOND + SECOND)
    assert np.array_equal(heard[:begin], first[:begin])
    np.testing.assert_allclose(heard[begin : 2 * SECOND], both, atol=2e-7)
    assert np.array_equal(heard[2 * SECOND :], second[overlap : overlap + SECOND])


def test_a_start_moved_before_it_plays_counts(rig: Rig, music: Music) -> None:
    define(rig, music.paths[0], start=100, end=SECOND)
    rig.do(AddSongs((Song(str(music.paths[1])), Song(f"{music.paths[0]}/p"))))
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    hear(rig, 5_000)
    define(rig, music.paths[0], start=SECOND // 2)
    rig.wait_decoded()
    expected = np.concatenate([music.songs[1], music.songs[0][SECOND // 2 : SECOND]])
    assert np.array_equal(hear(rig, len(expected)), expected)


def test_what_is_deleted_is_gone(rig: Rig, music: Music) -> None:
    define(rig, music.paths[0], end=SECOND)
    gone = ChangePassage(PassageChange(f"{music.paths[0]}/p", str(music.paths[0]), None))
    rig.do(gone)
    assert not rig.status.passages
    with pytest.raises(AckError, match="There is no passage"):
        rig.do(gone)


def test_every_broken_rule_is_named_and_nothing_is_stored(rig: Rig, music: Music) -> None:
    with pytest.raises(AckError) as refused:
        define(rig, music.paths[0], start=SECOND, end=500, fade_in=400, lead_out=10**9)
    for word in ("end (", "fade_in (", "lead_out ("):
        assert word in str(refused.value)
    assert not rig.status.passages


def test_passages_are_there_after_a_restart(tmp_path: Path, music: Music) -> None:
    with Rig(tmp_path) as rig:
        define(rig, music.paths[0], start=7, end=SECOND, fade_out=900)
        stored = rig.status.passages
    with Rig(tmp_path) as rig:
        rig.until(lambda status: bool(status.passages))
        assert rig.status.passages == stored
