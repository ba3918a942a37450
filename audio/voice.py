"""One passage while it sounds: where it is, and with which gain each frame goes into the mix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from audio.envelope import FrameEnvelope, Gains
from audio.ring import Block, Ring
from playback.plan import Slot
from playback.units import ChainId, Frames, Ticks, ticks_to_frames

UNITY: Final = FrameEnvelope()


class Scratch:
    """Arrays that every voice borrows while it mixes, so that nothing is allocated per period."""

    def __init__(self, frames: int) -> None:
        self.block: Block = np.empty((frames, 2), dtype=np.float32)
        self.gains: Gains = np.empty((frames, 1), dtype=np.float32)
        self.spare: Gains = np.empty((frames, 1), dtype=np.float32)
        self.count: npt.NDArray[np.float32] = np.arange(frames, dtype=np.float32)[:, None]


@dataclass(slots=True, eq=False)
class Voice:
    """A chain that sounds.

    Attributes:
        position: frames of the chain mixed so far; the ring's reader stands here.
        first: where it began.
        base: frames between the passage's start and the chain's first frame (after a seek).
        envelope: gain by position in the passage.
        replay_gain: the gain of the file as a whole.
        residue: by how much the gain, which is envelope times replay gain, was above what it is
            to be when either was replaced; goes to zero over ``slew`` frames, of which ``slewed``
            have passed, so that no gain ever jumps.
        ramp: declick: frames of a ramp up (``ramp_up``) or down to silence.
        ramped: frames of that ramp that have passed.
    """

    slot: Slot
    ring: Ring
    rate_hz: int
    position: int = 0
    first: int = 0
    base: int = 0
    envelope: FrameEnvelope = UNITY
    replay_gain: float = 1.0
    residue: float = 0.0
    slew: int = 0
    slewed: int = 0
    ramp: int = 0
    ramp_up: bool = True
    ramped: int = 0

    @classmethod
    def of(
        cls, slot: Slot, ring: Ring, rate_hz: int, *, replay_gain: float = 1.0, ramp: int = 0
    ) -> Voice:
        """Begin a slot at its chain's first frame, with a declick ramp if that lies inside."""
        start = ticks_to_frames(slot.passage.start, rate_hz)
        base = ticks_to_frames(slot.offset, rate_hz) - start
        envelope = FrameEnvelope.of(slot, rate_hz)
        position = 0 if ring.oldest == 0 else ring.taken  # it may have begun, and been taken back
        voice = cls(slot, ring, rate_hz, position, position, base, envelope, replay_gain)
        voice.ramp = ramp if base > 0 else 0
        return voice

    @property
    def is_new(self) -> bool:
        """True while nothing of it has been mixed, or what was is taken back."""
        return self.position == self.first

    @property
    def chain(self) -> ChainId:
        """The chain it plays."""
        return self.slot.chain

    @property
    def end(self) -> int | None:
        """The chain's length in frames, as far as it is known.

        What the ring says is the truth; until the decoder has got there, the passage's end is.
        """
        if self.ring.end is not None:
            return self.ring.end
        if self.slot.passage.end is None:
            return None
        end = ticks_to_frames(self.slot.passage.end, self.rate_hz)
        return end - ticks_to_frames(self.slot.offset, self.rate_hz)

    @property
    def available(self) -> int:
        """Frames that can be mixed now."""
        return max(0, self.ring.readable - self.position)

    def has_ready(self, frames: int) -> bool:
        """Return whether so many frames can be mixed, or all that there will ever be."""
        return self.ring.complete or self.available >= frames

    @property
    def exhausted(self) -> bool:
        """True once its last frame has been mixed."""
        return self.ring.end is not None and self.position >= self.ring.end

    @property
    def overlap(self) -> int:
        """Frames that the next passage may sound together with this one's end."""
        stop = self.slot.passage.end
        if stop is None or self.slot.overlap == 0:
            return 0
        begin = ticks_to_frames(Ticks(stop - self.slot.overlap), self.rate_hz)
        return ticks_to_frames(stop, self.rate_hz) - begin

    def frames_to_overlap(self) -> int | None:
        """Frames until the next passage may begin; None if unknown, 0 or less if due."""
        if self.end is None or self.overlap == 0:
            return None
        return self.end - self.overlap - self.position

    def enter_late(self, leaving: Voice) -> None:
        """Shorten a fade-in that follows the overlap, if only a part of the overlap is left."""
        due = leaving.frames_to_overlap()
        if due is not None and due < 0 and self.envelope.fade_in == leaving.overlap:
            self.envelope = replace(self.envelope, fade_in=max(0, self.envelope.fade_in + due))

    def change(self, slot: Slot, slew: int) -> None:
        """Take over an edited slot of the same chain; the gain moves within ``slew`` frames."""
        envelope = FrameEnvelope.of(slot, self.rate_hz)
        if self._keeps_fade_in(slot, envelope):
            envelope = replace(envelope, fade_in=self.envelope.fade_in)
        self.slot = slot
        if envelope != self.envelope:
            self._replace(envelope, self.replay_gain, slew)

    def set_replay_gain(self, gain: float, slew: int) -> None:
        """Play with another gain from now on, within ``slew`` frames if it has been mixed."""
        if self.is_new:
            self.replay_gain = gain
        elif gain != self.replay_gain:
            self._replace(self.envelope, gain, slew)

    def _replace(self, envelope: FrameEnvelope, replay_gain: float, slew: int) -> None:
        at = self.base + self.position
        left = 1 - self.slewed / self.slew if self.slew else 0.0
        was = self.envelope.gain(at) * self.replay_gain + self.residue * left
        self.envelope, self.replay_gain = envelope, replay_gain
        self.residue, self.slew, self.slewed = was - envelope.gain(at) * replay_gain, slew, 0

    def _keeps_fade_in(self, slot: Slot, envelope: FrameEnvelope) -> bool:
        """Return whether an edit leaves the fade-in alone.

        It does if the fade-in follows an overlap: that has begun, perhaps late, and is as long as
        it is.
        """
        same = slot.envelope.fade_in_end == self.slot.envelope.fade_in_end
        longer = envelope.fade_in > self.envelope.fade_in
        return same or (longer and slot.passage.fade_in is None)

    def arrive(self, ramp: int) -> None:
        """Rise from silence within ``ramp`` frames."""
        self.ramp, self.ramp_up, self.ramped = ramp, True, 0

    def leave(self, ramp: int) -> None:
        """Begin to fall silent within ``ramp`` frames, from where a ramp up has got to."""
        risen = self.ramped / self.ramp if self.ramped < self.ramp else 1.0
        self.ramp, self.ramp_up, self.ramped = ramp, False, round(ramp * (1 - risen))

    def leave_frames(self, most: int) -> int:
        """Return how many of the next ``most`` frames a leaving voice still has."""
        return max(0, min(most, self.available, self.ramp - self.ramped))

    @property
    def left(self) -> bool:
        """True once a leaving voice is silent, or has nothing more to fade."""
        return not self.ramp_up and (self.ramped >= self.ramp or self.available <= 0)

    def copy(self) -> Voice:
        """Return a copy for a checkpoint."""
        return replace(self)

    def mix_into(self, out: Block, scratch: Scratch, *, first: bool) -> bool:
        """Add the next ``len(out)`` frames to ``out``, or write them there if ``first``.

        Returns:
            True if any frame was altered on its way (gain other than 1, or added to another).
        """
        count = len(out)
        target = out if first else scratch.block[:count]
        self.ring.step_to(Frames(self.position))
        got = self.ring.read(target)
        altered = self.shape(target, scratch)
        self.position += got
        if not first:
            out += target
            return True
        return altered

    def foresee(self, out: Block, scratch: Scratch) -> Block:
        """Write the frames that follow into ``out``, as they would be mixed; nothing is taken.

        Returns:
            The part of ``out`` that is known by now.
        """
        known = out[: self.ring.peek(Frames(self.position), out)]
        self.copy().shape(known, scratch)
        return known

    def shape(self, block: Block, scratch: Scratch) -> bool:
        """Apply envelope, replay gain, edits in progress and declick ramp to ``block``."""
        altered = False
        count, at = len(block), self.base + self.position
        if self.residue or not self.envelope.is_unity(at, count):
            gains = scratch.gains[:count]
            self.envelope.fill(at, gains, scratch.spare)
            gains *= np.float32(self.replay_gain)
            self._add_residue(gains, scratch)
            block *= gains
            altered = True
        elif self.replay_gain != 1.0:
            block *= np.float32(self.replay_gain)
            altered = True
        if self.ramped < self.ramp or not self.ramp_up:
            block *= self._declick(count, scratch)
            altered = True
        return altered

    def _add_residue(self, gains: Gains, scratch: Scratch) -> None:
        """Move from the gain that an edit has replaced to the new one, linearly."""
        if not self.residue:
            return
        left = scratch.spare[: len(gains)]
        np.subtract(np.float32(self.slew - self.slewed - 1), scratch.count[: len(gains)], out=left)
        np.maximum(left, 0.0, out=left)
        left *= np.float32(self.residue / self.slew)
        gains += left
        np.maximum(gains, 0.0, out=gains)
        self.slewed += len(gains)
        if self.slewed >= self.slew:
            self.residue = 0.0

    def _declick(self, count: int, scratch: Scratch) -> Gains:
        """Return the next ``count`` gains of the ramp: up from silence, or down to it."""
        gains = scratch.gains[:count]
        np.add(scratch.count[:count], np.float32(self.ramped + 1), out=gains)
        gains /= np.float32(max(1, self.ramp))
        np.minimum(gains, 1.0, out=gains)
        if not self.ramp_up:
            np.subtract(1.0, gains, out=gains)
        self.ramped += count
        return gains
