"""Random play order and priorities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.units import EntryId
from tests.playback.queues import (
    at,
    current,
    id_of,
    ids_of,
    name_of,
    names,
    order,
    queue_of,
    songs,
    upcoming,
)

SEEDS = range(25)


def play_through(queue: PlayQueue, count: int) -> str:
    """Let songs end one after another; returns the letters of those that followed."""
    return "".join(name_of(queue, queue.finish()) for _ in range(count))


def test_without_random_there_is_no_order() -> None:
    assert queue_of("abc").order == ()


def test_the_order_holds_every_entry_once_and_is_mixed() -> None:
    seen = set()
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, random=True)
        assert sorted(order(queue)) == list("abcdef")
        seen.add(order(queue))

    assert len(seen) > 15


def test_turning_random_on_keeps_the_current_song_and_plays_all_others_after_it() -> None:
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, current=2, random=True)

        assert (current(queue), order(queue)[0]) == ("c", "c")
        assert sorted("c" + play_through(queue, 5)) == list("abcdef")
        assert queue.finish() is None


def test_turning_random_off_goes_on_by_position() -> None:
    queue = queue_of("abcd", current=1, random=True)
    queue.change_options(random=False)

    assert (upcoming(queue, 9), queue.order) == ("bcd", ())


def test_random_decides_what_is_announced_upcoming_and_played() -> None:
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, random=True)
        queue.play(is_playing=False)

        expected = order(queue)
        assert upcoming(queue, 9) == expected
        for letter in expected[1:]:
            assert name_of(queue, queue.announced_next()) == letter
            assert name_of(queue, queue.skip_next()) == letter


def test_rounds_after_a_wrap_are_decided_beforehand_and_really_played() -> None:
    for seed in SEEDS:
        queue = queue_of("abc", seed=seed, random=True, repeat=True)
        queue.play(is_playing=False)

        ahead = upcoming(queue, 12)

        assert upcoming(queue, 12) == ahead
        for start in range(0, 12, 3):
            assert sorted(ahead[start : start + 3]) == list("abc")
        assert ahead[0] + play_through(queue, 11) == ahead


def test_the_announced_next_song_at_the_rounds_end_is_the_one_that_comes_better_than_mpd() -> None:
    for seed in SEEDS:
        queue = queue_of("abcd", seed=seed, random=True, repeat=True)
        queue.play(is_playing=False)
        play_through(queue, 3)

        announced = name_of(queue, queue.announced_next())

        assert upcoming(queue, 2)[1] == announced
        assert name_of(queue, queue.skip_next()) == announced
        assert sorted(announced + play_through(queue, 3)) == list("abcd")


def test_a_new_round_does_not_begin_with_the_song_that_has_just_played() -> None:
    for seed in SEEDS:
        queue = queue_of("abc", seed=seed, random=True, repeat=True)
        ahead = upcoming(queue, 60)

        assert all(first != second for first, second in pairwise(ahead))


def test_one_repeated_song_follows_itself() -> None:
    queue = queue_of("a", current=0, random=True, repeat=True)

    assert upcoming(queue, 4) == "aaaa"
    assert play_through(queue, 3) == "aaa"


def test_rounds_differ() -> None:
    queue = queue_of("abcdef", random=True, repeat=True)
    ahead = upcoming(queue, 60)

    assert len({ahead[start : start + 6] for start in range(0, 60, 6)}) > 5


def test_previous_goes_back_in_play_order() -> None:
    queue = queue_of("abcdef", random=True)
    queue.play(is_playing=False)
    expected = order(queue)
    play_through(queue, 3)

    assert [name_of(queue, queue.skip_previous()) for _ in range(4)] == [
        expected[2],
        expected[1],
        expected[0],
        expected[0],
    ]


def test_previous_at_the_first_with_repeat_goes_to_the_rounds_last() -> None:
    queue = queue_of("abcdef", random=True, repeat=True)
    queue.play(is_playing=False)

    assert name_of(queue, queue.skip_previous()) == order(queue)[-1]


@pytest.mark.parametrize("chosen", [0, 1, 2, 3, 4, 5])
def test_a_song_chosen_while_playing_comes_in_between_and_the_rest_goes_on(chosen: int) -> None:
    queue = queue_of("abcdef", random=True)
    queue.play(is_playing=False)
    play_through(queue, 2)
    before = order(queue)
    letter = before[chosen]

    queue.play_id(id_of(queue, letter))

    assert current(queue) == letter
    rest = before.replace(letter, "")
    split = 2 if chosen <= 2 else 3
    expected = before if chosen == 2 else rest[:split] + letter + rest[split:]
    assert order(queue) == expected
    assert upcoming(queue, 9) == expected[expected.index(letter) :]


def test_a_song_chosen_while_stopped_begins_a_round() -> None:
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, random=True)

        queue.play(3, is_playing=False)

        assert sorted("d" + play_through(queue, 5)) == list("abcdef")


def test_what_was_decoded_ahead_while_stopped_is_played() -> None:
    queue = queue_of("abcdef", random=True)
    ahead = upcoming(queue, 6)

    queue.play(is_playing=False)

    assert upcoming(queue, 6) == ahead


def test_stopping_draws_a_new_order_that_begins_with_the_current_song() -> None:
    orders = set()
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, current=0, random=True)
        play_through(queue, 2)
        letter = current(queue)

        queue.stop()

        assert (current(queue), order(queue)[0]) == (letter, letter)
        assert sorted(upcoming(queue, 9)) == list("abcdef")
        orders.add(order(queue))
    assert len(orders) > 15


def test_at_the_end_a_new_order_is_drawn_without_a_current_song() -> None:
    queue = queue_of("abcdef", random=True)
    queue.play(is_playing=False)
    play_through(queue, 5)
    before = order(queue)

    assert queue.skip_next() is None
    assert queue.current is None
    assert order(queue) != before
    assert upcoming(queue, 9) == order(queue)


def test_a_new_song_comes_anywhere_after_the_announced_one() -> None:
    places: Counter[int] = Counter()
    for seed in range(200):
        queue = queue_of("abcd", seed=seed, random=True)
        queue.play(is_playing=False)
        before = order(queue)

        queue.add(songs("x"), at("0"))

        assert order(queue)[:2] == before[:2]
        assert order(queue).replace("x", "") == before
        places[order(queue).index("x")] += 1
    assert set(places) == {2, 3, 4}
    assert min(places.values()) > 40


def test_a_new_song_without_a_current_one_comes_anywhere() -> None:
    places = {
        order(queue).index("x")
        for queue in (queue_of("abcx", seed=seed, random=True) for seed in range(50))
    }
    added = set()
    for seed in range(50):
        queue = queue_of("abc", seed=seed, random=True)
        queue.add(songs("x"))
        added.add(order(queue).index("x"))

    assert places == added == {0, 1, 2, 3}


def test_a_new_song_plays_in_the_rounds_already_decided_as_well() -> None:
    queue = queue_of("ab", current=0, random=True, repeat=True)
    upcoming(queue, 8)

    queue.add(songs("x"))

    ahead = upcoming(queue, 9)
    for start in range(0, 9, 3):
        assert sorted(ahead[start : start + 3]) == list("abx")


def test_a_deleted_song_leaves_the_order_and_the_rest_stays() -> None:
    queue = queue_of("abcdef", random=True, repeat=True)
    queue.play(is_playing=False)
    play_through(queue, 2)
    ahead = upcoming(queue, 16)
    played, later = order(queue)[0], order(queue)[4]

    for letter in (played, later):
        queue.delete_id(id_of(queue, letter))
        ahead = ahead.replace(letter, "")

    assert upcoming(queue, len(ahead)) == ahead


def test_the_playing_song_is_followed_by_the_next_in_order_when_deleted() -> None:
    queue = queue_of("abcdef", random=True)
    queue.play(is_playing=False)
    expected = order(queue)[1:]

    queue.delete_id(id_of(queue, current(queue)))

    assert upcoming(queue, 9) == expected


def test_edits_of_positions_leave_the_order_alone() -> None:
    queue = queue_of("abcdef", random=True, repeat=True)
    queue.play(is_playing=False)
    ahead = upcoming(queue, 12)

    queue.swap(1, 4)
    queue.move(0, 2, at("3"))
    queue.shuffle()

    assert upcoming(queue, 12) == ahead


def test_random_repeat_and_consume_play_every_song_once_better_than_mpd() -> None:
    for seed in SEEDS:
        queue = queue_of("abcde", seed=seed, random=True, repeat=True)
        queue.play(is_playing=False)
        play_through(queue, 2)
        queue.change_options(consume=Switch.ON)

        ahead = upcoming(queue, 20)

        assert sorted(ahead) == list("abcde")
        assert current(queue) + play_through(queue, 4) == ahead
        assert queue.finish() is None
        assert names(queue) == ""


def test_random_passes_over_what_cannot_be_decoded() -> None:
    queue = queue_of("abcdef", random=True, repeat=True)
    queue.play(is_playing=False)
    skip = ids_of(queue, "abc") - ids_of(queue, current(queue))
    ahead = queue.upcoming(12, skip)

    assert not skip.intersection(ahead)
    assert [queue.current, *(queue.finish(skip) for _ in range(11))] == list(ahead)


# Priorities


def test_without_random_priorities_do_not_change_the_order() -> None:
    queue = queue_of("abcd", current=0)
    queue.set_priority(9, [(3, 4)])

    assert upcoming(queue, 9) == "abcd"


def test_an_order_is_sorted_by_priority_and_mixed_inside_equal_ones() -> None:
    orders = set()
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed)
        queue.set_priority(9, [(1, 2), (4, 5)])
        queue.set_priority(20, [(3, 4)])
        queue.change_options(random=True)

        assert order(queue)[0] == "d"
        assert sorted(order(queue)[1:3]) == ["b", "e"]
        orders.add(order(queue))
    assert len(orders) > 5


def test_a_raised_song_comes_right_after_the_current_one_into_its_group() -> None:
    for seed in SEEDS:
        queue = queue_of("abcdefgh", seed=seed, current=0, random=True)
        queue.set_priority_of_ids(50, [id_of(queue, "h")])
        queue.set_priority(10, [(4, 6)])
        queue.set_priority(20, [(3, 4)])
        queue.set_priority(70, [(6, 7)])

        assert order(queue)[:4] == "aghd"
        assert sorted(order(queue)[4:6]) == ["e", "f"]
        assert sorted(order(queue)[6:]) == ["b", "c"]


def test_songs_raised_together_are_mixed() -> None:
    seen = set()
    for seed in SEEDS:
        queue = queue_of("abcdef", seed=seed, current=0, random=True)
        queue.set_priority(10, [(2, 5)])
        assert sorted(order(queue)[1:4]) == ["c", "d", "e"]
        seen.add(order(queue)[1:4])

    assert len(seen) == 6


def test_a_lowered_song_goes_back_into_its_group() -> None:
    queue = queue_of("abcdef", current=0, random=True)
    queue.set_priority(10, [(0, None)])
    play_through(queue, 2)
    waiting = order(queue)[3]

    queue.set_priority_of_ids(0, [id_of(queue, waiting)])

    assert order(queue)[-1] == waiting


def test_the_current_song_is_never_moved() -> None:
    queue = queue_of("abcdef", current=0, random=True)
    play_through(queue, 2)
    before = order(queue)

    queue.set_priority_of_ids(99, [id_of(queue, current(queue))])

    assert order(queue) == before


def test_a_song_that_has_played_comes_again_when_raised() -> None:
    queue = queue_of("abcdef", current=0, random=True)
    play_through(queue, 2)
    before = order(queue)

    queue.set_priority_of_ids(10, [id_of(queue, before[0])])

    assert order(queue) == before[1:3] + before[0] + before[3:]
    assert current(queue) == before[2]


def test_a_song_that_has_played_stays_unless_raised_above_the_current_one() -> None:
    queue = queue_of("abcdef", current=0, random=True)
    play_through(queue, 2)
    before = order(queue)
    queue.set_priority_of_ids(50, [id_of(queue, before[2])])

    queue.set_priority_of_ids(50, [id_of(queue, before[0])])
    assert order(queue) == before
    queue.set_priority_of_ids(20, [id_of(queue, before[0])])
    assert order(queue) == before
    queue.set_priority_of_ids(51, [id_of(queue, before[0])])
    assert order(queue) == before[1:3] + before[0] + before[3:]


def test_a_priority_is_good_for_one_start() -> None:
    queue = queue_of("abcd", current=0, random=True)
    queue.set_priority(10, [(2, 3)])
    entry = id_of(queue, "c")

    assert queue.skip_next() == entry
    assert queue.entry(entry).priority == 0


@pytest.mark.parametrize("random", [False, True])
def test_every_way_to_start_a_song_resets_its_priority(random: bool) -> None:
    entry = EntryId(2)
    starts: list[Callable[[PlayQueue], object]] = [
        lambda queue: queue.play(1),
        lambda queue: queue.play_id(entry),
        lambda queue: queue.play(1, is_playing=False),
        lambda queue: queue.delete(0, 1),
    ]
    for start in starts:
        queue = queue_of("ab", current=0, random=random)
        queue.set_priority(7, [(1, 2)])

        start(queue)

        assert (queue.current, queue.entry(entry).priority) == (entry, 0)


def test_unpausing_does_not_reset_a_priority() -> None:
    queue = queue_of("ab", current=0)
    queue.set_priority(7, [(0, 1)])

    queue.play()

    assert queue.entry(EntryId(1)).priority == 7


def test_a_new_song_comes_behind_those_with_priority() -> None:
    for seed in SEEDS:
        queue = queue_of("abcde", seed=seed, current=0, random=True)
        queue.set_priority(9, [(1, 3)])

        queue.add(songs("x"))

        assert sorted(order(queue)[1:3]) == ["b", "c"]
        assert "x" in order(queue)[3:]


def test_priorities_of_songs_that_wait_do_not_reach_the_next_round() -> None:
    firsts = set()
    for seed in range(60):
        queue = queue_of("abcde", seed=seed, current=0, random=True, repeat=True)
        queue.set_priority(9, [(2, 3)])
        ahead = upcoming(queue, 10)

        assert ahead[1] == "c"
        assert ahead[0] + play_through(queue, 9) == ahead
        firsts.add(ahead[5])
    assert firsts >= set("abde")
