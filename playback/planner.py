"""From the play order to an engine plan: chains bound to occurrences, transitions worked out.

A chain once bound stays with its occurrence for as long as that occurrence is ahead, so an edit
elsewhere in the queue disturbs no decoding. What has begun to sound is bound to its chain for
good: it can go on, or end, but never be started again from the same chain.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from playback.levels import AS_IT_IS, Levelling
from playback.mix_ramp import UNKNOWN_ENDS, Ends, MixRamp, ramped_overlap
from playback.overlap import Transition, closing_fade, opening_fade, plan_transition
from playback.passage import Curve, Passage
from playback.plan import EnginePlan, Envelope, Priority, Slot
from playback.player import PlayerState
from playback.units import ChainId, EntryId, Ticks


@dataclass(slots=True)
class Numbers:
    """Chain ids and plan versions; shared by all planners of one engine, so none comes twice."""

    chains: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))


PassageOf = Callable[[EntryId], Passage]
"""Looks an entry's passage up, as far as it is known now; the same object while it is the same."""

EndsOf = Callable[[EntryId], Ends]
"""Looks up both ends of an entry's passage; the same object while nothing more is known."""


def unknown_ends(_entry: EntryId) -> Ends:
    """Nothing is known of anybody's ends."""
    return UNKNOWN_ENDS


_PRIORITIES: Final = tuple(Priority)


class _Wishes(NamedTuple):
    """What a listener wants of joints."""

    crossfade_s: float
    mix_ramp: MixRamp | None
    levelling: Levelling


class _Sides(NamedTuple):
    """What a transition follows from."""

    passage: Passage
    following: Passage
    ends: Ends
    following_ends: Ends
    wishes: _Wishes

    def transition(self) -> Transition:
        """Work it out."""
        ramped, wishes = None, self.wishes
        if wishes.mix_ramp is not None:
            ends = self.ends, self.following_ends
            ramped = ramped_overlap(*ends, wishes.mix_ramp, wishes.levelling)
        return plan_transition(self.passage, self.following, wishes.crossfade_s, ramped)


class _Joint(NamedTuple):
    """A transition, and what it follows from."""

    sides: _Sides
    transition: Transition

    def is_of(self, sides: _Sides) -> bool:
        """Return whether it follows from the very same."""
        return all(map(operator.is_, self.sides, sides))


class _Shape(NamedTuple):
    """What a slot's envelope and overlap follow from."""

    passage: Passage
    before: Transition | None
    after: Transition | None

    def is_same(self, other: _Shape) -> bool:
        """Return whether both are of the very same."""
        return all(map(operator.is_, self, other))


