"""The public state of the player: one frozen object that really existed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playback.options import Options
from playback.passage import Passage
from playback.player import PlayerState
from playback.song import Song
from playback.units import EntryId, Ticks


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One occurrence of a song in the queue; its position is its index.

    Attributes:
        priority: MPD's 0–255.
        version: queue version at which its position or metadata last changed (``plchanges``).
        range: MPD's ``rangeid``: file-absolute start and end (None = open end).
    """

    id: EntryId
    song: Song
    priority: int = 0
    version: int = 1
    range: tuple[Ticks, Ticks | None] | None = None


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One configured output.

    Attributes:
        plugin: ``alsa``, ``null`` …
        device: what the plugin was given, for example an ALSA PCM name.
        chosen: whether a user chose the device while the daemon ran.
    """

    id: int
    name: str
    plugin: str
    enabled: bool
    device: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """What ``status``, ``currentsong``, ``playlistinfo`` … are answered from.

    Attributes:
        queue_version: grows with every queue edit, kept over restarts.
        entries: the queue in position order.
        current: index of the current entry; None if there is none.
        next: index of the entry that follows in play order; None if none.
        elapsed_s: seconds since the passage's start, as heard at ``elapsed_at_s``.
        elapsed_at_s: ``time.monotonic()`` reading that belongs to ``elapsed_s``.
        advancing: True while sound is coming out, so that elapsed grows with the clock.
        duration_s: length of the current passage; None if unknown.
        audio_format: ``rate:bits:channels`` of the current source; None while not playing.
        bitrate_kbps: of the current source; None while not playing.
        error: text for MPD's ``error:``; None if none.
        play_time_s: seconds of music heard since the daemon started.
        passages: the stored passages, as stored, by URI.
    """

    state: PlayerState = PlayerState.STOP
    options: Options = Options()
    queue_version: int = 1
    entries: tuple[QueueEntry, ...] = ()
    current: int | None = None
    next: int | None = None
    elapsed_s: float = 0.0
    elapsed_at_s: float = 0.0
    advancing: bool = False
    duration_s: float | None = None
    audio_format: str | None = None
    bitrate_kbps: int | None = None
    error: str | None = None
    outputs: tuple[OutputStatus, ...] = ()
    last_loaded_playlist: str = ""
    play_time_s: float = 0.0
    passages: Mapping[str, Passage] = field(default_factory=dict)

    def elapsed_now_s(self, now_s: float) -> float:
        """Extrapolate elapsed to a ``time.monotonic()`` reading, never beyond the end."""
        grown = self.elapsed_s + (now_s - self.elapsed_at_s if self.advancing else 0.0)
        return grown if self.duration_s is None else min(grown, self.duration_s)

    @property
    def current_entry(self) -> QueueEntry | None:
        """The current queue entry, if there is one."""
        return None if self.current is None else self.entries[self.current]
