"""Queue entries as filters see them: songs that have a priority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playback.song import Song
from playback.status import QueueEntry


@dataclass(frozen=True, slots=True)
class QueuedSong(Song):
    """The song of a queue entry.

    Attributes:
        priority: the entry's, from 0 to 255.
    """

    priority: int = 0


def queued_song(entry: QueueEntry) -> Song:
    """Return an entry's song; with its priority, if it has one."""
    song = entry.song
    if not entry.priority:
        return song
    return QueuedSong(
        song.uri,
        song.duration_s,
        song.tags,
        song.last_modified,
        song.audio_format,
        song.span,
        entry.priority,
    )


def priority_of(song: Song) -> int:
    """Return the priority; that of songs that are not in the queue is 0."""
    return song.priority if isinstance(song, QueuedSong) else 0


def at_least(priority: int) -> Callable[[Song], bool]:
    """Return the filter of a lowest priority."""
    return lambda song: priority_of(song) >= priority
