"""Passages for tests, written in seconds, and strategies that draw valid ones."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from playback.passage import Passage
from playback.units import Ticks

TICKS_IN_A_SECOND = 28_224_000


def ticks(seconds: float | str) -> Ticks:
    """Convert without passing through floating point; fails unless the result is whole."""
    exact = Fraction(str(seconds)) * TICKS_IN_A_SECOND
    assert exact.denominator == 1
    return Ticks(int(exact))


def passage(start: float = 0, end: float | None = 60, **points: float | None) -> Passage:
    """Build a passage from seconds; ``lead_out=55`` and so on."""
    given = {name: ticks(at) for name, at in points.items() if at is not None}
    return Passage(
        "song.flac",
        start=ticks(start),
        end=None if end is None else ticks(end),
        fade_in=given.get("fade_in"),
        fade_out=given.get("fade_out"),
        lead_in=given.get("lead_in"),
        lead_out=given.get("lead_out"),
    )


@st.composite
def valid_passages(draw: st.DrawFn) -> Passage:
    """Draw a passage whose points are in order, from one tick to a few minutes long."""
    start = draw(st.integers(0, 10**9))
    end = start + draw(st.integers(1, 10**10))
    point = st.integers(start, end)
    fades = sorted((draw(point), draw(point)))
    leads = sorted((draw(point), draw(point)))

    def maybe(value: int) -> Ticks | None:
        return Ticks(value) if draw(st.booleans()) else None

    return Passage(
        "song.flac",
        start=Ticks(start),
        end=Ticks(end),
        fade_in=maybe(fades[0]),
        fade_out=maybe(fades[1]),
        lead_in=maybe(leads[0]),
        lead_out=maybe(leads[1]),
    )
