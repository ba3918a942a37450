"""A device that may run at another rate than the mix.

A card that does not know the working rate is opened at 48 kHz, and the finished mix is resampled
for it. Both sides count frames from the opening: device frame d sounds at d / device rate, so it is
mix frame d · working rate / device rate. That holds over drops too, because resampling goes on from
the very device frame that was heard last, fed anew with what was heard before it. So a drop cuts
into sound that continues as cleanly as without a resampler, and no count is ever rounded twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from audio.convert import SampleConverter
from audio.device import Device, OutputFormat, RateRefusedError, SampleFormat, WriteResult
from audio.resample import WARM_UP_S, Resampler, entry_for
from audio.ring import CHANNELS, Block
from playback.units import Frames

OTHER_RATE_HZ: Final = 48_000
"""What every card can do that cannot do the working rate."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the stream goes on: after the opening, or after a drop.

    Attributes:
        epoch: the device's, in which this holds.
        mix: the mix frame that is written next, counted from the opening.
        device: the device frame that comes out next.
    """

    epoch: int
    mix: int
    device: int


class _Adaptation:
    """The mix on its way to another rate; belongs to the writing thread."""

    def __init__(self, mix: OutputFormat, device: OutputFormat) -> None:
        self._mix_hz, self._device_hz = mix.rate_hz, device.rate_hz
        unheard = 2 * (mix.buffer + 2 * mix.period) + int(0.1 * mix.rate_hz)
        self._kept = unheard + int(2 * WARM_UP_S * mix.rate_hz)
        self._past: deque[tuple[int, Block]] = deque()
        self._resampler = Resampler(self._mix_hz, self._device_hz)
        self._discard = 0
        self.written = 0
        """Mix frames taken since the opening, less those that were dropped."""
        self.epoch = -1
        self._piece = mix.period * 2
        self._converter = SampleConverter(device.sample, self._piece)

    def go_on(self, cut: _Cut) -> None:
        """Begin anew at a cut: the sound before it is what has been heard."""
        self.epoch = cut.epoch
        entry = entry_for(Frames(cut.device), self._mix_hz, self._device_hz)
        self._resampler = Resampler(self._mix_hz, self._device_hz)
        self._discard = entry.discard
        heard = self._between(entry.source, cut.mix)
        self._past = deque([(entry.source, heard)])
        self.written = cut.mix
        self._push(heard)  # all that comes of it lies before the cut, or is less than a frame

    def push(self, block: Block) -> list[bytes]:
        """Take mix frames (n, 2); return what the device gets for them, in pieces."""
        self._past.append((self.written, block))
        self.written += len(block)
        while self._past and self._past[0][0] + len(self._past[0][1]) < self.written - self._kept:
            self._past.popleft()
        return self._push(block)

    def _push(self, block: Block) -> list[bytes]:
        frames = self._resampler.push(block)
        skipped = min(self._discard, len(frames))
        self._discard -= skipped
        frames = frames[skipped:]
        return [self._converted(frames[at : at + self._piece]) for at in self._starts(frames)]

    def _starts(self, frames: Block) -> range:
        return range(0, len(frames), self._piece)

    def _converted(self, piece: Block) -> bytes:
        silent = not piece.any()  # which is to stay silent
        return bytes(self._converter.convert(piece, len(piece), dither=not silent))

    def _between(self, start: int, end: int) -> Block:
        """Return what was written from ``start`` to ``end``, where nothing is known as silence."""
        found = np.zeros((max(0, end - start), CHANNELS), dtype=np.float32)
        for at, block in self._past:
            low, high = max(at, start), min(at + len(block), end)
            if low < high:
                found[low - start : high - start] = block[low - at : high - at]
        return found


class RateAdapter(Device):
    """Plays to ``device`` at the working rate, or at 48 kHz if that is refused.

    Args:
        device: must not be used by anybody else.
        tell: is told, in a sentence, when the device runs at another rate.
    """

    def __init__(self, device: Device, tell: Callable[[str], None]) -> None:
        self._device = device
        self._tell = tell
        self._adaptation: _Adaptation | None = None
        self._mix_hz = self._device_hz = 1
        self._cut = _Cut(0, 0, 0)

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called."""
        return self._device.epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open at the wanted rate; if that is refused, at 48 kHz.

        Returns:
            What the device took; at another rate, the format and the counts of the mix.

        Raises:
            SinkError: it cannot be opened, or takes neither rate.
        """
        self._adaptation = None
        self._mix_hz = self._device_hz = wanted.rate_hz
        self._cut = _Cut(self._device.epoch, 0, 0)
        try:
            return self._device.open(wanted)
        except RateRefusedError as refusal:
            if wanted.rate_hz == OTHER_RATE_HZ:
                raise
            return self._open_at_other_rate(wanted, refusal)

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until the device has taken the whole period, resampled if need be.

        Raises:
            SinkError: the device is lost, or takes nothing any more.
        """
        adaptation, cut = self._adaptation, self._cut
        since = self.epoch if epoch is None else epoch
        if adaptation is None:
            return self._device.write(period, since)
        if cut.epoch != since:
            return WriteResult.DROPPED
        if adaptation.epoch != since:
            adaptation.go_on(cut)
        result = WriteResult.PLAYED
        block = np.frombuffer(period, dtype="<f4").reshape(-1, CHANNELS)
        for piece in adaptation.push(block):
            match self._device.write(piece, since):
                case WriteResult.DROPPED:
                    return WriteResult.DROPPED
                case WriteResult.XRUN:
                    result = WriteResult.XRUN
        return result

    def delay(self) -> Frames:
        """Return how many written frames have not been heard yet, what is in between included."""
        adaptation = self._adaptation
        if adaptation is None:
            return self._device.delay()
        if adaptation.epoch != self.epoch:  # nothing was written since the drop
            return Frames(0)
        return Frames(max(0, adaptation.written - self.heard_frames()))

    def heard_frames(self) -> Frames:
        """Return how many frames of the mix have been heard since ``open``."""
        return self._of_mix(self._device.heard_frames())

    def drop(self) -> Frames:
        """Throw away what is not heard yet; wake a blocked ``write``."""
        device_frame = self._device.drop()
        mix_frame = self._of_mix(device_frame)
        self._cut = _Cut(self._device.epoch, mix_frame, device_frame)
        return mix_frame

    def close(self) -> None:
        """Close without playing what is left. Safe to call twice."""
        self._device.close()
        self._adaptation = None

    def _open_at_other_rate(self, wanted: OutputFormat, refusal: RateRefusedError) -> OutputFormat:
        period = -(-wanted.period * OTHER_RATE_HZ // wanted.rate_hz)
        asked = replace(
            wanted,
            rate_hz=OTHER_RATE_HZ,
            period=Frames(period),
            buffer=Frames(period * max(2, wanted.buffer // wanted.period)),
        )
        try:
            taken = self._device.open(asked)
        except RateRefusedError:
            raise refusal from None
        self._device_hz = OTHER_RATE_HZ
        self._adaptation = _Adaptation(wanted, taken)
        self._tell(f"{refusal.text}: playing at {OTHER_RATE_HZ} Hz, resampled for it")
        buffer = Frames(self._of_mix(taken.buffer))
        return replace(wanted, sample=SampleFormat.FLOAT, buffer=buffer)

    def _of_mix(self, device_frame: int) -> Frames:
        return Frames(device_frame * self._mix_hz // self._device_hz)
