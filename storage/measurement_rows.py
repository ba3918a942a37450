"""Measurements as rows; one is replaced when its file has changed and is measured anew.

A ramp is packed: for each point a level in 1/100 dB (signed) and a time in ms (unsigned), each in
two bytes, little-endian. With a dozen points on each side a file takes about 200 bytes.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

from playback.measurement import FileVersion, MeasuredFile, Measurement, Outcome, Unmeasurable
from playback.ramp import Ramp
from playback.units import Ticks
from storage.text import loaded, stored

READ_MEASURED: Final = """SELECT uri, modified_ns, size_bytes, method, failure, loudness_lufs,
    sample_peak, true_peak, silence_before, silence_after, start_ramp, end_ramp
    FROM measurements"""
_UPSERT: Final = "INSERT OR REPLACE INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_POINT: Final = struct.Struct("<hH")
_LEVELS: Final = (-(1 << 15), (1 << 15) - 1)
_TIMES: Final = (0, (1 << 16) - 1)


def write_measured(connection: sqlite3.Connection, files: Iterable[MeasuredFile]) -> None:
    """Write these, inside the caller's transaction."""
    connection.executemany(_UPSERT, map(_row, files))


def measured_of(row: tuple[Any, ...]) -> MeasuredFile:
    """Make what was written of a row of ``READ_MEASURED``."""
    uri, modified_ns, size_bytes, method, failure, *found = row
    version = FileVersion(modified_ns, size_bytes)
    outcome: Outcome = Unmeasurable(failure) if failure is not None else _measurement(found)
    return MeasuredFile(loaded(uri), version, outcome, method)


def packed(ramp: Ramp) -> bytes:
    """Return a ramp as it is stored."""
    return b"".join(
        _POINT.pack(_within(level_db * 100.0, _LEVELS), _within(seconds * 1000.0, _TIMES))
        for level_db, seconds in ramp
    )


def unpacked(packed_ramp: bytes) -> Ramp:
    """Return the ramp that was packed."""
    return tuple(
        (level / 100.0, time_ms / 1000.0) for level, time_ms in _POINT.iter_unpack(packed_ramp)
    )


def _measurement(found: Sequence[Any]) -> Measurement:
    loudness_lufs, sample_peak, true_peak, before, after, start, end = found
    return Measurement(
        loudness_lufs,
        sample_peak,
        true_peak,
        Ticks(before),
        Ticks(after),
        unpacked(start),
        unpacked(end),
    )


def _row(file: MeasuredFile) -> tuple[object, ...]:
    version = file.version
    key = (stored(file.uri), version.modified_ns, version.size_bytes, file.method)
    match file.outcome:
        case Unmeasurable(reason):
            return (*key, reason, *(None,) * 7)
        case Measurement() as found:
            return (
                *key,
                None,
                found.loudness_lufs,
                found.sample_peak,
                found.true_peak,
                found.silence_before,
                found.silence_after,
                packed(found.start),
                packed(found.end),
            )


def _within(value: float, allowed: tuple[int, int]) -> int:
    return min(max(round(value), allowed[0]), allowed[1])
