"""Options and moves of the current song, row by row as MPD 0.23 was seen to behave.

Where the queue is better on purpose, the test's name says so.
"""

from __future__ import annotations

from typing import Any

import pytest

from playback.errors import AckCode
from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.units import EntryId
from tests.playback.queues import (
    current,
    id_of,
    ids_of,
    name_of,
    names,
    queue_of,
    refuses,
    upcoming,
)

OFF, ON, ONESHOT = Switch.OFF, Switch.ON, Switch.ONESHOT


def test_play_takes_the_first_song_if_there_is_no_current_one() -> None:
    queue = queue_of("abc")

    assert queue.play(is_playing=False) == id_of(queue, "a")
    assert current(queue) == "a"


def test_play_takes_the_current_song_if_there_is_one() -> None:
    queue = queue_of("abc", current=1)

    assert queue.play(is_playing=False) == id_of(queue, "b")


def test_play_on_an_empty_queue_does_nothing() -> None:
    queue = PlayQueue()

    assert queue.play() is None
    assert queue.upcoming(3) == ()
    assert queue.announced_next() is None


def test_play_of_a_position_or_an_id_makes_it_current() -> None:
    queue = queue_of("abc")

    assert queue.play(2) == id_of(queue, "c")
    assert queue.play_id(id_of(queue, "b")) == id_of(queue, "b")
    assert queue.current_position == 1


@pytest.mark.parametrize("position", [-1, 3, 99])
def test_play_of_a_position_that_does_not_exist_is_refused(position: int) -> None:
    queue = queue_of("abc", current=1)

    with refuses(queue, AckCode.ARG, "Bad song index"):
        queue.play(position)
    with refuses(PlayQueue(), AckCode.ARG, "Bad song index"):
        PlayQueue().play(0)


def test_play_of_an_unknown_id_is_refused() -> None:
    queue = queue_of("abc", current=1)

    with refuses(queue, AckCode.NO_EXIST, "No such song"):
        queue.play_id(EntryId(999))


ENDS = [
    # options, playing, songs after the song's end, current, pauses, single, consume
    ({}, "ab", 0, "ab", "b", False, OFF, OFF),
    ({}, "ab", 1, "ab", "-", False, OFF, OFF),
    ({"repeat": True}, "ab", 1, "ab", "a", False, OFF, OFF),
    ({"repeat": True}, "a", 0, "a", "a", False, OFF, OFF),
    ({"single": ON}, "ab", 0, "ab", "b", True, ON, OFF),
    ({"single": ON}, "a", 0, "a", "-", True, ON, OFF),
    ({"single": ONESHOT}, "ab", 0, "ab", "b", True, OFF, OFF),
    ({"single": ON, "repeat": True}, "ab", 0, "ab", "a", False, ON, OFF),
    ({"consume": ON}, "ab", 0, "b", "b", False, OFF, ON),
    ({"consume": ON}, "ab", 1, "a", "-", False, OFF, ON),
    ({"consume": ON, "repeat": True}, "ab", 1, "a", "a", False, OFF, ON),
    ({"consume": ON, "repeat": True}, "a", 0, "", "-", False, OFF, ON),
    ({"consume": ON, "single": ON}, "ab", 0, "b", "b", True, ON, ON),
    ({"consume": ON, "single": ONESHOT}, "ab", 0, "b", "b", True, OFF, ON),
    ({"consume": ON, "single": ON, "repeat": True}, "ab", 0, "b", "b", False, ON, ON),
    ({"consume": ON, "single": ON, "repeat": True}, "ab", 1, "a", "a", False, ON, ON),
    ({"consume": ONESHOT}, "abc", 0, "bc", "b", False, OFF, OFF),
]


@pytest.mark.parametrize(
    ("options", "queued", "playing", "left", "then", "pauses", "single", "consume"), ENDS
)
def test_a_songs_end(
    options: dict[str, Any],
    queued: str,
    playing: int,
    left: str,
    then: str,
    pauses: bool,
    single: Switch,
    consume: Switch,
) -> None:
    queue = queue_of(queued, current=playing, **options)

    assert queue.pauses_after_current is pauses
    following = queue.finish()

    assert name_of(queue, following) == then
    assert (names(queue), current(queue)) == (left, then)
    assert (queue.options.single, queue.options.consume) == (single, consume)


