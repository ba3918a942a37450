"""A passage that is ready late begins late, also if the mixer goes back to before it was ready."""

from __future__ import annotations

import numpy as np
import pytest

from playback.units import ChainId
from tests.audio.mixing import PERIOD, full_ring, mixer, plan, render, signal, slot


@pytest.mark.parametrize("heard", [301, 500, 2 * PERIOD, 3 * PERIOD - 1])
def test_after_a_gap_it_begins_with_its_first_frame_where_the_gap_was_heard_to(heard: int) -> None:
    made = mixer(slot(1, 300))
    made.follow(plan(slot(1, 300), slot(2, 2000), version=2))
    render(made, 3 * PERIOD)  # a gap behind the first: the second has no ring
    made.heard(heard)
    made.add_ring(ChainId(2), full_ring(2, 2000))
    made.rewind(heard)
    assert np.array_equal(render(made, 4 * PERIOD), signal(2, 2000)[: 4 * PERIOD])


@pytest.mark.parametrize("heard", [700, 3 * PERIOD, 800])
def test_in_an_overlap_it_enters_where_the_first_was_heard_to(heard: int) -> None:
    first, second = slot(1, 1200, overlap=600), slot(2, 2000)
    made = mixer(first)
    made.follow(plan(first, second, version=2))
    render(made, 4 * PERIOD)  # the overlap has begun without the second
    made.heard(heard)
    made.add_ring(ChainId(2), full_ring(2, 2000))
    made.rewind(heard)
    out = render(made, PERIOD)
    both = signal(1, 1200)[heard : heard + PERIOD] + signal(2, 2000)[:PERIOD]
    assert np.abs(out - both).max() < 1e-6


def test_what_had_begun_before_the_frame_gone_back_to_goes_on_where_it_was() -> None:
    made = mixer(slot(1, 300), slot(2, 2000))
    render(made, 4 * PERIOD)
    made.heard(500)
    made.rewind(500)
    assert np.array_equal(render(made, PERIOD), signal(2, 2000)[200 : 200 + PERIOD])
