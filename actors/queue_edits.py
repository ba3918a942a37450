"""Which message is which edit of the play queue."""

from __future__ import annotations

from typing import TypeAlias, assert_never

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
from playback.errors import AckCode, AckError
from playback.play_queue import PlayQueue
from playback.units import EntryId

QueueEdit: TypeAlias = (
    AddSongs
    | AddTag
    | ClearQueue
    | ClearTags
    | DeleteId
    | DeleteRange
    | MoveId
    | MoveRange
    | SetPriority
    | SetPriorityOfIds
    | SetRange
    | ShuffleRange
    | SwapIds
    | SwapPositions
)


def entry_at(queue: PlayQueue, position: int) -> EntryId:
    """Return the entry at a position.

    Raises:
        AckError: there is none.
    """
    if not 0 <= position < len(queue):
        raise AckError(AckCode.ARG, "Bad song index")
    return queue.entries[position].id


def apply_edit(  # noqa: C901, PLR0912  (one case per edit)
    queue: PlayQueue, edit: QueueEdit, *, playing: bool
) -> tuple[EntryId, ...] | None:
    """Carry an edit out; returns the new ids if it added songs.

    Args:
        queue: what is edited.
        edit: what is asked for.
        playing: whether the current entry is sounding or paused.

    Raises:
        AckError: the edit is refused; nothing has changed.
    """
    match edit:
        case AddSongs(songs, at, playlist):
            added = queue.add(songs, at)
            queue.loaded_playlist = playlist or queue.loaded_playlist
            return added
        case ClearQueue():
            queue.clear()
        case DeleteRange(start, end):
            queue.delete(start, end, is_playing=playing)
        case DeleteId(id=entry):
            queue.delete_id(entry, is_playing=playing)
        case MoveRange(start, end, to):
            queue.move(start, end, to)
        case MoveId(id=entry, to=to):
            queue.move_id(entry, to)
        case SwapPositions(first, second):
            queue.swap(first, second)
        case SwapIds(first, second):
            queue.swap_ids(first, second)
        case ShuffleRange(start, end):
            queue.shuffle(start, end, is_playing=playing)
        case SetPriority(priority, ranges):
            queue.set_priority(priority, ranges)
        case SetPriorityOfIds(priority, ids):
            queue.set_priority_of_ids(priority, ids)
        case SetRange(id=entry, range=span):
            is_playing = playing and entry == queue.current
            queue.set_range(entry, span, is_playing=is_playing)
        case AddTag(id=entry, tag=tag, value=value):
            queue.add_tag(entry, tag, value)
        case ClearTags(id=entry, tag=tag):
            queue.clear_tags(entry, tag)
        case _:
            assert_never(edit)
    return None
