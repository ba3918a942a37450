"""The player as rows of ``key`` and JSON ``value``: a new field needs no migration."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from peewee import SqliteDatabase

from playback.options import Options, ReplayGainMode, Switch
from playback.player import PlayerState
from playback.saved import SavedPlayer
from playback.status import OutputStatus
from playback.units import EntryId, Ticks
from storage.models import OutputRow, PlayerRow
from storage.text import stored

_log = logging.getLogger(__name__)


def _entry_ids(values: list[int]) -> tuple[EntryId, ...]:
    return tuple(map(EntryId, values))


def _entry_id(value: int | None) -> EntryId | None:
    return None if value is None else EntryId(value)


def _seconds(value: float | None) -> float | None:
    return None if value is None else float(value)


_PLAYER: Final[Mapping[str, Callable[[Any], Any]]] = {
    "state": PlayerState,
    "current": _entry_id,
    "elapsed": Ticks,
    "queue_version": int,
    "next_entry_id": int,
    "order": _entry_ids,
    "last_loaded_playlist": str,
}
_OPTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "repeat": bool,
    "random": bool,
    "single": Switch,
    "consume": Switch,
    "crossfade_s": int,
    "mixramp_db": float,
    "mixramp_delay_s": _seconds,
    "replay_gain_mode": ReplayGainMode,
    "volume": int,
}


def write_player(
    connection: sqlite3.Connection, player: SavedPlayer, before: SavedPlayer | None
) -> None:
    """Write the fields that differ from ``before``, which the database holds (None = nothing)."""
    changed = [(key, json.dumps(value)) for key, value in _changed(player, before)]
    connection.executemany("INSERT OR REPLACE INTO player VALUES (?, ?)", changed)
    if before is None or player.outputs != before.outputs:
        connection.execute("DELETE FROM outputs")
        connection.executemany(
            "INSERT INTO outputs VALUES (?, ?, ?, ?, ?, ?)",
            [
                (out.id, stored(out.name), out.plugin, out.enabled, stored(out.device), out.chosen)
                for out in player.outputs
            ],
        )


def read_player(database: SqliteDatabase) -> SavedPlayer:
    """Return the player; a field that is missing or makes no sense gets its default."""
    rows = dict(PlayerRow.select(PlayerRow.key, PlayerRow.value).tuples().execute(database))
    return SavedPlayer(
        **_parsed(rows, _PLAYER),
        options=Options(**_parsed(rows, _OPTIONS)),
        outputs=_read_outputs(database),
    )


def _changed(player: SavedPlayer, before: SavedPlayer | None) -> list[tuple[str, object]]:
    pairs = [(key, player, before) for key in _PLAYER]
    old = None if before is None else before.options
    options = [(key, player.options, old) for key in _OPTIONS]
    return [
        (key, getattr(new, key))
        for key, new, last in (*pairs, *options)
        if last is None or getattr(new, key) != getattr(last, key)
    ]


def _parsed(rows: Mapping[str, str], parsers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key in rows.keys() & parsers.keys():
        try:
            fields[key] = parsers[key](json.loads(rows[key]))
        except (TypeError, ValueError) as error:
            _log.warning("The player's saved %s makes no sense (%s); using the default", key, error)
    return fields


def _read_outputs(database: SqliteDatabase) -> tuple[OutputStatus, ...]:
    rows = OutputRow.select().order_by(OutputRow.id).tuples().execute(database)
    return tuple(OutputStatus(*row) for row in rows)
