"""Turning arguments into values, with MPD's own words for what cannot be turned.

Numbers are read as C's ``strtol`` and ``strtof`` do: blanks before them and a sign are fine,
anything behind them is not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from library.tag_names import canonical_tag
from playback.errors import AckCode, AckError
from playback.insertion import InsertAt
from playback.options import ReplayGainMode, Switch
from playback.units import EntryId, Ticks, seconds_to_ticks

T = TypeVar("T")
Converter: TypeAlias = Callable[[str], T]
Range: TypeAlias = tuple[int, int | None]
"""First position and the one behind the last; None = to the end."""

LARGEST: Final = 2**31 - 1
SMALLEST: Final = -(2**31)
LARGEST_UNSIGNED: Final = 2**32 - 1

_INTEGER: Final = re.compile(r"[ \t\r\v\f]*[+-]?[0-9]+", re.ASCII)
_FLOAT: Final = re.compile(
    r"[ \t\r\v\f]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)",
    re.ASCII | re.IGNORECASE,
)


def refused(text: str) -> AckError:
    """Return the error for an argument that will not do."""
    return AckError(AckCode.ARG, text)


def text(argument: str) -> str:
    """Take an argument as it is."""
    return argument


def integer(argument: str, lowest: int = SMALLEST, highest: int = LARGEST) -> int:
    """Read a whole number within bounds (both included)."""
    if not _INTEGER.fullmatch(argument):
        raise refused(f"Integer expected: {argument}")
    value = int(argument)
    if not lowest <= value <= highest:
        raise refused(f"Number too large: {argument}")
    return value


def unsigned(argument: str) -> int:
    """Read a whole number from 0."""
    return integer(argument, 0, LARGEST_UNSIGNED)


@dataclass(frozen=True, slots=True)
class Between:
    """Reads a whole number within bounds (both included)."""

    lowest: int
    highest: int

    def __call__(self, argument: str) -> int:
        """Read it."""
        return integer(argument, self.lowest, self.highest)


def entry_id(argument: str) -> EntryId:
    """Read the id of a queue entry."""
    return EntryId(unsigned(argument))


def version(argument: str) -> int:
    """Read a queue version; any size will do."""
    if not _INTEGER.fullmatch(argument):
        raise refused(f"Integer expected: {argument}")
    return int(argument)


def boolean(argument: str) -> bool:
    """Read 0 or 1."""
    if not _INTEGER.fullmatch(argument) or int(argument) not in (0, 1):
        raise refused(f"Boolean (0/1) expected: {argument}")
    return int(argument) == 1


def number(argument: str) -> float:
    """Read a finite decimal number."""
    value = decimal(argument)
    if not math.isfinite(value):
        raise refused(f"Float expected: {argument}")
    return value


def decimal(argument: str) -> float:
    """Read a decimal number, ``nan`` and ``inf`` included."""
    if not _FLOAT.fullmatch(argument):
        raise refused(f"Float expected: {argument}")
    return float(argument)


def song_time(argument: str) -> float:
    """Read a time within a song, in seconds."""
    value = number(argument)
    if value < 0:
        raise refused(f"Negative value not allowed: {argument}")
    return value


@dataclass(frozen=True, slots=True)
class Leap:
    """A time, or with a sign in front a distance from now."""

    seconds: float
    relative: bool


def leap(argument: str) -> Leap:
    """Read ``T``, ``+T`` or ``-T``."""
    return Leap(number(argument), argument.startswith(("+", "-")))


def position_range(argument: str) -> Range:
    """Read ``N``, ``S:E`` or ``S:``; ``-1`` stands for everything."""
    first, colon, last = argument.partition(":")
    if not _INTEGER.fullmatch(first):
        raise refused(f"Integer or range expected: {argument}")
    start = int(first)
    if start == -1 and not colon:
        return 0, None
    _check_position(start, argument)
    if not colon:
        return start, start + 1
    if not last:
        return start, None
    if not _INTEGER.fullmatch(last):
        raise refused(f"Integer or range expected: {argument}")
    end = int(last)
    _check_position(end, argument)
    if end < start:
        raise refused(f"Malformed range: {argument}")
    return start, end


def _check_position(value: int, argument: str) -> None:
    if value < 0:
        raise refused(f"Number is negative: {argument}")
    if value > LARGEST:
        raise refused(f"Number too large: {argument}")


def insert_at(argument: str) -> InsertAt:
    """Read a place in the queue: ``N``, ``+N`` behind the current song, ``-N`` before it."""
    if argument.startswith(("+", "-")):
        return InsertAt(unsigned(argument[1:] or "0"), argument[0])
    return InsertAt(unsigned(argument))


def sound_range(argument: str) -> tuple[Ticks, Ticks | None] | None:
    """Read ``S:E`` in seconds, either side open; ``:`` alone means no range."""
    first, colon, last = argument.partition(":")
    if not colon:
        raise refused("Bad range")
    start, end = _bound(first), _bound(last)
    if start is None and end is None:
        return None
    if end is not None and end <= (start or 0):
        raise refused("Bad range")
    return start or Ticks(0), end


def _bound(argument: str) -> Ticks | None:
    if not argument:
        return None
    if not _FLOAT.fullmatch(argument):
        raise refused("Bad range")
    value = float(argument)
    if math.isnan(value) or value < 0:
        raise refused("Bad range")
    return seconds_to_ticks(value) if math.isfinite(value) else None


def tag_name(argument: str) -> str:
    """Read a tag's name."""
    name = canonical_tag(argument)
    if name is None:
        raise refused(f"Unknown tag type: {argument}")
    return name


def single_mode(argument: str) -> Switch:
    """Read the three-valued ``single``."""
    return _switch(argument, "single")


def consume_mode(argument: str) -> Switch:
    """Read the three-valued ``consume``."""
    return _switch(argument, "consume")


def _switch(argument: str, option: str) -> Switch:
    try:
        return Switch(argument)
    except ValueError:
        raise refused(f"Unrecognized {option} mode, expected 0, 1, or oneshot") from None


def replay_gain_mode(argument: str) -> ReplayGainMode:
    """Read a replay gain mode."""
    try:
        return ReplayGainMode(argument)
    except ValueError:
        raise refused("Unrecognized replay gain mode") from None
