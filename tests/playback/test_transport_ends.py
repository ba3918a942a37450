"""What follows a song's end, whatever the player does when the end is told or asked for."""

from __future__ import annotations

import pytest

from playback.known_passages import SourceFacts
from playback.planner import Planner
from playback.play_queue import PlayQueue
from playback.player import PlayerState
from playback.song import Song
from playback.transport import Cue, Transport
from playback.units import EntryId, seconds_to_ticks

PAST_THE_END_S = 100.0


def ten_seconds_each(songs: int) -> tuple[Transport, tuple[EntryId, ...]]:
    """Return a stopped transport that knows how long its songs are."""
    transport = Transport(PlayQueue(), Planner())
    entries = transport.queue.add([Song(f"{number}.flac") for number in range(songs)])
    for entry in entries:
        transport.passages.learned(entry, SourceFacts(seconds_to_ticks(10.0), "44100:16:2", 800))
    transport.edited()
    transport.make_plan(12)
    return transport, entries


@pytest.mark.parametrize("playing", [False, True], ids=["stopped", "playing"])
def test_a_seek_past_the_end_plays_the_following_song(playing: bool) -> None:
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
def test_a_seek_past_the_end_of_the_last_song_stops(playing: bool) -> None:
    transport, (_, last) = ten_seconds_each(2)
    if playing:
        transport.play(0)
        transport.make_plan(12)
    transport.seek(last, PAST_THE_END_S)
    assert (transport.state, transport.cue) == (PlayerState.STOP, Cue.STOP)
    assert transport.queue.current is None


@pytest.mark.parametrize("songs", [1, 2], ids=["the last song", "another follows"])
def test_an_end_that_is_told_after_a_stop_moves_nothing(songs: int) -> None:
    transport, (first, *_) = ten_seconds_each(songs)
    transport.play(0)
    slot = transport.make_plan(12).slots[0]
    transport.stop()
    transport.make_plan(12)
    transport.started(slot.chain)  # both were on their way when the stop came
    assert not transport.completed(slot.chain)
    assert (transport.state, transport.queue.current) == (PlayerState.STOP, first)
    again = transport.make_plan(12).slots[0]
    assert again.entry == first
    assert again.chain != slot.chain  # which cannot sound a second time
