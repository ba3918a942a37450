"""What an entry plays once its file has been opened: silence left out, ends looked up."""

from __future__ import annotations

import pytest

from playback.known_passages import KnownPassages, SourceFacts
from playback.levels import Levels
from playback.mix_ramp import UNKNOWN_ENDS, Ends
from playback.passage import Passage
from playback.play_queue import PlayQueue
from playback.profile import Profile
from playback.song import Song, Span
from playback.units import EntryId, Ticks
from tests.playback.passages import ticks

END = ticks(60)
PROFILE = Profile(Levels(-3.0), ((-20.0, 1.0),), ((-20.0, 2.0),), ticks(0.5), ticks(0.25))


def known(song: Song, stored: Passage | None = None) -> tuple[KnownPassages, PlayQueue, EntryId]:
    queue = PlayQueue()
    (entry,) = queue.add([song])
    return KnownPassages(queue, lambda _uri: stored), queue, entry


def learn(passages: KnownPassages, entry: EntryId, end: Ticks | None = END) -> None:
    passages.learned(entry, SourceFacts(end, "44100:16:2", 900, PROFILE))


def span_of(passages: KnownPassages, entry: EntryId) -> tuple[Ticks, Ticks | None]:
    return passages.of(entry).start, passages.of(entry).end


def test_silence_around_a_whole_file_is_left_out_once_it_is_known() -> None:
    passages, _, entry = known(Song("a.flac"))
    assert span_of(passages, entry) == (0, None)
    assert passages.ends(entry) is UNKNOWN_ENDS
    learn(passages, entry)
    assert span_of(passages, entry) == (ticks(0.5), ticks(59.75))
    assert passages.ends(entry) == Ends(Levels(-3.0), ((-20.0, 0.5),), ((-20.0, 1.75),))


def test_where_the_end_is_unknown_silence_is_left_out_at_the_start() -> None:
    passages, _, entry = known(Song("a.flac"))
    learn(passages, entry, None)
    assert span_of(passages, entry) == (ticks(0.5), None)


@pytest.mark.parametrize("end", [0.75, 0.5])
def test_a_file_in_which_nothing_else_would_be_left_is_played_as_it_is(end: float) -> None:
    passages, _, entry = known(Song("a.flac"))
    learn(passages, entry, ticks(end))
    assert span_of(passages, entry) == (0, ticks(end))


def test_what_somebody_has_defined_keeps_its_silence() -> None:
    stored = Passage("a.flac", passage_id=1)
    passages, _, entry = known(Song("a.flac"), stored)
    learn(passages, entry)
    assert span_of(passages, entry) == (0, ticks(60))


def test_so_does_a_track_of_a_sheet() -> None:
    passages, _, entry = known(Song("a.cue/track0001", span=Span("a.flac", Ticks(0), ticks(20))))
    learn(passages, entry)
    assert span_of(passages, entry) == (0, ticks(20))
    assert passages.ends(entry) == Ends(Levels(-3.0), PROFILE.start, ())


def test_so_does_a_range() -> None:
    passages, queue, entry = known(Song("a.flac"))
    learn(passages, entry)
    queue.set_range(entry, (Ticks(0), None), is_playing=False)
    assert span_of(passages, entry) == (0, ticks(60))


def test_ends_are_the_same_object_until_more_is_known() -> None:
    passages, _, entry = known(Song("a.flac"))
    learn(passages, entry)
    assert passages.ends(entry) is passages.ends(entry)
