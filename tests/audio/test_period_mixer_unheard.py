"""What was begun and never heard leaves without a sound; only what sounds needs a ramp."""

from __future__ import annotations

import numpy as np

from tests.audio.mixing import DECLICK, PERIOD, mixer, plan, render, signal, slot


def test_going_on_many_times_before_anything_is_heard_plays_the_last_one_alone() -> None:
    slots = [slot(chain, 4000) for chain in range(1, 12)]
    made = mixer(*slots)
    for version, left in enumerate(range(1, len(slots)), start=2):
        render(made, 2 * PERIOD)
        made.heard(0)
        made.rewind(0)
        made.follow(plan(*slots[left:], version=version))
        made.begin(slots[left])
    assert np.array_equal(render(made, PERIOD), signal(11, 4000)[:PERIOD])


def test_what_was_heard_for_a_moment_leaves_with_its_ramp() -> None:
    first, second = slot(1, 4000), slot(2, 4000)
    made = mixer(first, second)
    render(made, 2 * PERIOD)
    made.heard(10)
    made.rewind(10)
    made.follow(plan(second, version=2))
    made.begin(second)
    out = render(made, PERIOD)
    fall = 1 - np.arange(1, DECLICK + 1, dtype=np.float32)[:, None] / DECLICK
    leaving = signal(1, 4000)[10 : 10 + DECLICK] * fall
    assert np.abs(out[:DECLICK] - leaving - signal(2, 4000)[:DECLICK]).max() < 1e-6
    assert np.array_equal(out[DECLICK:], signal(2, 4000)[DECLICK:PERIOD])
