"""The state of the play queue, and the few ways in which its parts change together."""

from __future__ import annotations

from random import Random

from playback.entry_table import EntryTable, with_content
from playback.errors import AckCode, AckError
from playback.options import Options, Switch
from playback.play_order import Place, RandomOrder
from playback.status import QueueEntry
from playback.succession import BEFORE_FIRST, PositionOrder, Rounds
from playback.units import EntryId


class QueueState:
    """Entries, options, the current entry and the order in which entries play."""

    def __init__(self, rng: Random | None = None, maximum_length: int | None = None) -> None:
        self._rng = rng or Random()  # noqa: S311 - music, not cryptography
        self._maximum_length = maximum_length
        self._options = Options()
        self._current: EntryId | None = None
        self.loaded_playlist = ""
        """The stored playlist loaded last since the queue was cleared; empty = none."""
        self._use_table(EntryTable())

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """All entries in position order; the same tuple until the next edit."""
        return self._table.entries

    @property
    def version(self) -> int:
        """Grows with every edit."""
        return self._table.version

    @property
    def next_entry_id(self) -> int:
        """The lowest id that has never been given out."""
        return self._table.next_id

    @property
    def options(self) -> Options:
        """The options, as they are after any oneshot has fallen back."""
        return self._options

    @property
    def current(self) -> EntryId | None:
        """The current entry."""
        return self._current

    @property
    def current_position(self) -> int | None:
        """The position of the current entry."""
        return None if self._current is None else self._table.position(self._current)

    @property
    def order(self) -> tuple[EntryId, ...]:
        """The entries in play order while ``random`` is on; empty otherwise."""
        return self._order.ids if self._options.random else ()

    @property
    def pauses_after_current(self) -> bool:
        """Whether the song that follows does not start by itself: ``single`` without repeat.

        To be asked before ``finish``; it does not hold for a current song that failed.
        """
        return self._options.single is not Switch.OFF and not self._options.repeat

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, entry: EntryId) -> bool:
        return entry in self._table

    def position(self, entry: EntryId) -> int:
        """Return an entry's position.

        Raises:
            AckError: there is no such entry.
        """
        if entry not in self._table:
            raise AckError(AckCode.NO_EXIST, "No such song")
        return self._table.position(entry)

    def entry(self, entry: EntryId) -> QueueEntry:
        """Return an entry by its id.

        Raises:
            AckError: there is no such entry.
        """
        return self._table[self.position(entry)]

    def changed_since(self, version: int) -> tuple[int, ...]:
        """Return the positions whose entry is another or was edited after ``version``.

        All if ``version`` is 0 or newer than the queue's own. Cheap for recent versions.
        """
        return self._table.changed_since(version)

    def _use_table(self, table: EntryTable) -> None:
        self._table = table
        self._positions = PositionOrder(table)
        self._order = RandomOrder(lambda entry: table[table.position(entry)].priority, self._rng)

    @property
    def _rounds(self) -> Rounds:
        return self._order if self._options.random else self._positions

    def _place(self) -> Place:
        if self._current is None:
            return BEFORE_FIRST
        if self._options.random:
            return Place(0, self._order.cursor)
        return Place(0, self._table.position(self._current))

    def _ids(self) -> list[EntryId]:
        return [row.id for row in self.entries]

    def _go_to(self, place: Place) -> EntryId:
        entry = self._rounds.at(place)
        if self._options.random:
            self._order.go_to(place)
        self._current = entry
        self._reset_priority(entry)
        return entry

    def _set_current(self, entry: EntryId | None) -> None:
        self._current = entry
        if self._options.random:
            self._order.draw(self._ids(), entry)

    def _take_out(self, start: int, end: int) -> None:
        """Remove entries of which none is current."""
        if self._options.random:
            self._order.remove({row.id for row in self.entries[start:end]})
        self._table.remove(start, end)

    def _reset_priority(self, entry: EntryId) -> None:
        """MPD: a priority is good for one start."""
        position = self._table.position(entry)
        self._update(position, with_content(self._table[position], priority=0))

    def _update(self, position: int, row: QueueEntry) -> None:
        if row != self._table[position]:
            self._table.update({position: row})


def bad_index() -> AckError:
    """Return MPD's refusal of a position."""
    return AckError(AckCode.ARG, "Bad song index")
