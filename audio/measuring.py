"""Measures a whole file: loudness, peaks and both ends, in one reading and little memory.

What is measured is what is played: stereo, mono in both channels, more channels mixed down.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np

from audio.decoder import open_file
from audio.ends import Ramps, Silences
from audio.loudness import STEREO, IntegratedLoudness, Peaks, Steps
from audio.ring import CHANNELS, Block
from audio.sound_file import SoundFile
from playback.errors import DecodeError, FailureKind
from playback.measurement import Measurement
from playback.units import Frames, frames_to_ticks


def measure(path: str, progress: Callable[[float], None]) -> Measurement:
    """Listen to all of a file.

    Args:
        path: a local file.
        progress: called with the seconds listened to so far, after each one.

    Raises:
        DecodeError: nothing can be decoded from it.
    """
    with contextlib.closing(open_file(path)) as file:
        ear = Ear(file.rate_hz)
        block: Block = np.empty((file.rate_hz, CHANNELS), dtype=np.float32)
        while count := file.read(block):
            ear.push(block[:count])
            progress(file.position / file.rate_hz)
        _refuse_silence(file, path)
        return ear.finish()


class Ear:
    """Takes a stereo stream, and says at its end what there was to hear.

    Args:
        rate_hz: of the frames.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._frames = 0
        self._steps = Steps(rate_hz, STEREO)
        self._loudness = IntegratedLoudness()
        self._peaks = Peaks(rate_hz)
        self._ramps = Ramps()
        self._silences = Silences()

    def push(self, block: Block) -> None:
        """Take frames (n, 2)."""
        powers = self._steps.push(np.ascontiguousarray(block.T, dtype=np.float64))
        self._loudness.push(powers)
        self._ramps.push(powers)
        self._peaks.push(block)
        self._silences.push(block)
        self._frames += len(block)

    def finish(self) -> Measurement:
        """Return what was heard; nothing can be pushed after that."""
        self._peaks.finish()
        start, end = self._ramps.finish(self._steps.rest())
        return Measurement(
            loudness_lufs=self._loudness.lufs,
            sample_peak=self._peaks.sample,
            true_peak=self._peaks.true,
            silence_before=frames_to_ticks(self._silences.before, self._rate_hz),
            silence_after=frames_to_ticks(self._silences.after, self._rate_hz),
            start=start,
            end=end,
        )


def _refuse_silence(file: SoundFile, path: str) -> None:
    if file.position == Frames(0):
        raise DecodeError(FailureKind.NOT_AUDIO, f"{path} holds no frame that can be decoded")
