"""The order in which entries play while ``random`` is on.

A *round* plays every entry once. The order is kept by entry, not by position, so that edits of
positions do not disturb it. The rounds to come after a wrap are drawn as soon as somebody looks
ahead that far, are kept, and are then really played: what was announced and decoded ahead is
what sounds. Inside a round, entries of higher priority come first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random
from typing import NamedTuple

from playback.units import EntryId

PriorityOf = Callable[[EntryId], int]


class Place(NamedTuple):
    """A place in play order: ``round`` 0 is the one being played; ``offset`` −1 is before it."""

    round: int
    offset: int


class RandomOrder:
    """Rounds of entry ids, and how far the first of them has been played.

    Attributes:
        cursor: index of the current entry in round 0; −1 if there is none.
    """

    def __init__(self, priority_of: PriorityOf, rng: Random) -> None:
        self._priority_of = priority_of
        self._rng = rng
        self._rounds: list[list[EntryId]] = [[]]
        self._view: tuple[EntryId, ...] | None = None
        self.cursor = -1

    def __len__(self) -> int:
        return len(self._rounds[0])

    @property
    def ids(self) -> tuple[EntryId, ...]:
        """The round being played; the same tuple until it changes."""
        if self._view is None:
            self._view = tuple(self._rounds[0])
        return self._view

    def at(self, place: Place) -> EntryId:
        """Return the entry at a place of this or any later round."""
        while len(self._rounds) <= place.round:
            self._rounds.append(self._next_round())
        return self._rounds[place.round][place.offset]

    def adopt(self, ids: Iterable[EntryId], current: EntryId | None) -> None:
        """Go on with an order that was saved."""
        self._begin(list(ids))
        self.cursor = -1 if current is None else self._rounds[0].index(current)

    def draw(self, ids: Iterable[EntryId], first: EntryId | None) -> None:
        """Begin a new round, with ``first`` as its current and first entry if given."""
        drawn = self._shuffled(ids, self._priority_of)
        if first is not None:
            drawn.remove(first)
            drawn.insert(0, first)
        self._begin(drawn)
        self.cursor = -1 if first is None else 0

    def go_to(self, place: Place) -> None:
        """Make the entry at ``place`` the current one; rounds before it are over."""
        if place.round:
            del self._rounds[: place.round]
            self._view = None
        self.cursor = place.offset

    def jump_to(self, entry: EntryId) -> None:
        """Play ``entry`` right after the current one, and make it current."""
        playing = self._rounds[0]
        index = playing.index(entry)
        if index == self.cursor:
            return
        del playing[index]
        self.cursor += 0 if index < self.cursor else 1
        playing.insert(self.cursor, entry)
        self._view = None

    def insert(self, entries: Collection[EntryId]) -> None:
        """Mix new entries, of priority 0, among those that are still to play.

        The entry announced as next stays the next one.
        """
        announced = 0 if self.cursor < 0 else 1
        for number, ids in enumerate(self._rounds):
            lowest = 0 if number else min(self.cursor + 1 + announced, len(ids))
            while lowest < len(ids) and self._priority_of(ids[lowest]) > 0:
                lowest += 1
            for entry in entries:
                ids.insert(self._rng.randint(lowest, len(ids)), entry)
        self._view = None

    def remove(self, entries: Collection[EntryId]) -> None:
        """Take entries out of all rounds; not the current one."""
        passed = self._rounds[0][: max(self.cursor, 0)]
        self.cursor -= sum(entry in entries for entry in passed)
        for ids in self._rounds:
            if len(entries) == 1:
                ids.remove(*entries)
            else:
                ids[:] = [entry for entry in ids if entry not in entries]
        self._view = None

    def reprioritise(self, priority: int, before: Mapping[EntryId, int]) -> None:
        """Move entries to where ``priority``, which they all have now, puts them.

        The current entry stays. One that has played comes again only if its priority has grown
        and exceeds that of the current entry.

        Args:
            priority: the new one.
            before: the priority that each of the entries had.
        """
        playing = self._rounds[0]
        moving = self._movable(priority, before)
        self._take_out(moving)
        low = self.cursor + 1
        while low < len(playing) and self._priority_of(playing[low]) > priority:
            low += 1
        high = low
        while high < len(playing) and self._priority_of(playing[high]) == priority:
            high += 1
        for count, entry in enumerate(sorted(moving)):
            playing.insert(self._rng.randint(low, high + count), entry)
        self._begin(playing)

    def _movable(self, priority: int, before: Mapping[EntryId, int]) -> set[EntryId]:
        playing = self._rounds[0]
        movable = set(before)
        if self.cursor >= 0:
            current = playing[self.cursor]
            threshold = self._priority_of(current)
            movable.discard(current)
            for played in playing[: self.cursor]:
                if played in before and priority <= max(before[played], threshold):
                    movable.discard(played)
        return movable

    def _take_out(self, entries: set[EntryId]) -> None:
        playing = self._rounds[0]
        self.cursor -= sum(entry in entries for entry in playing[: max(self.cursor, 0)])
        playing[:] = [entry for entry in playing if entry not in entries]

    def _begin(self, playing: list[EntryId]) -> None:
        self._rounds = [playing]
        self._view = None

    def _next_round(self) -> list[EntryId]:
        """Draw a round with the priorities as they will be then: a start resets one to 0."""
        last = self._rounds[-1]
        is_over = self.cursor + 1 if len(self._rounds) == 1 else 0
        kept = {entry: self._priority_of(entry) for entry in last[:is_over]}
        drawn = self._shuffled(last, lambda entry: kept.get(entry, 0))
        equals = sum(kept.get(entry, 0) == kept.get(drawn[0], 0) for entry in drawn)
        if equals > 1 and drawn[0] == last[-1]:  # nobody wants to hear it twice in a row
            other = self._rng.randrange(1, equals)
            drawn[0], drawn[other] = drawn[other], drawn[0]
        return drawn

    def _shuffled(self, ids: Iterable[EntryId], priority_of: PriorityOf) -> list[EntryId]:
        drawn = list(ids)
        self._rng.shuffle(drawn)
        drawn.sort(key=priority_of, reverse=True)
        return drawn