def test_a_single_oneshot_falls_back_at_the_queues_end_too_better_than_mpd() -> None:
    queue = queue_of("a", current=0, single=ONESHOT)

    queue.finish()

    assert queue.options.single is OFF


def test_a_repeated_single_oneshot_plays_twice_and_goes_on_better_than_mpd() -> None:
    queue = queue_of("ab", current=0, single=ONESHOT, repeat=True)

    assert upcoming(queue, 4) == "aaba"
    queue.finish()
    assert (current(queue), queue.options.single) == ("a", OFF)


def test_without_a_current_song_nothing_can_end() -> None:
    queue = queue_of("ab")

    assert queue.finish() is None
    assert queue.current is None


NEXTS = [
    ({}, "abc", ["b", "c", "-"], "abc"),
    ({"single": ON}, "abc", ["b", "c", "-"], "abc"),
    ({"single": ON, "repeat": True}, "abc", ["b", "c", "a"], "abc"),
    ({"single": ONESHOT}, "abc", ["b", "c", "-"], "abc"),
    ({"repeat": True}, "abc", ["b", "c", "a"], "abc"),
    ({"repeat": True}, "a", ["a", "a"], "a"),
    ({"consume": ON}, "abc", ["b", "c", "-"], ""),
    ({"consume": ON, "repeat": True}, "abc", ["b", "c", "-"], ""),
    ({"consume": ON, "single": ON, "repeat": True}, "abc", ["b", "c", "-"], ""),
    ({"consume": ONESHOT}, "abc", ["b", "c", "-"], "bc"),
]


@pytest.mark.parametrize(("options", "queued", "then", "left"), NEXTS)
def test_next(options: dict[str, Any], queued: str, then: list[str], left: str) -> None:
    queue = queue_of(queued, current=0, **options)

    assert [name_of(queue, queue.skip_next()) for _ in then] == then
    assert names(queue) == left
    assert queue.options.single is options.get("single", OFF)


PREVIOUS = [
    ({}, ["a", "a"]),
    ({"single": ON}, ["a", "a"]),
    ({"repeat": True}, ["a", "c", "b"]),
    ({"single": ON, "repeat": True}, ["a", "c", "b"]),
    ({"consume": ON}, ["a", "a"]),
    ({"consume": ON, "repeat": True}, ["a", "c", "b"]),
]


@pytest.mark.parametrize(("options", "then"), PREVIOUS)
def test_previous(options: dict[str, Any], then: list[str]) -> None:
    queue = queue_of("abc", current=1, **options)

    assert [name_of(queue, queue.skip_previous()) for _ in then] == then
    assert names(queue) == "abc"


def test_next_and_previous_without_a_current_song_are_refused() -> None:
    queue = queue_of("abc")

    with refuses(queue, AckCode.PLAYER_SYNC, "Not playing"):
        queue.skip_next()
    with refuses(queue, AckCode.PLAYER_SYNC, "Not playing"):
        queue.skip_previous()


UPCOMING = [
    ({}, 1, "bcd"),
    ({}, None, "abcd"),
    ({"repeat": True}, 2, "cdabcdab"),
    ({"single": ON}, 1, "b"),
    ({"single": ONESHOT}, 1, "b"),
    ({"single": ON, "repeat": True}, 1, "bbbbbbbb"),
    ({"consume": ON}, 1, "bcd"),
    ({"consume": ON, "repeat": True}, 2, "cdab"),
    ({"consume": ON, "single": ON, "repeat": True}, 2, "cdab"),
    ({"consume": ONESHOT, "repeat": True}, 2, "cdabdabd"),
]


@pytest.mark.parametrize(("options", "playing", "expected"), UPCOMING)
def test_what_is_upcoming(options: dict[str, Any], playing: int | None, expected: str) -> None:
    queue = queue_of("abcd", current=playing, **options)

    assert upcoming(queue, 8) == expected
    assert upcoming(queue, 2) == expected[:2]
    assert upcoming(queue, 0) == ""


