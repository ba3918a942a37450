"""Where songs come into the queue, or go to in it: MPD's ``POS``, ``+N`` and ``-N``."""

from __future__ import annotations

from dataclasses import dataclass

from playback.errors import AckCode, AckError


@dataclass(frozen=True, slots=True)
class InsertAt:
    """Where songs go: MPD's ``POS``, ``+N`` (after the current song) or ``-N`` (before it)."""

    offset: int
    relative: str = ""  # "", "+" or "-"


def insertion_position(at: InsertAt | None, length: int, current: int | None) -> int:
    """Return the position that a new song gets.

    Args:
        at: None means behind the last song.
        length: number of entries in the queue.
        current: position of the current song.

    Raises:
        AckError: relative without a current song, or outside the queue.
    """
    if at is None:
        return length
    if not at.relative:
        return _checked(at.offset, at.offset <= length)
    anchor = _required(current)
    if at.relative == "+":
        return anchor + 1 + _checked(at.offset, at.offset <= length - anchor - 1)
    return anchor - _checked(at.offset, at.offset <= anchor)


def move_destination(to: InsertAt, start: int, end: int, length: int, current: int | None) -> int:
    """Return the position that the first of the entries ``start`` to ``end`` (exclusive) gets.

    It counts as if those entries had been taken out before.

    Raises:
        AckError: relative without a current song or to a song that moves, or outside the queue.
    """
    remaining = length - (end - start)
    anchor = _required(current) if to.relative else 0
    if to.relative and start <= anchor < end:
        raise AckError(AckCode.ARG, "Cannot move current song relative to itself")
    if remaining < 0:
        raise AckError(AckCode.ARG, "Bad song index")
    if not to.relative:
        return _checked(to.offset, to.offset <= remaining)
    anchor -= end - start if anchor >= end else 0
    destination = anchor + 1 + to.offset if to.relative == "+" else anchor - to.offset
    if not 0 <= destination <= remaining:
        # MPD has two texts: one for what no queue of this length could take, one for the rest.
        if 0 <= remaining - anchor < to.offset:
            raise AckError(AckCode.ARG, f"Number too large: {to.offset}")
        raise AckError(AckCode.ARG, "Bad song index")
    return destination


def _required(current: int | None) -> int:
    if current is None:
        raise AckError(AckCode.PLAYER_SYNC, "No current song")
    return current


def _checked(offset: int, is_allowed: bool) -> int:
    if not is_allowed or offset < 0:
        raise AckError(AckCode.ARG, f"Number too large: {offset}")
    return offset
