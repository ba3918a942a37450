"""What comes out of the mix, frame by frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.marks import Began, Ended, Overlapped, Starved
from audio.ring import Ring
from playback.units import ChainId, Frames
from tests.audio.mixing import (
    DECLICK,
    PERIOD,
    SLEW,
    fades,
    full_ring,
    mixer,
    plan,
    render,
    signal,
    slot,
)


def equal_power(frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Rising and falling gains of an overlap, by the formula of the equal-power pair."""
    u = (np.arange(frames) + 0.5) / frames
    return np.sin(np.pi * u / 2)[:, None], np.cos(np.pi * u / 2)[:, None]


def test_one_passage_at_unity_gain_comes_out_bit_exact() -> None:
    made = mixer(slot(1, 1000))
    out = np.empty((PERIOD, 2), dtype=np.float32)
    altered = made.render(out)
    assert not altered
    assert np.array_equal(out, signal(1, 1000)[:PERIOD])


@pytest.mark.parametrize("length", [1, 255, 256, 257, 511, 1000])
def test_without_overlap_the_next_frame_follows_the_last_one(length: int) -> None:
    made = mixer(slot(1, length), slot(2, 700))
    out = render(made, length + 700)
    assert np.array_equal(out, np.concatenate([signal(1, length), signal(2, 700)]))


def test_passages_shorter_than_a_period_join_without_a_gap() -> None:
    made = mixer(*(slot(chain, 10) for chain in range(1, 9)))
    out = render(made, 80)
    assert np.array_equal(out, np.concatenate([signal(chain, 10) for chain in range(1, 9)]))


def test_an_overlap_begins_and_ends_on_its_frames_with_equal_power() -> None:
    a, b, x = 1000, 900, 300
    first = slot(1, a, overlap=x, envelope=fades(None, a - x))
    second = slot(2, b, envelope=fades(x, None))
    out = render(mixer(first, second), a + b - x)
    rise, fall = equal_power(x)
    expected = np.zeros((a + b - x, 2))
    expected[:a] += signal(1, a)
    expected[a - x : a] -= signal(1, a)[a - x :]
    expected[a - x : a] += signal(1, a)[a - x :] * fall + signal(2, b)[:x] * rise
    expected[a:] = signal(2, b)[x:]
    assert np.abs(out - expected).max() < 1e-6
    assert np.array_equal(out[: a - x], signal(1, a)[: a - x])
    assert np.array_equal(out[a:], signal(2, b)[x:])


@given(st.lists(st.integers(1, PERIOD), min_size=1, max_size=30))
def test_how_the_output_is_cut_into_blocks_changes_nothing(blocks: list[int]) -> None:
    def slots() -> tuple[object, ...]:
        return (
            slot(1, 700, overlap=200, envelope=fades(None, 500)),
            slot(2, 600, overlap=100, envelope=fades(200, 500)),
            slot(3, 3000, envelope=fades(100, None)),
        )

    total = sum(blocks)
    whole = render(mixer(*slots()), total)  # type: ignore[arg-type]
    cut = mixer(*slots())  # type: ignore[arg-type]
    out = np.empty((total, 2), dtype=np.float32)
    at = 0
    for count in blocks:
        cut.render(out[at : at + count])
        at += count
    assert np.array_equal(out, whole)


@given(
    ahead=st.integers(1, 8),
    back=st.integers(0, 8 * PERIOD),
)
def test_going_back_and_mixing_again_gives_the_same_frames(ahead: int, back: int) -> None:
    def made() -> object:
        return mixer(
            slot(1, 900, overlap=300, envelope=fades(None, 600)),
            slot(2, 800, envelope=fades(300, None)),
            slot(3, 4000),
        )

    through = render(made(), (ahead + 8) * PERIOD)  # type: ignore[arg-type]
    again = made()
    render(again, ahead * PERIOD)  # type: ignore[arg-type]
    to = max(0, ahead * PERIOD - back)
    again.rewind(to)  # type: ignore[attr-defined]
    out = render(again, (ahead + 8) * PERIOD - to)  # type: ignore[arg-type]
    assert np.array_equal(out, through[to:])


def test_marks_are_handed_out_when_their_frame_has_been_heard() -> None:
    made = mixer(slot(1, 300), slot(2, 300))
    render(made, 4 * PERIOD)
    assert [type(mark) for mark in made.heard(0)] == [Began]
    assert made.heard(299) == []
    ended, began = made.heard(300)
    assert isinstance(ended, Ended)
    assert ended.frames == 300
    assert isinstance(began, Began)
    assert began.slot.chain == 2


