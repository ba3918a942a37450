"""What the actors count. The metrics endpoint implements it; tests may listen."""

from __future__ import annotations

import enum
from typing import Protocol


class EventPath(enum.StrEnum):
    """The five event paths whose latency is promised (NFR-001), sender's tell to receiver's act."""

    ENQUEUE_TO_DECODE = "enqueue_to_decode"
    THRESHOLD_TO_START = "threshold_to_start"
    PLAY_TO_START = "play_to_start"
    ADVANCE_TO_DECODE = "advance_to_decode"
    COMPLETE_TO_ADVANCE = "complete_to_advance"


class Count(enum.StrEnum):
    """Things that are only counted."""

    XRUNS = "xruns"
    UNDERRUNS = "underruns"
    CLIPPED_SAMPLES = "clipped_samples"
    DECODE_FAILURES = "decode_failures"
    FRAMES_DECODED = "frames_decoded"
    FRAMES_MIXED = "frames_mixed"
    SAVE_FAILURES = "save_failures"


class Telemetry(Protocol):
    """Counters and latencies; cheap enough for the event path, never for the render path."""

    def latency(self, path: EventPath, seconds: float) -> None:
        """One passage of an event path."""

    def count(self, what: Count, amount: int = 1) -> None:
        """Something happened ``amount`` times."""

    def actor_restarted(self, actor: str) -> None:
        """An actor died and was replaced."""

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        """The watchdog put something right."""

    def round_took(self, seconds: float) -> None:
        """A watchdog round is over."""

    def decode_speed(self, times_realtime: float) -> None:
        """A grant was decoded this much faster than it will play."""


class NoTelemetry:
    """Counts nothing; for benchmarks and tests that do not look."""

    def latency(self, path: EventPath, seconds: float) -> None:
        """Ignore it."""

    def count(self, what: Count, amount: int = 1) -> None:
        """Ignore it."""

    def actor_restarted(self, actor: str) -> None:
        """Ignore it."""

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        """Ignore it."""

    def round_took(self, seconds: float) -> None:
        """Ignore it."""

    def decode_speed(self, times_realtime: float) -> None:
        """Ignore it."""
