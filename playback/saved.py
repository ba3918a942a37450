"""What outlives a restart, and what one acknowledged change adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playback.measurement import MeasuredFile
from playback.options import Options
from playback.passage import Passage
from playback.player import PlayerState
from playback.status import OutputStatus, QueueEntry
from playback.units import ZERO_TICKS, EntryId, Ticks


@dataclass(frozen=True, slots=True)
class SavedPlayer:
    """Everything of the player that outlives a restart, except the queue's entries.

    Attributes:
        current: entry id of the current song.
        elapsed: file-absolute tick reached in the current passage.
        next_entry_id: the lowest id not yet given out; ids are never reused.
        order: entry ids in play order while ``random`` is on; empty otherwise.
    """

    state: PlayerState = PlayerState.STOP
    current: EntryId | None = None
    elapsed: Ticks = ZERO_TICKS
    options: Options = Options()
    queue_version: int = 1
    next_entry_id: int = 1
    order: tuple[EntryId, ...] = ()
    outputs: tuple[OutputStatus, ...] = ()
    last_loaded_playlist: str = ""


@dataclass(frozen=True, slots=True)
class SavedState:
    """What a start begins from."""

    player: SavedPlayer = SavedPlayer()
    entries: tuple[QueueEntry, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, Passage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueChange:
    """One acknowledged change, as a difference to what is stored.

    Attributes:
        removed: ids that have left the queue; applied first. None = the whole queue.
        upserts: ``(position, entry)`` of every entry that is new or altered; applied second.
        moves: ``(id, position, version)`` of entries of which nothing else changed; applied last.
        player: the player's state, if any of it changed.
        settings: settings that changed, as text.
        passages_removed: ids of stored passages that are gone; applied first.
        passages: stored passages that are new or altered, by URI.
        measured: files that were measured; not part of "everything", they can be measured again.
        relaxed: True for a mere position, which a power cut may take.
        whole: True if this is everything there is: all entries, the player, all settings and
            all passages.
    """

    removed: tuple[EntryId, ...] | None = ()
    upserts: tuple[tuple[int, QueueEntry], ...] = ()
    moves: tuple[tuple[EntryId, int, int], ...] = ()
    player: SavedPlayer | None = None
    settings: tuple[tuple[str, str], ...] = ()
    passages_removed: tuple[int, ...] = ()
    passages: tuple[tuple[str, Passage], ...] = ()
    measured: tuple[MeasuredFile, ...] = ()
    relaxed: bool = False
    whole: bool = False
