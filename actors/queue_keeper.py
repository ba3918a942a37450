"""What leaves QueueActor upwards: the public status, the saved change, the clients' wake-up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Final, TypedDict

from actors.address import Address
from actors.messages import SaveChange, StorageInbox, Subsystem, SubsystemsChanged
from actors.published import Published
from playback.passage import Passage
from playback.player import PlayerState
from playback.queue_diff import diff, whole_change
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.status import OutputStatus, PlayerStatus
from playback.transport import Transport
from playback.units import ticks_to_seconds

POSITION_EVERY_S: Final = 5.0

_NO_CHANGE: Final = QueueChange()
_but_elapsed: Final = attrgetter(
    *(field.name for field in fields(SavedPlayer) if field.name != "elapsed")
)


class QueueKeeper:
    """Compares what is with what was told last, and tells the difference.

    Args:
        memory: the state that a successor of a dead QueueActor begins from.
    """

    def __init__(
        self,
        *,
        status: Published[PlayerStatus],
        memory: Published[SavedState],
        storage: Address[StorageInbox],
        listener: Address[SubsystemsChanged],
    ) -> None:
        self._status = status
        self._memory = memory
        self._storage = storage
        self._listener = listener
        self._number = 0
        self._position_saved_at = 0.0

    def loaded(self, state: SavedState) -> None:
        """Take ``state`` as what the database holds."""
        self._memory.publish(state)

    def change(self, state: SavedState, *, position: bool = False) -> QueueChange:
        """Work out what differs from the last save.

        Args:
            state: everything as it is now.
            position: save the position even if nothing else has changed.
        """
        before = self._memory.latest
        change = diff(before.entries, state.entries)
        if state.settings != before.settings:
            settings = tuple(set(state.settings.items()) - set(before.settings.items()))
            change = replace(change, settings=settings)
        if state.passages is not before.passages:
            change = replace(change, **_different_passages(before.passages, state.passages))
        if _but_elapsed(state.player) != _but_elapsed(before.player):
            change = replace(change, player=state.player)
        elif position or self._position_is_due(state.player):
            only_position = change == _NO_CHANGE and not position
            change = replace(change, player=state.player, relaxed=only_position)
        return change

    def save(self, state: SavedState, change: QueueChange) -> int:
        """Have ``change``, which leads to ``state``, written; returns its number, 0 = none."""
        self._memory.publish(state)  # also if only the position differs: a successor goes on there
        if change == _NO_CHANGE:
            return 0
        if change.player is not None:
            self._position_saved_at = time.monotonic()
        return self._send(change)

    def save_whole(self, state: SavedState) -> int:
        """Have everything written, whatever the database holds."""
        self._memory.publish(state)
        return self._send(whole_change(state))

    def publish(self, status: PlayerStatus, *, player_event: bool) -> None:
        """Publish, then wake the clients that wait for what has changed."""
        before = self._status.latest
        self._status.publish(status)
        changed = _changed(before, status)
        if player_event:
            changed.add(Subsystem.PLAYER)
        if changed:
            self._listener.tell(SubsystemsChanged(frozenset(changed)))

    def _send(self, change: QueueChange) -> int:
        self._number += 1
        self._storage.tell(SaveChange(self._number, change))
        return self._number

    def _position_is_due(self, player: SavedPlayer) -> bool:
        return (
            player.state is PlayerState.PLAY
            and time.monotonic() - self._position_saved_at >= POSITION_EVERY_S
        )


class _PassageDifference(TypedDict):
    passages_removed: tuple[int, ...]
    passages: tuple[tuple[str, Passage], ...]


def _different_passages(
    before: Mapping[str, Passage], after: Mapping[str, Passage]
) -> _PassageDifference:
    gone = (passage.passage_id for uri, passage in before.items() if uri not in after)
    return {
        "passages_removed": tuple(number for number in gone if number is not None),
        "passages": tuple(
            (uri, passage) for uri, passage in after.items() if before.get(uri) != passage
        ),
    }


def compose(
    transport: Transport,
    *,
    error: str | None,
    passages: Mapping[str, Passage],
    outputs: tuple[OutputStatus, ...],
    play_time_s: float,
) -> PlayerStatus:
    """Put the public status together from what its owners know now."""
    queue = transport.queue
    current = queue.current
    position = transport.position()
    facts = transport.passages.facts(current) if current is not None else None
    following = queue.announced_next()
    stopped = transport.state is PlayerState.STOP
    return PlayerStatus(
        state=transport.state,
        options=queue.options,
        queue_version=queue.version,
        entries=queue.entries,
        current=queue.current_position,
        next=None if following is None else queue.position(following),
        elapsed_s=transport.elapsed_s(),
        elapsed_at_s=position.at_s,
        advancing=position.advancing and transport.state is PlayerState.PLAY,
        duration_s=_duration_s(transport),
        audio_format=None if stopped or facts is None else facts.audio_format,
        bitrate_kbps=None if stopped or facts is None else facts.bitrate_kbps,
        error=error,
        passages=passages,
        outputs=outputs,
        last_loaded_playlist=queue.loaded_playlist,
        play_time_s=play_time_s,
    )


def _duration_s(transport: Transport) -> float | None:
    current = transport.queue.current
    if current is None:
        return None
    duration = transport.passages.of(current).duration
    if duration is not None:
        return ticks_to_seconds(duration)
    return transport.queue.entry(current).song.duration_s


def _changed(before: PlayerStatus, after: PlayerStatus) -> set[Subsystem]:
    """Return MPD's idle subsystems for the difference of two statuses."""
    song = (before.current_entry and before.current_entry.id) != (
        after.current_entry and after.current_entry.id
    )
    options = before.options is not after.options and (
        replace(before.options, volume=0) != replace(after.options, volume=0)
    )
    signs = {
        Subsystem.PLAYLIST: before.queue_version != after.queue_version,
        Subsystem.PLAYER: song
        or (before.state, before.audio_format, before.error)
        != (after.state, after.audio_format, after.error),
        Subsystem.MIXER: before.options.volume != after.options.volume,
        Subsystem.OPTIONS: options,
        Subsystem.OUTPUT: before.outputs != after.outputs,
        Subsystem.STICKER: before.passages != after.passages,
    }
    return {subsystem for subsystem, differs in signs.items() if differs}
