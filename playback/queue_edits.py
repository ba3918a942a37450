"""Edits of the play queue: MPD's commands that change entries, with its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from playback.entry_table import with_content
from playback.errors import AckCode, AckError
from playback.insertion import InsertAt, insertion_position, move_destination
from playback.options import Switch
from playback.play_order import Place
from playback.queue_state import QueueState, bad_index
from playback.song import Song
from playback.status import QueueEntry
from playback.succession import following
from playback.units import EntryId, Ticks, ticks_to_seconds

MAXIMUM_PRIORITY: Final = 255


class QueueEdits(QueueState):
    """Each edit either changes the entries or raises ``AckError`` and changes nothing."""

    def add(self, songs: Sequence[Song], at: InsertAt | None = None) -> tuple[EntryId, ...]:
        """Insert songs, all or none; returns their ids."""
        start = insertion_position(at, len(self), self.current_position)
        if self._maximum_length is not None and len(self) + len(songs) > self._maximum_length:
            raise AckError(AckCode.PLAYLIST_MAX, "Playlist is too large")
        if not songs:
            return ()
        ids = self._table.insert(start, songs)
        if self._options.random:
            self._order.insert(ids)
        return ids

    def delete(self, start: int, end: int | None = None, *, is_playing: bool = True) -> None:
        """Remove positions ``start`` to ``end`` (exclusive; None = the end).

        The current entry is followed by the one that comes next, if something plays.
        """
        start, end = self._clipped(start, end)
        if start < end:
            self._delete(start, end, is_playing=is_playing)

    def delete_id(self, entry: EntryId, *, is_playing: bool = True) -> None:
        """Remove one entry."""
        position = self.position(entry)
        self._delete(position, position + 1, is_playing=is_playing)

    def clear(self) -> None:
        """Remove everything."""
        if len(self):
            self._table.remove(0, len(self))
        self._set_current(None)
        self.loaded_playlist = ""

    def move(self, start: int, end: int, to: InsertAt) -> None:
        """Move positions ``start`` to ``end`` (exclusive)."""
        target = move_destination(to, start, end, len(self), self.current_position)
        if not 0 <= start < end <= len(self):
            raise bad_index()
        if target == start:
            return
        rows, count = self.entries, end - start
        if target < start:
            self._table.arrange(target, rows[start:end] + rows[target:start])
        else:
            self._table.arrange(start, rows[end : target + count] + rows[start:end])

    def move_id(self, entry: EntryId, to: InsertAt) -> None:
        """Move one entry."""
        position = self.position(entry)
        self.move(position, position + 1, to)

    def swap(self, first: int, second: int) -> None:
        """Exchange two positions."""
        if not (0 <= first < len(self) and 0 <= second < len(self)):
            raise bad_index()
        if first != second:
            self._table.swap(first, second)

    def swap_ids(self, first: EntryId, second: EntryId) -> None:
        """Exchange two entries."""
        self.swap(self.position(first), self.position(second))

    def shuffle(self, start: int = 0, end: int | None = None, *, is_playing: bool = True) -> None:
        """Mix positions ``start`` to ``end`` (exclusive; None = the end).

        A current entry among them goes to their beginning. If nothing plays, there is no current
        entry afterwards.
        """
        start, end = self._clipped(start, end)
        if end - start < 2:
            return
        if not is_playing:
            self._set_current(None)
        rows = list(self.entries[start:end])
        self._rng.shuffle(rows)
        rows.sort(key=lambda row: row.id != self._current)
        self._table.arrange(start, rows)

    def set_priority(self, priority: int, ranges: Iterable[tuple[int, int | None]]) -> None:
        """Set the priority (0–255) of ranges of positions (exclusive ends; None = the end)."""
        _check_priority(priority)
        clipped = [self._clipped(start, end) for start, end in ranges]
        self._prioritise(priority, {at for start, end in clipped for at in range(start, end)})

    def set_priority_of_ids(self, priority: int, entries: Iterable[EntryId]) -> None:
        """Set the priority (0–255) of entries."""
        _check_priority(priority)
        self._prioritise(priority, {self.position(entry) for entry in entries})

    def set_range(
        self, entry: EntryId, span: tuple[Ticks, Ticks | None] | None, *, is_playing: bool
    ) -> None:
        """Play only a part of the entry's file; None = all of it."""
        position = self.position(entry)
        if is_playing and entry == self._current:
            raise AckError(AckCode.PERMISSION, "Cannot edit the current song")
        row = self._table[position]
        self._update(position, replace(row, range=_checked_range(span, row.song.duration_s)))

    def add_tag(self, entry: EntryId, tag: str, value: str) -> None:
        """Give a remote song another tag."""
        position, row = self._remote(entry)
        self._update(position, with_content(row, tags=(*row.song.tags, (tag, value))))

    def clear_tags(self, entry: EntryId, tag: str | None = None) -> None:
        """Take all values of one tag, or all tags, from a remote song."""
        position, row = self._remote(entry)
        kept = tuple(pair for pair in row.song.tags if tag is not None and pair[0] != tag)
        self._update(position, with_content(row, tags=kept))

    def _clipped(self, start: int, end: int | None) -> tuple[int, int]:
        if not 0 <= start <= len(self):
            raise bad_index()
        return start, len(self) if end is None else min(end, len(self))

    def _delete(self, start: int, end: int, *, is_playing: bool) -> None:
        leaving = {row.id for row in self.entries[start:end]}
        if self._current in leaving:
            place = self._place_after_deleting(leaving) if is_playing else None
            if place is None:
                self._set_current(None)
            else:
                self._go_to(place)
        self._take_out(start, end)

    def _place_after_deleting(self, leaving: AbstractSet[EntryId]) -> Place | None:
        options = self._options
        off = Switch.OFF
        if options.single is not off and options.repeat and options.consume is off:
            return None  # as MPD does: the only song to play is gone
        return following(self._rounds, self._place(), options.repeat, leaving)

    def _prioritise(self, priority: int, positions: AbstractSet[int]) -> None:
        rows = {at: self._table[at] for at in positions}
        before = {row.id: row.priority for row in rows.values() if row.priority != priority}
        if not before:
            return
        self._table.update(
            {
                at: with_content(row, priority=priority)
                for at, row in rows.items()
                if row.id in before
            }
        )
        if self._options.random:
            self._order.reprioritise(priority, before)

    def _remote(self, entry: EntryId) -> tuple[int, QueueEntry]:
        position = self.position(entry)
        row = self._table[position]
        if "://" not in row.song.uri:
            raise AckError(AckCode.PERMISSION, "Cannot edit tags of local file")
        return position, row


def _check_priority(priority: int) -> None:
    if not 0 <= priority <= MAXIMUM_PRIORITY:
        raise AckError(AckCode.ARG, f"Number too large: {priority}")


def _checked_range(
    span: tuple[Ticks, Ticks | None] | None, duration_s: float | None
) -> tuple[Ticks, Ticks | None] | None:
    if span is None:
        return None
    start, end = span
    if start < 0 or (end is not None and end <= start):
        raise AckError(AckCode.ARG, "Bad range")
    if duration_s is not None and ticks_to_seconds(start) >= duration_s:
        raise AckError(AckCode.ARG, "Invalid start offset")
    if duration_s is not None and end is not None and ticks_to_seconds(end) >= duration_s:
        end = None
    return start, end
