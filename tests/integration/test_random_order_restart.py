"""The random order and the entries' ids outlive the process: the same songs follow."""

from __future__ import annotations

from pathlib import Path

from actors.messages import ChangeOptions, GetQueueSnapshot, PlayPosition, SetPriority, SkipNext
from playback.units import EntryId
from tests.engine_rig import Rig
from tests.integration.music import Music

SONGS = 8


def ahead(rig: Rig) -> list[EntryId]:
    """The entries that will sound, as far as they are planned."""
    plan = rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan
    return [slot.entry for slot in plan.slots]


def test_after_a_restart_the_same_songs_follow_in_the_same_random_order(tmp_path: Path) -> None:
    music = Music(tmp_path, 1.0)
    settings = {"maximum_decode_streams": SONGS}
    with Rig(tmp_path, settings=settings) as rig:
        rig.add(*music.paths * SONGS)
        rig.do(PlayPosition(3))
        rig.do(ChangeOptions(random=True))
        rig.do(SkipNext())
        rig.do(SetPriority(9, ((0, 2),)))
        ids = [entry.id for entry in rig.status.entries]
        expected, current = ahead(rig), rig.status.current
    assert len(expected) == SONGS - 1
    with Rig(tmp_path, settings=settings) as rig:
        assert [entry.id for entry in rig.status.entries] == ids
        assert (ahead(rig)[:2], rig.status.current) == (expected[:2], current)
        rig.do(PlayPosition(None))
        assert ahead(rig) == expected
