"""Decoder → channel map → resampler of one chain: a stream of working-rate stereo frames.

Where rounding happens: once, and only on points. Output frame k of a file sounds at k divided
by the working rate, from the file's first frame on. A passage is the output frames from
``floor(offset)`` up to, not including, ``floor(end)``, both at the working rate; so passages that
meet at a tick meet at a frame, and a seek lands on the very frames that playing through would
have given. Source frames are never counted off against ticks: they are what the resampler
needs, from a little before the passage (its filter settles on real sound) to a little after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from audio.decoder import open_file
from audio.resample import Resampler, entry_for
from audio.ring import CHANNELS, Block
from audio.sound_file import SoundFile
from audio.source_format import format_of
from playback.profile import NO_PROFILE, Profile
from playback.units import Frames, Ticks, frames_to_ticks, ticks_to_frames

_CHUNKS_PER_S: Final = 11
"""A decode chunk is 1/11 s of source: below 100 ms, and about one FLAC frame."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open.

    Attributes:
        end: the file's end, file-absolute; exact where the container knows it, an estimate for
            MP3 without a Xing header; None for streams.
        rate_hz: of the source.
        channels: of the source.
        audio_format: MPD's ``rate:bits:channels``, or ``dsd64:channels``.
        bitrate_kbps: average; 0 if unknown.
        profile: what its tags say about loudness and both ends.
    """

    end: Ticks | None
    rate_hz: int
    channels: int
    audio_format: str
    bitrate_kbps: int
    profile: Profile = NO_PROFILE


class ChainSource:
    """One passage of one file as blocks at the working rate.

    Args:
        path: a local file, or an http(s) URL.
        offset: file-absolute tick to begin at.
        end: file-absolute tick to end at; None, or beyond the file's end: there.
        rate_hz: the working rate.

    Raises:
        DecodeError: nothing can be decoded from it; kind and message say why.
    """

    def __init__(self, path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._file = open_file(path)
        self.info = _describe(self._file)
        self._next = ticks_to_frames(offset, rate_hz)
        self._end = None if end is None else max(self._next, ticks_to_frames(end, rate_hz))
        self._chunk = max(1, self._file.rate_hz // _CHUNKS_PER_S)
        self._resampler: Resampler | None = None
        self._discard = 0
        self._finished = False
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    @property
    def exact_bits(self) -> int:
        """In how many bits the frames are exact; 32 if they were mixed down or resampled."""
        untouched = self._resampler is None and self.info.channels <= CHANNELS
        return self._file.exact_bits if untouched else 32

    @property
    def damaged_packets(self) -> int:
        """Packets that could not be decoded so far."""
        return self._file.damaged_packets

    def read(self) -> Block | None:
        """Return the next block, shape (n, 2) with n ≥ 1, at most about 0.1 s; None at the end.

        Raises:
            DecodeError: the source stopped answering; what it gave before has been returned.
        """
        while not self._finished:
            block = self._cut(self._produce())
            if len(block):
                return block
        return None

    def close(self) -> None:
        """Release the file. Safe to call twice."""
        self._finished = True
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        """Go to where the first output frame needs to be read from."""
        source_hz = self._file.rate_hz
        if source_hz == self._rate_hz:
            self._file.seek(self._next)
            return
        entry = entry_for(self._next, source_hz, self._rate_hz)
        self._resampler = Resampler(source_hz, self._rate_hz)
        self._discard = int(entry.discard)
        self._file.seek(entry.source)

    def _produce(self) -> Block:
        """Decode one chunk and resample it; at the file's end also what the resampler holds."""
        block: Block = np.empty((self._chunk, CHANNELS), dtype=np.float32)
        count = self._file.read(block)
        if count:
            return self._resampler.push(block[:count]) if self._resampler else block[:count]
        self._finished = True
        reached = ticks_to_frames(
            frames_to_ticks(self._file.position, self._file.rate_hz), self._rate_hz
        )
        self._end = reached if self._end is None else min(self._end, reached)
        return self._resampler.flush() if self._resampler else block[:0]

    def _cut(self, block: Block) -> Block:
        """Take away what lies before the passage's first frame and behind its last."""
        early = min(self._discard, len(block))
        self._discard -= early
        block = block[early:]
        if self._end is not None:
            block = block[: max(0, self._end - self._next)]
        self._next = Frames(self._next + len(block))
        self._finished = self._finished or self._next == self._end
        return block


def _describe(file: SoundFile) -> SourceInfo:
    """Put into words what an open file says of itself."""
    return SourceInfo(
        end=None if file.length is None else frames_to_ticks(file.length, file.rate_hz),
        rate_hz=file.rate_hz,
        channels=file.channels,
        audio_format=format_of(file.rate_hz, file.bits, file.channels),
        bitrate_kbps=file.bitrate_kbps,
        profile=file.profile,
    )
