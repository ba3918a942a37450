"""What a URI names, for whoever wants to change the passage there."""

from __future__ import annotations

from dataclasses import dataclass

from library.music_directory import MusicDirectory
from playback.errors import AckCode, AckError
from playback.stored_passages import PassageChange, Points
from playback.units import Ticks, seconds_to_ticks

_ESTIMATE_S = 0.1
"""Lengths that a container only estimates may be off by so much; decoding finds the real end."""


@dataclass(frozen=True, slots=True)
class Target:
    """A passage that is stored or may be.

    Attributes:
        file: what it is a part of.
        own: what its points are before anybody sets one: those of a CUE sheet's track.
        file_end: the file's length, if it is known, and a little.
    """

    uri: str
    file: str
    own: Points
    file_end: Ticks | None

    def change(self, points: Points | None, *, is_there: bool | None = None) -> PassageChange:
        """Return what to ask for to have these points changed; None deletes the passage."""
        changed = None if points is None else {**self.own, **points}
        return PassageChange(self.uri, self.file, changed, is_there, self.file_end)


def named(music: MusicDirectory, file: str, name: str) -> Target:
    """Return the target for a passage of this name in a file; reads the disk.

    Raises:
        AckError: the file is not there, or the name will not do.
    """
    whole = found(music, file)
    if whole.uri != whole.file:
        raise AckError(AckCode.ARG, f"{file} is itself a part of {whole.file}; name that")
    if not name or any(sign in name for sign in "/\n\0") or name in {".", ".."}:
        raise AckError(AckCode.ARG, f"A passage cannot be called {name!r}; a name has no slash")
    return Target(f"{file}/{name}", file, {}, whole.file_end)


def found(music: MusicDirectory, uri: str) -> Target:
    """Return the target that a URI names: a stored passage, a track, or a whole file.

    Raises:
        AckError: nothing is there.
    """
    stored = music.stored().get(uri)
    song = music.song(uri)
    if stored is not None:
        return Target(uri, stored.uri, {}, _end(music, stored.uri))
    if song is None:
        raise AckError(AckCode.NO_EXIST, f"No such song or passage: {uri}")
    if song.span is None:
        return Target(uri, uri, {}, _end(music, uri))
    own = {"start": song.span.start, "end": song.span.end}
    return Target(uri, song.span.file, own, _end(music, song.span.file))


def _end(music: MusicDirectory, file: str) -> Ticks | None:
    song = music.song(file)
    if song is None or song.duration_s is None:
        return None
    return seconds_to_ticks(song.duration_s + _ESTIMATE_S)