ANNOUNCED = [
    ({}, 1, "c"),
    ({}, 3, "-"),
    ({}, None, "-"),
    ({"repeat": True}, 3, "a"),
    ({"single": ON}, 1, "c"),
    ({"single": ON}, 3, "-"),
    ({"single": ON, "repeat": True}, 1, "b"),
    ({"consume": ON}, 1, "c"),
    ({"consume": ON, "repeat": True}, 3, "a"),
]


@pytest.mark.parametrize(("options", "playing", "expected"), ANNOUNCED)
def test_the_announced_next_song(
    options: dict[str, Any], playing: int | None, expected: str
) -> None:
    queue = queue_of("abcd", current=playing, **options)

    assert name_of(queue, queue.announced_next()) == expected


def test_a_last_song_that_will_be_consumed_announces_none_better_than_mpd() -> None:
    for random in (False, True):
        queue = queue_of("a", current=0, consume=ON, repeat=True, random=random)

        assert queue.announced_next() is None
        assert upcoming(queue, 4) == "a"


def test_options_change_only_when_they_differ() -> None:
    queue = queue_of("abc")

    assert queue.change_options(repeat=True, crossfade_s=5) is True
    assert queue.change_options(repeat=True) is False
    assert queue.change_options() is False
    assert (queue.options.repeat, queue.options.crossfade_s) == (True, 5)


def test_what_cannot_be_decoded_is_left_out_of_what_is_upcoming() -> None:
    queue = queue_of("abcd", current=0)

    assert upcoming(queue, 8, skip="b") == "acd"
    assert upcoming(queue, 8, skip="a") == "bcd"
    assert upcoming(queue, 8, skip="abcd") == ""


def test_a_failed_song_is_passed_over_whatever_single_says() -> None:
    queue = queue_of("abc", current=0, single=ONESHOT)

    assert name_of(queue, queue.pass_over(ids_of(queue, "ab"))) == "c"
    assert queue.options.single is ONESHOT


def test_finishing_a_failed_song_passes_it_over() -> None:
    queue = queue_of("abc", current=0, single=ON, consume=ON)

    assert name_of(queue, queue.finish(ids_of(queue, "a"))) == "b"
    assert names(queue) == "abc"


def test_a_song_that_failed_ahead_is_passed_over_and_stays_queued_better_than_mpd() -> None:
    queue = queue_of("abc", current=0, consume=ON)

    assert name_of(queue, queue.finish(ids_of(queue, "b"))) == "c"
    assert names(queue) == "bc"


def test_a_failed_song_that_the_listener_leaves_stays_queued() -> None:
    queue = queue_of("abc", current=0, consume=ONESHOT)

    assert name_of(queue, queue.skip_next(ids_of(queue, "a"))) == "b"
    assert (names(queue), queue.options.consume) == ("abc", ONESHOT)


def test_a_repeated_single_song_that_failed_is_left_for_the_next_better_than_mpd() -> None:
    queue = queue_of("ab", current=0, single=ON, repeat=True)

    assert name_of(queue, queue.pass_over(ids_of(queue, "a"))) == "b"


def test_when_nothing_can_be_decoded_playing_ends_and_the_current_song_stays() -> None:
    for repeat in (False, True):
        queue = queue_of("ab", current=1, repeat=repeat)

        assert queue.pass_over(ids_of(queue, "ab")) is None
        assert current(queue) == "b"


def test_when_only_failed_songs_are_left_the_queue_has_ended() -> None:
    queue = queue_of("abc", current=0)

    assert queue.finish(ids_of(queue, "bc")) is None
    assert queue.current is None


def test_next_and_previous_pass_over_what_cannot_be_decoded() -> None:
    queue = queue_of("abcde", current=2)
    skip = ids_of(queue, "bd")

    assert name_of(queue, queue.skip_next(skip)) == "e"
    queue.play(2)
    assert name_of(queue, queue.skip_previous(skip)) == "a"


def test_previous_at_the_only_song_that_can_be_decoded_restarts_it() -> None:
    queue = queue_of("abc", current=1, repeat=True)

    assert name_of(queue, queue.skip_previous(ids_of(queue, "ac"))) == "b"
    assert queue.skip_previous(ids_of(queue, "abc")) is None
    assert current(queue) == "b"
