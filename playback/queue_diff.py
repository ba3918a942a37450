"""What a queue edit changed, as the fewest rows to write.

The common edits touch one place and leave everything before it (and, unless positions shift,
behind it) the very same objects, so both ends are skipped by comparing slices, which costs
5 ns per entry. Only what lies between is looked at entry by entry.
"""

from __future__ import annotations

from playback.saved import QueueChange, SavedState
from playback.status import QueueEntry
from playback.units import EntryId

Entries = tuple[QueueEntry, ...]


def diff(old: Entries, new: Entries) -> QueueChange:
    """Return the change that turns a stored ``old`` into ``new``; ids must be unique in each."""
    if old is new:
        return QueueChange()
    if not new:
        return QueueChange(removed=None)
    head = _common_head(old, new)
    tail = _common_tail(old[head:], new[head:])
    if tail and len(old) != len(new):
        tail = 0  # the same objects, but at other positions
    was = {
        entry.id: (position, entry)
        for position, entry in enumerate(old[head : len(old) - tail], head)
    }
    upserts: list[tuple[int, QueueEntry]] = []
    moves: list[tuple[EntryId, int, int]] = []
    for position, entry in enumerate(new[head : len(new) - tail], head):
        old_position, before = was.pop(entry.id, (-1, None))
        if before is None or not _same_but_version(before, entry):
            upserts.append((position, entry))
        elif old_position != position or before.version != entry.version:
            moves.append((entry.id, position, entry.version))
    return QueueChange(removed=tuple(was), upserts=tuple(upserts), moves=tuple(moves))


def whole_change(state: SavedState) -> QueueChange:
    """Return the change that makes any store hold exactly ``state``."""
    return QueueChange(
        removed=None,
        upserts=tuple(enumerate(state.entries)),
        player=state.player,
        settings=tuple(state.settings.items()),
        passages=tuple(state.passages.items()),
        whole=True,
    )


def _same_but_version(before: QueueEntry, after: QueueEntry) -> bool:
    return (
        (before.song is after.song or before.song == after.song)
        and before.priority == after.priority
        and before.range == after.range
    )


def _common_head(old: Entries, new: Entries) -> int:
    """Count the entries that both begin with, by halving: each step compares one slice."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_tail(old: Entries, new: Entries) -> int:
    """Count the entries that both end with."""
    return _common_head(old[::-1], new[::-1])
