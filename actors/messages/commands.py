"""Messages to QueueActor: commands of a session.

Each is answered with ``Done``, or refused with an ``AckError``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from actors.address import Request
from playback.insertion import InsertAt
from playback.options import ReplayGainMode, Switch
from playback.song import Song
from playback.stored_passages import PassageChange
from playback.units import EntryId, Ticks

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The answer to a command: its value, and the change that must be durable before OK.

    ``change`` is 0 if nothing has to be saved.
    """

    value: T
    change: int = 0


@dataclass(frozen=True, slots=True)
class AddSongs(Request[Done[tuple[EntryId, ...]]]):
    """Session → QueueActor: add songs; all or none.

    Attributes:
        playlist: the stored playlist that they come from; empty = none.
    """

    songs: tuple[Song, ...]
    at: InsertAt | None = None
    playlist: str = ""


@dataclass(frozen=True, slots=True)
class ClearQueue(Request[Done[None]]):
    """Session → QueueActor: remove everything and stop."""


@dataclass(frozen=True, slots=True)
class DeleteRange(Request[Done[None]]):
    """Session → QueueActor: remove positions ``start`` to ``end`` (exclusive; None = the end)."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class DeleteId(Request[Done[None]]):
    """Session → QueueActor: remove one entry."""

    id: EntryId


@dataclass(frozen=True, slots=True)
class MoveRange(Request[Done[None]]):
    """Session → QueueActor: move positions ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    to: InsertAt


@dataclass(frozen=True, slots=True)
class MoveId(Request[Done[None]]):
    """Session → QueueActor: move one entry."""

    id: EntryId
    to: InsertAt


@dataclass(frozen=True, slots=True)
class SwapPositions(Request[Done[None]]):
    """Session → QueueActor: exchange two entries by position."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class SwapIds(Request[Done[None]]):
    """Session → QueueActor: exchange two entries by id."""

    first: EntryId
    second: EntryId


@dataclass(frozen=True, slots=True)
class ShuffleRange(Request[Done[None]]):
    """Session → QueueActor: shuffle positions ``start`` to ``end`` (None = the end)."""

    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class SetPriority(Request[Done[None]]):
    """Session → QueueActor: MPD's ``prio`` over ranges (exclusive ends; None = the end)."""

    priority: int
    ranges: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class SetPriorityOfIds(Request[Done[None]]):
    """Session → QueueActor: MPD's ``prioid``."""

    priority: int
    ids: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True)
class SetRange(Request[Done[None]]):
    """Session → QueueActor: MPD's ``rangeid``; None as range resets it."""

    id: EntryId
    range: tuple[Ticks, Ticks | None] | None


@dataclass(frozen=True, slots=True)
class ChangePassage(Request[Done[None]]):
    """Session → QueueActor: define, alter or delete a stored passage."""

    change: PassageChange


@dataclass(frozen=True, slots=True)
class AddTag(Request[Done[None]]):
    """Session → QueueActor: MPD's ``addtagid``."""

    id: EntryId
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class ClearTags(Request[Done[None]]):
    """Session → QueueActor: MPD's ``cleartagid``; None = all tags."""

    id: EntryId
    tag: str | None


@dataclass(frozen=True, slots=True)
class PlayPosition(Request[Done[None]]):
    """Session → QueueActor: ``play``; None = go on, or the current or first song."""

    position: int | None


@dataclass(frozen=True, slots=True)
class PlayId(Request[Done[None]]):
    """Session → QueueActor: ``playid``."""

    id: EntryId


@dataclass(frozen=True, slots=True)
class SetPause(Request[Done[None]]):
    """Session → QueueActor: ``pause``; None toggles."""

    paused: bool | None


@dataclass(frozen=True, slots=True)
class StopPlaying(Request[Done[None]]):
    """Session → QueueActor: ``stop``."""


@dataclass(frozen=True, slots=True)
class SkipNext(Request[Done[None]]):
    """Session → QueueActor: ``next``."""


@dataclass(frozen=True, slots=True)
class SkipPrevious(Request[Done[None]]):
    """Session → QueueActor: ``previous``."""


@dataclass(frozen=True, slots=True)
class SeekPosition(Request[Done[None]]):
    """Session → QueueActor: ``seek``."""

    position: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SeekId(Request[Done[None]]):
    """Session → QueueActor: ``seekid``."""

    id: EntryId
    seconds: float


@dataclass(frozen=True, slots=True)
class SeekCurrent(Request[Done[None]]):
    """Session → QueueActor: ``seekcur``; with ``relative`` the seconds are signed."""

    seconds: float
    relative: bool = False


@dataclass(frozen=True, slots=True)
class ChangeOptions(Request[Done[None]]):
    """Session → QueueActor: set the options that are not None."""

    repeat: bool | None = None
    random: bool | None = None
    single: Switch | None = None
    consume: Switch | None = None
    crossfade_s: int | None = None
    mixramp_db: float | None = None
    mixramp_delay_s: float | None = None  # nan or ≤ 0 = off
    replay_gain_mode: ReplayGainMode | None = None
    volume: int | None = None


@dataclass(frozen=True, slots=True)
class ClearError(Request[Done[None]]):
    """Session → QueueActor: ``clearerror``."""


@dataclass(frozen=True, slots=True)
class SwitchOutput(Request[Done[None]]):
    """Session → QueueActor: enable, disable, or toggle (None) an output."""

    id: int
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class UseDevice(Request[Done[None]]):
    """Session → QueueActor: play to another device from now on."""

    plugin: str
    device: str


@dataclass(frozen=True, slots=True)
class SetSetting(Request[Done[int]]):
    """Session → QueueActor: a setting's new value as the user wrote it; answers the value used."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class ResumePlaying(Request[None]):
    """Start-up → QueueActor: the engine stands; go on where the saved state ended."""


@dataclass(frozen=True, slots=True)
class SaveNow(Request[int]):
    """Shutdown → QueueActor: save state and position; answers the change's number."""
