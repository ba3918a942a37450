"""What is remembered of a mix, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from audio.marks import Began
from audio.mix_history import MixHistory
from playback.passage import Passage
from playback.plan import Priority, Slot
from playback.units import ZERO_TICKS, ChainId, EntryId

SLOT = Slot(ChainId(1), EntryId(1), Passage("a.flac"), ZERO_TICKS, Priority.IMMEDIATE)
PERIOD = 100


@dataclass(frozen=True)
class Point:
    frame: int


@pytest.fixture
def three_periods() -> MixHistory[Point]:
    history: MixHistory[Point] = MixHistory()
    history.mark(0, Began(SLOT))
    for frame in (0, PERIOD, 2 * PERIOD):
        history.checkpoint(Point(frame))
        history.piece(frame, PERIOD, SLOT, 5_000 + frame)
    return history


def test_the_position_is_known_for_every_frame(three_periods: MixHistory[Point]) -> None:
    for frame in (0, 1, 99, 100, 101, 250, 300):
        assert three_periods.position(frame) == (SLOT, 5_000 + frame)


@pytest.mark.parametrize("heard", [1, 99, 100, 101, 200, 250])
def test_the_position_survives_going_back_to_what_was_heard(
    three_periods: MixHistory[Point], heard: int
) -> None:
    three_periods.heard(heard)
    point = three_periods.back_to(heard)
    if heard > point.frame:  # the mixer repeats the part up to there
        three_periods.piece(point.frame, heard - point.frame, SLOT, 5_000 + point.frame)
    assert three_periods.position(heard) == (SLOT, 5_000 + heard)


def test_what_was_heard_long_ago_is_forgotten(three_periods: MixHistory[Point]) -> None:
    assert three_periods.heard(250) == [Began(SLOT)]
    assert not three_periods.unheard
    assert three_periods.position(150) is None
    with pytest.raises(ValueError, match="too long ago"):
        three_periods.back_to(150)
