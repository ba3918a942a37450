"""The overlap of two passages: the specification's vectors, and what must hold for any pair."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.overlap import Transition, closing_fade, opening_fade, plan_transition
from playback.passage import Passage
from playback.units import Ticks, ticks_to_frames
from tests.playback.passages import passage, ticks, valid_passages

CD_RATE_HZ = 44_100
CROSSFADES_S = st.integers(0, 400)

# crossfade, A, B, overlap in seconds, A's playhead when B starts, overlap in frames
VECTORS = [
    (2, passage(0, 180), passage(0, 180), 2, 178, 88_200),
    (5, passage(0, 180), passage(0, 240), 5, 175, 220_500),
    (30, passage(0, 40), passage(0, 240), 20, 20, 882_000),
    (30, passage(0, 180), passage(0, 30), 15, 165, 661_500),
    (25, passage(0, 30), passage(0, 40), 15, 15, 661_500),
    (30, passage(0, 30, lead_out=10), passage(0, 50), 15, 15, 661_500),
    (25, passage(0, 32), passage(0, 50, lead_in=20), 16, 16, 705_600),
    (30, passage(0, 20, lead_out=18), passage(0, 15, lead_in=14), 2, 18, 88_200),
    (
        0,
        passage(0, 60, lead_out=55, fade_out=57),
        passage(0, 50, lead_in=4, fade_in=2),
        4,
        56,
        176_400,
    ),
    (2, passage(0, 60, lead_out=60), passage(0, 60), 0, 60, 0),
    (2, passage(0, 3), passage(0, 180), 1.5, 1.5, 66_150),
    (2, passage(30, 90), passage(10, 70, lead_in=12.5), 2, 88, 88_200),
]
VECTOR_IDS = [f"vector-{number}" for number in range(1, len(VECTORS) + 1)]


@pytest.mark.parametrize(
    ("crossfade_s", "a", "b", "overlap_s", "b_starts_s", "overlap_frames"), VECTORS, ids=VECTOR_IDS
)
def test_each_vector_of_the_specification_holds_in_ticks_and_frames(
    crossfade_s: int,
    a: Passage,
    b: Passage,
    overlap_s: float,
    b_starts_s: float,
    overlap_frames: int,
) -> None:
    overlap = plan_transition(a, b, crossfade_s).overlap

    assert overlap == ticks(overlap_s)
    assert a.end is not None
    start_of_b = Ticks(a.end - overlap)
    assert start_of_b == ticks(b_starts_s)
    assert (
        ticks_to_frames(a.end, CD_RATE_HZ) - ticks_to_frames(start_of_b, CD_RATE_HZ)
        == overlap_frames
    )


def test_undefined_fades_follow_the_overlap() -> None:
    assert plan_transition(passage(30, 90), passage(10, 70), 2) == Transition(
        ticks(2), ticks(88), ticks(12)
    )


def test_explicit_fades_win_over_the_overlap() -> None:
    a = passage(0, 60, lead_out=55, fade_out=57)
    b = passage(0, 50, lead_in=4, fade_in=2)

    assert plan_transition(a, b, 0) == Transition(ticks(4), ticks(57), ticks(2))


def test_a_butt_joint_is_never_faded() -> None:
    assert plan_transition(passage(0, 60), passage(0, 60), 0) == Transition(Ticks(0), None, None)


def test_explicit_fades_apply_at_a_butt_joint_too() -> None:
    a, b = passage(0, 60, fade_out=50), passage(0, 60, fade_in=3)

    assert plan_transition(a, b, 0) == Transition(Ticks(0), ticks(50), ticks(3))


def test_a_fade_of_zero_length_is_none() -> None:
    a, b = passage(0, 60, fade_out=60), passage(5, 60, fade_in=5)

    assert plan_transition(a, b, 3) == Transition(ticks(3), None, None)


def test_an_unknown_duration_gives_no_overlap() -> None:
    known, unknown = passage(0, 60, lead_in=5, lead_out=50), passage(0, None, lead_in=5)

    assert plan_transition(unknown, known, 5) == Transition(Ticks(0), None, None)
    assert plan_transition(known, unknown, 5) == Transition(Ticks(0), None, None)


def test_without_a_neighbour_only_explicit_fades_apply() -> None:
    assert opening_fade(passage(0, 60)) is None
    assert closing_fade(passage(0, 60)) is None
    assert opening_fade(passage(0, 60, fade_in=2)) == ticks(2)
    assert closing_fade(passage(0, 60, fade_out=58)) == ticks(58)
    assert closing_fade(passage(0, None, fade_out=58)) is None


def test_an_undefined_lead_yields_to_the_explicit_one_of_the_same_passage() -> None:
    mostly_lead_in = passage(0, 20, lead_in=18)
    mostly_lead_out = passage(0, 20, lead_out=1)

    assert plan_transition(mostly_lead_in, passage(0, 60), 30).overlap == ticks(2)
    assert plan_transition(passage(0, 60), mostly_lead_out, 30).overlap == ticks(1)


def test_an_undefined_fade_yields_to_the_explicit_one_of_the_same_passage() -> None:
    assert plan_transition(passage(0, 20, fade_in=15), passage(0, 60), 9) == Transition(
        ticks(9), ticks(15), ticks(9)
    )
    assert plan_transition(passage(0, 60), passage(0, 20, fade_out=4), 9) == Transition(
        ticks(9), ticks(51), ticks(4)
    )


def test_a_negative_crossfade_is_off() -> None:
    assert plan_transition(passage(0, 60), passage(0, 60), -5).overlap == 0


@given(valid_passages(), valid_passages(), valid_passages(), CROSSFADES_S)
def test_three_passages_never_sound_at_once(
    a: Passage, b: Passage, c: Passage, crossfade_s: int
) -> None:
    assert b.end is not None
    a_is_silent = b.start + plan_transition(a, b, crossfade_s).overlap
    c_starts = b.end - plan_transition(b, c, crossfade_s).overlap

    assert a_is_silent <= c_starts


@given(valid_passages(), CROSSFADES_S)
def test_a_repeated_passage_never_sounds_three_times_at_once(a: Passage, crossfade_s: int) -> None:
    assert a.end is not None

    assert 2 * plan_transition(a, a, crossfade_s).overlap <= a.end - a.start


@given(valid_passages(), valid_passages(), CROSSFADES_S)
def test_an_overlap_respects_both_passages_explicit_leads(
    a: Passage, b: Passage, crossfade_s: int
) -> None:
    assert a.end is not None
    overlap = plan_transition(a, b, crossfade_s).overlap

    assert overlap >= 0
    if a.lead_out is not None:
        assert a.end - overlap >= a.lead_out
    if b.lead_in is not None:
        assert b.start + overlap <= b.lead_in
    if a.lead_out is None or b.lead_in is None:
        assert overlap <= ticks(crossfade_s)


@given(valid_passages(), valid_passages(), valid_passages(), CROSSFADES_S)
def test_effective_fades_lie_inside_the_passage_and_in_order(
    a: Passage, b: Passage, c: Passage, crossfade_s: int
) -> None:
    assert b.end is not None
    rises = plan_transition(a, b, crossfade_s).fade_in_end
    falls = plan_transition(b, c, crossfade_s).fade_out_start

    risen = b.start if rises is None else rises
    falling = b.end if falls is None else falls
    assert b.start <= risen <= falling <= b.end
    assert rises != b.start
    assert falls != b.end


@given(valid_passages(), valid_passages())
def test_without_crossfade_and_leads_every_joint_is_gapless_and_unfaded(
    a: Passage, b: Passage
) -> None:
    a = replace(a, lead_in=None, lead_out=None, fade_in=None, fade_out=None)
    b = replace(b, lead_in=None, lead_out=None, fade_in=None, fade_out=None)

    assert plan_transition(a, b, 0) == Transition(Ticks(0), None, None)
