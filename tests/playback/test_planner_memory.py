"""What a planner remembers from the plan before changes what a plan costs, never what it says."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from playback.overlap import closing_fade, opening_fade, plan_transition
from playback.passage import Passage
from playback.plan import EnginePlan
from playback.planner import Planner
from playback.player import PlayerState
from playback.units import EntryId, Ticks

SECOND = 28_224_000
PASSAGES = st.builds(
    lambda name, seconds: Passage(name, end=None if seconds == 0 else Ticks(seconds * SECOND)),
    st.sampled_from("ab"),
    st.integers(0, 12),
)
ORDERS = ((1, 2, 3, 4, 5), (2, 3, 4, 5, 1), (5, 4, 3, 2, 1))
STEPS = st.lists(
    st.tuples(st.dictionaries(st.integers(1, 5), PASSAGES), st.sampled_from(ORDERS),
              st.sampled_from((0, 1, 5))),
    min_size=1, max_size=6,
)  # fmt: skip


def check_against_definition(plan: EnginePlan, passages: list[Passage], crossfade_s: int) -> None:
    assert [slot.passage for slot in plan.slots] == passages
    assert [int(slot.priority) for slot in plan.slots] == [0, 1, 2, 2, 2]
    joints = [plan_transition(a, b, crossfade_s) for a, b in pairwise(passages)]
    assert [slot.overlap for slot in plan.slots] == [*(joint.overlap for joint in joints), 0]
    assert [slot.envelope.fade_in_end for slot in plan.slots] == [
        opening_fade(passages[0]), *(joint.fade_in_end for joint in joints)
    ]  # fmt: skip
    assert [slot.envelope.fade_out_start for slot in plan.slots] == [
        *(joint.fade_out_start for joint in joints), closing_fade(passages[-1])
    ]  # fmt: skip


@given(STEPS)
def test_every_plan_says_what_its_passages_say_whatever_came_before(
    steps: list[tuple[dict[int, Passage], tuple[int, ...], int]],
) -> None:
    planner = Planner()
    known = {entry: Passage("a") for entry in range(1, 6)}
    for changed, order, crossfade_s in steps:
        known.update(changed)
        plan = planner.plan(
            PlayerState.PLAY,
            [EntryId(entry) for entry in order],
            known.__getitem__,
            crossfade_s=crossfade_s,
            volume=100,
        )
        check_against_definition(plan, [known[entry] for entry in order], crossfade_s)


def test_a_plan_without_news_has_the_very_same_slots() -> None:
    planner = Planner()
    known = {EntryId(entry): Passage("a", end=Ticks(9 * SECOND)) for entry in range(1, 6)}

    def plan() -> EnginePlan:
        return planner.plan(
            PlayerState.PLAY, list(known), known.__getitem__, crossfade_s=3, volume=100
        )

    first, second = plan(), plan()
    assert second.version > first.version
    assert all(a is b for a, b in zip(first.slots, second.slots, strict=True))
