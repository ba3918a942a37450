"""One passage while it sounds: where it is, and which gain each of its frames gets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from audio.ring import Ring
from audio.voice import Scratch, Voice
from playback.passage import Curve
from playback.plan import Envelope, Slot
from playback.units import Frames, frames_to_ticks
from tests.audio.mixing import DECLICK, RATE_HZ, SLEW, full_ring, signal, slot

SCRATCH = Scratch(4096)
LENGTH = 8000


def ring_of_ones(frames: int = LENGTH, *, complete: bool = True) -> Ring:
    """A ring in which what comes out is the gain."""
    ring = Ring(Frames(frames + 24_000), Frames(24_000))
    ring.write(np.ones((frames, 2), dtype=np.float32))
    if complete:
        ring.finish()
    return ring


def linear(fade_in: int | None, fade_out: int | None) -> Envelope:
    """A linear envelope by frames: where the rise ends, where the fall begins."""
    points = [None if at is None else frames_to_ticks(at, RATE_HZ) for at in (fade_in, fade_out)]
    return Envelope(points[0], Curve.LINEAR, points[1], Curve.LINEAR)


def voice(made: Slot | None = None, ring: Ring | None = None) -> Voice:
    return Voice.of(made or slot(1, LENGTH), ring or ring_of_ones(), RATE_HZ)


def mixed(of: Voice, frames: int, block: int = 256) -> npt.NDArray[np.float32]:
    """The left channel of the voice's next frames."""
    out = np.full((frames, 2), np.nan, dtype=np.float32)
    for at in range(0, frames, block):
        of.mix_into(out[at : at + block], SCRATCH, first=True)
    return out[:, 0]


def test_at_unity_gain_frames_come_out_as_they_are() -> None:
    out = np.empty((300, 2), dtype=np.float32)
    altered = voice(ring=full_ring(1, LENGTH)).mix_into(out, SCRATCH, first=True)
    assert not altered
    assert np.array_equal(out, signal(1, 300))


def test_a_voice_that_is_not_the_first_adds_and_counts_as_altering() -> None:
    out = np.full((10, 2), 0.25, dtype=np.float32)
    assert voice().mix_into(out, SCRATCH, first=False)
    assert np.array_equal(out, np.full((10, 2), 1.25))


def test_the_replay_gain_is_applied_to_every_frame() -> None:
    out = np.empty((10, 2), dtype=np.float32)
    of = Voice.of(slot(1, LENGTH), full_ring(1, LENGTH), RATE_HZ, replay_gain=0.7)
    assert of.mix_into(out, SCRATCH, first=True)
    assert np.array_equal(out, signal(1, 10) * np.float32(0.7))


def test_a_replay_gain_that_is_changed_before_anything_was_mixed_counts_from_the_first_frame() -> (
    None
):
    of = voice()
    of.set_replay_gain(0.25, SLEW)
    assert np.array_equal(mixed(of, 100), np.full(100, 0.25))


def test_a_replay_gain_that_is_changed_is_reached_within_the_slew_in_a_straight_line() -> None:
    of = voice()
    mixed(of, 1000)
    of.set_replay_gain(0.25, SLEW)
    gains = mixed(of, SLEW + 500)
    line = 1 + (0.25 - 1) * np.arange(1, SLEW + 1) / SLEW
    assert np.abs(gains[:SLEW] - line).max() < 1e-6
    assert np.array_equal(gains[SLEW:], np.full(500, 0.25))


def test_a_replay_gain_that_goes_back_to_one_leaves_the_frames_alone_again() -> None:
    of = voice(ring=full_ring(1, LENGTH))
    mixed(of, 100)
    of.set_replay_gain(0.25, SLEW)
    mixed(of, 700)
    of.set_replay_gain(1.0, SLEW)
    mixed(of, SLEW)
    out = np.empty((300, 2), dtype=np.float32)
    assert not of.mix_into(out, SCRATCH, first=True)
    assert np.array_equal(out, signal(1, SLEW + 1100)[-300:])


def test_a_replay_gain_that_is_changed_within_a_fade_makes_no_step() -> None:
    of = voice(slot(1, LENGTH, envelope=linear(None, 4000)))
    before = mixed(of, 5000)
    of.set_replay_gain(0.5, SLEW)
    after = mixed(of, 3000)
    fall = 1 - (np.arange(LENGTH) - 4000 + 0.5) / 4000
    assert np.abs(before[4000:] - fall[4000:5000]).max() < 1e-6
    left = np.maximum(0, 1 - np.arange(1, 3001) / SLEW)
    expected = 0.5 * fall[5000:] + 0.5 * fall[5000] * left
    assert np.abs(after - expected).max() < 1e-6


