"""What MixerActor tells of its mix: boundaries, positions, rings that run low, the device."""

from __future__ import annotations

import time
from typing import Final, assert_never

from actors.address import Address
from actors.messages import (
    CompletionReason,
    CrossfadeStarted,
    EngineEvent,
    PassageCompleted,
    PassageStarted,
    PositionUpdated,
    RingDrained,
    UnderrunDetected,
    XrunDetected,
)
from actors.telemetry import Count, Telemetry
from audio.marks import Began, Ended, Mark, Overlapped, Starved
from audio.period_mixer import PeriodMixer
from audio.voice import Voice
from playback.plan import Slot
from playback.units import ChainId, Frames

REFILL_AT: Final = 2 / 3


class MixNews:
    """Tells QueueActor what has been heard, and BufferActor which rings are low.

    Args:
        mixer: what is told of.
        rate_hz: the working rate; a position is told at least once a second.
    """

    def __init__(
        self,
        mixer: PeriodMixer,
        *,
        queue: Address[EngineEvent],
        buffer: Address[RingDrained],
        telemetry: Telemetry,
        rate_hz: int,
    ) -> None:
        self._mixer = mixer
        self._queue = queue
        self._buffer = buffer
        self._telemetry = telemetry
        self._rate_hz = rate_hz
        self._low: set[ChainId] = set()
        self._xruns = 0
        self._next_position = 0

    def heard(self, frame: int) -> None:
        """The device has reached an output frame: tell the marks up to there."""
        for mark in self._mixer.heard(frame):
            self._tell_mark(mark, frame)

    def _tell_mark(self, mark: Mark, frame: int) -> None:
        match mark:
            case Began(slot):
                self._queue.tell(PassageStarted(slot.entry, slot.chain))
            case Overlapped(leaving, entering):
                self._queue.tell(
                    CrossfadeStarted(leaving.entry, leaving.chain, entering.entry, entering.chain)
                )
            case Ended(slot, frames):
                self._completed(slot, CompletionReason.NATURAL, frames)
                self.position(frame, advancing=not self._mixer.idle)  # of who sounds on
            case Starved(slot):
                self._telemetry.count(Count.UNDERRUNS)
                self.position(frame, advancing=False)
                self._queue.tell(UnderrunDetected(slot.entry, slot.chain))
            case _:
                assert_never(mark)

    def left(self, voice: Voice, reason: CompletionReason) -> None:
        """A voice has been taken out of the mix."""
        self._completed(voice.slot, reason, voice.position)

    def _completed(self, slot: Slot, reason: CompletionReason, frames: int) -> None:
        self._low.discard(slot.chain)
        self._telemetry.count(Count.FRAMES_MIXED, frames)
        self._queue.tell(
            PassageCompleted(slot.entry, slot.chain, reason, Frames(frames), time.monotonic())
        )

    def position(self, frame: int, *, advancing: bool) -> None:
        """Tell what is heard now; between two such messages clients' clocks extrapolate."""
        place = self._mixer.position(frame)
        if place is None:
            return
        slot, frames = place
        self._next_position = frame + self._rate_hz
        self._queue.tell(
            PositionUpdated(slot.entry, slot.chain, frames, time.monotonic(), advancing)
        )

    def position_if_due(self, frame: int) -> None:
        """Tell what is heard now if nobody was told for a second."""
        if frame >= self._next_position:
            self.position(frame, advancing=not self._mixer.idle)

    def rendered(self, *, stood_still: bool) -> None:
        """A period was mixed: tell of rings that it took below their mark, or emptied.

        A mix that has run dry is told of at once, not when it is heard. Filled in time, it goes
        on unheard; and nobody believes any longer in frames that are gone.

        Args:
            stood_still: whether it had run dry before, and that was told.
        """
        for slot in self._mixer.sounding:
            self._ask_for_more(slot.chain)
        if not stood_still:
            for chain in self._mixer.starved:
                self._low.add(chain)
                self._buffer.tell(RingDrained(chain, dry=True))

    def _ask_for_more(self, chain: ChainId) -> None:
        """Tell once when a sounding ring has drained below its refill mark."""
        ring = self._mixer.ring(chain)
        if ring is None or ring.complete:
            return
        if ring.level >= ring.capacity * REFILL_AT:
            self._low.discard(chain)
        elif chain not in self._low:
            self._low.add(chain)
            self._buffer.tell(RingDrained(chain))

    def stumbled(self) -> None:
        """The device ran dry."""
        self._xruns += 1
        self._telemetry.count(Count.XRUNS)
        self._queue.tell(XrunDetected(self._xruns))
