"""Who decodes next: call, compare; the clock is a number."""

from __future__ import annotations

import pytest

from actors.decode_schedule import (
    HUNG_AFTER_S,
    LOOK_EVERY_S,
    STALLED_AFTER_S,
    Decision,
    DecodeSchedule,
    Rank,
)
from playback.plan import Priority
from playback.units import ChainId, Frames

CURRENT, NEXT, THIRD, FOURTH = (ChainId(n) for n in (1, 2, 3, 4))
RANKS = {
    CURRENT: Rank(Priority.IMMEDIATE, 0),
    NEXT: Rank(Priority.NEXT, 1),
    THIRD: Rank(Priority.PREFETCH, 2),
    FOURTH: Rank(Priority.PREFETCH, 3),
}


class Rings:
    """How many frames each chain's ring has been given."""

    def __init__(self) -> None:
        self.written: dict[ChainId, int] = {}

    def __call__(self, chain: ChainId) -> Frames:
        return Frames(self.written.get(chain, 0))


@pytest.fixture
def rings() -> Rings:
    return Rings()


def schedule_with(*hungry: ChainId, places: int = 2) -> DecodeSchedule:
    schedule = DecodeSchedule(places)
    for chain, rank in RANKS.items():
        schedule.rank(chain, rank)
    for chain in hungry:
        schedule.hungry(chain)
    return schedule


def test_free_places_go_to_the_highest_ranks_first(rings: Rings) -> None:
    schedule = schedule_with(FOURTH, THIRD, NEXT, CURRENT)
    assert schedule.decide(rings) == Decision(grant=(CURRENT, NEXT))


def test_a_place_that_falls_free_goes_to_the_next_in_rank(rings: Rings) -> None:
    schedule = schedule_with(FOURTH, THIRD, NEXT, CURRENT)
    schedule.decide(rings)
    schedule.spent(NEXT)
    assert schedule.decide(rings) == Decision(grant=(THIRD,))


def test_a_running_chain_gets_no_second_grant(rings: Rings) -> None:
    schedule = schedule_with(CURRENT)
    schedule.decide(rings)
    schedule.hungry(CURRENT)
    assert schedule.decide(rings) == Decision()
    schedule.spent(CURRENT)
    assert schedule.decide(rings) == Decision(grant=(CURRENT,))


def test_hunger_is_stilled_by_a_grant(rings: Rings) -> None:
    schedule = schedule_with(CURRENT)
    schedule.decide(rings)
    schedule.spent(CURRENT)
    assert schedule.decide(rings) == Decision()


def test_a_higher_priority_revokes_the_lowest_rank(rings: Rings) -> None:
    schedule = schedule_with(THIRD, FOURTH)
    schedule.decide(rings)
    schedule.hungry(CURRENT)
    assert schedule.decide(rings) == Decision(revoke=(FOURTH,))


def test_one_waiting_chain_revokes_only_one(rings: Rings) -> None:
    schedule = schedule_with(THIRD, FOURTH)
    schedule.decide(rings)
    schedule.hungry(CURRENT)
    schedule.decide(rings)
    assert schedule.decide(rings) == Decision()
    schedule.hungry(NEXT)
    assert schedule.decide(rings) == Decision(revoke=(THIRD,))


def test_equal_priority_does_not_revoke(rings: Rings) -> None:
    schedule = schedule_with(FOURTH, places=1)
    schedule.decide(rings)
    schedule.hungry(THIRD)
    assert schedule.decide(rings) == Decision()


def test_what_was_revoked_makes_room_when_it_reports(rings: Rings) -> None:
    schedule = schedule_with(FOURTH, places=1)
    schedule.decide(rings)
    schedule.hungry(CURRENT)
    schedule.decide(rings)
    schedule.spent(FOURTH)
    schedule.hungry(FOURTH)
    assert schedule.decide(rings) == Decision(grant=(CURRENT,))


def test_a_promotion_changes_who_is_next(rings: Rings) -> None:
    schedule = schedule_with(THIRD, FOURTH, places=1)
    schedule.rank(FOURTH, Rank(Priority.IMMEDIATE, 0))
    assert schedule.decide(rings) == Decision(grant=(FOURTH,))


def test_a_forgotten_chain_frees_its_place_and_is_never_granted(rings: Rings) -> None:
    schedule = schedule_with(CURRENT, NEXT, places=1)
    schedule.decide(rings)
    schedule.forget(CURRENT)
    schedule.hungry(CURRENT)
    assert schedule.decide(rings) == Decision(grant=(NEXT,))


def test_a_silent_worker_gives_its_place_away_after_a_quarter_second(rings: Rings) -> None:
    schedule = schedule_with(CURRENT, NEXT, places=1)
    schedule.look(100.0, rings)
    schedule.decide(rings)
    schedule.look(100.0 + STALLED_AFTER_S - 0.01, rings)
    assert schedule.decide(rings) == Decision()
    schedule.look(100.0 + STALLED_AFTER_S, rings)
    assert schedule.decide(rings) == Decision(grant=(NEXT,))


def test_a_slow_worker_that_gets_on_keeps_its_place(rings: Rings) -> None:
    schedule = schedule_with(CURRENT, NEXT, places=1)
    schedule.look(100.0, rings)
    schedule.decide(rings)
    for step in range(1, 100):
        rings.written[CURRENT] = step
        schedule.look(100.0 + 0.2 * step, rings)
        assert schedule.decide(rings) == Decision()
    assert schedule.hung() == ()


def test_ten_silent_seconds_are_a_hang(rings: Rings) -> None:
    schedule = schedule_with(CURRENT)
    schedule.look(100.0, rings)
    schedule.decide(rings)
    now_s = 100.0
    while now_s < 100.0 + HUNG_AFTER_S:
        assert schedule.hung() == ()
        look_s = schedule.look_again_s()
        assert look_s is not None
        assert now_s < look_s <= now_s + LOOK_EVERY_S
        now_s = look_s
        schedule.look(now_s, rings)
    assert now_s == pytest.approx(100.0 + HUNG_AFTER_S)
    assert schedule.hung() == (CURRENT,)


def test_time_in_which_nobody_looked_is_no_silence(rings: Rings) -> None:
    schedule = schedule_with(CURRENT)
    schedule.look(100.0, rings)
    schedule.decide(rings)
    schedule.look(3700.0, rings)
    assert schedule.hung() == ()


def test_no_look_is_due_while_nothing_runs(rings: Rings) -> None:
    schedule = schedule_with(CURRENT)
    assert schedule.look_again_s() is None
    schedule.look(5.0, rings)
    schedule.decide(rings)
    assert schedule.look_again_s() == 5.0 + STALLED_AFTER_S
    schedule.spent(CURRENT)
    assert schedule.look_again_s() is None
