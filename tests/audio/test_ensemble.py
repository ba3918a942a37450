"""Who sounds: which voice begins, ends, leaves or stands still, and when."""

from __future__ import annotations

import numpy as np
import pytest

from audio.ensemble import Ensemble
from audio.marks import Began, Ended, Mark, Overlapped
from audio.ring import Ring
from playback.plan import EnginePlan, Slot
from playback.player import PlayerState
from playback.units import ChainId, Frames
from tests.audio.mixing import DECLICK, PERIOD, RATE_HZ, SLEW, full_ring, plan, slot


def ensemble(*slots: Slot, missing: tuple[int, ...] = (), begin: bool = True) -> Ensemble:
    """An ensemble that follows ``slots``, with full rings but for the missing chains."""
    made = Ensemble(rate_hz=RATE_HZ, period=PERIOD, declick=DECLICK, slew=SLEW)
    made.follow(plan(*slots))
    for each in slots:
        if each.chain not in missing:
            assert each.passage.end is not None
            frames = each.passage.end * RATE_HZ // 28_224_000
            made.add_ring(each.chain, full_ring(each.chain, frames))
    if begin:
        first = made.startable(0)
        assert first is not None
        made.begin(first)
        made.turn()
    return made


def move(made: Ensemble, frames: int) -> None:
    """Let what sounds get on by so many frames, without a turn."""
    for voice in made.sounding:
        voice.position += frames


def sounding(made: Ensemble) -> list[int]:
    return [voice.chain for voice in made.sounding]


def leaving(made: Ensemble) -> list[int]:
    return [voice.chain for voice in made.leaving]


def words(marks: list[Mark]) -> list[tuple[str, int]]:
    """Each mark's kind and chain; an overlap's is the entering one."""
    said = []
    for mark in marks:
        slot = mark.entering if isinstance(mark, Overlapped) else mark.slot
        said.append((type(mark).__name__, int(slot.chain)))
    return said


def starving(made: Ensemble, chain: int, frames: int) -> Ring:
    """Give a chain a ring that holds only so many frames."""
    ring = Ring(Frames(50_000), Frames(24_000))
    ring.write(np.zeros((frames, 2), dtype=np.float32))
    made.add_ring(ChainId(chain), ring)
    return ring


def test_nothing_begins_by_itself_before_something_has_ended() -> None:
    made = ensemble(slot(1, 1000), begin=False)
    assert made.turn() == []
    assert made.span(PERIOD) == 0
    assert made.wanted is not None
    assert made.wanted.chain == 1


@pytest.mark.parametrize(("level", "starts"), [(499, False), (500, True)])
def test_a_slot_can_be_started_once_its_ring_holds_the_threshold(level: int, starts: bool) -> None:
    made = ensemble(slot(1, 10_000), missing=(1,), begin=False)
    assert made.startable(500) is None
    starving(made, 1, level)
    assert (made.startable(500) is not None) is starts


def test_nothing_can_be_started_while_something_sounds() -> None:
    assert ensemble(slot(1, 1000), slot(2, 1000)).startable(0) is None


def test_the_next_begins_when_the_first_has_ended() -> None:
    made = ensemble(slot(1, 1000), slot(2, 1000))
    assert made.span(5000) == 1000
    move(made, 1000)
    assert words(made.turn()) == [("Ended", 1), ("Began", 2)]
    assert sounding(made) == [2]
    assert made.done == {1}


def test_chains_without_a_frame_are_passed_in_one_turn() -> None:
    made = ensemble(slot(1, 10), slot(2, 0), slot(3, 0), slot(4, 10))
    move(made, 10)
    said = words(made.turn())
    assert said == [
        ("Ended", 1),
        ("Began", 2),
        ("Ended", 2),
        ("Began", 3),
        ("Ended", 3),
        ("Began", 4),
    ]


def test_the_span_ends_where_the_overlap_begins() -> None:
    made = ensemble(slot(1, 1000, overlap=300), slot(2, 1000))
    assert made.span(5000) == 700
    move(made, 700)
    assert words(made.turn()) == [("Overlapped", 2), ("Began", 2)]
    assert sounding(made) == [1, 2]
    assert made.span(5000) == 300


def test_a_third_never_begins_while_two_sound() -> None:
    made = ensemble(slot(1, 1000, overlap=500), slot(2, 600, overlap=500), slot(3, 900))
    move(made, 500)
    made.turn()
    move(made, 200)  # the second has reached its overlap
    assert made.turn() == []
    assert sounding(made) == [1, 2]


def test_a_second_that_is_shorter_than_its_overlap_does_not_begin_twice() -> None:
    """Its file may hold less than was promised."""
    made = ensemble(slot(1, 1000, overlap=500), slot(2, 100), slot(3, 900))
    move(made, 500)
    made.turn()
    move(made, 100)
    assert words(made.turn()) == [("Ended", 2)]
    assert sounding(made) == [1]
    move(made, 400)
    assert words(made.turn()) == [("Ended", 1), ("Began", 3)]


def test_a_next_that_is_not_ready_is_waited_for() -> None:
    made = ensemble(slot(1, 1000, overlap=300), slot(2, 1000), missing=(2,))
    move(made, 700)
    assert made.turn() == []
    ring = starving(made, 2, PERIOD - 1)
    assert made.turn() == []
    ring.write(np.zeros((1, 2), dtype=np.float32))
    assert words(made.turn()) == [("Overlapped", 2), ("Began", 2)]


