"""Which occurrence has which chain, for how long, and how it joins the next."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.passage import Curve, Passage
from playback.plan import EnginePlan, Envelope, Priority
from playback.planner import Numbers, Planner
from playback.player import PlayerState
from playback.units import ZERO_TICKS, ChainId, EntryId, Ticks
from tests.playback.passages import passage, ticks

A, B, C, D = (EntryId(number) for number in (11, 12, 13, 14))


class Library:
    """Passages by entry; the same object until it is changed."""

    def __init__(self) -> None:
        self.passages = {entry: passage(0, 60) for entry in (A, B, C, D)}

    def __call__(self, entry: EntryId) -> Passage:
        return self.passages[entry]


class Bench:
    """A planner that keeps planning."""

    def __init__(self, planner: Planner | None = None) -> None:
        self.planner = planner or Planner()
        self.library = Library()
        self.crossfade_s = 0.0

    def plan(self, *entries: EntryId) -> EnginePlan:
        return self.planner.plan(
            PlayerState.PLAY, entries, self.library, crossfade_s=self.crossfade_s, volume=70
        )

    def chains(self, *entries: EntryId) -> list[int]:
        return [slot.chain for slot in self.plan(*entries).slots]

    def sounds(self, *places: int) -> None:
        """The slots at these places of the plan have begun to sound."""
        for place in places:
            self.planner.has_begun(self.planner.slots[place].chain)


def places(plan: EnginePlan) -> list[tuple[EntryId, Priority]]:
    return [(slot.entry, slot.priority) for slot in plan.slots]


def test_priority_is_by_place_in_play_order() -> None:
    plan = Bench().plan(A, B, C, D)
    expected = [Priority.IMMEDIATE, Priority.NEXT, Priority.PREFETCH, Priority.PREFETCH]
    assert places(plan) == list(zip((A, B, C, D), expected, strict=True))


def test_a_plan_says_what_it_was_made_from_and_its_version_grows() -> None:
    bench = Bench()
    first, second = bench.plan(A), bench.plan(A)
    assert (first.state, first.volume) == (PlayerState.PLAY, 70)
    assert second.version > first.version


def test_an_empty_play_order_is_an_empty_plan() -> None:
    assert Bench().plan().slots == ()


def test_a_chain_stays_with_its_occurrence_whatever_happens_around_it() -> None:
    bench = Bench()
    a, b, c = bench.chains(A, B, C)
    assert bench.chains(A, C, B) == [a, c, b]
    assert bench.chains(A, C) == [a, c]
    (again_b,) = set(bench.chains(A, C, B)) - {a, c}
    assert again_b > c


def test_occurrences_of_one_entry_have_chains_of_their_own_in_their_order() -> None:
    bench = Bench()
    first = bench.chains(A, A, A)
    assert len(set(first)) == 3
    bench.planner.advance()
    assert bench.chains(A, A, A)[:2] == first[1:]


def test_an_entry_that_moves_up_is_promoted_and_keeps_its_chain() -> None:
    bench = Bench()
    _, b, c, _ = bench.chains(A, B, C, D)
    bench.planner.advance()
    plan = bench.plan(B, C, D)
    assert [slot.chain for slot in plan.slots[:2]] == [b, c]
    assert places(plan)[:2] == [(B, Priority.IMMEDIATE), (C, Priority.NEXT)]


def test_planners_of_one_engine_never_give_out_a_chain_or_version_twice() -> None:
    numbers = Numbers()
    first, second = Bench(Planner(numbers)), Bench(Planner(numbers))
    plans = [bench.plan(A, B) for bench in (first, second, first, second)]
    versions = [plan.version for plan in plans]
    assert versions == sorted(set(versions))
    assert not {slot.chain for slot in plans[0].slots} & {slot.chain for slot in plans[1].slots}


class TestRestart:
    def test_a_head_that_is_prepared_is_used_as_it_is(self) -> None:
        bench = Bench()
        chains = bench.chains(A, B)
        bench.planner.restart()
        assert bench.chains(A, B) == chains

    def test_a_head_that_has_sounded_gets_a_new_chain_and_the_others_keep_theirs(self) -> None:
        bench = Bench()
        a, b = bench.chains(A, B)
        bench.sounds(0)
        bench.planner.restart()
        new, same = bench.chains(A, B)
        assert (new > b, same) == (True, b)
        assert a != new

    def test_whatever_sounds_beside_the_head_gets_a_new_chain_too(self) -> None:
        bench = Bench()
        before = bench.chains(A, B, C)
        bench.sounds(0, 1)
        bench.planner.restart()
        after = bench.chains(A, B, C)
        assert not set(after[:2]) & set(before)
        assert after[2] == before[2]

    def test_at_an_offset_the_head_is_decoded_from_there_once(self) -> None:
        bench = Bench()
        before = bench.chains(A, B)
        bench.planner.restart(ticks(20))
        slot = bench.plan(A, B).slots[0]
        assert slot.offset == ticks(20)
        assert slot.chain not in before
        assert bench.plan(A, B).slots[0] is slot
        bench.planner.restart()
        again = bench.plan(A, B).slots[0]
        assert (again.offset, again.chain != slot.chain) == (ZERO_TICKS, True)

    def test_at_an_offset_in_another_entry_its_prepared_chain_waits_for_its_turn(self) -> None:
        bench = Bench()
        _, b = bench.chains(A, B)
        bench.planner.restart(ticks(5))
        moved, following = bench.plan(B, B).slots
        assert (moved.offset, moved.chain != b) == (ticks(5), True)
        assert (following.offset, following.chain) == (ZERO_TICKS, b)

    def test_at_the_start_of_a_prepared_entry_its_chain_is_used(self) -> None:
        bench = Bench()
        _, b = bench.chains(A, B)
        bench.planner.restart(ZERO_TICKS)
        assert bench.chains(B) == [b]


class TestWhatHasBegun:
    """It can sound on, or be over; the same chain never begins twice."""

    def test_both_sides_of_an_overlap_keep_their_chains(self) -> None:
        bench = Bench()
        chains = bench.chains(A, B, C)
        bench.sounds(0, 1)
        assert bench.chains(A, B, C) == chains
        assert bench.chains(A, B, D) != chains
        assert bench.chains(A, B)[:2] == chains[:2]

    def test_the_second_goes_on_as_the_head_when_the_first_ends_or_is_removed(self) -> None:
        for advances in (True, False):
            bench = Bench()
            chains = bench.chains(A, B, C)
            bench.sounds(0, 1)
            if advances:
                bench.planner.advance()
            assert bench.chains(B, C) == chains[1:]

    def test_the_second_is_over_when_something_is_put_in_between(self) -> None:
        bench = Bench()
        a, b = bench.chains(A, B)
        bench.sounds(0, 1)
        plan = bench.plan(A, C, B)
        assert plan.slots[0].chain == a
        assert b not in [slot.chain for slot in plan.slots]

    def test_it_is_over_under_another_head(self) -> None:
        bench = Bench()
        before = bench.chains(A, B)
        bench.sounds(0, 1)
        assert not set(bench.chains(C, A, B)) & set(before)

    def test_the_first_is_over_when_the_second_is_the_head(self) -> None:
        bench = Bench()
        a, b = bench.chains(A, B)
        bench.sounds(0, 1)
        after = bench.chains(B, A)
        assert after[0] == b
        assert after[1] != a

    def test_news_of_a_chain_that_was_given_up_binds_nothing(self) -> None:
        bench = Bench()
        (a,) = bench.chains(A)
        bench.planner.restart(ticks(3))
        bench.plan(A)
        bench.planner.has_begun(ChainId(a))
        bench.plan(A)
        assert not bench.planner.did_begin(ChainId(a))

    @given(st.integers(0, 2**32))
    def test_no_chain_comes_back_after_it_was_not_planned(self, seed: int) -> None:
        rng, bench = Random(seed), Bench()
        gone: set[int] = set()
        before: set[int] = set()
        for _ in range(40):
            entries = [rng.choice((A, B, C)) for _ in range(rng.randrange(5))]
            match rng.randrange(5):
                case 0:
                    bench.planner.restart(rng.choice((None, ticks(7), ZERO_TICKS)))
                case 1:
                    bench.planner.advance()
                case 2:
                    bench.planner.unbind(rng.choice((A, B, C)))
                case 3 if bench.planner.slots:
                    bench.sounds(*range(rng.randint(1, min(2, len(bench.planner.slots)))))
            now = set(bench.chains(*entries))
            gone |= before - now
            assert not now & gone
            before = now


class TestPassages:
    def test_a_known_end_changes_the_slot_and_not_its_chain(self) -> None:
        bench = Bench()
        bench.library.passages[A] = passage(0, None)
        before = bench.plan(A).slots[0]
        bench.library.passages[A] = passage(0, 42)
        after = bench.plan(A).slots[0]
        assert (after.chain, after.passage.end) == (before.chain, ticks(42))

    def test_another_start_or_file_needs_another_chain(self) -> None:
        bench = Bench()
        chains = bench.chains(A, B)
        bench.library.passages[A] = passage(10, 60)
        bench.library.passages[B] = Passage("other.flac", end=ticks(60))
        assert not set(bench.chains(A, B)) & set(chains)

    def test_a_slot_begins_at_the_start_of_its_passage(self) -> None:
        bench = Bench()
        bench.library.passages[A] = passage(10, 60)
        assert bench.plan(A).slots[0].offset == ticks(10)

    def test_unbinding_lets_prepared_chains_go_but_not_what_sounds(self) -> None:
        bench = Bench()
        a, b, a_again = bench.chains(A, B, A)
        bench.sounds(0)
        bench.planner.unbind(A)
        after = bench.chains(A, B, A)
        assert after[:2] == [a, b]
        assert after[2] != a_again

    def test_forgetting_binds_everything_anew(self) -> None:
        bench = Bench()
        before = bench.chains(A, B)
        bench.sounds(0)
        bench.planner.forget()
        assert not set(bench.chains(A, B)) & set(before)


class TestJoints:
    def test_without_crossfade_nothing_fades_and_nothing_overlaps(self) -> None:
        for slot in Bench().plan(A, B, C).slots:
            assert (slot.overlap, slot.envelope) == (0, Envelope())

    def test_a_crossfade_fades_what_overlaps_and_not_the_edges(self) -> None:
        bench = Bench()
        bench.crossfade_s = 5
        first, middle, last = bench.plan(A, B, C).slots
        assert (first.overlap, middle.overlap, last.overlap) == (ticks(5), ticks(5), 0)
        assert first.envelope == Envelope(None, fade_out_start=ticks(55))
        assert middle.envelope == Envelope(ticks(5), fade_out_start=ticks(55))
        assert last.envelope == Envelope(ticks(5))

    def test_the_head_has_no_predecessor_any_more(self) -> None:
        bench = Bench()
        bench.crossfade_s = 5
        bench.plan(A, B)
        bench.sounds(0, 1)
        bench.planner.advance()
        assert bench.plan(B).slots[0].envelope == Envelope()

    def test_a_changed_crossfade_changes_slots_and_keeps_chains(self) -> None:
        bench = Bench()
        chains = bench.chains(A, B)
        bench.crossfade_s = 2
        plan = bench.plan(A, B)
        assert [slot.chain for slot in plan.slots] == chains
        assert plan.slots[0].overlap == ticks(2)

    def test_another_neighbour_changes_the_overlap(self) -> None:
        bench = Bench()
        bench.crossfade_s = 30
        bench.library.passages[C] = passage(0, 20)
        assert bench.plan(A, B).slots[0].overlap == ticks(30)
        assert bench.plan(A, C).slots[0].overlap == ticks(10)

    def test_explicit_fades_stay_at_the_edges(self) -> None:
        bench = Bench()
        bench.library.passages[A] = passage(0, 60, fade_in=3, fade_out=50)
        (slot,) = bench.plan(A).slots
        assert slot.envelope == Envelope(ticks(3), fade_out_start=ticks(50))

    def test_curves_are_the_passages_own_or_the_default(self) -> None:
        bench = Bench(Planner(default_curve=Curve.COSINE))
        bench.library.passages[B] = Passage(
            "b.flac", end=ticks(60), fade_in_curve=Curve.LINEAR, fade_out_curve=Curve.EXPONENTIAL
        )
        first, second = bench.plan(A, B).slots
        assert first.envelope.fade_out_curve is Curve.COSINE
        assert second.envelope.fade_in_curve is Curve.LINEAR
        assert second.envelope.fade_out_curve is Curve.EXPONENTIAL


def test_what_does_not_change_is_the_very_same_slot() -> None:
    bench = Bench()
    bench.crossfade_s = 5
    before = bench.plan(A, B, C).slots
    after = bench.plan(A, B, D).slots
    assert after[0] is before[0]
    assert bench.plan(A, B, D).slots[2] is after[2]


@pytest.mark.parametrize("entries", [(A, A), (A, B, A), (A, A, B, B)])
def test_an_entry_that_overlaps_itself_is_joined_like_any_other(entries: Sequence[EntryId]) -> None:
    bench = Bench()
    bench.crossfade_s = 5
    slots = bench.plan(*entries).slots
    assert {slot.overlap for slot in slots[:-1]} == {ticks(5)}
    assert slots[1].envelope.fade_in_end == Ticks(ticks(5))