def test_what_was_mixed_but_never_heard_was_never_reported() -> None:
    made = mixer(slot(1, 300), slot(2, 900))
    render(made, 2 * PERIOD)
    made.heard(200)
    made.rewind(200)
    assert [voice.chain for voice in made.sounding] == [1]
    assert made.heard(200) == []
    render(made, PERIOD)
    assert [type(mark) for mark in made.heard(300)] == [Ended, Began]


def test_overlap_marks_name_both_sides() -> None:
    made = mixer(slot(1, 600, overlap=200), slot(2, 600))
    render(made, 600)
    marks = made.heard(400)
    assert isinstance(marks[1], Overlapped)
    assert (marks[1].leaving.chain, marks[1].entering.chain) == (1, 2)


def test_position_follows_what_is_heard_across_a_boundary() -> None:
    made = mixer(slot(1, 300), slot(2, 900))
    render(made, 2 * PERIOD)
    assert made.position(299) == (slot(1, 300), 299)
    assert made.position(310) == (slot(2, 900), 10)


def test_a_removed_successor_is_ramped_away_and_the_first_goes_on_at_full_gain() -> None:
    a, x = 8000, 4000
    first = slot(1, a, overlap=x, envelope=fades(None, a - x))
    made = mixer(first, slot(2, 6000, envelope=fades(x, None)))
    render(made, 5120)  # 1,120 frames into the overlap
    gone = made.follow(plan(slot(1, a), version=2))
    assert [voice.chain for voice in gone] == [2]
    out = render(made, 2816)
    only_a = signal(1, a)[5120:7936]
    assert np.array_equal(out[max(DECLICK, SLEW) :], only_a[max(DECLICK, SLEW) :])
    gain = np.sin(np.pi * (1120 + 0.5) / x / 2)
    fall = np.cos(np.pi * (1120 + 0.5) / x / 2)
    at_cut = only_a[0] * fall + signal(2, 6000)[1120] * gain
    assert np.abs(out[0] - at_cut).max() < 0.01  # neither gain has jumped


def test_leaving_the_first_during_an_overlap_continues_with_the_second_where_it_is() -> None:
    x = 4000
    first = slot(1, 8000, overlap=x, envelope=fades(None, 4000))
    second = slot(2, 9000, envelope=fades(x, None))
    made = mixer(first, second)
    render(made, 5120)
    made.follow(plan(slot(2, 9000), version=2))
    out = render(made, 3072)
    assert np.array_equal(out[SLEW:], signal(2, 9000)[1120 + SLEW : 1120 + 3072])


def test_an_option_changed_during_an_overlap_does_not_disturb_it() -> None:
    def both(version: int, x: int) -> object:
        return plan(
            slot(1, 2000, overlap=x, envelope=fades(None, 2000 - x)),
            slot(2, 2000, envelope=fades(x or None, None)),
            version=version,
        )

    made, calm = mixer(*both(1, 800).slots), mixer(*both(1, 800).slots)  # type: ignore[attr-defined]
    render(made, 1536)
    render(calm, 1536)
    made.follow(both(2, 0))  # type: ignore[arg-type]
    assert np.array_equal(render(made, 1024), render(calm, 1024))


def test_a_successor_that_comes_late_shrinks_the_overlap() -> None:
    x = 600
    first = slot(1, 2000, overlap=x, envelope=fades(None, 1400))
    second = slot(2, 2000, envelope=fades(x, None))
    made = mixer(first, begin=True)
    made.follow(plan(first, second, version=2))
    render(made, 1536)  # 136 frames late
    made.add_ring(ChainId(2), full_ring(2, 2000))
    out = render(made, 1024)
    left = x - 136
    rise = np.sin(np.pi * (np.arange(left) + 0.5) / left / 2)[:, None]
    fall = np.cos(np.pi * (np.arange(136, x) + 0.5) / x / 2)[:, None]
    expected = signal(1, 2000)[1536:] * fall + signal(2, 2000)[:left] * rise
    assert np.abs(out[:left] - expected).max() < 1e-6
    assert np.array_equal(out[left:], signal(2, 2000)[left:1024])