class Planner:
    """Remembers which occurrence has which chain; everything else follows from its arguments.

    A plan is made after every message, and hardly anything in it is new then. So what was worked
    out for a pair of passages is kept while both are the same, and so are slots.
    """

    def __init__(
        self, numbers: Numbers | None = None, default_curve: Curve = Curve.EQUAL_POWER
    ) -> None:
        self._numbers = numbers or Numbers()
        self._curve = default_curve
        self._bound: list[Slot] = []
        self._begun: set[ChainId] = set()
        self._offset: Ticks | None = None  # where the head is to start, if not at its start
        self._wishes = _Wishes(0.0, None, AS_IT_IS)
        self._joints: dict[ChainId, _Joint] = {}  # by the first one's chain
        self._shapes: dict[ChainId, _Shape] = {}

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the latest plan."""
        return tuple(self._bound)

    def has_begun(self, chain: ChainId) -> None:
        """Note that the chain has sounded."""
        self._begun.add(chain)

    def did_begin(self, chain: ChainId) -> bool:
        """Return whether the chain has sounded."""
        return chain in self._begun

    def advance(self) -> None:
        """The head has sounded to its end: the next slot goes on as the head it will become."""
        if self._bound:
            self._begun.discard(self._bound.pop(0).chain)

    def restart(self, offset: Ticks | None = None) -> None:
        """Let the head begin anew, at ``offset`` (file-absolute) or at its passage's start.

        A head that is prepared but has not begun is used as it is if it starts at its start.
        Whatever else has begun to sound beside the head cannot be used again either.
        """
        self._offset = offset
        keep = self._bound[:1] if offset is None else []
        keep = [slot for slot in keep if slot.chain not in self._begun and not _is_moved(slot)]
        ahead = [slot for slot in self._bound[1:] if slot.chain not in self._begun]
        self._bound = keep + ahead

    def unbind(self, entry: EntryId) -> None:
        """Let the entry's prepared chains go: what they decode is no longer what it will play."""
        self._bound = [
            slot for slot in self._bound if slot.entry != entry or slot.chain in self._begun
        ]

    def forget(self) -> None:
        """Bind everything anew; the engine's own memory is gone."""
        self._bound.clear()
        self._begun.clear()

    def plan(
        self,
        state: PlayerState,
        upcoming: Sequence[EntryId],
        passage_of: PassageOf,
        *,
        crossfade_s: float,
        volume: int,
        levelling: Levelling = AS_IT_IS,
        mix_ramp: MixRamp | None = None,
        ends_of: EndsOf = unknown_ends,
    ) -> EnginePlan:
        """Derive the plan for entries in the order in which they will sound."""
        slots = self._bind(upcoming, passage_of)
        wishes = _Wishes(crossfade_s, mix_ramp, levelling)
        if wishes != self._wishes:
            self._wishes = wishes
        self._bound = self._join(slots, unknown_ends if mix_ramp is None else ends_of)
        self._begun &= {slot.chain for slot in self._bound}
        return EnginePlan(next(self._numbers.versions), state, self.slots, volume, levelling)

    def _bind(self, upcoming: Sequence[EntryId], passage_of: PassageOf) -> list[Slot]:
        """Bind each occurrence to a chain, to the one it has if that can still be used.

        What has begun to sound can only sound on: at the head, or right behind what has begun
        before it. Once something else comes in between it is over, and its occurrence gets a
        chain anew.
        """
        begun = [slot for slot in self._bound if slot.chain in self._begun]
        ahead = [slot for slot in self._bound if slot.chain not in self._begun]
        slots = []
        for index, entry in enumerate(upcoming):
            passage = passage_of(entry)
            slot = next((slot for slot in begun if _is_of(slot, entry, passage)), None)
            begun = [] if slot is None else begun[begun.index(slot) + 1 :]
            slot = slot or self._prepared(ahead, entry, passage, is_head=index == 0)
            priority = _PRIORITIES[min(index, Priority.PREFETCH)]
            if slot.passage is not passage or slot.priority is not priority:
                slot = replace(slot, passage=passage, priority=priority)
            slots.append(slot)
        self._offset = None
        return slots

    def _prepared(
        self, ahead: list[Slot], entry: EntryId, passage: Passage, *, is_head: bool
    ) -> Slot:
        """Take the slot that is prepared for this occurrence, or bind a new chain to it."""
        wanted = self._offset if is_head else None
        for slot in ahead:
            if _is_of(slot, entry, passage) and _begins_as(slot, passage):
                if wanted not in (None, slot.offset):
                    break
                ahead.remove(slot)
                return slot
        chain = ChainId(next(self._numbers.chains))
        offset = passage.start if wanted is None else wanted
        return Slot(chain, entry, passage, offset, Priority.PREFETCH)

    def _join(self, slots: list[Slot], ends_of: EndsOf) -> list[Slot]:
        """Give each slot its envelope and its overlap with the following one."""
        joined, joints, shapes = [], {}, {}
        before: Transition | None = None
        for slot, following in itertools.zip_longest(slots, slots[1:]):
            after = None
            if following is not None:
                joints[slot.chain] = self._joint(slot, following, ends_of)
                after = joints[slot.chain].transition
            shapes[slot.chain] = _Shape(slot.passage, before, after)
            joined.append(self._shape(slot, shapes[slot.chain]))
            before = after
        self._joints, self._shapes = joints, shapes
        return joined

    def _joint(self, slot: Slot, following: Slot, ends_of: EndsOf) -> _Joint:
        ends = ends_of(slot.entry), ends_of(following.entry)
        sides = _Sides(slot.passage, following.passage, *ends, self._wishes)
        known = self._joints.get(slot.chain)
        if known is not None and known.is_of(sides):
            return known
        return _Joint(sides, sides.transition())

    def _shape(self, slot: Slot, shape: _Shape) -> Slot:
        was = self._shapes.get(slot.chain)
        if was is not None and was.is_same(shape):
            return slot
        passage, before, after = shape
        envelope = Envelope(
            before.fade_in_end if before else opening_fade(passage),
            passage.fade_in_curve or self._curve,
            after.fade_out_start if after else closing_fade(passage),
            passage.fade_out_curve or self._curve,
        )
        overlap = after.overlap if after else Ticks(0)
        return replace(slot, envelope=envelope, overlap=overlap)


def _is_of(slot: Slot, entry: EntryId, passage: Passage) -> bool:
    return (slot.entry, slot.passage.uri) == (entry, passage.uri)


def _begins_as(slot: Slot, passage: Passage) -> bool:
    """Whether what is decoded begins where the passage does now, or where a seek went in it."""
    if slot.passage.start == passage.start:
        return True
    return _is_moved(slot) and slot.offset >= passage.start


def _is_moved(slot: Slot) -> bool:
    return slot.offset != slot.passage.start
