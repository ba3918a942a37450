"""Going back to what was heard: across joints, overlaps and edits; and what is heard then."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audio.marks import Mark
from audio.period_mixer import PeriodMixer
from audio.ring import Ring
from playback.plan import Slot
from playback.units import ChainId, Frames, frames_to_ticks
from tests.audio.mixing import (
    DECLICK,
    PERIOD,
    RATE_HZ,
    fades,
    mixer,
    plan,
    render,
    signal,
    slot,
)

Heard = npt.NDArray[np.float32]


class Listener:
    """Hears what is mixed, period by period, up to a frame; then has it cut there."""

    def __init__(self, made: PeriodMixer) -> None:
        self.mixer = made
        self.heard = np.empty((0, 2), dtype=np.float32)
        self.marks: list[Mark] = []
        self._ahead = np.empty((0, 2), dtype=np.float32)

    def mix(self, periods: int) -> None:
        self._ahead = np.concatenate([self._ahead, render(self.mixer, periods * PERIOD)])

    def hear(self, frames: int) -> None:
        count = min(frames, len(self._ahead))
        self.heard = np.concatenate([self.heard, self._ahead[:count]])
        self._ahead = self._ahead[count:]
        self.marks += self.mixer.heard(len(self.heard))

    def cut(self) -> None:
        self._ahead = self._ahead[:0]
        self.mixer.rewind(len(self.heard))


CHAIN = (
    slot(1, 1),
    slot(2, 700, overlap=200, envelope=fades(None, 500)),
    slot(3, 450, overlap=200, envelope=fades(200, 250)),
    slot(4, 512, envelope=fades(200, None)),
    slot(5, 1),
    slot(6, 1),
    slot(7, 30_000),
)


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 5 * PERIOD)),
        min_size=1,
        max_size=12,
    )
)
@example([(2, 495), (1, 256)])
def test_however_often_one_goes_back_the_same_is_heard_and_told_once(
    turns: list[tuple[int, int]],
) -> None:
    listener = Listener(mixer(*CHAIN))
    for periods, frames in turns:
        listener.mix(periods)
        listener.hear(frames)
        listener.cut()
    listener.mix(1)  # what happens at the very frame that is heard next is known only then
    listener.hear(0)
    through = Listener(mixer(*CHAIN))
    through.mix(-(-len(listener.heard) // PERIOD) + 1)
    through.hear(len(listener.heard))
    assert np.array_equal(listener.heard, through.heard)
    assert listener.marks == through.marks


@pytest.mark.parametrize("heard", [299, 300, 301])
def test_a_joint_that_has_been_heard_is_told_once_wherever_one_goes_back_to(heard: int) -> None:
    listener = Listener(mixer(slot(1, 300), slot(2, 3000)))
    listener.mix(4)
    listener.hear(heard)
    listener.cut()
    listener.mix(2)
    listener.hear(200)
    assert [type(mark).__name__ for mark in listener.marks] == ["Began", "Ended", "Began"]
    assert np.array_equal(
        listener.heard, np.concatenate([signal(1, 300), signal(2, 3000)])[: heard + 200]
    )


def test_a_dry_ring_of_the_next_song_does_not_take_back_its_beginning() -> None:
    """What has been taken from it counts as there when the mix goes back."""
    made = mixer(slot(1, 300))
    made.follow(plan(slot(1, 300), slot(2, 2000), version=2))
    dry = Ring(Frames(50_000), Frames(24_000))
    dry.write(signal(2, 2000)[: PERIOD + 10])
    made.add_ring(ChainId(2), dry)
    listener = Listener(made)
    listener.mix(4)
    listener.hear(400)
    listener.cut()
    dry.write(signal(2, 2000)[PERIOD + 10 :])
    dry.finish()
    listener.mix(4)
    listener.hear(1000)
    assert np.array_equal(listener.heard[300:], signal(2, 2000)[: len(listener.heard) - 300])


@pytest.mark.parametrize("back", [1, 100, DECLICK - 1])
def test_who_goes_on_while_the_mix_still_decays_makes_no_step(back: int) -> None:
    dry = Ring(Frames(50_000), Frames(24_000))
    dry.write(np.full((1000, 2), 0.5, dtype=np.float32))
    made = mixer(begin=False)
    made.follow(plan(slot(1, 40_000), version=2))
    made.add_ring(ChainId(1), dry)
    made.begin(slot(1, 40_000))
    listener = Listener(made)
    listener.mix(5)
    listener.hear(1000 + back)
    listener.cut()
    dry.write(np.full((5000, 2), 0.5, dtype=np.float32))
    again = made.startable(500)
    assert again is not None
    made.begin(again)
    listener.mix(4)
    listener.hear(900)
    assert np.abs(np.diff(listener.heard[:, 0])).max() < 1.1 * 0.5 / DECLICK * 2


def test_who_runs_dry_again_decays_from_what_was_heard_last() -> None:
    """Not from what was mixed last and thrown away."""
    ring = Ring(Frames(50_000), Frames(24_000))
    level = np.linspace(0, 1, 1024, dtype=np.float32)[:, None].repeat(2, axis=1)
    ring.write(level)
    made = mixer(begin=False)
    made.follow(plan(slot(1, 40_000), version=2))
    made.add_ring(ChainId(1), ring)
    made.begin(slot(1, 40_000))
    listener = Listener(made)
    listener.mix(4)
    listener.hear(1024)
    listener.cut()
    listener.mix(1)
    listener.hear(PERIOD)
    assert np.abs(np.diff(listener.heard[:, 0])).max() < 1.1 / DECLICK


class TestDisturbing:
    """Is what is mixed but unheard still what the plan wants?"""

    @staticmethod
    def mixed(periods: int, *slots: Slot) -> PeriodMixer:
        made = mixer(*slots)
        render(made, periods * PERIOD)
        return made

    def test_the_same_order_does_not(self) -> None:
        slots = (slot(1, 300), slot(2, 300), slot(3, 3000))
        assert not self.mixed(4, *slots).disturbs(plan(*slots, slot(4, 5)), 10)

    def test_a_song_removed_that_is_mixed_to_its_end_does(self) -> None:
        slots = (slot(1, 300), slot(2, 300), slot(3, 3000))
        made = self.mixed(4, *slots)
        assert made.disturbs(plan(slots[0], slots[2]), 10)
        assert made.disturbs(plan(slots[1], slots[2]), 10)

    def test_a_song_that_has_been_heard_to_its_end_may_go_or_stay(self) -> None:
        slots = (slot(1, 300), slot(2, 300), slot(3, 3000))
        made = self.mixed(4, *slots)
        made.heard(300)
        assert not made.disturbs(plan(*slots), 300)
        assert not made.disturbs(plan(*slots[1:]), 300)

    def test_songs_that_change_places_do(self) -> None:
        slots = (slot(1, 300), slot(2, 300), slot(3, 3000))
        assert self.mixed(4, *slots).disturbs(plan(slots[0], slots[2], slots[1]), 10)

    def test_another_head_does_even_if_all_has_been_mixed(self) -> None:
        made = self.mixed(4, slot(1, 300))
        assert made.disturbs(plan(slot(9, 300)), 299)
        assert not made.disturbs(plan(slot(9, 300)), 300)

    def test_a_song_put_between_two_that_overlap_does(self) -> None:
        slots = (slot(1, 600, overlap=300), slot(2, 3000))
        made = self.mixed(2, *slots)
        assert made.disturbs(plan(slots[0], slot(3, 50), slots[1]), 10)


def test_the_tail_of_a_pause_across_a_joint_takes_nothing_and_tells_nothing() -> None:
    made = mixer(slot(1, PERIOD + 100), slot(2, 3000))
    render(made, PERIOD)
    made.heard(PERIOD)
    tail = np.empty((PERIOD, 2), dtype=np.float32)
    made.tail(tail)
    both = np.concatenate([signal(1, PERIOD + 100), signal(2, 3000)])
    fall = np.arange(DECLICK - 1, -1, -1)[:, None] / DECLICK
    assert np.abs(tail[:DECLICK] - both[PERIOD : PERIOD + DECLICK] * fall).max() < 1e-6
    assert made.heard(10 * PERIOD) == []
    assert np.array_equal(render(made, 512), both[PERIOD : PERIOD + 512])
    made.rewind(PERIOD + 50)
    assert np.array_equal(render(made, 256), both[PERIOD + 50 : PERIOD + 306])


def test_two_skips_within_the_ramp_make_no_step() -> None:
    def level(chain: int, value: float) -> tuple[ChainId, Ring]:
        ring = Ring(Frames(30_000), Frames(24_000))
        ring.write(np.full((5000, 2), value, dtype=np.float32))
        return ChainId(chain), ring

    inside = frames_to_ticks(50, RATE_HZ)
    slots = [slot(1, 5000), slot(2, 5000, offset=inside), slot(3, 5000, offset=inside)]
    made = mixer(begin=False)
    for chain, value in ((1, 0.5), (2, -0.5), (3, 0.25)):
        made.add_ring(*level(chain, value))
    listener = Listener(made)
    for index, each in enumerate(slots):
        made.follow(plan(each, version=index + 2))
        made.begin(each)
        listener.mix(3)
        listener.hear(50 if index == 1 else 400)
        listener.cut()
    assert np.abs(np.diff(listener.heard[:, 0])).max() < 1.1 * 1.25 / DECLICK
    assert listener.heard[-1, 0] == 0.25


@pytest.mark.parametrize("heard", [1, PERIOD - 1, PERIOD, 700])
def test_a_volume_that_was_not_heard_yet_goes_on_from_the_one_that_was(heard: int) -> None:
    listener = Listener(mixer(slot(1, 9000)))
    listener.mix(3)
    listener.mixer.set_volume(0)
    listener.mix(2)
    listener.hear(heard)
    listener.cut()
    listener.mix(3)
    listener.hear(2 * PERIOD)
    gains = listener.heard[:, 0] / signal(1, 9000)[: len(listener.heard), 0]
    assert np.array_equal(gains[:heard], np.ones(heard))
    assert gains[heard : heard + PERIOD] == pytest.approx(1 - np.arange(1, PERIOD + 1) / PERIOD)
    assert not gains[heard + PERIOD :].any()
