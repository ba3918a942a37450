"""A queue edit is stored as the fewest rows."""

from __future__ import annotations

from dataclasses import replace

from playback.queue_diff import diff, whole_change
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId, Ticks


def entries(*ids: int) -> tuple[QueueEntry, ...]:
    return tuple(QueueEntry(EntryId(number), Song(f"{number}.flac")) for number in ids)


OLD = entries(*range(1, 1001))


def test_nothing_changed_is_an_empty_change() -> None:
    assert diff(OLD, OLD) == QueueChange()
    assert diff((), ()) == QueueChange()


def test_equal_entries_that_are_other_objects_are_no_change() -> None:
    assert diff(OLD, entries(*range(1, 1001))) == QueueChange()


def test_an_appended_entry_is_one_row() -> None:
    (added,) = entries(2000)
    assert diff(OLD, (*OLD, added)) == QueueChange(upserts=((1000, added),))


def test_a_deleted_last_entry_is_one_row() -> None:
    assert diff(OLD, OLD[:-1]) == QueueChange(removed=(EntryId(1000),))


def test_clearing_is_said_as_such() -> None:
    assert diff(OLD, ()) == QueueChange(removed=None)


def test_a_deleted_first_entry_moves_all_others_without_rewriting_them() -> None:
    after = tuple(replace(entry, version=5) for entry in OLD[1:])
    assert diff(OLD, after) == QueueChange(
        removed=(EntryId(1),),
        moves=tuple((EntryId(number), number - 2, 5) for number in range(2, 1001)),
    )


def test_entries_that_move_without_a_new_version_are_moves_too() -> None:
    assert diff(entries(1, 2, 3), entries(2, 3)) == QueueChange(
        removed=(EntryId(1),), moves=((EntryId(2), 0, 1), (EntryId(3), 1, 1))
    )


def test_a_swap_touches_two_rows_only() -> None:
    after = (*OLD[:10], OLD[500], *OLD[11:500], OLD[10], *OLD[501:])
    assert diff(OLD, after) == QueueChange(
        moves=((EntryId(501), 10, 1), (EntryId(11), 500, 1)),
    )


def test_what_an_entry_is_counts_as_altered() -> None:
    for altered in (
        replace(OLD[4], priority=9),
        replace(OLD[4], range=(Ticks(1), None)),
        replace(OLD[4], song=Song("5.flac", tags=(("Title", "new"),))),
    ):
        after = (*OLD[:4], altered, *OLD[5:])
        assert diff(OLD, after) == QueueChange(upserts=((4, altered),))


def test_a_new_version_alone_is_a_move_to_the_same_place() -> None:
    after = (*OLD[:4], replace(OLD[4], version=8), *OLD[5:])
    assert diff(OLD, after) == QueueChange(moves=((EntryId(5), 4, 8),))


def test_the_whole_change_holds_everything_and_says_so() -> None:
    player = SavedPlayer(elapsed=Ticks(3))
    state = SavedState(player, entries(4, 2), {"a": "1"})
    assert whole_change(state) == QueueChange(
        removed=None,
        upserts=tuple(enumerate(entries(4, 2))),
        player=player,
        settings=(("a", "1"),),
        whole=True,
    )
