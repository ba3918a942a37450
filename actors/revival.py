"""From what was saved to a transport, and back: how the player outlives its process."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from playback.known_passages import StoredPassage, none_stored
from playback.levels import AS_IT_IS, Levelling
from playback.passage import Passage
from playback.planner import Numbers, Planner
from playback.play_queue import PlayQueue
from playback.saved import SavedPlayer, SavedState
from playback.status import OutputStatus
from playback.transport import Transport
from playback.units import ZERO_TICKS

_log = logging.getLogger(__name__)


def revived(
    state: SavedState,
    numbers: Numbers,
    *,
    poisoned: frozenset[str] = frozenset(),
    stored: StoredPassage = none_stored,
    maximum_length: int | None = None,
    levelling: Levelling = AS_IT_IS,
) -> tuple[Transport, str | None]:
    """Return a transport that goes on where ``state`` ended; nobody has been told.

    Args:
        state: what was saved.
        numbers: where its chain ids and plan versions come from.
        poisoned: URIs that ended the process when they were decoded; passed over.
        stored: the passages that somebody has defined.
        maximum_length: entries that the queue may have; None = any number.
        levelling: what wkmp.ini says of it.

    Returns:
        The transport, and what to tell the user about what is passed over.
    """
    player = state.player
    queue = PlayQueue.restore(
        entries=state.entries,
        current=player.current,
        options=player.options,
        version=player.queue_version,
        next_entry_id=player.next_entry_id,
        order=player.order,
        maximum_length=maximum_length,
    )
    queue.loaded_playlist = player.last_loaded_playlist
    transport = Transport(queue, Planner(numbers), stored, levelling)
    problem = _pass_over(transport, poisoned)
    elapsed = player.elapsed if queue.current == player.current else ZERO_TICKS
    transport.resume_at(elapsed, player.state)
    return transport, problem


def _pass_over(transport: Transport, poisoned: frozenset[str]) -> str | None:
    """Leave out what crashed the decoder last time; returns what to say about it."""
    queue, text = transport.queue, None
    bad = [entry for entry in queue.entries if entry.song.uri in poisoned]
    transport.failed.update(entry.id for entry in bad)
    for uri in {entry.song.uri for entry in bad}:
        text = f"{uri} is passed over: decoding it ended wkmp the last time; play it to try again"
        _log.warning("%s", text)
    if queue.current in transport.failed:
        queue.finish(frozenset(transport.failed))
    return text


def to_save(
    transport: Transport,
    *,
    outputs: tuple[OutputStatus, ...],
    settings: Mapping[str, str],
    passages: Mapping[str, Passage],
    now_s: float,
) -> SavedState:
    """Return everything that outlives a restart, as it is at a ``time.monotonic()`` reading."""
    queue = transport.queue
    player = SavedPlayer(
        state=transport.state,
        current=queue.current,
        elapsed=transport.position_now(now_s),
        options=queue.options,
        queue_version=queue.version,
        next_entry_id=queue.next_entry_id,
        order=queue.order,
        outputs=outputs,
        last_loaded_playlist=queue.loaded_playlist,
    )
    return SavedState(player, queue.entries, settings, passages)
