"""What a listener may expect of ``random``, whatever order was drawn.

The model is never shown an order. It is told what was played and what was edited, and says which
songs may come next: each is played once per round, the highest priority first; who goes back
comes the same way forward again; what is added or raised waits for its turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


class ReferenceRound:
    """One round, as far as it can be known from what was played.

    Attributes:
        played: in the order in which they were; the current one is the last.
        skipped: songs of this round that lie before those, in an unknown order.
        ahead: songs that somebody has gone back over; they come again in this order.
        waiting: songs that have not been played yet, in an unknown order.
        sorted: whether priority alone decides who of those comes first. It does not once
            somebody has edited while songs were ahead: they keep their places.
    """

    def __init__(self) -> None:
        self.begin((), None)

    def begin(self, entries: Iterable[int], first: int | None, *, is_sorted: bool = True) -> None:
        """Begin a round, with ``first`` as its current song if given."""
        self.played = [] if first is None else [first]
        self.skipped: set[int] = set()
        self.ahead: list[int] = []
        self.waiting = set(entries) - {first}
        self.sorted = is_sorted

    @property
    def current(self) -> int | None:
        """The song that was played last."""
        return self.played[-1] if self.played else None

    def may_follow(self, priorities: Mapping[int, int], excluded: Collection[int] = ()) -> set[int]:
        """Return who may come next in this round; nobody if it is over."""
        again = [entry for entry in self.ahead if entry not in excluded][:1]
        new = self.waiting.difference(excluded)
        if not self.sorted:
            return new.union(again)
        if again:
            return set(again)
        highest = max((priorities[entry] for entry in new), default=0)
        return {entry for entry in new if priorities[entry] == highest}

    def may_precede(self, priorities: Mapping[int, int], *, repeat: bool) -> set[int]:
        """Return where ``previous`` may lead."""
        if len(self.played) > 1:
            return {self.played[-2]}
        if self.skipped:
            return set(self.skipped)
        if not repeat or not (self.waiting or self.ahead):
            return set(self.played)
        if not self.sorted:
            return self.waiting.union(self.ahead[-1:])
        if not self.waiting:
            return {self.ahead[-1]}
        lowest = min(priorities[entry] for entry in self.waiting)
        return {entry for entry in self.waiting if priorities[entry] == lowest}

    def go_on(self, entry: int) -> None:
        """Play a song of this round that comes next."""
        self._take_out({entry})
        self.played.append(entry)

    def jump(self, entry: int) -> None:
        """Play any song between the current one and the rest."""
        if entry != self.current:
            self.go_on(entry)

    def go_back(self, entry: int) -> None:
        """Play the song before, or the round's last from its first."""
        if entry == self.current:
            return
        if entry in self.played or entry in self.skipped:
            self.ahead.insert(0, self.played.pop())
            self._take_out({entry})
        else:
            self.skipped = self.waiting.union(self.ahead, self.played) - {entry}
            self.waiting, self.ahead, self.played = set(), [], []
        self.played.append(entry)

    def add(self, entries: Iterable[int]) -> None:
        """New songs wait for their turn."""
        self.waiting.update(entries)
        self.sorted = self.sorted and not self.ahead

    def remove(self, entries: Collection[int]) -> None:
        """Forget songs."""
        self._take_out(set(entries))

    def prioritise(self, priority: int, before: Mapping[int, int], of_current: int) -> None:
        """Songs have got a new priority: who is raised above the current one comes again.

        Args:
            priority: the new one.
            before: what it was, of those whose priority has changed.
            of_current: the current song's, after the change.
        """
        self.sorted = self.sorted and not self.ahead
        for entry, was in before.items():
            if entry == self.current:
                continue
            is_over = entry in self.played or entry in self.skipped
            if not is_over or priority > max(was, of_current):
                self._take_out({entry})
                self.waiting.add(entry)

    def _take_out(self, entries: set[int]) -> None:
        self.played = [entry for entry in self.played if entry not in entries]
        self.ahead = [entry for entry in self.ahead if entry not in entries]
        self.skipped -= entries
        self.waiting -= entries
