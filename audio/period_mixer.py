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
from audio.ensemble import Ensemble, EnsembleState
from audio.lookahead import Lookahead, LookaheadState
from audio.marks import Mark, Overlapped
from audio.master import Master, MasterState
from audio.mix_history import MixHistory
from audio.ring import Block, Ring
from audio.voice import Scratch, Voice
from playback.plan import EnginePlan, Slot
from playback.units import ChainId, Frames

DECLICK_S: Final = 0.005
SLEW_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """Everything that mixing changes, as it was before an output frame.

    There is one before each period and one after each turn of the ensemble, so between a frame
    that was heard and the checkpoint before it nothing begins or ends.
    """

    frame: int
    ensemble: EnsembleState
    ahead: LookaheadState
    decay: Decay
    last_frame: tuple[float, float]
    master: MasterState


class PeriodMixer:
    """Mixes the slots of a plan in their order, each from its ring.

    Args:
        rate_hz: the working rate.
        period: the most frames mixed at once.
    """

    def __init__(self, *, rate_hz: int, period: Frames) -> None:
        self._period = int(period)
        self._scratch = Scratch(self._period)
        self._spill: Block = np.empty((self._period, 2), dtype=np.float32)
        self._spare: Block = np.empty((self._period, 2), dtype=np.float32)
        self._declick = max(1, round(DECLICK_S * rate_hz))
        self._ensemble = Ensemble(
            rate_hz=rate_hz,
            period=self._period,
            declick=self._declick,
            slew=max(1, round(SLEW_S * rate_hz)),
        )
        self._master = Master(self._period)
        self._ahead = Lookahead(rate_hz, self._period)
        self._decay = Decay(self._declick)
        self._tail_frames = min(self._declick, self._period)
        self._before_tail: _Checkpoint | None = None
        self._last_frame = (0.0, 0.0)  # of what sounded, leaving voices not counted
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
        return tuple(voice.slot for voice in self._ensemble.sounding)

    @property
    def starved(self) -> tuple[ChainId, ...]:
        """The chains that stand still because one of their rings has run dry."""
        voices = self._ensemble.voices if self._ensemble.starved else []
        return tuple(voice.chain for voice in voices)

    @property
    def idle(self) -> bool:
        """True if mixing on would give nothing but silence."""
        ensemble = self._ensemble
        return not ensemble.sounding and not ensemble.leaving and self._decay.over

    @property
    def unheard(self) -> bool:
        """True while marks wait for their frame to be heard."""
        return self._history.unheard

    @property
    def completed(self) -> frozenset[ChainId]:
        """Planned chains that have been mixed to their end."""
        return self._ensemble.done

    @property
    def source_bits(self) -> int:
        """The most significant bits that any sounding source has; 0 if none sounds."""
        return max((voice.ring.source_bits for voice in self._ensemble.voices), default=0)

    def ring(self, chain: ChainId) -> Ring | None:
        """Return the chain's ring if it has been handed over."""
        return self._ensemble.ring(chain)

    # What it is told

    def add_ring(self, chain: ChainId, ring: Ring) -> None:
        """Take over a chain's ring."""
        self._ensemble.add_ring(chain, ring)

    def follow(self, plan: EnginePlan) -> tuple[Voice, ...]:
        """Take over a newer plan.

        Voices that are not to sound now begin to leave; edited envelopes are slewed; an overlap
        that has begun goes on as it was unless one of its sides is gone.

        Returns:
            The voices that have begun to leave.
        """
        return self._ensemble.follow(plan)

    def disturbs(self, plan: EnginePlan, heard: int) -> bool:
        """Return whether what is mixed beyond frame ``heard`` is not what ``plan`` wants there."""
        ensemble = self._ensemble
        mixed = self._history.chains_after(heard)
        mixed += [voice.chain for voice in ensemble.voices if voice.chain not in mixed]
        wanted = [
            slot.chain
            for slot in plan.slots
            if slot.chain in mixed or slot.chain not in ensemble.done
        ]
        return wanted[: len(mixed)] != mixed

    def startable(self, threshold: int) -> Slot | None:
        """Return the slot that ``begin`` may be called with now, if there is one.

        Nothing may be sounding, and the rings it needs must be complete or hold ``threshold``.
        """
        return self._ensemble.startable(threshold)

    def begin(self, slot: Slot) -> None:
        """Start a slot from its ring, or go on after it starved."""
        for mark in self._ensemble.begin(slot):
            self._history.mark(self._frame, mark)

    def leave_all(self) -> tuple[Voice, ...]:
        """Let everything fall silent, for a stop: each planned slot will begin anew.

        Returns:
            The voices that have begun to leave.
        """
        return self._ensemble.leave_all()

    def set_volume(self, volume: int) -> None:
        """Follow MPD's volume (0–100) within one period, or at once if nothing sounds."""
        self._master.set_volume(volume, at_once=self.idle)

    def ramp_up(self, frames: int) -> None:
        """Rise from silence within the next ``frames`` frames, for a resume."""
        self._master.rise(frames)

    def silence(self) -> None:
        """Forget what was falling silent or rising; right while the output is not playing."""
        self._ensemble.leaving.clear()
        self._decay = Decay(self._declick)
        self._master.settle()

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
        volume = self._master.wanted
        self._restore(self._history.back_to(frame))
        while self._frame < frame:
            self._mix(self._spill[: min(self._period, frame - self._frame)], again=True)
        self._ensemble.refresh()
        self._master.aim_at(volume)  # from where it was heard

    def tail(self, out: Block) -> None:
        """Render the few frames that fall silent from here into ``out``, and stay here.

        Nothing is consumed: what is faded now is what a resume begins with.
        """
        before, history = self._checkpoint(), self._history.copy()
        ramp = self._tail_frames
        self._before_tail = before
        self._mix(out[:ramp])
        gains = self._scratch.gains[:ramp]
        np.subtract(np.float32(ramp - 1), self._scratch.count[:ramp], out=gains)
        gains /= np.float32(ramp)
        out[:ramp] *= gains
        out[ramp:] = 0.0
        self._restore(before)
        self._history = history

    def catch_tail(self, heard: int, rise: int) -> bool:
        """Go on from within a tail of which ``heard`` frames were heard, rising from its level.

        What has left the plan since then leaves now, and so does what was leaving.

        Returns:
            False if it has fallen silent; then nothing has changed.
        """
        if self._before_tail is None or heard >= self._tail_frames:
            return False
        wanted = {voice.chain for voice in self._ensemble.voices}
        volume = self._master.wanted
        self._restore(self._before_tail)
        if heard > 0:
            self.render(self._spill[:heard])
        voices = self._ensemble.voices
        self._ensemble.dismiss(tuple(voice for voice in voices if voice.chain not in wanted))
        self._ensemble.refresh()
        self._master.rise(rise, start=self._master.risen * (1 - heard / self._tail_frames))
        self._master.aim_at(volume)
        return True

    def heard(self, frame: int) -> list[Mark]:
        """Hand out, in order, the marks up to the output frame that the device has reached."""
        return self._history.heard(frame)

    def position(self, frame: int) -> tuple[Slot, Frames] | None:
        """Return which slot sounded first at output frame ``frame``, and how far it was."""
        return self._history.position(frame)

    # The inside of a period

    def _mix(self, out: Block, *, again: bool = False) -> bool:
        """Mix; ``again`` if it was mixed before, up to the next turn at most."""
        altered = False
        filled = 0
        while filled < len(out):
            if not again:
                self._turn()
            count = self._ensemble.span(len(out) - filled)
            if count:
                altered |= self._sum(out[filled : filled + count])
            else:
                count = len(out) - filled
                out[filled:] = 0.0
            altered |= self._add_decay(out[filled : filled + count])
            filled += count
            self._frame += count
        if not again:
            self._note(self._ensemble.end_due())
        return self._master.apply(out) or altered

    def _turn(self) -> None:
        stood_still = self._ensemble.starved
        marks = self._ensemble.turn()
        if self._ensemble.starved and not stood_still:
            self._decay = Decay(self._declick, self._last_frame)
        if any(isinstance(mark, Overlapped) for mark in marks):
            self._ahead.begin()
        if marks:
            self._note(marks)
            self._history.checkpoint(self._checkpoint())

    def _note(self, marks: list[Mark]) -> None:
        for mark in marks:
            self._history.mark(self._frame, mark)

    def _sum(self, out: Block) -> bool:
        altered = False
        first = True
        for voice in self._ensemble.sounding:
            if first:
                self._history.piece(self._frame, len(out), voice.slot, voice.position)
            altered |= voice.mix_into(out, self._scratch, first=first)
            first = False
        if first:
            out[:] = 0.0
        else:
            altered |= self._hold_down(out)
            self._last_frame = out[-1, 0], out[-1, 1]
        for voice in self._ensemble.leaving:
            count = voice.leave_frames(len(out))
            if count:
                altered |= voice.mix_into(out[:count], self._scratch, first=False)
        return altered

    def _hold_down(self, out: Block) -> bool:
        """Keep an overlap within full scale, and get back from that behind it."""
        voices = self._ensemble.sounding
        if len(voices) < 2:
            return self._ahead.recover(out)
        future = self._spare[: self._ahead.window]
        future[:] = 0.0
        for voice in voices:
            known = voice.foresee(self._scratch.block[: len(future)], self._scratch)
            future[: len(known)] += known
        return self._ahead.apply(out, future)

    def _add_decay(self, out: Block) -> bool:
        """Let a mix that has run dry fall silent from its last frame."""
        if self._decay.over:
            return False
        self._decay = self._decay.add_to(out)
        return True

    def _checkpoint(self) -> _Checkpoint:
        return _Checkpoint(
            self._frame,
            self._ensemble.state(),
            self._ahead.state(),
            self._decay,
            self._last_frame,
            self._master.state(),
        )

    def _restore(self, point: _Checkpoint) -> None:
        self._frame = point.frame
        self._ensemble.restore(point.ensemble)
        self._ahead.restore(point.ahead)
        self._decay = point.decay
        self._last_frame = point.last_frame
        self._master.go_back(point.master)
