"""Edits of the queue, row by row as MPD 0.23 was seen to behave (ids, positions, refusals)."""

from __future__ import annotations

from typing import Any

import pytest

from playback.errors import AckCode
from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.units import EntryId
from tests.playback.passages import ticks
from tests.playback.queues import at, current, id_of, names, queue_of, refuses, songs

UNKNOWN = EntryId(999)


def test_a_new_queue_is_empty_at_version_one() -> None:
    queue = PlayQueue()

    assert (queue.entries, queue.version, queue.next_entry_id) == ((), 1, 1)
    assert (queue.current, queue.current_position, queue.order) == (None, None, ())


def test_songs_are_added_at_the_end_with_growing_ids() -> None:
    queue = PlayQueue()

    assert queue.add(songs("ab")) == (1, 2)
    assert queue.add(songs("c")) == (3,)
    assert [row.id for row in queue.entries] == [1, 2, 3]
    assert names(queue) == "abc"


def test_the_same_song_may_be_queued_twice_as_two_entries() -> None:
    first, second = queue_of("aa").entries

    assert first.song == second.song
    assert first.id != second.id


def test_ids_are_never_reused() -> None:
    queue = queue_of("abc")
    queue.delete_id(EntryId(3))
    queue.clear()

    assert queue.add(songs("d")) == (4,)


@pytest.mark.parametrize(
    ("where", "expected", "position_of_current"),
    [
        ("0", "xabcd", 2),
        ("4", "abcdx", 1),
        ("+0", "abxcd", 1),
        ("+1", "abcxd", 1),
        ("+2", "abcdx", 1),
        ("-0", "axbcd", 2),
        ("-1", "xabcd", 2),
    ],
)
def test_a_song_is_added_at_a_position(where: str, expected: str, position_of_current: int) -> None:
    queue = queue_of("abcd", current=1)

    queue.add(songs("x"), at(where))

    assert names(queue) == expected
    assert queue.current_position == position_of_current


def test_several_songs_keep_their_sequence_at_a_position() -> None:
    queue = queue_of("abcd")

    queue.add(songs("xyz"), at("2"))

    assert names(queue) == "abxyzcd"


@pytest.mark.parametrize("where", ["5", "99", "+3", "+9", "-2", "-9"])
def test_adding_outside_the_queue_is_refused(where: str) -> None:
    queue = queue_of("abcd", current=1)

    with refuses(queue, AckCode.ARG, f"Number too large: {where.lstrip('+-')}"):
        queue.add(songs("x"), at(where))


@pytest.mark.parametrize("where", ["+0", "-0"])
def test_adding_relative_to_no_current_song_is_refused(where: str) -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.PLAYER_SYNC, "No current song"):
        queue.add(songs("x"), at(where))


def test_a_full_queue_takes_none_of_too_many_songs() -> None:
    queue = PlayQueue(maximum_length=3)
    queue.add(songs("ab"))

    with refuses(queue, AckCode.PLAYLIST_MAX, "Playlist is too large"):
        queue.add(songs("cd"))
    queue.add(songs("c"))
    assert names(queue) == "abc"


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (0, 1, "bcd"),
        (3, 4, "abc"),
        (1, 3, "ad"),
        (2, None, "ab"),
        (1, 99, "a"),
        (0, 4, ""),
        (4, None, "abcd"),
        (4, 5, "abcd"),
        (2, 2, "abcd"),
    ],
)
def test_a_range_is_deleted_and_clipped_at_the_end(start: int, end: int | None, left: str) -> None:
    queue = queue_of("abcd")

    queue.delete(start, end)

    assert names(queue) == left


def test_deleting_beyond_the_end_is_refused() -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.delete(5)
    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.delete(-1)


def test_deleting_an_unknown_id_is_refused() -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.delete_id(UNKNOWN)


def test_deleting_before_the_current_song_keeps_it() -> None:
    queue = queue_of("abcd", current=2)

    queue.delete(0, 2)

    assert (current(queue), queue.current_position) == ("c", 0)


@pytest.mark.parametrize(
    ("playing", "start", "end", "options", "expected"),
    [
        (1, 1, 2, {}, "c"),
        (1, 1, 3, {}, "d"),
        (3, 3, 4, {}, "-"),
        (3, 2, None, {"repeat": True}, "a"),
        (3, 0, None, {"repeat": True}, "-"),
        (1, 1, 2, {"single": Switch.ON}, "c"),
        (1, 1, 2, {"single": Switch.ONESHOT}, "c"),
        (1, 1, 2, {"single": Switch.ON, "repeat": True}, "-"),
        (1, 1, 2, {"single": Switch.ON, "repeat": True, "consume": Switch.ON}, "c"),
    ],
)
def test_the_playing_song_is_followed_by_the_next_when_deleted(
    playing: int, start: int, end: int | None, options: dict[str, Any], expected: str
) -> None:
    queue = queue_of("abcd", current=playing, **options)

    queue.delete(start, end)

    assert current(queue) == expected


def test_the_current_song_is_none_when_deleted_while_stopped() -> None:
    queue = queue_of("abc", current=1)

    queue.delete_id(id_of(queue, "b"), is_playing=False)

    assert (names(queue), queue.current) == ("ac", None)


