"""A deliberately naive queue: lists, searched from the front, to compare the real one with.

It decides everything but chance. Random orders are told to it after it has checked that they
are permitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NOT_PLAYING, BAD_ARGUMENT, NO_SUCH_SONG = 55, 2, 50


class Refused(Exception):  # noqa: N818 - an outcome, not an error of the model
    """The command is refused with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Row:
    """One entry."""

    id: int
    name: str
    priority: int = 0


@dataclass
class ReferenceQueue:
    """Rows, options as plain words, and the order while random is on."""

    rows: list[Row] = field(default_factory=list)
    next_id: int = 1
    current: int | None = None
    repeat: bool = False
    random: bool = False
    single: str = "0"
    consume: str = "0"
    order: list[int] = field(default_factory=list)

    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    def playing_order(self) -> list[int]:
        return list(self.order) if self.random else self.ids()

    def row(self, wanted: int) -> Row:
        for row in self.rows:
            if row.id == wanted:
                return row
        raise Refused(NO_SUCH_SONG)

    # Edits

    def add(self, names: str, at: str | None) -> None:
        place = len(self.rows)
        if at is not None and at[0] in "+-":
            here, count = self._place_of_current(), int(at[1:])
            place = here + 1 + count if at[0] == "+" else here - count
        elif at is not None:
            place = int(at)
        if not 0 <= place <= len(self.rows):
            raise Refused(BAD_ARGUMENT)
        for offset, name in enumerate(names):
            self.rows.insert(place + offset, Row(self.next_id, name))
            self.next_id += 1

    def delete(self, start: int, end: int | None, playing: bool) -> list[int] | None:
        """Remove rows; returns which may follow the current one, or None if it stays."""
        leaving = self._span(start, end)
        follows = None
        if self.current in leaving:
            only_this = self.single != "0" and self.repeat and self.consume == "0"
            goes_on = playing and not only_this
            follows = self.after(self.current, leaving, self.repeat) if goes_on else []
        self.rows = [row for row in self.rows if row.id not in leaving]
        return follows

    def move(self, start: int, end: int, to: str) -> None:
        if to[0] in "+-":
            self._place_of_current()
        if start >= end or end > len(self.rows) or start < 0:
            raise Refused(BAD_ARGUMENT)
        moving = self.rows[start:end]
        staying = self.rows[:start] + self.rows[end:]
        if to[0] in "+-":
            here = [row.id for row in staying]
            if self.current not in here:
                raise Refused(BAD_ARGUMENT)
            index = here.index(self.current)
            place = index + 1 + int(to[1:]) if to[0] == "+" else index - int(to[1:])
        else:
            place = int(to)
        if not 0 <= place <= len(staying):
            raise Refused(BAD_ARGUMENT)
        self.rows = staying[:place] + moving + staying[place:]

    def swap(self, first: int, second: int) -> None:
        for place in (first, second):
            if not 0 <= place < len(self.rows):
                raise Refused(BAD_ARGUMENT)
        self.rows[first], self.rows[second] = self.rows[second], self.rows[first]

    def set_priority(self, priority: int, spans: list[tuple[int, int | None]]) -> None:
        chosen: set[int] = set()
        for start, end in spans:
            chosen |= self._span(start, end)
        for row in self.rows:
            if row.id in chosen:
                row.priority = priority

    # Moves

    def after(self, left: int | None, excluded: set[int], wraps: bool) -> list[int]:
        """List what may follow: the rest of the round, then all of the next one."""
        order = self.playing_order()
        rest = order[order.index(left) + 1 :] if left in order else order
        return [entry for entry in rest + (order if wraps else []) if entry not in excluded]

    def rest_of_round(self, excluded: set[int]) -> list[int]:
        return self.after(self.current, excluded, wraps=False)

    def start(self, entry: int | None) -> None:
        self.current = entry
        if entry is not None:
            self.row(entry).priority = 0

    def finish(self, skip: set[int]) -> list[int]:
        """Let the current song end; returns which songs may follow (empty: none)."""
        left = self.current
        assert left is not None
        if left in skip:
            return self.after(left, skip, self.repeat)
        repeats = self.single != "0" and self.repeat and self.consume == "0"
        follows = [left] if repeats else self._after_consuming(left, skip)
        if self.consume != "0":
            self.rows = [row for row in self.rows if row.id != left]
        self.single = "0" if self.single == "oneshot" else self.single
        self.consume = "0" if self.consume == "oneshot" else self.consume
        return follows

    def skip_next(self) -> list[int]:
        """Go on; returns which songs may follow (empty: none)."""
        if self.current is None:
            raise Refused(NOT_PLAYING)
        left = self.current
        follows = self._after_consuming(left, set())
        if self.consume != "0":
            self.rows = [row for row in self.rows if row.id != left]
        self.consume = "0" if self.consume == "oneshot" else self.consume
        return follows

    def previous(self) -> int:
        if self.current is None:
            raise Refused(NOT_PLAYING)
        order = self.playing_order()
        index = order.index(self.current)
        if index > 0:
            return order[index - 1]
        return order[-1] if self.repeat else self.current

    def _after_consuming(self, left: int, skip: set[int]) -> list[int]:
        excluded = skip | {left} if self.consume != "0" else skip
        return self.after(left, excluded, self.repeat)

    def _span(self, start: int, end: int | None) -> set[int]:
        if not 0 <= start <= len(self.rows):
            raise Refused(BAD_ARGUMENT)
        return {row.id for row in self.rows[start:end]}

    def _place_of_current(self) -> int:
        if self.current is None:
            raise Refused(NOT_PLAYING)
        return self.ids().index(self.current)
