"""The order of a passage's points, checked at three moments.

At a *request* every violated rule is named and nothing is stored (``violations``). At *load*
a stored passage is repaired for this run only, never written back (``repaired``). *Just before
decoding* the real end of the file is known (``fitted_to_end``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from playback.passage import Passage
from playback.units import Ticks, ticks_to_seconds

_POINTS: Final = ("fade_in", "fade_out", "lead_in", "lead_out")
_PAIRS: Final = (("fade_in", "fade_out"), ("lead_in", "lead_out"))


def violations(passage: Passage) -> tuple[str, ...]:
    """Name every rule that the passage breaks, in words and seconds; empty if it is valid.

    While the end is unknown, only what can be said without it is checked.
    """
    return tuple(_violations(passage))


def repaired(passage: Passage, file_end: Ticks | None) -> tuple[Passage, tuple[str, ...]]:
    """Make a stored passage playable.

    A start at or behind the end gives the whole file; a point outside the passage moves to its
    edge; a crossed pair meets in its middle. A passage without an end keeps none.

    Args:
        passage: as stored.
        file_end: the file's length if it is known.

    Returns:
        A passage without violations, and one warning with old and new values per change.
    """
    warnings: list[str] = []
    passage = _with_valid_span(passage, file_end, warnings)
    for name in _POINTS:
        passage = _with_point_inside(passage, name, warnings)
    for first, second in _PAIRS:
        passage = _with_pair_in_order(passage, first, second, warnings)
    return passage, tuple(warnings)


def fitted_to_end(passage: Passage, real_end: Ticks) -> tuple[Passage, tuple[str, ...]]:
    """Give the passage an end that exists: ``real_end`` if it had none or a later one.

    Returns:
        The passage with an end, and warnings as ``repaired`` gives them; finding out an end
        that nobody had set is none.
    """
    known = passage if passage.end is not None else replace(passage, end=real_end)
    return repaired(known, real_end)


def _violations(passage: Passage) -> Iterator[str]:
    start, end = passage.start, passage.end
    if start < 0:
        yield f"start ({_words(start)}) lies before the beginning of the file"
    if end is not None and end <= start:
        yield f"end ({_words(end)}) is not after start ({_words(start)})"
    for name in _POINTS:
        point = _point(passage, name)
        if point is not None and point < start:
            yield f"{name} ({_words(point)}) lies before start ({_words(start)})"
        if point is not None and end is not None and point > end:
            yield f"{name} ({_words(point)}) lies behind end ({_words(end)})"
    for first, second in _PAIRS:
        early, late = _point(passage, first), _point(passage, second)
        if early is not None and late is not None and early > late:
            yield f"{first} ({_words(early)}) lies behind {second} ({_words(late)})"


def _with_valid_span(passage: Passage, file_end: Ticks | None, warnings: list[str]) -> Passage:
    start, end = max(passage.start, 0), passage.end
    if end is not None and file_end is not None:
        end = min(end, file_end)
    latest = file_end if end is None else end
    if latest is not None and start >= latest:
        start, end = 0, file_end
    _note(warnings, passage, "start", passage.start, start)
    _note(warnings, passage, "end", passage.end, end)
    return replace(passage, start=Ticks(start), end=end)


def _with_point_inside(passage: Passage, name: str, warnings: list[str]) -> Passage:
    point = _point(passage, name)
    if point is None:
        return passage
    inside = max(point, passage.start)
    if passage.end is not None:
        inside = min(inside, passage.end)
    _note(warnings, passage, name, point, inside)
    return _with_points(passage, {name: inside})


def _with_pair_in_order(passage: Passage, first: str, second: str, warnings: list[str]) -> Passage:
    early, late = _point(passage, first), _point(passage, second)
    if early is None or late is None or early <= late:
        return passage
    middle = (early + late) // 2
    _note(warnings, passage, first, early, middle)
    _note(warnings, passage, second, late, middle)
    return _with_points(passage, {first: middle, second: middle})


def _note(
    warnings: list[str], passage: Passage, name: str, old: int | None, new: int | None
) -> None:
    if old != new:
        warnings.append(f"Passage of {passage.uri}: {name} {_words(old)} changed to {_words(new)}")


def _point(passage: Passage, name: str) -> Ticks | None:
    point: Ticks | None = getattr(passage, name)
    return point


def _with_points(passage: Passage, points: Mapping[str, Any]) -> Passage:
    return replace(passage, **points)


def _words(ticks: int | None) -> str:
    if ticks is None:
        return "end of file"
    return f"{ticks_to_seconds(Ticks(ticks)):.6f}".rstrip("0").rstrip(".") + " s"
