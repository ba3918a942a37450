"""The queue's entries by position, with the versions that ``plchanges`` is answered from.

Every edit makes one version, and stamps it on each entry whose position or content it changed.
An entry that a later edit shifts is stamped again by that edit. So the positions stamped since
some version are exactly the union of the spans that the edits since then have touched, and
recent questions are answered without looking at the entries.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId

_REMEMBERED_EDITS: Final = 128


class EntryTable:
    """Entries in position order. Arguments are taken as valid; callers check."""

    def __init__(
        self, entries: Iterable[QueueEntry] = (), version: int = 1, next_id: int = 1
    ) -> None:
        self._rows = list(entries)
        self._position = {row.id: position for position, row in enumerate(self._rows)}
        self._sure_until = len(self._rows)  # below it, ``_position`` is known to be right
        self._view: tuple[QueueEntry, ...] | None = None
        self._edits: deque[tuple[int, tuple[range, ...]]] = deque(maxlen=_REMEMBERED_EDITS)
        self.version = version
        self.next_id = next_id

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> QueueEntry:
        return self._rows[position]

    def __contains__(self, entry: EntryId) -> bool:
        return entry in self._position

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """All entries; the same tuple until the next edit."""
        if self._view is None:
            self._view = tuple(self._rows)
        return self._view

    def position(self, entry: EntryId) -> int:
        """Return where the entry stands; it must be in the queue."""
        position = self._position[entry]
        if position < len(self._rows) and self._rows[position].id == entry:
            return position
        for index in range(self._sure_until, len(self._rows)):
            self._position[self._rows[index].id] = index
        self._sure_until = len(self._rows)
        return self._position[entry]

    def insert(self, at: int, songs: Sequence[Song]) -> tuple[EntryId, ...]:
        """Put new entries before position ``at``; returns their ids."""
        ids = tuple(EntryId(self.next_id + index) for index in range(len(songs)))
        self.next_id += len(songs)
        new = [
            QueueEntry(entry, song, version=self.version + 1)
            for entry, song in zip(ids, songs, strict=True)
        ]
        if at == self._sure_until == len(self._rows):
            self._sure_until += len(new)
        else:
            self._sure_until = min(self._sure_until, at)
        self._position.update(zip(ids, range(at, at + len(ids)), strict=True))
        self._rows[at:at] = new
        self._commit(range(at, len(self._rows)))
        return ids

    def remove(self, start: int, end: int) -> None:
        """Take out the entries ``start`` to ``end`` (exclusive)."""
        for row in self._rows[start:end]:
            del self._position[row.id]
        del self._rows[start:end]
        self._sure_until = min(self._sure_until, start)
        self._commit(range(start, len(self._rows)))

    def arrange(self, start: int, rows: Sequence[QueueEntry]) -> None:
        """Put the same entries, in another sequence, where they stood from ``start`` on."""
        self._rows[start : start + len(rows)] = rows
        self._sure_until = min(self._sure_until, start)
        self._commit(range(start, start + len(rows)))

    def swap(self, first: int, second: int) -> None:
        """Exchange two entries."""
        rows = self._rows
        rows[first], rows[second] = rows[second], rows[first]
        self._sure_until = min(self._sure_until, first, second)
        self._commit(*(range(at, at + 1) for at in sorted((first, second))))

    def update(self, changed: Mapping[int, QueueEntry]) -> None:
        """Give the entries at these positions other contents."""
        for position, row in changed.items():
            self._rows[position] = row
        self._commit(*(range(at, at + 1) for at in sorted(changed)))

    def changed_since(self, version: int) -> tuple[int, ...]:
        """Return the positions stamped later than ``version``.

        All of them if ``version`` is 0 or one that this queue has never had.
        """
        if not 0 < version <= self.version:
            return tuple(range(len(self._rows)))
        missed = self.version - version
        if missed > len(self._edits):
            return tuple(at for at, row in enumerate(self._rows) if row.version > version)
        spans = [span for number, edit in self._edits if number > version for span in edit]
        if len(spans) == 1:
            return tuple(range(spans[0].start, min(spans[0].stop, len(self._rows))))
        touched = {at for span in spans for at in span if at < len(self._rows)}
        return tuple(sorted(touched))

    def _commit(self, *touched: range) -> None:
        self.version += 1
        self._view = None
        version, rows = self.version, self._rows
        for span in touched:
            for at in span:
                row = rows[at]
                if row.version != version:
                    rows[at] = QueueEntry(row.id, row.song, row.priority, version, row.range)
        self._edits.append((version, touched))


def with_content(
    row: QueueEntry, *, priority: int | None = None, tags: tuple[tuple[str, str], ...] | None = None
) -> QueueEntry:
    """Return the entry with another priority or other tags."""
    song = row.song if tags is None else replace(row.song, tags=tags)
    return replace(row, song=song, priority=row.priority if priority is None else priority)
