"""The play queue: MPD's model of entries, options and play order, without any clock or I/O.

*Edits* change the entries and raise ``AckError`` with MPD's words if they are refused; then
nothing has changed. *Moves* change which entry is current. ``upcoming`` looks ahead by the very
rules that the moves follow, so what is decoded ahead is what will be played.

The queue does not know whether anything sounds. Where MPD's rules depend on that, the caller
says so with ``is_playing`` (True while playing or paused).

Where it differs from MPD 0.23 on purpose: with ``random`` and ``repeat`` the announced next song
is the one that comes and no round leaves a song out; a ``single`` oneshot falls back after every
song that ends by itself; what cannot be decoded is passed over but never consumed; an edit that
changes nothing makes no version.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

from playback.entry_table import EntryTable
from playback.errors import AckCode, AckError
from playback.options import Options, Switch
from playback.play_order import Place
from playback.queue_edits import QueueEdits
from playback.queue_state import bad_index
from playback.status import QueueEntry
from playback.succession import (
    BEFORE_FIRST,
    NO_ENTRIES,
    following,
    occurrences,
    preceding,
    step_after,
)
from playback.units import EntryId


class PlayQueue(QueueEdits):
    """The queue as its owner uses it: edits, options, looking ahead, and moves."""

    @classmethod
    def restore(
        cls,
        *,
        entries: Sequence[QueueEntry],
        current: EntryId | None,
        options: Options,
        version: int,
        next_entry_id: int,
        order: Sequence[EntryId],
        rng: Random | None = None,
        maximum_length: int | None = None,
    ) -> PlayQueue:
        """Build the queue that was saved; whatever does not fit together is put right.

        A second entry with the same id gets a new one; version and next id never fall behind
        those of the entries; an unknown current entry is none; an order is completed.
        """
        queue = cls(rng, maximum_length)
        version = max(1, version, *(entry.version for entry in entries))
        next_id = max(1, next_entry_id, *(entry.id + 1 for entry in entries))
        kept: dict[EntryId, QueueEntry] = {}
        for entry in entries:
            unique = entry
            if entry.id in kept:
                unique = replace(entry, id=EntryId(next_id))
                next_id += 1
            kept[unique.id] = unique
        queue._use_table(EntryTable(kept.values(), version, next_id))
        queue._options = options
        queue._current = current if current in kept else None
        if options.random:
            queue._restore_order(order)
        return queue

    def change_options(self, **changes: Any) -> bool:  # noqa: ANN401 - the fields of Options
        """Set options by their names in ``Options``; returns whether any of them changed.

        Turning ``random`` on draws an order that begins with the current entry.
        """
        before = self._options
        self._options = replace(before, **changes)
        if self._options.random and not before.random:
            self._order.draw(self._ids(), self._current)
        return self._options != before

    # Looking ahead

    def upcoming(self, count: int, skip: AbstractSet[EntryId] = NO_ENTRIES) -> tuple[EntryId, ...]:
        """Return the entries that will sound one after another, at most ``count``.

        The current one comes first, or the first in play order if there is none. The same entry
        may occur several times.

        Args:
            count: how far to look.
            skip: entries that cannot be decoded.
        """
        place = self._place()
        if place == BEFORE_FIRST:
            first = following(self._rounds, place, wraps=False, excluded=skip)
        else:
            first = place
        return tuple(islice(occurrences(self._rounds, first, self._options, skip), count))

    def announced_next(self) -> EntryId | None:
        """Return MPD's ``nextsong``: what follows the current song, if there is one."""
        if self._current is None:
            return None
        if self._options.single is not Switch.OFF and self._options.repeat:
            return self._current
        consumed = NO_ENTRIES if self._options.consume is Switch.OFF else {self._current}
        place = following(self._rounds, self._place(), self._options.repeat, consumed)
        return None if place is None else self._rounds.at(place)

    # Moves

    def play(self, position: int | None = None, *, is_playing: bool = True) -> EntryId | None:
        """Make an entry current.

        Args:
            position: None = the current one, else the first in play order.
            is_playing: with ``random``, an entry chosen while something plays goes in between;
                otherwise a new round begins with it.

        Returns:
            The current entry; None if the queue is empty.
        """
        if position is None:
            return self._play_any(is_playing=is_playing)
        if not 0 <= position < len(self):
            raise bad_index()
        return self._play_chosen(self._table[position].id, is_playing=is_playing)

    def play_id(self, entry: EntryId, *, is_playing: bool = True) -> EntryId:
        """Make an entry current, as ``play`` does."""
        self.position(entry)
        return self._play_chosen(entry, is_playing=is_playing)

    def finish(self, skip: AbstractSet[EntryId] = NO_ENTRIES) -> EntryId | None:
        """Go on after the current song has ended by itself.

        Returns:
            The new current entry. None if playing ends: at the end of the queue, where there is
            no current entry any more, or because nothing can be decoded, where it stays.
        """
        if self._current is None:
            return None
        if self._current in skip:
            return self.pass_over(skip)
        step = step_after(self._rounds, self._place(), self._options, skip)
        self._options = step.options
        return self._leave(step.place, skip, consumes=step.consumes)

    def pass_over(self, skip: AbstractSet[EntryId]) -> EntryId | None:
        """Leave a current song that cannot be decoded: it has not played, so it stays queued.

        Returns:
            As ``finish``.
        """
        place = following(self._rounds, self._place(), self._options.repeat, skip)
        return self._leave(place, skip, consumes=False)

    def skip_next(self, skip: AbstractSet[EntryId] = NO_ENTRIES) -> EntryId | None:
        """Go to the following song as the listener wishes: ``single`` does not matter.

        Returns:
            As ``finish``.
        """
        left = self._required_current()
        consumes = self._options.consume is not Switch.OFF and left not in skip
        excluded = skip | {left} if consumes else skip
        place = following(self._rounds, self._place(), self._options.repeat, excluded)
        if consumes and self._options.consume is Switch.ONESHOT:
            self._options = replace(self._options, consume=Switch.OFF)
        return self._leave(place, skip, consumes=consumes)

    def skip_previous(self, skip: AbstractSet[EntryId] = NO_ENTRIES) -> EntryId | None:
        """Go back in play order; the first one starts again, or ``repeat`` goes to the last.

        Returns:
            The new current entry; None if nothing can be decoded.
        """
        self._required_current()
        place = preceding(self._rounds, self._place(), self._options.repeat, skip)
        if place is None:
            return None
        return self._go_to(place)

    def stop(self) -> None:
        """Note that playing has been stopped: with ``random``, what follows is drawn anew."""
        if self._options.random:
            self._order.draw(self._ids(), self._current)

    def _play_any(self, *, is_playing: bool) -> EntryId | None:
        if self._current is not None:
            if not is_playing:
                self._reset_priority(self._current)
            return self._current
        place = following(self._rounds, BEFORE_FIRST, wraps=False, excluded=NO_ENTRIES)
        return None if place is None else self._go_to(place)

    def _play_chosen(self, entry: EntryId, *, is_playing: bool) -> EntryId:
        if self._options.random:
            if is_playing and self._current is not None:
                self._order.jump_to(entry)
            elif self._order.at(Place(0, 0)) == entry:
                self._order.go_to(Place(0, 0))
            else:
                self._order.draw(self._ids(), entry)
        self._current = entry
        self._reset_priority(entry)
        return entry

    def _leave(
        self, place: Place | None, skip: AbstractSet[EntryId], *, consumes: bool
    ) -> EntryId | None:
        if place is None and all(row.id in skip for row in self.entries):
            return None
        left = self.current_position
        if place is None:
            self._set_current(None)
        else:
            self._go_to(place)
        if consumes and left is not None:
            self._take_out(left, left + 1)
        return self._current

    def _required_current(self) -> EntryId:
        if self._current is None:
            raise AckError(AckCode.PLAYER_SYNC, "Not playing")
        return self._current

    def _restore_order(self, order: Sequence[EntryId]) -> None:
        if not order:
            self._order.draw(self._ids(), self._current)
            return
        known = [entry for entry in dict.fromkeys(order) if entry in self._table]
        missing = set(self._ids()).difference(known)
        self._order.adopt([*known, *sorted(missing)], self._current)
