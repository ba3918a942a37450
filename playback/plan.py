"""The engine plan: the one truth about what sounds now and what will.

QueueActor derives it from the play queue after every change and sends it down whole. The
engine's actors compare it with what they have and do what is missing, so a lost or late
message can only delay, never contradict: there is one owner of "current".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from playback.levels import AS_IT_IS, Levelling
from playback.passage import Curve, Passage
from playback.player import PlayerState
from playback.units import ZERO_TICKS, ChainId, EntryId, Ticks


class Priority(enum.IntEnum):
    """Who is decoded first: by place in play order."""

    IMMEDIATE = 0
    NEXT = 1
    PREFETCH = 2


@dataclass(frozen=True, slots=True)
class Envelope:
    """A passage's effective gain envelope; points are file-absolute, None means no fade.

    The gain rises 0→1 from the passage's start to ``fade_in_end`` and falls 1→0 from
    ``fade_out_start`` to its end.
    """

    fade_in_end: Ticks | None = None
    fade_in_curve: Curve = Curve.EQUAL_POWER
    fade_out_start: Ticks | None = None
    fade_out_curve: Curve = Curve.EQUAL_POWER


@dataclass(frozen=True, slots=True)
class Slot:
    """One occurrence of a queue entry in the play order, bound to its chain.

    Attributes:
        chain: names every message about this occurrence's audio.
        offset: file-absolute tick at which decoding begins: the passage's start, or where a
            seek went.
        overlap: how long the next slot sounds together with this one's end; 0 = gapless.
    """

    chain: ChainId
    entry: EntryId
    passage: Passage
    offset: Ticks
    priority: Priority
    envelope: Envelope = Envelope()
    overlap: Ticks = ZERO_TICKS


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What the engine is to do.

    Attributes:
        version: grows by one with each plan; a receiver ignores older ones.
        state: what the player is in; when it is ``stop`` the slots are decoded up to the
            threshold only.
        slots: current first, then play order, at most ``maximum_decode_streams``; when stopped,
            current and next. Never holds an entry whose decoding failed.
        volume: 0–100.
        levelling: how the level of each file becomes its gain.
    """

    version: int
    state: PlayerState
    slots: tuple[Slot, ...] = ()
    volume: int = 100
    levelling: Levelling = AS_IT_IS

    @property
    def current(self) -> Slot | None:
        """The slot that sounds, or would after ``play``."""
        return self.slots[0] if self.slots else None

    @property
    def next(self) -> Slot | None:
        """The occurrence that follows."""
        return self.slots[1] if len(self.slots) > 1 else None

    def slot(self, chain: ChainId) -> Slot | None:
        """Find a slot by its chain."""
        return next((slot for slot in self.slots if slot.chain == chain), None)