def test_clearing_leaves_no_song_and_no_current_one() -> None:
    queue = queue_of("abc", current=1)

    queue.clear()

    assert (queue.entries, queue.current, len(queue)) == ((), None, 0)


@pytest.mark.parametrize(
    ("start", "end", "to", "expected"),
    [
        (0, 1, "3", "bcda"),
        (3, 4, "0", "dabc"),
        (1, 3, "2", "adbc"),
        (1, 3, "0", "bcad"),
        (2, 3, "2", "abcd"),
        (0, 4, "0", "abcd"),
    ],
)
def test_a_range_moves_to_a_position(start: int, end: int, to: str, expected: str) -> None:
    queue = queue_of("abcd", current=1)

    queue.move(start, end, at(to))

    assert names(queue) == expected
    assert current(queue) == "b"


@pytest.mark.parametrize(
    ("start", "end", "playing", "to", "expected"),
    [
        (0, 1, 2, "+0", "bcade"),
        (0, 1, 2, "+2", "bcdea"),
        (0, 1, 2, "-0", "bacde"),
        (0, 1, 2, "-1", "abcde"),
        (3, 4, 1, "+0", "abdce"),
        (3, 4, 1, "+2", "abced"),
        (3, 4, 1, "-1", "dabce"),
        (2, 4, 1, "+1", "abecd"),
        (2, 4, 1, "-0", "acdbe"),
        (2, 4, 1, "-1", "cdabe"),
        (0, 2, 3, "+1", "cdeab"),
        (0, 2, 3, "-0", "cabde"),
        (0, 2, 3, "-1", "abcde"),
        (1, 2, 4, "-2", "abcde"),
        (1, 2, 4, "-3", "bacde"),
    ],
)
def test_a_range_moves_relative_to_the_current_song(
    start: int, end: int, playing: int, to: str, expected: str
) -> None:
    queue = queue_of("abcde", current=playing)

    queue.move(start, end, at(to))

    assert names(queue) == expected


@pytest.mark.parametrize(
    ("start", "end", "to", "text"),
    [
        (0, 1, "4", "Number too large: 4"),
        (1, 3, "3", "Number too large: 3"),
        (4, 5, "0", "Bad song index"),
        (3, 6, "0", "Bad song index"),
        (1, 1, "0", "Bad song index"),
        (9, 9, "0", "Bad song index"),
        (2, 4, "+1", "Bad song index"),
        (2, 4, "+2", "Number too large: 2"),
        (3, 4, "-2", "Bad song index"),
        (1, 2, "+0", "Cannot move current song relative to itself"),
        (0, 3, "-1", "Cannot move current song relative to itself"),
    ],
)
def test_an_impossible_move_is_refused(start: int, end: int, to: str, text: str) -> None:
    queue = queue_of("abcd", current=1)

    with refuses(queue, AckCode.ARG, text):
        queue.move(start, end, at(to))


def test_moving_relative_to_no_current_song_is_refused() -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.PLAYER_SYNC, "No current song"):
        queue.move(0, 1, at("+0"))


def test_an_entry_moves_by_its_id() -> None:
    queue = queue_of("abcd")

    queue.move_id(id_of(queue, "d"), at("1"))

    assert names(queue) == "adbc"
    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.move_id(UNKNOWN, at("0"))


def test_two_entries_change_places_and_the_current_one_stays_current() -> None:
    queue = queue_of("abcd", current=1)

    queue.swap(1, 3)
    assert (names(queue), current(queue), queue.current_position) == ("adcb", "b", 3)
    queue.swap_ids(id_of(queue, "a"), id_of(queue, "c"))
    assert names(queue) == "cdab"


@pytest.mark.parametrize(("first", "second"), [(0, 4), (4, 0), (-1, 0)])
def test_swapping_a_position_that_does_not_exist_is_refused(first: int, second: int) -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.swap(first, second)


def test_swapping_an_unknown_id_is_refused() -> None:
    queue = queue_of("abcd")

    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.swap_ids(EntryId(1), UNKNOWN)


def test_shuffling_while_playing_puts_the_current_song_first() -> None:
    for seed in range(20):
        queue = queue_of("abcde", seed=seed, current=2)

        queue.shuffle()

        assert (current(queue), queue.current_position) == ("c", 0)
        assert sorted(names(queue)) == list("abcde")


def test_shuffling_a_range_puts_the_current_song_at_its_start_and_leaves_the_rest() -> None:
    for seed in range(20):
        queue = queue_of("abcdef", seed=seed, current=3)

        queue.shuffle(1, 5)

        assert names(queue)[:2] == "ad"
        assert names(queue)[5] == "f"


def test_shuffling_a_range_without_the_current_song_leaves_it_where_it_is() -> None:
    queue = queue_of("abcde", current=4)

    queue.shuffle(1, 3)

    assert (queue.current_position, names(queue)[0], names(queue)[3:]) == (4, "a", "de")


