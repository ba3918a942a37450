"""What a replaced actor is told: everything anew, from what is heard now."""

from __future__ import annotations

import pytest

from playback.planner import Planner
from playback.play_queue import PlayQueue
from playback.player import PlayerState
from playback.song import Song
from playback.transport import Cue, Transport
from playback.units import ZERO_TICKS, seconds_to_ticks


def playing(*, advancing: bool) -> Transport:
    """Return a transport whose first song had been heard for two seconds at the reading 100 s."""
    transport = Transport(PlayQueue(), Planner())
    transport.queue.add([Song("a.flac"), Song("b.flac")])
    transport.edited()
    transport.play(0)
    chain = transport.make_plan(12).slots[0].chain
    transport.started(chain)
    transport.heard(chain, seconds_to_ticks(2.0), 100.0, advancing=advancing)
    transport.cue = None
    return transport


@pytest.mark.parametrize(("advancing", "point_s"), [(True, 2.5), (False, 2.0)])
def test_playing_goes_on_where_it_is_by_now_with_new_chains(
    advancing: bool, point_s: float
) -> None:
    transport = playing(advancing=advancing)
    before = {slot.chain for slot in transport.plan.slots}
    transport.rebuild(now_s=100.5)
    assert transport.cue is Cue.START
    first, second = transport.make_plan(12).slots
    assert first.offset == seconds_to_ticks(point_s)
    assert second.offset == ZERO_TICKS
    assert before.isdisjoint({first.chain, second.chain})


def test_a_pause_stays_where_it_was() -> None:
    transport = playing(advancing=False)
    transport.pause(True)
    transport.rebuild(now_s=200.0)
    assert (transport.state, transport.cue) == (PlayerState.PAUSE, Cue.PAUSE)
    assert transport.make_plan(12).slots[0].offset == seconds_to_ticks(2.0)


def test_what_is_stopped_stays_stopped_and_begins_at_its_start() -> None:
    transport = playing(advancing=True)
    transport.stop()
    transport.rebuild(now_s=200.0)
    assert (transport.state, transport.cue) == (PlayerState.STOP, Cue.STOP)
    assert transport.make_plan(12).slots[0].offset == ZERO_TICKS
