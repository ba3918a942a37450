"""What was decoded ahead and given up by a stop is not taken for what is decoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import GetBufferSnapshot, PlayPosition, StopPlaying
from tests.engine_rig import RATE_HZ, Rig
from tests.integration.music import Music

SECONDS = 2.0


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 200}) as rig:
        yield rig


def buffered(rig: Rig) -> int:
    """Return how many rings hold enough to start."""
    buffers = rig.engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0)
    return sum(ring.complete or ring.level >= buffers.threshold for ring in buffers.rings.values())


@pytest.mark.parametrize("place", [1, 2, 3])
def test_any_song_plays_whole_however_far_it_was_decoded_before_a_stop(
    rig: Rig, tmp_path: Path, place: int
) -> None:
    music = Music(tmp_path, *[SECONDS] * 4)
    music.play(rig)
    rig.until(lambda _: buffered(rig) == len(music.songs))
    rig.do(StopPlaying())
    rig.device.wait_closed()
    before = len(rig.device.heard)
    rig.do(PlayPosition(place))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    rig.device.run(round(SECONDS * RATE_HZ))
    assert np.array_equal(rig.device.heard[before:], music.songs[place])