def test_shuffling_gives_different_sequences() -> None:
    queue = queue_of("abcdef")
    seen = set()
    for _ in range(12):
        queue.shuffle()
        seen.add(names(queue))

    assert len(seen) > 6


def test_shuffling_while_stopped_leaves_no_current_song() -> None:
    queue = queue_of("abcd", current=2)

    queue.shuffle(is_playing=False)

    assert queue.current is None


def test_a_shuffle_range_is_clipped_and_its_start_checked() -> None:
    queue = queue_of("abc")

    queue.shuffle(2, 9)
    queue.shuffle(3, 9)
    assert names(queue) == "abc"
    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.shuffle(4, 9)


def test_priorities_are_set_over_ranges_clipped_at_the_end() -> None:
    queue = queue_of("abcde")

    queue.set_priority(9, [(0, 1), (3, 99)])

    assert [row.priority for row in queue.entries] == [9, 0, 0, 9, 9]


def test_priorities_are_set_by_id() -> None:
    queue = queue_of("abc")

    queue.set_priority_of_ids(255, [id_of(queue, "b"), id_of(queue, "c")])

    assert [row.priority for row in queue.entries] == [0, 255, 255]


def test_impossible_priorities_are_refused_as_a_whole() -> None:
    queue = queue_of("abc")

    with refuses(queue, AckCode.ARG, "Number too large: 256"):
        queue.set_priority(256, [(0, 1)])
    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.set_priority(5, [(0, 1), (4, None)])
    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.set_priority_of_ids(5, [EntryId(1), UNKNOWN])


def test_a_range_of_the_file_is_set_and_reset() -> None:
    queue = queue_of("ab")
    entry = id_of(queue, "a")

    queue.set_range(entry, (ticks(5), ticks(10)), is_playing=False)
    assert queue.entry(entry).range == (ticks(5), ticks(10))
    queue.set_range(entry, (ticks(5), None), is_playing=False)
    assert queue.entry(entry).range == (ticks(5), None)
    queue.set_range(entry, None, is_playing=False)
    assert queue.entry(entry).range is None


def test_a_range_to_or_beyond_the_songs_end_is_open() -> None:
    queue = queue_of("a")

    queue.set_range(EntryId(1), (ticks(50), ticks(600)), is_playing=False)

    assert queue.entry(EntryId(1)).range == (ticks(50), None)


def test_impossible_ranges_are_refused() -> None:
    queue = queue_of("ab", current=0)
    first, second = EntryId(1), EntryId(2)

    with refuses(queue, AckCode.ARG, "Bad range"):
        queue.set_range(second, (ticks(10), ticks(5)), is_playing=True)
    with refuses(queue, AckCode.ARG, "Bad range"):
        queue.set_range(second, (ticks(10), ticks(10)), is_playing=True)
    with refuses(queue, AckCode.ARG, "Invalid start offset"):
        queue.set_range(second, (ticks(60.5), None), is_playing=True)
    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.set_range(UNKNOWN, None, is_playing=True)
    with refuses(queue, AckCode.PERMISSION, "Cannot edit the current song"):
        queue.set_range(first, (ticks(1), ticks(2)), is_playing=True)


def test_the_current_songs_range_may_be_set_while_stopped() -> None:
    queue = queue_of("ab", current=0)

    queue.set_range(EntryId(1), (ticks(1), ticks(2)), is_playing=False)

    assert queue.entry(EntryId(1)).range == (ticks(1), ticks(2))


def test_a_remote_song_gets_tags_and_loses_them() -> None:
    queue = PlayQueue()
    (entry,) = queue.add([Song("http://radio.example/stream")])

    queue.add_tag(entry, "Artist", "A")
    queue.add_tag(entry, "Title", "T")
    queue.add_tag(entry, "Artist", "B")
    assert queue.entry(entry).song.tags == (("Artist", "A"), ("Title", "T"), ("Artist", "B"))
    queue.clear_tags(entry, "Artist")
    assert queue.entry(entry).song.tags == (("Title", "T"),)
    queue.clear_tags(entry)
    assert queue.entry(entry).song.tags == ()


def test_a_local_songs_tags_cannot_be_edited() -> None:
    queue = queue_of("a")

    with refuses(queue, AckCode.PERMISSION, "Cannot edit tags of local file"):
        queue.add_tag(EntryId(1), "Artist", "A")
    with refuses(queue, AckCode.PERMISSION, "Cannot edit tags of local file"):
        queue.clear_tags(EntryId(1))
    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.clear_tags(UNKNOWN)


def test_an_entry_is_found_by_its_id_wherever_edits_have_put_it() -> None:
    queue = queue_of("abcdef")
    queue.move(0, 2, at("4"))
    queue.delete(1, 2)
    queue.add(songs("xy"), at("1"))
    queue.swap(0, 5)

    for position, row in enumerate(queue.entries):
        assert queue.position(row.id) == position
        assert queue.entry(row.id) is row
    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.entry(UNKNOWN)


def test_the_entries_are_the_same_tuple_until_an_edit() -> None:
    queue = queue_of("abc")
    before = queue.entries

    queue.play(1)
    assert queue.entries is before
    queue.swap(0, 1)
    assert queue.entries is not before
