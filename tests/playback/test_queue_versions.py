"""Versions: what ``plchanges`` is answered from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.units import EntryId
from tests.playback.passages import ticks
from tests.playback.queues import at, queue_of, songs

TOUCHED = [
    ("add-at-the-end", lambda queue: queue.add(songs("x")), (5,)),
    ("add-at-2", lambda queue: queue.add(songs("xy"), at("2")), (2, 3, 4, 5, 6)),
    ("delete-1", lambda queue: queue.delete(1, 2), (1, 2, 3)),
    ("delete-the-last", lambda queue: queue.delete(4), ()),
    ("clear", PlayQueue.clear, ()),
    ("move-0-to-2", lambda queue: queue.move(0, 1, at("2")), (0, 1, 2)),
    ("move-3-to-1", lambda queue: queue.move(3, 4, at("1")), (1, 2, 3)),
    ("move-1:3-to-2", lambda queue: queue.move(1, 3, at("2")), (1, 2, 3)),
    ("swap", lambda queue: queue.swap(3, 1), (1, 3)),
    ("shuffle", lambda queue: queue.shuffle(2, 4), (2, 3)),
    ("prio", lambda queue: queue.set_priority(5, [(0, 1), (3, 4)]), (0, 3)),
    (
        "rangeid",
        lambda queue: queue.set_range(EntryId(3), (ticks(1), None), is_playing=True),
        (2,),
    ),
]


@pytest.mark.parametrize(
    ("edit", "positions"), [row[1:] for row in TOUCHED], ids=[row[0] for row in TOUCHED]
)
def test_an_edit_makes_one_version_and_stamps_what_it_touched(
    edit: Callable[[PlayQueue], object], positions: tuple[int, ...]
) -> None:
    queue = queue_of("abcde")
    before = queue.version

    edit(queue)

    assert queue.version == before + 1
    assert queue.changed_since(before) == positions
    stamped = [index for index, row in enumerate(queue.entries) if row.version == queue.version]
    assert tuple(stamped) == positions


@pytest.mark.parametrize(
    "edit",
    [
        lambda queue: queue.add([]),
        lambda queue: queue.delete(5),
        lambda queue: queue.delete(2, 2),
        lambda queue: queue.move(1, 2, at("1")),
        lambda queue: queue.swap(2, 2),
        lambda queue: queue.shuffle(1, 2),
        lambda queue: queue.set_priority(0, [(0, None)]),
        lambda queue: queue.set_range(EntryId(1), None, is_playing=True),
        lambda queue: queue.play(3),
        lambda queue: queue.change_options(random=True, repeat=True),
    ],
)
def test_what_changes_no_entry_makes_no_version(edit: Callable[[PlayQueue], object]) -> None:
    queue = queue_of("abcde")
    before, entries = queue.version, queue.entries

    edit(queue)

    assert queue.version == before
    assert queue.entries == entries


def test_clearing_an_empty_queue_makes_no_version() -> None:
    queue = PlayQueue()

    queue.clear()

    assert queue.version == 1


def test_version_zero_and_unknown_versions_give_everything() -> None:
    queue = queue_of("abc")

    assert queue.changed_since(0) == (0, 1, 2)
    assert queue.changed_since(queue.version + 1) == (0, 1, 2)
    assert queue.changed_since(4_000_000) == (0, 1, 2)


def test_the_own_version_gives_nothing() -> None:
    queue = queue_of("abc")

    assert queue.changed_since(queue.version) == ()


def test_changes_add_up_over_many_versions() -> None:
    queue = queue_of("abcdefgh")
    before = queue.version
    queue.swap(0, 1)
    queue.delete(6, 7)
    queue.set_priority(3, [(4, 5)])

    assert queue.changed_since(before) == (0, 1, 4, 6)
    assert queue.changed_since(before + 1) == (4, 6)
    assert queue.changed_since(before + 2) == (4,)


def test_versions_long_ago_are_answered_as_well() -> None:
    queue = queue_of("abcd")
    before = queue.version
    for _ in range(500):
        queue.swap(1, 2)

    assert queue.changed_since(before) == (1, 2)
    assert queue.changed_since(before - 1) == (0, 1, 2, 3)


def test_a_consumed_song_makes_a_version() -> None:
    queue = queue_of("abc", current=0, consume=Switch.ON)
    before = queue.version

    queue.finish()

    assert queue.version == before + 1
    assert queue.changed_since(before) == (0, 1)


def test_a_start_that_resets_a_priority_makes_a_version() -> None:
    queue = queue_of("abc")
    queue.set_priority(3, [(1, 2)])
    before = queue.version

    queue.play(1)

    assert queue.version == before + 1
    assert queue.changed_since(before) == (1,)
