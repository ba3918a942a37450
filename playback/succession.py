"""What plays after what: repeat, single and consume applied to a play order."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, Protocol

from playback.entry_table import EntryTable
from playback.options import Options, Switch
from playback.play_order import Place
from playback.units import EntryId

BEFORE_FIRST: Final = Place(0, -1)
NO_ENTRIES: Final[frozenset[EntryId]] = frozenset()


class Rounds(Protocol):
    """A play order: the same entries in every round."""

    def __len__(self) -> int:
        """Return how many entries a round has."""

    def at(self, place: Place) -> EntryId:
        """Return the entry at a place."""


class PositionOrder:
    """The play order without ``random``: every round runs through the positions."""

    def __init__(self, table: EntryTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def at(self, place: Place) -> EntryId:
        """Return the entry at a place of any round."""
        return self._table[place.offset].id


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a song's end.

    Attributes:
        place: where playing goes on; None if it ends.
        options: as they are then; a oneshot has fallen back.
        consumes: the song that has ended leaves the queue.
        pauses: the following song does not start by itself (``single``).
    """

    place: Place | None
    options: Options
    consumes: bool = False
    pauses: bool = False


def step_after(
    rounds: Rounds,
    place: Place,
    options: Options,
    skip: AbstractSet[EntryId],
    gone: AbstractSet[EntryId] = NO_ENTRIES,
) -> Step:
    """Work out what follows when the song at ``place`` has ended by itself.

    Args:
        rounds: the play order.
        place: of the song that has ended.
        options: as they are now.
        skip: entries that cannot be decoded. Such a song has not played: it is left without
            regard to ``single`` and is not consumed.
        gone: entries that will have been consumed by then.
    """
    entry = rounds.at(place)
    if entry in skip:
        return Step(following(rounds, place, options.repeat, skip | gone), options)
    consumes = options.consume is not Switch.OFF
    is_single = options.single is not Switch.OFF
    after = without_oneshots(options)
    if is_single and options.repeat and not consumes:
        return Step(place, after)
    excluded = skip | gone | ({entry} if consumes else NO_ENTRIES)
    next_place = following(rounds, place, options.repeat, excluded)
    return Step(next_place, after, consumes, pauses=is_single and not options.repeat)


def occurrences(
    rounds: Rounds, place: Place | None, options: Options, skip: AbstractSet[EntryId]
) -> Iterator[EntryId]:
    """Yield the entries that will sound one after another, from the one at ``place`` on.

    Ends where playing would end or pause; with ``repeat`` it need not.
    """
    gone: frozenset[EntryId] = NO_ENTRIES
    while place is not None:
        entry = rounds.at(place)
        if entry not in skip:
            yield entry
        step = step_after(rounds, place, options, skip, gone)
        if step.pauses:
            return
        if step.consumes:
            gone |= {entry}
        place, options = step.place, step.options


def following(
    rounds: Rounds, place: Place, wraps: bool, excluded: AbstractSet[EntryId]
) -> Place | None:
    """Find the next place whose entry is not excluded, at most one whole round further on."""
    length = len(rounds)
    for offset in range(place.offset + 1, length):
        candidate = Place(place.round, offset)
        if rounds.at(candidate) not in excluded:
            return candidate
    for offset in range(length if wraps else 0):
        candidate = Place(place.round + 1, offset)
        if rounds.at(candidate) not in excluded:
            return candidate
    return None


def preceding(
    rounds: Rounds, place: Place, wraps: bool, excluded: AbstractSet[EntryId]
) -> Place | None:
    """Find the place before; without one the same, or with ``wraps`` the round's last."""
    wrapped = range(len(rounds) - 1, place.offset, -1) if wraps else range(0)
    for offset in (*range(place.offset - 1, -1, -1), *wrapped, place.offset):
        candidate = Place(place.round, offset)
        if rounds.at(candidate) not in excluded:
            return candidate
    return None


def without_oneshots(options: Options) -> Options:
    """Return the options after a song: what was on for one song is off."""
    if Switch.ONESHOT not in (options.single, options.consume):
        return options
    return replace(options, single=_spent(options.single), consume=_spent(options.consume))


def _spent(switch: Switch) -> Switch:
    return Switch.OFF if switch is Switch.ONESHOT else switch
