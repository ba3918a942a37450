"""The sound card of benchmarks: a null output whose clock may run faster, or hardly at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from audio.device import OutputFormat
from audio.null_sink import NullDevice

STANDS_STILL: Final = 1e-6
"""A speed at which one buffer lasts longer than any benchmark."""
AS_FAST_AS_IT_GETS: Final = 1e6


class PacedDevice(NullDevice):
    """Takes ``speed`` times as many frames per second as a card would.

    What reaches it is the same, period by period; only the time between them differs.
    """

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Take any format."""
        super().open(replace(wanted, rate_hz=max(1, round(wanted.rate_hz * self._speed))))
        return wanted
