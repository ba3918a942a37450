"""What each entry of a queue plays, as far as it is known: its song, range, file and points."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from playback.mix_ramp import UNKNOWN_ENDS, Ends, ends_of
from playback.passage import Passage
from playback.play_queue import PlayQueue
from playback.profile import NO_PROFILE, Profile
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId, Ticks
from playback.validation import fitted_to_end, repaired

StoredPassage: TypeAlias = Callable[[str], Passage | None]
"""Looks up the passage that is stored under a URI."""


def none_stored(_uri: str) -> Passage | None:
    """Every URI is a whole file."""
    return None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the decoder has found out about an entry's file.

    Attributes:
        end: file-absolute end; None if the container does not say.
        profile: how it sounds.
    """

    end: Ticks | None
    audio_format: str
    bitrate_kbps: int
    profile: Profile = NO_PROFILE


class _Known(NamedTuple):
    """A passage and its ends, and before them what they were made of."""

    row: QueueEntry
    facts: SourceFacts | None
    stored: Passage | None
    passage: Passage
    ends: Ends


class KnownPassages:
    """The passages of a queue's entries; each is the same object until more is known of it."""

    def __init__(self, queue: PlayQueue, stored: StoredPassage = none_stored) -> None:
        self._queue = queue
        self._stored = stored
        self._facts: dict[EntryId, SourceFacts] = {}
        self._known: dict[EntryId, _Known] = {}

    def of(self, entry: EntryId) -> Passage:
        """Return an entry's passage as far as it is known now."""
        return self._made(entry).passage

    def ends(self, entry: EntryId) -> Ends:
        """Return what both ends of an entry's passage are like, as far as it is known now."""
        return self._made(entry).ends

    def facts(self, entry: EntryId) -> SourceFacts | None:
        """Return what the decoder has found out about an entry's file, if it has looked."""
        return self._facts.get(entry)

    def learned(self, entry: EntryId, facts: SourceFacts) -> tuple[str, ...]:
        """The decoder has found out about an entry's file.

        Returns:
            What had to be changed in a stored passage to fit into it, for the log.
        """
        self._facts[entry] = facts
        stored = self._stored(self._queue.entry(entry).song.uri) if entry in self._queue else None
        if stored is None or facts.end is None:
            return ()
        return fitted_to_end(stored, facts.end)[1]

    def edited(self) -> None:
        """Forget entries that have left the queue."""
        queue = self._queue
        self._facts = {entry: facts for entry, facts in self._facts.items() if entry in queue}
        self._known = {entry: known for entry, known in self._known.items() if entry in queue}

    def _made(self, entry: EntryId) -> _Known:
        row = self._queue.entry(entry)
        facts = self._facts.get(entry)
        stored = self._stored(row.song.uri)
        known = self._known.get(entry)
        if known is not None and all(map(operator.is_, known, (row, facts, stored))):
            return known
        passage = _passage_of(row, facts, stored)
        ends = ends_of(passage, facts.end, facts.profile) if facts else UNKNOWN_ENDS
        known = self._known[entry] = _Known(row, facts, stored, passage, ends)
        return known


def _ephemeral(song: Song) -> Passage:
    if song.span is None:
        return Passage(song.uri)
    return Passage(song.span.file, start=song.span.start, end=song.span.end)


def _passage_of(row: QueueEntry, facts: SourceFacts | None, stored: Passage | None) -> Passage:
    passage = stored or _ephemeral(row.song)
    if row.range is not None:
        start, end = row.range
        passage = replace(passage, start=start, end=end)
    file_end = facts.end if facts else None
    if stored is not None:
        passage, _ = repaired(passage, file_end)
    ends = [end for end in (passage.end, file_end) if end is not None]
    passage = replace(passage, end=min(ends, default=None))
    is_whole = stored is None and row.song.span is None and row.range is None
    return _trimmed(passage, facts.profile) if is_whole and facts else passage


def _trimmed(passage: Passage, profile: Profile) -> Passage:
    """Leave silence out at both ends of a whole file, unless nothing else would be left."""
    start = Ticks(passage.start + profile.trim_before)
    end = None if passage.end is None else Ticks(passage.end - profile.trim_after)
    if end is not None and end <= start:
        return passage
    return replace(passage, start=start, end=end)
