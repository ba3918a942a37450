"""Who sounds: which slots of the plan have a voice now, and what begins or ends at a frame.

One voice sounds, or two in an overlap; more are never needed (``playback/overlap.py``). Besides,
voices may be *leaving*: taken out of the plan, they fall silent within the declick ramp. If a
ring runs dry, all voices stand still together until all their rings are filled again.

Nothing here looks at a clock or changes a frame. ``turn`` lets happen what is due at the frame
that is mixed next, ``span`` says how far the mix can go until the next turn.
"""

from __future__ import annotations

from typing import NamedTuple

from audio.marks import Began, Ended, Mark, Overlapped, Starved
from audio.ring import Ring
from audio.voice import Voice
from playback.plan import EnginePlan, Slot
from playback.player import PlayerState
from playback.units import ChainId, Frames


class EnsembleState(NamedTuple):
    """Everything that mixing changes in an ensemble, as it was before."""

    voices: tuple[Voice, ...]
    leaving: tuple[Voice, ...]
    done: frozenset[ChainId]
    starved: bool


class Ensemble:
    """The voices of a plan.

    Args:
        rate_hz: the working rate.
        period: frames that a ring must hold before its slot joins what is sounding.
        declick: frames of the ramp with which a voice leaves, or starts inside its passage.
        slew: frames within which an edited gain moves to its new value.
    """

    def __init__(self, *, rate_hz: int, period: int, declick: int, slew: int) -> None:
        self._rate_hz = rate_hz
        self._period = period
        self._declick = declick
        self._slew = slew
        self._plan = EnginePlan(0, PlayerState.STOP)
        self._rings: dict[ChainId, Ring] = {}
        self._newest = ChainId(0)  # a ring beyond it has come before its plan
        self._done: set[ChainId] = set()
        self.voices: list[Voice] = []
        self.leaving: list[Voice] = []
        self.starved = False

    @property
    def sounding(self) -> list[Voice]:
        """The voices that are mixed: none while they are starved."""
        return [] if self.starved else self.voices

    @property
    def done(self) -> frozenset[ChainId]:
        """Planned chains that have been mixed to their end."""
        return frozenset(self._done)

    @property
    def ahead(self) -> list[Slot]:
        """The plan's slots that have not been mixed to their end."""
        return [slot for slot in self._plan.slots if slot.chain not in self._done]

    @property
    def wanted(self) -> Slot | None:
        """The first of the slots ahead."""
        return next(iter(self.ahead), None)

    def ring(self, chain: ChainId) -> Ring | None:
        """Return the chain's ring if it has been handed over."""
        return self._rings.get(chain)

    def add_ring(self, chain: ChainId, ring: Ring) -> None:
        """Take over a chain's ring."""
        self._rings[chain] = ring

    # The plan

    def follow(self, plan: EnginePlan) -> tuple[Voice, ...]:
        """Take over a newer plan; returns the voices that have begun to leave.

        Who sounds goes on while the plan has it in the same order: the first two of its slots,
        or the first. An overlap that has begun goes on as it was unless one of its sides is gone.
        """
        self._plan = plan
        stay = [voice for voice in self.voices if plan.slot(voice.chain) is not None]
        order = [slot.chain for slot in self.ahead]
        while stay and [voice.chain for voice in stay] != order[: len(stay)]:
            stay.pop()
        gone = tuple(voice for voice in self.voices if voice not in stay)
        self.dismiss(gone)
        self.refresh()
        self._let_go_of_rings()
        return gone

    def _let_go_of_rings(self) -> None:
        planned = {slot.chain for slot in self._plan.slots}
        self._done &= planned
        self._newest = max(planned, default=self._newest)
        self._rings = {
            chain: ring
            for chain, ring in self._rings.items()
            if chain in planned or chain > self._newest
        }

    def dismiss(self, gone: tuple[Voice, ...]) -> None:
        """Let voices fall silent; those that starved, or were never heard, are silent already."""
        for voice in gone:
            self.voices.remove(voice)
            voice.leave(self._declick)
            if not self.starved and not voice.is_new:
                self.leaving.append(voice)
        if not self.voices:
            self.starved = False

    def leave_all(self) -> tuple[Voice, ...]:
        """Let everything fall silent, for a stop: each planned slot will begin anew."""
        gone = tuple(self.voices)
        self.dismiss(gone)
        self._done.clear()
        return gone

    def refresh(self) -> None:
        """Bring what sounds up to the plan; an overlap goes on as it began, but for levels."""
        for voice in self.voices:
            voice.set_replay_gain(self._replay_gain(voice.ring), self._slew)
        if len(self.voices) == 1:
            voice = self.voices[0]
            slot = self._plan.slot(voice.chain)
            if slot is not None and slot != voice.slot:
                voice.change(slot, self._slew)

    # Starting

    def startable(self, threshold: int) -> Slot | None:
        """Return the slot that ``begin`` may be called with now, if there is one.

        Nothing may be sounding, and the rings it needs must be complete or hold ``threshold``.
        """
        if self.sounding:
            return None
        first = self.voices[0] if self.voices else self._voice(self.wanted)
        if first is None:
            return None
        filled = all(voice.has_ready(threshold) for voice in self.voices or [first])
        return first.slot if filled else None

    def begin(self, slot: Slot) -> list[Mark]:
        """Start a slot from its ring, or go on after it starved."""
        if self.starved:
            self.starved = False
            for voice in self.voices:
                voice.arrive(self._declick)
            return []
        ring = self._rings[slot.chain]
        gain = self._replay_gain(ring)
        voice = Voice.of(slot, ring, self._rate_hz, replay_gain=gain, ramp=self._declick)
        self.voices.append(voice)
        return [Began(slot)]

    def _voice(self, slot: Slot | None) -> Voice | None:
        """Return a voice for a slot if its ring is there; it does not sound yet."""
        ring = None if slot is None else self._rings.get(slot.chain)
        if slot is None or ring is None:
            return None
        return Voice.of(slot, ring, self._rate_hz, replay_gain=self._replay_gain(ring))

    def _replay_gain(self, ring: Ring) -> float:
        """Return the gain for a file; what it says of itself is known before its first frame."""
        return self._plan.levelling.gain(ring.levels)

    # The frame that is mixed next

    def turn(self) -> list[Mark]:
        """Let passages end, begin, or stand still, as is due now."""
        self.leaving = [voice for voice in self.leaving if not voice.left]
        marks: list[Mark] = []
        while due := self.end_due() or self._begin_due():
            marks += due
        dry = next((voice for voice in self.sounding if voice.available <= 0), None)
        if dry is not None:  # all advance by the same count or not at all
            self.starved = True
            marks.append(Starved(dry.slot))
        return marks

    def end_due(self) -> list[Mark]:
        """Let passages end whose last frame has been mixed."""
        ended = [voice for voice in self.voices if voice.exhausted]
        for voice in ended:
            self.voices.remove(voice)
            self._done.add(voice.chain)
        if ended:
            self.starved = self.starved and bool(self.voices)
            self.refresh()
        return [Ended(voice.slot, Frames(voice.position)) for voice in ended]

    def _begin_due(self) -> list[Mark]:
        """Begin the next slot if the sounding one has reached the overlap, or its end."""
        voice = self._voice(self._entering())
        if voice is None or not voice.has_ready(self._period):
            return []
        marks: list[Mark] = [Began(voice.slot)]
        if self.voices:
            voice.enter_late(self.voices[0])
            marks.insert(0, Overlapped(self.voices[0].slot, voice.slot))
        self.voices.append(voice)
        return marks

    def _entering(self) -> Slot | None:
        """Return the slot whose turn it is by itself."""
        if not self.voices:
            return self.wanted if self._done else None
        due = self.voices[0].frames_to_overlap()
        if len(self.voices) > 1 or self.starved or due is None or due > 0:
            return None
        chains = [slot.chain for slot in self._plan.slots]
        head = self.voices[0].chain
        after = chains.index(head) + 1 if head in chains else len(chains)
        following = self._plan.slots[after] if after < len(chains) else None
        return None if following is None or following.chain in self._done else following

    def span(self, most: int) -> int:
        """Return how many frames, at most ``most``, can be mixed until the next turn.

        0 if there is nothing to mix.
        """
        if not self.sounding:
            return min((left for v in self.leaving if (left := v.leave_frames(most))), default=0)
        count = min(most, *(voice.available for voice in self.voices))
        if len(self.voices) == 1:
            due = self.voices[0].frames_to_overlap()
            if due is not None and due > 0:
                count = min(count, due)
        return count

    # Going back

    def state(self) -> EnsembleState:
        """Return what ``restore`` takes."""
        return EnsembleState(
            tuple(voice.copy() for voice in self.voices),
            tuple(voice.copy() for voice in self.leaving),
            self.done,
            self.starved,
        )

    def restore(self, state: EnsembleState) -> None:
        """Be as it was; what has begun since then has not."""
        self.voices = [voice.copy() for voice in state.voices]
        self.leaving = [voice.copy() for voice in state.leaving]
        self._done = set(state.done)
        self.starved = state.starved
        for voice in (*self.voices, *self.leaving):
            voice.ring.step_to(Frames(voice.position))
