"""A seek past a song's end is its end, whatever the player does at that moment."""

from __future__ import annotations

import pytest

from playback.planner import Planner
from playback.play_queue import PlayQueue
from playback.player import PlayerState
from playback.song import Song
from playback.transport import Cue, SourceFacts, Transport
from playback.units import EntryId, seconds_to_ticks

PAST_THE_END_S = 100.0


def ten_seconds_each(songs: int) -> tuple[Transport, tuple[EntryId, ...]]:
    """Return a stopped transport that knows how long its songs are."""
    transport = Transport(PlayQueue(), Planner())
    entries = transport.queue.add([Song(f"{number}.flac") for number in range(songs)])
    for entry in entries:
        transport.learned(entry, SourceFacts(seconds_to_ticks(10.0), "44100:16:2", 800))
    transport.edited()
    transport.make_plan(12)
    return transport, entries


@pytest.mark.parametrize("playing", [False, True], ids=["stopped", "playing"])
def test_past_the_end_the_following_song_plays(playing: bool) -> None:
    transport, (first, second) = ten_seconds_each(2)
    if playing:
        transport.play(0)
        transport.make_plan(12)
    transport.seek(first, PAST_THE_END_S)
    assert (transport.state, transport.cue) == (PlayerState.PLAY, Cue.START)
    assert transport.queue.current == second
    plan = transport.make_plan(12)
    assert [slot.entry for slot in plan.slots] == [second]
    assert plan.slots[0].offset == 0


@pytest.mark.parametrize("playing", [False, True], ids=["stopped", "playing"])
def test_past_the_end_of_the_last_song_playing_stops(playing: bool) -> None:
    transport, (_, last) = ten_seconds_each(2)
    if playing:
        transport.play(0)
        transport.make_plan(12)
    transport.seek(last, PAST_THE_END_S)
    assert (transport.state, transport.cue) == (PlayerState.STOP, Cue.STOP)
    assert transport.queue.current is None