def test_replay_gain_and_envelope_are_changed_one_after_the_other_without_a_step() -> None:
    of = voice(slot(1, LENGTH, envelope=linear(None, 0)))
    parts = [mixed(of, 1000)]
    for level, envelope in ((0.4, None), (1.7, linear(None, 500)), (0.1, linear(800, None))):
        of.set_replay_gain(level, SLEW)
        of.change(slot(1, LENGTH, envelope=envelope or linear(None, 0)), SLEW)
        parts.append(mixed(of, 300, block=100))
    assert np.abs(np.diff(np.concatenate(parts))).max() < 5.0 / SLEW


def test_the_position_moves_with_the_frames_and_the_ring_follows() -> None:
    ring = ring_of_ones(1000)
    made = voice(ring=ring)
    mixed(made, 700)
    assert (made.position, made.available, made.exhausted, ring.taken) == (700, 300, False, 700)
    mixed(made, 300)
    assert (made.available, made.exhausted) == (0, True)


def test_the_end_is_what_the_ring_says_and_until_then_what_the_passage_says() -> None:
    ring = ring_of_ones(500, complete=False)
    made = voice(slot(1, LENGTH), ring)
    assert made.end == LENGTH
    ring.finish()
    assert made.end == 500
    assert voice(slot(1, None), ring_of_ones(500, complete=False)).end is None


def test_it_has_enough_when_the_level_is_reached_or_nothing_more_will_come() -> None:
    ring = ring_of_ones(500, complete=False)
    made = voice(ring=ring)
    assert made.has_ready(500)
    assert not made.has_ready(501)
    ring.finish()
    assert made.has_ready(501)


@pytest.mark.parametrize(("position", "left"), [(0, 7000), (6999, 1), (7000, 0), (7500, -500)])
def test_frames_to_the_overlap_are_counted_back_from_the_end(position: int, left: int) -> None:
    made = voice(slot(1, LENGTH, overlap=1000))
    made.position = position
    assert made.frames_to_overlap() == left


def test_there_is_no_overlap_to_wait_for_without_one_or_without_a_known_end() -> None:
    assert voice(slot(1, LENGTH)).frames_to_overlap() is None
    open_end = voice(slot(1, None, overlap=1000), ring_of_ones(complete=False))
    assert open_end.frames_to_overlap() is None


def test_after_a_seek_the_envelope_is_where_the_passage_is_and_the_start_is_ramped() -> None:
    made = slot(1, LENGTH, envelope=linear(4000, None), offset=frames_to_ticks(2000, RATE_HZ))
    of = Voice.of(made, ring_of_ones(LENGTH - 2000), RATE_HZ, ramp=DECLICK)
    assert of.end == LENGTH - 2000
    gains = mixed(of, 2000)
    rise = (np.arange(2000, 4000) + 0.5) / 4000
    ramp = np.minimum(np.arange(1, 2001) / DECLICK, 1.0)
    assert gains == pytest.approx(rise * ramp, abs=1e-6)


def test_a_start_at_the_start_of_the_passage_is_not_ramped() -> None:
    of = Voice.of(slot(1, LENGTH), full_ring(1, LENGTH), RATE_HZ, ramp=DECLICK)
    out = np.empty((10, 2), dtype=np.float32)
    assert not of.mix_into(out, SCRATCH, first=True)


def test_a_leaving_voice_falls_to_silence_in_the_ramp() -> None:
    of = voice()
    mixed(of, 100)
    of.leave(DECLICK)
    assert not of.left
    assert of.leave_frames(10_000) == DECLICK
    assert mixed(of, DECLICK) == pytest.approx(1 - np.arange(1, DECLICK + 1) / DECLICK, abs=1e-6)
    assert of.left
    assert of.leave_frames(10_000) == 0


def test_a_leaving_voice_whose_ring_is_empty_has_left() -> None:
    of = voice(ring=ring_of_ones(100, complete=False))
    mixed(of, 100)
    of.leave(DECLICK)
    assert of.left
    assert of.leave_frames(256) == 0


@pytest.mark.parametrize("risen", [1, 60, 239, 240])
def test_who_leaves_while_it_rises_falls_from_where_it_has_got_to(risen: int) -> None:
    of = voice()
    of.arrive(DECLICK)
    up = mixed(of, risen)
    of.leave(DECLICK)
    down = mixed(of, risen)
    assert of.left
    gains = np.concatenate([[0.0], up, down])
    assert np.abs(np.diff(gains)).max() <= 1.001 / DECLICK
    assert gains[-1] == pytest.approx(0.0, abs=1e-6)


def test_who_leaves_before_the_first_frame_of_a_ramp_has_left_at_once() -> None:
    of = voice()
    of.arrive(DECLICK)
    of.leave(DECLICK)
    assert of.left


