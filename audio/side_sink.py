"""What a side output writes to: something without a clock, that takes what has been heard."""

from __future__ import annotations

from typing import Protocol

from audio.device import SampleFormat


class SideSink(Protocol):
    """A file, a pipe or a program. All but ``give_up`` is called by one thread."""

    @property
    def sample(self) -> SampleFormat:
        """What ``write`` takes."""

    def open(self) -> None:
        """Begin.

        Raises:
            SinkError: that is not possible now.
        """

    def write(self, samples: memoryview) -> None:
        """Write whole frames, interleaved; may wait for the disk, or for a reader.

        Raises:
            SinkError: it is broken; only ``close`` may follow.
        """

    def give_up(self) -> None:
        """Return from a ``write`` that waits, and wait no more; from any thread."""

    def close(self) -> None:
        """End; what was written is kept. Safe to call twice."""