def test_a_ring_that_runs_dry_decays_to_silence_and_goes_on_where_it_was() -> None:
    made = mixer(slot(1, None), frames={1: 0}, begin=False)
    ring = Ring(Frames(50_000), Frames(24_000))
    ring.write(signal(1, 1000))
    made.add_ring(ChainId(1), ring)
    made.begin(slot(1, None))
    out = render(made, 5 * PERIOD)
    assert np.array_equal(out[:1000], signal(1, 1000))
    decay = out[1000 : 1000 + DECLICK, 0]
    assert np.all(np.diff(decay) < 0)
    assert np.abs(decay[0] - signal(1, 1000)[-1, 0]) < 0.002
    assert not out[1000 + DECLICK :].any()
    assert [type(mark) for mark in made.heard(1000)] == [Began, Starved]
    assert made.idle

    ring.write(signal(1, 4000)[1000:])
    again = made.startable(500)
    assert again is not None
    made.begin(again)
    resumed = render(made, 1024)
    assert np.array_equal(resumed[DECLICK:], signal(1, 4000)[1000 + DECLICK : 2024])


def test_both_sides_of_an_overlap_stand_still_when_one_runs_dry() -> None:
    x = 600
    made = mixer(
        slot(1, 1500, overlap=x, envelope=fades(None, 900)),
        slot(2, 1500, envelope=fades(x, None)),
    )
    dry = Ring(Frames(50_000), Frames(24_000))
    dry.write(signal(2, 300))
    made.add_ring(ChainId(2), dry)
    render(made, 2048)
    dry.write(signal(2, 1500)[300:])
    dry.finish()
    again = made.startable(0)
    assert again is not None
    made.begin(again)
    out = render(made, 1280)
    rest = signal(2, 1500)[x:]  # whatever stood in between, b goes on behind the overlap
    assert np.array_equal(out[300 : 300 + 900], rest)


def test_the_tail_of_a_pause_consumes_nothing() -> None:
    made = mixer(slot(1, 3000))
    render(made, 1024)
    tail = np.empty((PERIOD, 2), dtype=np.float32)
    made.tail(tail)
    falling = signal(1, 3000)[1024 : 1024 + DECLICK] * (
        np.arange(DECLICK - 1, -1, -1)[:, None] / DECLICK
    )
    assert np.abs(tail[:DECLICK] - falling).max() < 1e-6
    assert not tail[DECLICK:].any()
    assert np.array_equal(render(made, 512), signal(1, 3000)[1024:1536])


def test_a_resume_rises_from_silence_in_the_given_frames() -> None:
    made = mixer(slot(1, 3000))
    made.ramp_up(480)
    out = render(made, 768)
    rising = signal(1, 3000)[:480] * (np.arange(1, 481)[:, None] / 480)
    assert np.abs(out[:480] - rising).max() < 1e-6
    assert np.array_equal(out[480:], signal(1, 3000)[480:768])


def test_the_volume_moves_within_one_period_and_without_a_step() -> None:
    made = mixer(slot(1, 3000))
    render(made, PERIOD)
    made.set_volume(50)
    out = render(made, 2 * PERIOD)
    gain = out[:, 0] / signal(1, 3000)[PERIOD : 3 * PERIOD, 0]
    # −18.5 dB, as MPD's software volume at 50.
    assert 20 * np.log10(gain[PERIOD:]).mean() == pytest.approx(-18.47, abs=0.02)
    assert np.abs(np.diff(gain)).max() < 1.1 / PERIOD


def test_the_same_song_twice_in_a_row_is_two_chains() -> None:
    made = mixer(slot(1, 500), slot(2, 500))
    render(made, 1000)
    assert made.completed == {1, 2}


def test_a_chain_that_gives_no_frame_is_passed_at_once() -> None:
    made = mixer(slot(1, 0), slot(2, 400))
    assert np.array_equal(render(made, 400), signal(2, 400))


def test_one_cannot_go_back_further_than_what_was_unheard() -> None:
    made = mixer(slot(1, 5000))
    render(made, 8 * PERIOD)
    made.heard(6 * PERIOD)
    with pytest.raises(ValueError, match="too long ago"):
        made.rewind(PERIOD)


def test_rings_that_are_no_longer_planned_are_let_go() -> None:
    made = mixer(slot(1, 500), slot(2, 500))
    made.follow(plan(version=2))
    assert made.ring(ChainId(1)) is None
    assert made.ring(ChainId(2)) is None


def test_a_ring_that_comes_before_its_plan_is_kept() -> None:
    made = mixer(slot(1, 500))
    made.add_ring(ChainId(3), full_ring(3, 100))
    made.follow(plan(slot(1, 500), slot(2, 500), version=2))
    assert made.ring(ChainId(3)) is not None