def test_all_stand_still_when_one_ring_is_dry_and_go_on_when_all_are_filled() -> None:
    made = ensemble(slot(1, 1000, overlap=500), slot(2, 1000), missing=(2,))
    ring = starving(made, 2, 300)
    move(made, 500)
    made.turn()
    move(made, 300)
    assert words(made.turn()) == [("Starved", 2)]
    assert (made.starved, sounding(made), made.span(PERIOD)) == (True, [], 0)
    assert made.startable(200) is None
    ring.write(np.zeros((200, 2), dtype=np.float32))
    first = made.startable(200)
    assert first is not None
    assert made.begin(first) == []
    assert sounding(made) == [1, 2]


def test_a_dry_ring_that_turns_out_to_be_at_its_end_has_ended() -> None:
    made = ensemble(slot(1, 1000), slot(2, 1000), missing=(1,), begin=False)
    ring = starving(made, 1, 400)
    made.begin(slot(1, 1000))
    made.turn()
    move(made, 400)
    assert words(made.turn()) == [("Starved", 1)]
    ring.finish()
    assert words(made.turn()) == [("Ended", 1), ("Began", 2)]
    assert not made.starved


class TestFollowing:
    def overlapping(self, *more: Slot) -> Ensemble:
        made = ensemble(slot(1, 1000, overlap=500), slot(2, 1000), *more)
        move(made, 500)
        made.turn()
        assert sounding(made) == [1, 2]
        move(made, 100)
        return made

    def test_what_is_planned_in_the_same_order_goes_on(self) -> None:
        made = self.overlapping()
        assert made.follow(plan(slot(1, 1000), slot(2, 1000), slot(3, 9), version=2)) == ()
        assert sounding(made) == [1, 2]

    @pytest.mark.parametrize(
        ("planned", "stays", "leaves"),
        [
            ((1, 3), [1], [2]),  # the second was removed
            ((2, 3), [2], [1]),  # next, or the first was removed
            ((1, 3, 2), [1], [2]),  # something was put in between
            ((3, 2), [], [1, 2]),  # another song was chosen
            ((2, 1), [], [1, 2]),  # what leaves cannot come back from the same chain
            ((3,), [], [1, 2]),
            ((), [], [1, 2]),
        ],
    )
    def test_who_is_not_to_sound_now_leaves(
        self, planned: tuple[int, ...], stays: list[int], leaves: list[int]
    ) -> None:
        made = self.overlapping()
        gone = made.follow(plan(*(slot(chain, 1000) for chain in planned), version=2))
        assert (sounding(made), leaving(made)) == (stays, leaves)
        assert [voice.chain for voice in gone] == leaves

    def test_what_has_been_mixed_to_its_end_does_not_hold_up_the_next(self) -> None:
        made = ensemble(slot(1, 100), slot(2, 1000))
        move(made, 100)
        made.turn()
        assert made.follow(plan(slot(1, 100), slot(2, 1000), slot(3, 5), version=2)) == ()
        assert sounding(made) == [2]

    def test_a_stop_lets_all_leave_and_every_slot_begin_anew(self) -> None:
        made = ensemble(slot(1, 100), slot(2, 1000))
        move(made, 100)
        made.turn()
        move(made, 1)
        assert [voice.chain for voice in made.leave_all()] == [2]
        assert (sounding(made), leaving(made), made.done) == ([], [2], frozenset())
        assert made.wanted is not None
        assert made.wanted.chain == 1

    def test_who_was_not_heard_yet_is_silent_already(self) -> None:
        made = ensemble(slot(1, 1000), slot(2, 1000))
        gone = made.follow(plan(slot(2, 1000), version=2))
        assert [voice.chain for voice in gone] == [1]
        assert (sounding(made), leaving(made)) == ([], [])

    def test_who_stood_still_is_silent_already(self) -> None:
        made = ensemble(slot(1, 1000), missing=(1,), begin=False)
        starving(made, 1, 300)
        made.begin(slot(1, 1000))
        move(made, 300)
        made.turn()
        made.follow(plan(slot(2, 1000), version=2))
        assert (leaving(made), made.starved) == ([], False)

    def test_a_voice_alone_takes_over_its_edited_slot_but_an_overlap_goes_on(self) -> None:
        made = ensemble(slot(1, 1000), slot(2, 1000))
        made.follow(plan(slot(1, 1000, overlap=400), slot(2, 1000), version=2))
        assert made.span(5000) == 600
        both = self.overlapping()
        both.follow(plan(slot(1, 1000, overlap=100), slot(2, 1000), version=2))
        assert both.voices[0].slot == slot(1, 1000, overlap=500)

    def test_rings_are_kept_while_planned_or_newer_than_the_plan(self) -> None:
        made = ensemble(slot(1, 1000), slot(2, 1000))
        made.add_ring(ChainId(7), full_ring(7, 10))
        made.follow(plan(slot(2, 1000), slot(3, 1000), version=2))
        assert [made.ring(ChainId(chain)) is None for chain in (1, 2, 7)] == [True, False, False]
        made.follow(EnginePlan(3, PlayerState.STOP))
        assert made.ring(ChainId(2)) is None
        assert made.ring(ChainId(7)) is not None


def test_a_restored_state_is_as_it_was() -> None:
    made = ensemble(slot(1, 1000, overlap=500), slot(2, 1000))
    state = made.state()
    move(made, 500)
    made.turn()
    move(made, 500)
    made.turn()
    made.follow(plan(slot(3, 9), version=2))
    made.restore(state)
    assert (sounding(made), leaving(made), made.done) == ([1], [], frozenset())
    assert made.voices[0].position == 0


def test_marks_name_what_happened() -> None:
    made = ensemble(slot(1, 100), slot(2, 100))
    move(made, 100)
    ended, began = made.turn()
    assert isinstance(ended, Ended)
    assert ended.frames == 100
    assert isinstance(began, Began)
