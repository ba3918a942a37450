"""The passages that somebody has defined, by URI.

The URI of a stored passage is ``FILE/NAME``; under ``FILE`` itself stand the points of the
whole file. What is stored is what was asked for. What is played is *repaired*: a stored passage
that breaks a rule, because an older version or another program wrote it, is made playable for
this run only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from playback.errors import AckCode, AckError
from playback.passage import Curve, Passage
from playback.units import ZERO_TICKS, Ticks, ticks_to_seconds
from playback.validation import repaired, violations

Points: TypeAlias = Mapping[str, Ticks | Curve | None]
"""Values by the names of ``Passage``'s attributes; None unsets one."""

POINTS: Final = ("start", "end", "fade_in", "lead_in", "lead_out", "fade_out")
CURVES: Final = ("fade_in_curve", "fade_out_curve")


@dataclass(frozen=True, slots=True)
class PassageChange:
    """What is asked for.

    Attributes:
        uri: ``FILE`` or ``FILE/NAME``.
        file: the file that it is in.
        points: what is to be different; None deletes the passage.
        is_there: whether there has to be one already; None = either will do.
        file_end: the file's length, if it is known: nothing may lie behind it.
    """

    uri: str
    file: str
    points: Points | None
    is_there: bool | None = None
    file_end: Ticks | None = None


@dataclass
class StoredPassages:
    """All of them; each repaired passage is the same object until it is changed.

    Args:
        rows: as stored; replaced by each change, never altered.
    """

    rows: Mapping[str, Passage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._playable: dict[str, Passage] = {}
        self._warnings: list[str] = []
        for uri, passage in self.rows.items():
            self._repair(uri, passage)

    def __call__(self, uri: str) -> Passage | None:
        """Return what is played under a URI; None if nothing is stored there."""
        return self._playable.get(uri)

    def take_warnings(self) -> tuple[str, ...]:
        """Return what had to be repaired since the last call, for the log."""
        warnings, self._warnings = tuple(self._warnings), []
        return warnings

    def change(self, wanted: PassageChange) -> None:
        """Define, alter or delete a passage.

        Raises:
            AckError: every rule that it would break, or that it is there, or is not; nothing
                has changed.
        """
        before = self.rows.get(wanted.uri)
        if before is None and (wanted.is_there or wanted.points is None):
            raise AckError(AckCode.NO_EXIST, f"There is no passage {wanted.uri!r}")
        if before is not None and wanted.is_there is False:
            raise AckError(AckCode.EXIST, f"There is a passage {wanted.uri!r} already")
        rows = dict(self.rows)
        self._playable.pop(wanted.uri, None)
        rows.pop(wanted.uri, None)
        if wanted.points is not None:
            passage = _altered(before or Passage(wanted.file, self._free_id()), wanted)
            if wanted.uri != wanted.file or _has_points(passage):
                rows[wanted.uri] = passage
                self._repair(wanted.uri, passage)
        self.rows = rows

    def _repair(self, uri: str, passage: Passage) -> None:
        playable, warnings = repaired(passage, None)
        self._playable[uri] = playable
        self._warnings += warnings

    def _free_id(self) -> int:
        return max((passage.passage_id or 0 for passage in self.rows.values()), default=0) + 1


def _altered(passage: Passage, wanted: PassageChange) -> Passage:
    points: dict[str, Any] = dict(wanted.points or {})
    if points.get("start", ZERO_TICKS) is None:
        points["start"] = ZERO_TICKS
    altered = replace(passage, **points)
    end, file_end = altered.end, wanted.file_end
    faults = list(violations(altered if end is not None else replace(altered, end=file_end)))
    if end is not None and file_end is not None and end > file_end:
        faults.append(f"end lies behind the end of the file ({ticks_to_seconds(file_end):.3f} s)")
    if faults:
        raise AckError(AckCode.ARG, f"{wanted.uri}: {'; '.join(faults)}")
    return altered


def _has_points(passage: Passage) -> bool:
    return any(getattr(passage, name) for name in (*POINTS, *CURVES))
