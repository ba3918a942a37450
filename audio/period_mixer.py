"""The mix, a period at a time: which frames of which passages sum up to the next output frames.

Pure in the sense that matters: no thread, no clock, no device. Given the same plan, rings and
calls it gives the same frames, and that is what makes going back possible. Up to a device
buffer of frames is mixed before it is heard; when a listener pauses or skips, that part is
thrown away by the device, and ``rewind`` puts every playhead back to what was heard: it takes
the checkpoint before that frame and repeats the mixing up to it.

Time is counted in output frames since the mixer was made. Marks ("this passage began here")
carry such a frame number and are handed out by ``heard`` once the device has got there, so a
boundary that was mixed but never heard has never been reported either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from audio.decay import Decay
from audio.marks import Began, Ended, Mark, Overlapped, Starved
from audio.master import Master, MasterState
from audio.mix_history import MixHistory
from audio.ring import Block, Ring
from audio.voice import Scratch, Voice
from playback.plan import EnginePlan, Slot
from playback.player import PlayerState
from playback.units import ChainId, Frames

DECLICK_S: Final = 0.005
SLEW_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """Everything that mixing one period changes, as it was before."""

    frame: int
    voices: tuple[Voice, ...]
    leaving: tuple[Voice, ...]
    done: frozenset[ChainId]
    starved: bool
    decay: Decay
    master: MasterState


class PeriodMixer:
    """Mixes the slots of a plan in their order, each from its ring.

    Args:
        rate_hz: the working rate.
        period: the most frames mixed at once.
    """

    def __init__(self, *, rate_hz: int, period: Frames) -> None:
        self._rate_hz = rate_hz
        self._period = int(period)
        self._scratch = Scratch(self._period)
        self._spill: Block = np.empty((self._period, 2), dtype=np.float32)
        self._declick = max(1, round(DECLICK_S * rate_hz))
        self._slew = max(1, round(SLEW_S * rate_hz))
        self._plan = EnginePlan(0, PlayerState.STOP)
        self._rings: dict[ChainId, Ring] = {}
        self._newest = ChainId(0)  # a ring beyond it has come before its plan
        self._voices: list[Voice] = []
        self._leaving: list[Voice] = []
        self._done: set[ChainId] = set()
        self._starved = False
        self._begun: dict[ChainId, int] = {}  # chain → output frame of its beginning
        self._repeating = False
        self._master = Master(self._period)
        self._decay = Decay(self._declick)
        self._dry = False
        self._last_frame = (0.0, 0.0)
        self._frame = 0
        self._history: MixHistory[_Checkpoint] = MixHistory()

    # What it is doing

    @property
    def frame(self) -> int:
        """Output frames mixed so far."""
        return self._frame

    @property
    def sounding(self) -> tuple[Slot, ...]:
        """The slots that are being mixed: one, or two in an overlap; none while starved."""
        return () if self._starved else tuple(voice.slot for voice in self._voices)

    @property
    def starved(self) -> tuple[ChainId, ...]:
        """The chains that stand still because one of their rings has run dry."""
        return tuple(voice.chain for voice in self._voices) if self._starved else ()

    @property
    def idle(self) -> bool:
        """True if mixing on would give nothing but silence."""
        silent = self._starved or not self._voices
        return silent and not self._leaving and self._decay.over

    @property
    def unheard(self) -> bool:
        """True while marks wait for their frame to be heard."""
        return self._history.unheard

    @property
    def wanted(self) -> Slot | None:
        """The first slot of the plan that has not been mixed to its end."""
        return next((slot for slot in self._plan.slots if slot.chain not in self._done), None)

    @property
    def completed(self) -> frozenset[ChainId]:
        """Planned chains that have been mixed to their end."""
        return frozenset(self._done)

    @property
    def source_bits(self) -> int:
        """The most significant bits that any sounding source has; 0 if none sounds."""
        return max((voice.ring.source_bits for voice in self._voices), default=0)

    def ring(self, chain: ChainId) -> Ring | None:
        """Return the chain's ring if it has been handed over."""
        return self._rings.get(chain)

    # What it is told

    def add_ring(self, chain: ChainId, ring: Ring) -> None:
        """Take over a chain's ring."""
        self._rings[chain] = ring

    def follow(self, plan: EnginePlan) -> tuple[Voice, ...]:
        """Take over a newer plan.

        Voices whose chain is no longer planned begin to leave; edited envelopes are slewed;
        an overlap that has begun goes on as it was unless one of its sides is gone.

        Returns:
            The voices that have begun to leave.
        """
        self._plan = plan
        stay = [voice for voice in self._voices if plan.slot(voice.chain) is not None]
        if stay and (self.wanted is None or stay[0].chain != self.wanted.chain):
            stay = []
        gone = tuple(voice for voice in self._voices if voice not in stay)
        self._dismiss(gone)
        self._refresh()
        planned = {slot.chain for slot in plan.slots}
        self._done &= planned
        self._begun = {chain: at for chain, at in self._begun.items() if chain in planned}
        self._newest = max(planned, default=self._newest)
        self._rings = {
            chain: ring
            for chain, ring in self._rings.items()
            if chain in planned or chain > self._newest
        }
        return gone

    def disturbs(self, plan: EnginePlan) -> bool:
        """Return whether following ``plan`` would silence something that is being mixed."""
        slots = (slot for slot in plan.slots if slot.chain not in self._done)
        first = next(slots, None)
        return any(plan.slot(voice.chain) is None for voice in self._voices) or (
            bool(self._voices) and (first is None or first.chain != self._voices[0].chain)
        )

    def startable(self, threshold: int) -> Slot | None:
        """Return the slot that ``begin`` may be called with now, if there is one.

        Nothing may be sounding, and the rings it needs must be complete or hold ``threshold``.
        """
        if self._voices and not self._starved:
            return None
        slot = self._voices[0].slot if self._voices else self.wanted
        chains = [voice.chain for voice in self._voices] or ([slot.chain] if slot else [])
        rings = [self._rings.get(chain) for chain in chains]
        filled = all(ring and (ring.complete or ring.level >= threshold) for ring in rings)
        return slot if filled else None

    def begin(self, slot: Slot) -> None:
        """Start a slot from its ring, or go on after it starved."""
        if self._starved:
            self._starved = False
            self._decay = Decay(self._declick)
            for voice in self._voices:
                voice.ramp, voice.ramp_up, voice.ramped = self._declick, True, 0
            return
        self._start(Voice.of(slot, self._rings[slot.chain], self._rate_hz, ramp=self._declick))

    def leave_all(self) -> tuple[Voice, ...]:
        """Let everything that sounds fall silent, for a stop."""
        gone = tuple(self._voices)
        self._dismiss(gone)
        return gone

    def set_volume(self, volume: int) -> None:
        """Follow MPD's volume (0–100) within one period, or at once if nothing sounds."""
        self._master.set_volume(volume, at_once=self.idle)

    def ramp_up(self, frames: int) -> None:
        """Rise from silence within the next ``frames`` frames, for a resume."""
        self._master.rise(frames)

    def silence(self) -> None:
        """Forget what was falling silent; right while the output is not playing."""
        self._leaving.clear()

    def forget_done(self) -> None:
        """Let every planned slot be wanted again, for a stop or a fresh start."""
        self._done.clear()

    # Mixing

    def render(self, out: Block) -> bool:
        """Mix the next ``len(out)`` ≤ period frames into ``out`` (frames, 2).

        Returns:
            True if the frames differ from those of a single source at unity gain.
        """
        self._history.checkpoint(self._checkpoint())
        return self._mix(out)

    def rewind(self, frame: int) -> None:
        """Go back to output frame ``frame``; what was mixed beyond it never happened.

        Raises:
            ValueError: the frame lies before the oldest checkpoint.
        """
        if frame >= self._frame:
            return
        self._restore(self._history.back_to(frame))
        marks = self._history.marks()
        self._repeating = True
        while self._frame < frame:
            self._mix(self._spill[: min(self._period, frame - self._frame)])
        self._repeating = False
        self._history.restore_marks(marks)
        self._refresh()

    def tail(self, out: Block) -> None:
        """Render the few frames that fall silent from here into ``out``, and stay here.

        Nothing is consumed: what is faded now is what a resume begins with.
        """
        before, marks = self._checkpoint(), self._history.marks()
        ramp = min(self._declick, len(out))
        self._mix(out[:ramp])
        gains = self._scratch.gains[:ramp]
        np.subtract(np.float32(ramp - 1), self._scratch.count[:ramp], out=gains)
        gains /= np.float32(ramp)
        out[:ramp] *= gains
        out[ramp:] = 0.0
        self._restore(before)
        self._history.restore_marks(marks)
        self._history.drop_pieces_from(self._frame)

    def heard(self, frame: int) -> list[Mark]:
        """Hand out, in order, the marks up to the output frame that the device has reached."""
        return self._history.heard(frame)

    def position(self, frame: int) -> tuple[Slot, Frames] | None:
        """Return which slot sounded first at output frame ``frame``, and how far it was."""
        return self._history.position(frame)

    # The inside of a period

    def _mix(self, out: Block) -> bool:
        altered = False
        filled = 0
        while filled < len(out):
            self._end_due()
            self._begin_due()
            self._end_due()
            count = self._until_boundary(len(out) - filled)
            if count <= 0:
                altered |= self._fall_silent(out, filled)
                break
            altered |= self._sum(out[filled : filled + count])
            filled += count
            self._frame += count
        self._end_due()
        self._last_frame = out[-1, 0], out[-1, 1]
        return self._master.apply(out) or altered

    def _begin_due(self) -> None:
        """Begin the next slot if the sounding one has reached the overlap, or its end."""
        if self._starved or len(self._voices) > 1:
            return
        if self._voices:
            head = self._voices[0]
            due = head.frames_to_overlap()
            if due is None or due > 0:
                return
            entering = self._after(head.chain)
        elif self._done:
            entering = self.wanted
        else:
            return
        ring = None if entering is None else self._rings.get(entering.chain)
        if entering is None or ring is None or not self._joinable(ring):
            return
        if self._repeating and not self._had_begun(entering.chain):
            return
        voice = Voice.of(entering, ring, self._rate_hz)
        if self._voices:
            voice.enter_late(self._voices[0])
            self._history.mark(self._frame, Overlapped(self._voices[0].slot, entering))
        self._start(voice)

    def _joinable(self, ring: Ring) -> bool:
        return ring.complete or ring.level >= self._period

    def _had_begun(self, chain: ChainId) -> bool:
        """Return whether the chain sounded here before; a late one may not be early this time."""
        return self._begun.get(chain, self._frame + 1) <= self._frame

    def _start(self, voice: Voice) -> None:
        if not self._repeating:
            self._begun[voice.chain] = self._frame
        self._voices.append(voice)
        self._history.mark(self._frame, Began(voice.slot))

    def _after(self, chain: ChainId) -> Slot | None:
        slots = self._plan.slots
        for index, slot in enumerate(slots):
            if slot.chain == chain:
                return slots[index + 1] if index + 1 < len(slots) else None
        return None

    def _until_boundary(self, wanted: int) -> int:
        """Return how many frames can be mixed before something begins, ends or runs dry."""
        if self._starved or not self._voices:
            return min((self._leave_frames(wanted, v) for v in self._leaving), default=0)
        count = min(wanted, *(voice.available for voice in self._voices))
        if len(self._voices) == 1:
            due = self._voices[0].frames_to_overlap()
            if due is not None and due > 0:
                count = min(count, due)
        if count == 0:
            self._starve()
        return count

    def _leave_frames(self, wanted: int, voice: Voice) -> int:
        return min(wanted, voice.available, voice.ramp - voice.ramped)

    def _starve(self) -> None:
        """Stop both inputs of the mix: they advance by the same count or not at all."""
        self._starved = True
        dry = next(voice for voice in self._voices if voice.available <= 0)
        self._dry = True
        self._history.mark(self._frame, Starved(dry.slot))

    def _sum(self, out: Block) -> bool:
        altered = False
        first = True
        if self._voices and not self._starved:
            head = self._voices[0]
            self._history.piece(self._frame, len(out), head.slot, head.position)
        for voice in () if self._starved else self._voices:
            altered |= voice.mix_into(out, self._scratch, first=first)
            first = False
        for voice in self._leaving:
            if first:
                out[:] = 0.0
                first = False
            part = out[: self._leave_frames(len(out), voice)]
            voice.mix_into(part, self._scratch, first=False)
            altered = True
        return altered

    def _end_due(self) -> None:
        self._leaving = [voice for voice in self._leaving if not voice.left]
        while any(voice.exhausted for voice in self._voices):
            voice = next(voice for voice in self._voices if voice.exhausted)
            self._voices.remove(voice)
            self._done.add(voice.chain)
            self._history.mark(self._frame, Ended(voice.slot, Frames(voice.position)))
            self._refresh()

    def _dismiss(self, gone: tuple[Voice, ...]) -> None:
        """Let voices fall silent; one that starved is silent already."""
        for voice in gone:
            self._voices.remove(voice)
            voice.leave(self._declick)
            if not self._starved:
                self._leaving.append(voice)
        if not self._voices:
            self._starved = False

    def _refresh(self) -> None:
        """Bring a voice that sounds alone up to the plan; an overlap goes on as it began."""
        if len(self._voices) == 1:
            voice = self._voices[0]
            slot = self._plan.slot(voice.chain)
            if slot is not None and slot != voice.slot:
                voice.change(slot, self._slew)

    def _fall_silent(self, out: Block, filled: int) -> bool:
        """Fill the rest of a period; a mix that has just run dry decays from its last frame."""
        if self._dry:
            self._dry = False
            last = (out[filled - 1, 0], out[filled - 1, 1]) if filled else self._last_frame
            self._decay = Decay(self._declick, last)
            self._history.checkpoint(self._checkpoint())
        decays = not self._decay.over
        self._decay = self._decay.fill(out[filled:])
        self._frame += len(out) - filled
        return decays

    def _checkpoint(self) -> _Checkpoint:
        return _Checkpoint(
            self._frame,
            tuple(voice.copy() for voice in self._voices),
            tuple(voice.copy() for voice in self._leaving),
            frozenset(self._done),
            self._starved,
            self._decay,
            self._master.state(),
        )

    def _restore(self, point: _Checkpoint) -> None:
        self._frame = point.frame
        self._voices = [voice.copy() for voice in point.voices]
        self._leaving = [voice.copy() for voice in point.leaving]
        self._done = set(point.done)
        self._starved = point.starved
        self._decay = point.decay
        self._master.go_back(point.master)
        for voice in (*self._voices, *self._leaving):
            voice.ring.step_to(Frames(voice.position))
