"""Parts of a file in a queue: they sound as the file does, also after a restart."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from actors.messages import AddSongs, ChangeOptions, PlayPosition
from playback.song import Song, Span
from playback.units import Frames, Ticks, frames_to_ticks
from tests.engine_rig import RATE_HZ, Rig
from tests.integration.music import Music, falling, rising

CUTS = (0, 30_001, 61_740, None)


def tracks(path: Path, *cuts: int | None) -> tuple[Song, ...]:
    points = [None if cut is None else frames_to_ticks(Frames(cut), RATE_HZ) for cut in cuts]
    return tuple(
        Song(f"album.cue/track{number:04}", span=Span(str(path), start or Ticks(0), end))
        for number, (start, end) in enumerate(pairwise(points), 1)
    )


def test_the_tracks_of_a_file_sound_as_the_file_without_a_joint(tmp_path: Path) -> None:
    music = Music(tmp_path, 2.0)
    with Rig(tmp_path) as rig:
        rig.do(AddSongs(tracks(music.paths[0], *CUTS)))
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        rig.device.run(30_000)
        rig.wait_decoded()
        rig.device.run(2 * RATE_HZ - 30_000)
        assert np.array_equal(rig.device.heard[: 2 * RATE_HZ], music.songs[0])


def test_tracks_of_one_file_cross_into_each_other(tmp_path: Path) -> None:
    """The same file sounds in two places at once."""
    music = Music(tmp_path, 8.0)
    half, overlap = 4 * RATE_HZ, RATE_HZ
    with Rig(tmp_path) as rig:
        rig.do(ChangeOptions(crossfade_s=1))
        rig.do(AddSongs(tracks(music.paths[0], 0, half, None)))
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        rig.device.run(half)
        song = music.songs[0]
        both = song[half - overlap : half] * falling(overlap) + song[
            half : half + overlap
        ] * rising(overlap)
        heard = rig.device.heard
        assert np.array_equal(heard[: half - overlap], song[: half - overlap])
        np.testing.assert_allclose(heard[half - overlap : half], both, atol=2e-7)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_track_is_the_same_part_after_a_restart(tmp_path: Path, place: int) -> None:
    music = Music(tmp_path, 2.0)
    with Rig(tmp_path) as rig:
        rig.do(AddSongs(tracks(music.paths[0], *CUTS)))
    with Rig(tmp_path) as rig:
        rig.do(PlayPosition(place))
        rig.wait_decoded()
        status = rig.until(lambda status: status.advancing)
        start, end = CUTS[place] or 0, CUTS[place + 1] or 2 * RATE_HZ
        rig.device.run(end - start)
        assert status.entries[place].song.uri == f"album.cue/track000{place + 1}"
        assert np.array_equal(rig.device.heard[: end - start], music.songs[0][start:end])
