"""A device that is listened in on: how loud is what goes through it?"""

from __future__ import annotations

import numpy as np

from audio.device import Device, OutputFormat, SampleFormat, WriteResult
from playback.units import Frames


class Meter:
    """A device that passes everything on and notes the peak of each period (S16 or S32)."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._full_scale = 1.0
        self._samples: type[np.signedinteger] = np.int16
        self.peak = 0.0

    @property
    def epoch(self) -> int:
        """The device's."""
        return self._device.epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open the device."""
        taken = self._device.open(wanted)
        self._samples = np.int16 if taken.sample is SampleFormat.S16 else np.int32
        self._full_scale = float(np.iinfo(self._samples).max)
        return taken

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Measure, and write."""
        samples = np.frombuffer(period, self._samples)
        self.peak = float(np.abs(samples.astype(np.float64)).max(initial=0.0)) / self._full_scale
        return self._device.write(period, epoch)

    def delay(self) -> Frames:
        """The device's."""
        return self._device.delay()

    def heard_frames(self) -> Frames:
        """The device's."""
        return self._device.heard_frames()

    def drop(self) -> Frames:
        """Have the device drop."""
        return self._device.drop()

    def close(self) -> None:
        """Close the device."""
        self._device.close()