def test_an_edited_envelope_is_reached_within_the_slew_without_a_step() -> None:
    of = voice(slot(1, LENGTH, envelope=linear(None, 0)))  # falls over the whole passage
    before = mixed(of, 4000)
    of.change(slot(1, LENGTH), SLEW)
    after = mixed(of, 3000)
    assert np.abs(np.diff(np.concatenate([before, after]))).max() < 1.2 * 0.5 / SLEW
    assert np.array_equal(after[SLEW:], np.ones(3000 - SLEW))


def test_edits_that_come_faster_than_the_slew_never_make_a_step() -> None:
    envelopes = [linear(None, start) for start in (0, 3900, 2000, None, 500)]
    of = voice(slot(1, LENGTH))
    parts = [mixed(of, 4000)]
    for envelope in envelopes:
        of.change(slot(1, LENGTH, envelope=envelope), SLEW)
        parts.append(mixed(of, 300, block=100))
    gains = np.concatenate(parts)
    assert np.abs(np.diff(gains)).max() < 2.5 / SLEW  # two lines of at most 1 / SLEW meet
    assert gains.min() >= 0


def test_an_edit_that_leaves_the_envelope_alone_alters_nothing() -> None:
    of = voice(ring=full_ring(1, LENGTH))
    mixed(of, 100)
    of.change(replace(slot(1, LENGTH), overlap=frames_to_ticks(500, RATE_HZ)), SLEW)
    out = np.empty((100, 2), dtype=np.float32)
    assert not of.mix_into(out, SCRATCH, first=True)
    assert of.overlap == 500


def test_a_gain_on_its_way_never_passes_zero() -> None:
    of = voice(slot(1, LENGTH, envelope=linear(None, 7000)))
    mixed(of, 6900)
    of.change(slot(1, LENGTH, envelope=linear(None, 0)), SLEW)
    of.change(slot(1, LENGTH, envelope=linear(None, 6800)), SLEW)
    assert mixed(of, 1100).min() >= 0


def test_who_enters_late_rises_within_what_is_left_of_the_overlap() -> None:
    first = voice(slot(1, LENGTH, overlap=1000))
    first.position = LENGTH - 600
    second = voice(slot(2, LENGTH, envelope=linear(1000, None)))
    second.enter_late(first)
    assert mixed(second, 600) == pytest.approx((np.arange(600) + 0.5) / 600, abs=1e-6)
    assert np.array_equal(mixed(second, 10), np.ones(10))


def test_an_explicit_fade_in_is_not_shortened_by_a_late_entry() -> None:
    first = voice(slot(1, LENGTH, overlap=1000))
    first.position = LENGTH - 600
    second = voice(slot(2, LENGTH, envelope=linear(300, None)))
    second.enter_late(first)
    assert mixed(second, 300) == pytest.approx((np.arange(300) + 0.5) / 300, abs=1e-6)


def test_a_late_entry_is_not_undone_by_an_edit_of_what_comes_behind() -> None:
    first = voice(slot(1, LENGTH, overlap=1000))
    first.position = LENGTH - 100
    second = voice(slot(2, LENGTH, envelope=linear(1000, None)))
    second.enter_late(first)
    mixed(second, 100)
    second.change(slot(2, LENGTH, envelope=linear(1000, 7000)), SLEW)
    assert np.array_equal(mixed(second, 2000), np.ones(2000))


def test_an_overlap_that_has_begun_is_not_made_longer_by_an_edit() -> None:
    second = voice(slot(2, LENGTH, envelope=linear(1000, None)))
    mixed(second, 1000)
    second.change(slot(2, LENGTH, envelope=linear(2000, None)), SLEW)
    assert np.array_equal(mixed(second, 1000), np.ones(1000))


def test_a_fade_in_that_somebody_sets_while_it_sounds_is_followed() -> None:
    made = slot(2, LENGTH, envelope=linear(1000, None))
    explicit = replace(made.passage, fade_in=frames_to_ticks(4000, RATE_HZ))
    second = voice(made)
    mixed(second, 100)
    second.change(replace(made, passage=explicit, envelope=linear(4000, None)), SLEW)
    gains = mixed(second, 3000)
    assert gains[SLEW:] == pytest.approx((np.arange(100 + SLEW, 3100) + 0.5) / 4000, abs=1e-6)


def test_a_copy_gives_the_same_frames_again() -> None:
    of = voice(slot(1, LENGTH, envelope=linear(500, 4000)), full_ring(1, LENGTH))
    of.arrive(DECLICK)
    mixed(of, 100)
    of.change(slot(1, LENGTH, envelope=linear(500, 300)), SLEW)
    copy = of.copy()
    first = mixed(of, 2000)
    assert np.array_equal(mixed(copy, 2000), first)


def test_a_ring_that_was_begun_and_taken_back_begins_with_its_first_frame() -> None:
    ring = full_ring(1, LENGTH)
    mixed(voice(ring=ring), 500)
    assert Voice.of(slot(1, LENGTH), ring, RATE_HZ).position == 0
