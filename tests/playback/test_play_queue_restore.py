"""What was saved comes back; what does not fit together is put right."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from playback.options import Options, Switch
from playback.play_queue import PlayQueue
from playback.status import QueueEntry
from playback.units import EntryId
from tests.playback.queues import id_of, names, order, queue_of, songs, state_of, upcoming


def rows(letters: str, ids: Sequence[int]) -> list[QueueEntry]:
    return [QueueEntry(EntryId(i), song) for i, song in zip(ids, songs(letters), strict=True)]


def restore(entries: Sequence[QueueEntry], **changed: Any) -> PlayQueue:
    saved: dict[str, Any] = {
        "current": None,
        "options": Options(),
        "version": 1,
        "next_entry_id": 1,
        "order": (),
    }
    return PlayQueue.restore(entries=entries, rng=Random(1), **{**saved, **changed})


def saved(queue: PlayQueue) -> PlayQueue:
    return PlayQueue.restore(
        entries=queue.entries,
        current=queue.current,
        options=queue.options,
        version=queue.version,
        next_entry_id=queue.next_entry_id,
        order=queue.order,
        rng=Random(1),
    )


def test_a_queue_comes_back_as_it_was() -> None:
    queue = queue_of("abcdef", current=3, repeat=True, single=Switch.ONESHOT)
    queue.set_priority(5, [(1, 2)])
    queue.delete(5)

    assert state_of(saved(queue)) == state_of(queue)


def test_a_random_order_comes_back_at_the_same_place() -> None:
    queue = queue_of("abcdef", current=3, random=True)
    queue.finish()
    queue.finish()

    again = saved(queue)

    assert state_of(again) == state_of(queue)
    assert upcoming(again, 9) == upcoming(queue, 9)


def test_changes_before_the_restart_are_still_answered() -> None:
    queue = queue_of("abcd")
    before = queue.version
    queue.swap(1, 3)

    assert saved(queue).changed_since(before) == (1, 3)


def test_an_empty_state_gives_an_empty_queue() -> None:
    assert state_of(restore([])) == state_of(PlayQueue())
    assert restore([], options=Options(random=True)).order == ()


def test_ids_are_not_reused_whatever_was_saved() -> None:
    queue = restore(rows("ab", [7, 3]), next_entry_id=2)

    assert queue.add(songs("c")) == (8,)


def test_a_second_entry_with_the_same_id_gets_a_new_one() -> None:
    queue = restore(rows("abc", [4, 4, 5]), next_entry_id=6)

    assert names(queue) == "abc"
    assert [row.id for row in queue.entries] == [4, 6, 5]
    assert queue.next_entry_id == 7


def test_a_current_entry_that_is_not_queued_is_none() -> None:
    assert restore(rows("ab", [1, 2]), current=EntryId(9)).current is None


def test_the_version_is_not_older_than_its_entries() -> None:
    entry = QueueEntry(EntryId(1), songs("a")[0], version=40)

    assert restore([entry], version=3).version == 40
    assert restore([], version=-5).version == 1


def test_an_order_is_completed_and_cleaned() -> None:
    queue = restore(
        rows("abcd", [1, 2, 3, 4]),
        current=EntryId(3),
        options=Options(random=True),
        order=(9, 2, 2, 3),
    )

    assert order(queue)[:2] == "bc"
    assert sorted(order(queue)) == list("abcd")
    assert upcoming(queue, 1) == "c"


def test_a_missing_order_is_drawn_from_the_current_entry_on() -> None:
    queue = restore(rows("abcd", [1, 2, 3, 4]), current=EntryId(3), options=Options(random=True))

    assert order(queue)[0] == "c"
    assert sorted(upcoming(queue, 9)) == list("abcd")


def test_an_order_is_of_no_use_without_random() -> None:
    queue = restore(rows("ab", [1, 2]), current=EntryId(1), order=(2, 1))

    assert queue.order == ()
    assert upcoming(queue, 9) == "ab"
    assert id_of(queue, "b") == 2
