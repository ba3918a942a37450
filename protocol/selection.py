"""What find, search and their like pick: a filter, then an order, then a window.

The words behind the filter come in MPD's order, read from the end:
``FILTER… [sort [-]TAG] [window START:END] [position POS]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from library.tag_names import canonical_tag
from playback.song import Song
from protocol.arguments import Range, position_range, refused
from protocol.expressions import Matches
from protocol.matching import song_filter, values_or_fallback
from protocol.queued_songs import priority_of

T = TypeVar("T")
SortKey: TypeAlias = Callable[[Song], int | str]

_NUMERIC: Final = frozenset({"Track", "Disc"})
_NUMBER: Final = re.compile(r"\s*([+-]?\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """By what songs are sorted; equal ones stay in their order."""

    key: SortKey
    descending: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """Which songs, in which order, and how many of them.

    Attributes:
        order: None = as they come.
    """

    matches: Matches
    order: Order | None = None
    window: Range = (0, None)

    def pick(self, rows: Iterable[T], song_of: Callable[[T], Song]) -> list[T]:
        """Return the rows whose songs are selected."""
        picked = [row for row in rows if self.matches(song_of(row))]
        if self.order is not None:
            key = self.order.key
            picked.sort(key=lambda row: key(song_of(row)), reverse=self.order.descending)
        return picked[slice(*self.window)]


def selection(words: Iterable[str], *, folded: bool) -> Selection:
    """Read ``FILTER… [sort [-]TAG] [window START:END]``.

    Args:
        words: the arguments.
        folded: search instead of find: in any case, and pairs match parts of values.

    Raises:
        AckError: in MPD's words.
    """
    rest = list(words)
    window = take_option(rest, "window")
    order = take_option(rest, "sort")
    return Selection(
        window=(0, None) if window is None else position_range(window),
        order=None if order is None else _order(order),
        matches=song_filter(rest, folded=folded),
    )


def take_option(words: list[str], name: str) -> str | None:
    """Take ``NAME VALUE`` off the end of ``words``; returns the value, None if it is not there."""
    if len(words) < 2 or words[-2] != name:
        return None
    value = words.pop()
    words.pop()
    return value


def _order(argument: str) -> Order:
    name = argument.removeprefix("-")
    return Order(_sort_key(name), descending=argument.startswith("-"))


def _sort_key(name: str) -> SortKey:
    if name.lower() == "last-modified":
        return lambda song: song.last_modified or 0
    if name.lower() == "prio":
        return priority_of
    tag = canonical_tag(name)
    if tag is None:
        raise refused("Unknown sort tag")
    if tag in _NUMERIC:
        return lambda song: _leading_number(values_or_fallback(song, tag)[0])
    return lambda song: values_or_fallback(song, tag)[0]


def _leading_number(value: str) -> int:
    found = _NUMBER.match(value)
    return int(found[1]) if found else 0
