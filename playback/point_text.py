"""A passage's points as people write them: seconds or ``m:ss``, and curves by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from playback.errors import AckCode, AckError
from playback.passage import Curve, Passage
from playback.stored_passages import CURVES, POINTS
from playback.units import TICKS_PER_SECOND, Ticks

NAMES: Final = (*POINTS, *CURVES)

_TIME: Final = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,9}(?:\.\d{0,12})?)", re.ASCII)


def point_of(name: str, text: str) -> Ticks | Curve | None:
    """Read the value of a point or curve; nothing unsets it.

    Raises:
        AckError: there is no such point, or the text is no such value.
    """
    if name not in NAMES:
        raise _refused(f"There is no point {name!r}; there are: {', '.join(NAMES)}")
    if not text:
        return None
    if name in CURVES:
        if text not in set(Curve):
            raise _refused(f"{name}: there is no curve {text!r}; there are: {', '.join(Curve)}")
        return Curve(text)
    time = _TIME.fullmatch(text)
    if time is None:
        raise _refused(f"{name}: {text!r} is no time; write seconds (83.5) or minutes (1:23.5)")
    hours, minutes, seconds = (Decimal(part or 0) for part in time.groups())
    return Ticks(round(((hours * 60 + minutes) * 60 + seconds) * TICKS_PER_SECOND))


def points_of(words: Iterable[str]) -> dict[str, Ticks | Curve | None]:
    """Read ``NAME=VALUE`` words.

    Raises:
        AckError: one of them is none; the text names it.
    """
    points: dict[str, Ticks | Curve | None] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign:
            raise _refused(f"{word!r} is not of the form NAME=VALUE; names: {', '.join(NAMES)}")
        points[name] = point_of(name, text)
    return points


def in_text(value: Ticks | Curve) -> str:
    """Write a value so that ``point_of`` reads the very same: nine decimals name every tick."""
    if isinstance(value, Curve):
        return value.value
    text = f"{Decimal(value) / TICKS_PER_SECOND:.9f}"
    return text.rstrip("0").rstrip(".")


def written(passage: Passage) -> tuple[tuple[str, str], ...]:
    """Return the points that are set, by name, in their order of time."""
    values = ((name, getattr(passage, name)) for name in NAMES)
    return tuple((name, in_text(value)) for name, value in values if value or name == "start")


def _refused(text: str) -> AckError:
    return AckError(AckCode.ARG, text)
