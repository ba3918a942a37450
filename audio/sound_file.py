"""What a chain needs of an open sound file, whatever decodes it."""

from __future__ import annotations

from typing import Protocol

from audio.ring import Block
from playback.profile import Profile
from playback.units import Frames


class SoundFile(Protocol):
    """An open file as stereo float32 at its own rate.

    Attributes:
        rate_hz: frames per second of everything ``read`` returns.
        channels: of the source.
        bits: of the source, as MPD shows it.
        exact_bits: in which the samples are exact; 32 if they were computed.
        bitrate_kbps: average; 0 if unknown.
        length: frames the whole file holds, as its container says; None if it does not.
        position: the file's frame that the next ``read`` begins with.
        damaged_packets: packets skipped so far.
        profile: what its tags say about loudness and both ends.
    """

    rate_hz: int
    channels: int
    bits: str
    exact_bits: int
    bitrate_kbps: int
    length: Frames | None
    position: Frames
    damaged_packets: int
    profile: Profile

    def seek(self, frame: Frames) -> None:
        """Go to a frame exactly; beyond the end, ``read`` finds nothing."""

    def read(self, out: Block) -> Frames:
        """Fill ``out`` (frames, 2) as far as the file goes; return how far, 0 at its end."""

    def close(self) -> None:
        """Release file and codec. Safe to call twice."""
