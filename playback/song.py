"""What the queue and the protocol know of a song."""

from __future__ import annotations

from dataclasses import dataclass

from playback.units import Ticks


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file; both ends file-absolute, None = the file's end."""

    file: str
    start: Ticks
    end: Ticks | None


@dataclass(frozen=True, slots=True)
class Song:
    """A file in the music directory, or a stream, as clients see it.

    Attributes:
        uri: relative to the music directory without a leading slash, or a URL.
        duration_s: length in seconds as the tags or the container say; None if unknown.
        tags: ``(canonical MPD tag name, value)`` pairs in the order of the file.
        last_modified: Unix seconds of the file's modification time; None for streams.
        audio_format: MPD's ``rate:bits:channels``; None if unknown.
        span: the part of a file that it is, such as a track of a CUE sheet; None = the file that
            its URI names.
    """

    uri: str
    duration_s: float | None = None
    tags: tuple[tuple[str, str], ...] = ()
    last_modified: int | None = None
    audio_format: str | None = None
    span: Span | None = None

    def values(self, tag: str) -> tuple[str, ...]:
        """Return all values of one tag, by its canonical name."""
        return tuple(value for name, value in self.tags if name == tag)
