"""A slot's fades in frames: rounding of points, and gains at any position."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.envelope import FrameEnvelope
from playback.passage import Curve, Passage
from playback.plan import Envelope, Priority, Slot
from playback.units import ChainId, EntryId, Ticks
from tests.playback.passages import ticks

RATE_HZ = 44_100
LINEAR = FrameEnvelope(10, Curve.LINEAR, 20, 10, Curve.LINEAR)


def gains(envelope: FrameEnvelope, position: int, count: int) -> npt.NDArray[np.float32]:
    out = np.full((count, 1), np.nan, dtype=np.float32)
    envelope.fill(position, out, np.empty_like(out))
    return out[:, 0]


def slot(start: float, end: float | None, envelope: Envelope) -> Slot:
    passage = Passage("a.flac", start=ticks(start), end=None if end is None else ticks(end))
    return Slot(
        ChainId(1), EntryId(1), passage, passage.start, Priority.IMMEDIATE, envelope=envelope
    )


def test_fades_are_counted_from_the_start_of_the_passage() -> None:
    envelope = Envelope(ticks(12), Curve.COSINE, ticks(57), Curve.LINEAR)
    made = FrameEnvelope.of(slot(10, 60, envelope), RATE_HZ)
    assert made == FrameEnvelope(2 * RATE_HZ, Curve.COSINE, 47 * RATE_HZ, 3 * RATE_HZ, Curve.LINEAR)


def test_points_are_rounded_down_each_for_itself_before_they_are_subtracted() -> None:
    # At 44.1 kHz a frame is 640 ticks: the start lies in frame 1, the fade's end in frame 3.
    passage = Passage("a.flac", start=Ticks(1279), end=Ticks(64_000))
    made = FrameEnvelope.of(
        replace(slot(0, 1, Envelope(Ticks(1920), fade_out_start=Ticks(63_999))), passage=passage),
        RATE_HZ,
    )
    assert made.fade_in == 2
    assert (made.fade_out_start, made.fade_out) == (98, 1)


def test_without_points_there_is_no_fade_and_every_gain_is_one() -> None:
    made = FrameEnvelope.of(slot(0, 60, Envelope()), RATE_HZ)
    assert (made.fade_in, made.fade_out) == (0, 0)
    assert made.is_unity(0, 60 * RATE_HZ)
    assert np.array_equal(gains(made, 0, 100), np.ones(100))


def test_a_passage_whose_end_is_unknown_cannot_fade_out() -> None:
    made = FrameEnvelope.of(slot(0, None, Envelope(fade_out_start=ticks(5))), RATE_HZ)
    assert made.fade_out == 0


def test_a_fade_of_no_length_is_no_fade() -> None:
    made = FrameEnvelope.of(slot(0, 60, Envelope(ticks(0), fade_out_start=ticks(60))), RATE_HZ)
    assert (made.fade_in, made.fade_out) == (0, 0)
    assert np.array_equal(gains(made, 0, 10), np.ones(10))


def test_the_gain_rises_stays_and_falls() -> None:
    u = (np.arange(10) + 0.5) / 10
    expected = np.concatenate([u, np.ones(10), 1 - u])
    assert gains(LINEAR, 0, 30) == pytest.approx(expected)
    assert LINEAR.gain(3) == pytest.approx(0.35)


def test_behind_the_fade_out_there_is_silence() -> None:
    assert not gains(LINEAR, 30, 7).any()
    assert gains(LINEAR, 28, 4) == pytest.approx([0.15, 0.05, 0, 0])


def test_where_both_fades_overlap_their_gains_are_multiplied() -> None:
    both = FrameEnvelope(20, Curve.LINEAR, 10, 20, Curve.LINEAR)
    u = (np.arange(20) + 0.5) / 20
    rise = np.concatenate([u, np.ones(10)])
    fall = np.concatenate([np.ones(10), 1 - u])
    assert gains(both, 0, 30) == pytest.approx(rise * fall)


@pytest.mark.parametrize(
    ("position", "count", "unity"),
    [(0, 1, False), (9, 1, False), (10, 10, True), (10, 11, False), (19, 1, True), (20, 1, False)],
)
def test_unity_is_known_without_looking_at_gains(position: int, count: int, unity: bool) -> None:
    assert LINEAR.is_unity(position, count) is unity
    assert np.array_equal(gains(LINEAR, position, count), np.ones(count)) is unity


@given(st.sampled_from(list(Curve)), st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_the_cut_into_blocks_changes_no_gain(curve: Curve, blocks: list[int]) -> None:
    envelope = FrameEnvelope(60, curve, 90, 70, curve)
    whole = gains(envelope, 0, sum(blocks))
    at, parts = 0, []
    for count in blocks:
        parts.append(gains(envelope, at, count))
        at += count
    assert np.array_equal(np.concatenate(parts), whole)
