"""Each edit's message does to the queue what its words say."""

from __future__ import annotations

from typing import Any

import pytest

from actors.messages import (
    AddSongs,
    AddTag,
    ClearQueue,
    ClearTags,
    DeleteId,
    DeleteRange,
    MoveId,
    MoveRange,
    SetPriority,
    SetPriorityOfIds,
    SetRange,
    ShuffleRange,
    SwapIds,
    SwapPositions,
)
from actors.queue_edits import apply_edit
from playback.errors import AckError
from playback.insertion import InsertAt
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.units import EntryId
from tests.playback.passages import ticks
from tests.playback.queues import current, id_of, names, queue_of

ID = {letter: EntryId(number) for number, letter in enumerate("abcde", start=1)}


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (AddSongs((Song("x.flac"), Song("y.flac"))), "abcdexy"),
        (AddSongs((Song("x.flac"),), InsertAt(1)), "axbcde"),
        (AddSongs((Song("x.flac"),), InsertAt(0, "+")), "abxcde"),
        (ClearQueue(), ""),
        (DeleteRange(2, 4), "abe"),
        (DeleteRange(3, None), "abc"),
        (DeleteId(ID["c"]), "abde"),
        (MoveRange(0, 2, InsertAt(3)), "cdeab"),
        (MoveId(ID["e"], InsertAt(0)), "eabcd"),
        (SwapPositions(0, 4), "ebcda"),
        (SwapIds(ID["a"], ID["b"]), "bacde"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_edits_of_the_order(edit: Any, after: str) -> None:
    queue = queue_of("abcde", current=1)
    apply_edit(queue, edit, playing=True)
    assert names(queue) == after


def test_only_adding_answers_with_ids() -> None:
    queue = queue_of("ab")
    assert apply_edit(queue, AddSongs((Song("x.flac"),)), playing=False) == (EntryId(3),)
    assert apply_edit(queue, DeleteId(EntryId(3)), playing=False) is None


def test_the_playlist_loaded_last_is_remembered_until_the_queue_is_cleared() -> None:
    queue = queue_of("ab")
    for name in ("one", "two", ""):
        apply_edit(queue, AddSongs((Song("x.flac"),), playlist=name), playing=False)
    assert queue.loaded_playlist == "two"
    apply_edit(queue, ClearQueue(), playing=False)
    assert queue.loaded_playlist == ""


@pytest.mark.parametrize(("playing", "then"), [(True, "c"), (False, "-")])
def test_whether_something_plays_decides_what_follows_a_removed_song(
    playing: bool, then: str
) -> None:
    for edit in (DeleteId(ID["b"]), DeleteRange(1, 2)):
        queue = queue_of("abc", current=1)
        apply_edit(queue, edit, playing=playing)
        assert current(queue) == then


@pytest.mark.parametrize(("playing", "then"), [(True, "b"), (False, "-")])
def test_a_shuffle_keeps_the_song_that_plays_first(playing: bool, then: str) -> None:
    queue = queue_of("abcde", current=1)
    apply_edit(queue, ShuffleRange(), playing=playing)
    assert current(queue) == then
    assert sorted(names(queue)) == list("abcde")
    if playing:
        assert names(queue)[0] == "b"


def test_priorities_by_position_and_by_id() -> None:
    queue = queue_of("abcde")
    apply_edit(queue, SetPriority(7, ((0, 2), (4, None))), playing=False)
    apply_edit(queue, SetPriorityOfIds(9, (ID["c"],)), playing=False)
    assert [row.priority for row in queue.entries] == [7, 7, 9, 0, 7]


@pytest.mark.parametrize(
    ("playing", "refused"), [(True, True), (False, False)], ids=["playing", "stopped"]
)
def test_the_range_of_the_song_that_plays_cannot_be_edited(playing: bool, refused: bool) -> None:
    queue = queue_of("ab", current=0)
    edit = SetRange(ID["a"], (ticks(5), ticks(20)))
    if refused:
        with pytest.raises(AckError, match="Cannot edit the current song"):
            apply_edit(queue, edit, playing=playing)
    else:
        apply_edit(queue, edit, playing=playing)
        assert queue.entry(ID["a"]).range == (ticks(5), ticks(20))
    apply_edit(queue, SetRange(id_of(queue, "b"), (ticks(5), None)), playing=playing)
    assert queue.entry(ID["b"]).range == (ticks(5), None)


def test_tags_of_streams_can_be_added_and_taken_away() -> None:
    queue = PlayQueue()
    (entry,) = queue.add([Song("http://radio/")])
    apply_edit(queue, AddTag(entry, "Title", "One"), playing=True)
    apply_edit(queue, AddTag(entry, "Artist", "Two"), playing=True)
    assert queue.entry(entry).song.tags == (("Title", "One"), ("Artist", "Two"))
    apply_edit(queue, ClearTags(entry, "Title"), playing=True)
    assert queue.entry(entry).song.tags == (("Artist", "Two"),)
    apply_edit(queue, ClearTags(entry, None), playing=True)
    assert queue.entry(entry).song.tags == ()
