"""Stored passages as rows."""

from __future__ import annotations

import sqlite3
from typing import Final

from playback.passage import Curve, Passage
from playback.saved import QueueChange
from playback.units import Ticks
from storage.text import loaded, stored

_COLUMNS: Final = """id, uri, name, start, "end", fade_in, fade_out, lead_in, lead_out,
    fade_in_curve, fade_out_curve"""
_UPSERT: Final = f"INSERT OR REPLACE INTO passages ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608  (constants)


def read_passages(connection: sqlite3.Connection) -> dict[str, Passage]:
    """Return all passages by their URI: ``FILE`` for that of the whole file, else ``FILE/NAME``.

    A curve that this version does not know is the default one.
    """
    rows = connection.execute(f"SELECT {_COLUMNS} FROM passages ORDER BY id")  # noqa: S608  (constants)
    found: dict[str, Passage] = {}
    for id_, uri, name, *points, curve_in, curve_out in rows:
        file, label = loaded(uri), loaded(name)
        start, end, fade_in, fade_out, lead_in, lead_out = map(_ticks, points)
        found[_uri(file, label)] = Passage(
            uri=file,
            passage_id=id_,
            start=start or Ticks(0),
            end=end,
            fade_in=fade_in,
            fade_out=fade_out,
            lead_in=lead_in,
            lead_out=lead_out,
            fade_in_curve=_curve(curve_in),
            fade_out_curve=_curve(curve_out),
        )
    return found


def write_passages(connection: sqlite3.Connection, change: QueueChange) -> None:
    """Apply the passages' part of a change, inside the caller's transaction."""
    if change.whole:
        connection.execute("DELETE FROM passages")
    gone = [(number,) for number in change.passages_removed]
    connection.executemany("DELETE FROM passages WHERE id = ?", gone)
    connection.executemany(_UPSERT, (_row(uri, passage) for uri, passage in change.passages))


def _row(uri: str, passage: Passage) -> tuple[object, ...]:
    return (
        passage.passage_id,
        stored(passage.uri),
        stored(_label(uri, passage.uri)),
        passage.start,
        passage.end,
        passage.fade_in,
        passage.fade_out,
        passage.lead_in,
        passage.lead_out,
        passage.fade_in_curve,
        passage.fade_out_curve,
    )


def _label(uri: str, file: str) -> str:
    """Return what to call a passage in its file: its name, or ``/URI`` for a CUE sheet's track."""
    if uri == file:
        return ""
    return uri.removeprefix(f"{file}/") if uri.startswith(f"{file}/") else f"/{uri}"


def _uri(file: str, label: str) -> str:
    if label.startswith("/"):
        return label[1:]
    return f"{file}/{label}" if label else file


def _ticks(value: int | None) -> Ticks | None:
    return None if value is None else Ticks(value)


def _curve(name: str | None) -> Curve | None:
    return Curve(name) if name in set(Curve) else None
