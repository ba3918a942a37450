"""When an output is closed, given up, tried again; and who hears of it."""

from __future__ import annotations

import pytest

from actors.messages import OutputLost, OutputRestored
from actors.output_care import Due, OutputCare
from tests.actors.mixer_bench import FORMAT, Clock
from tests.spies import Spy


class Care:
    def __init__(self) -> None:
        self.told: Spy[OutputLost | OutputRestored] = Spy()
        self.clock = Clock()
        self.care = OutputCare(self.told, 8.0, self.clock)

    @property
    def in_s(self) -> float | None:
        at = self.care.deadline_s
        return None if at is None else at - self.clock.now_s

    def after(self, seconds: float) -> list[Due]:
        self.clock.now_s += seconds
        return self.care.due()


@pytest.fixture
def care() -> Care:
    return Care()


def test_at_first_there_is_nothing_to_wait_for(care: Care) -> None:
    assert care.in_s is None
    assert care.after(1e6) == []
    assert (care.care.enabled, care.care.lost) == (True, False)


def test_who_owes_an_answer_is_given_up_after_a_while(care: Care) -> None:
    care.care.asked()
    assert care.in_s == 8.0
    assert care.after(7.9) == []
    assert care.after(0.1) == [Due.HUNG]
    assert care.in_s is None
    assert care.after(100) == []


def test_each_question_starts_the_wait_anew_and_an_answer_ends_it(care: Care) -> None:
    care.care.asked()
    care.clock.now_s += 5
    care.care.asked()
    assert care.in_s == 8.0
    care.care.answered()
    assert care.in_s is None


def test_what_is_not_used_is_closed_unless_it_is_wanted_again(care: Care) -> None:
    care.care.unused(5.0)
    care.care.unused(0.25)
    assert care.in_s == 0.25
    care.care.used()
    assert care.after(10) == []
    care.care.unused(0.25)
    assert care.after(0.25) == [Due.CLOSE]


def test_the_nearest_alarm_counts_and_all_that_are_due_are_told(care: Care) -> None:
    care.care.unused(5.0)
    care.care.asked()
    assert care.in_s == 5.0
    assert care.after(9.0) == [Due.HUNG, Due.CLOSE]


def test_a_loss_is_told_once_and_tried_again_with_growing_patience(care: Care) -> None:
    waits = []
    for _ in range(9):
        care.care.has_failed("Test", "gone")
        waits.append(care.in_s)
        assert care.after(waits[-1] or 0) == [Due.RETRY]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert care.told.received == [OutputLost("gone")]
    assert care.care.lost


def test_what_is_lost_need_not_be_closed_and_owes_nothing(care: Care) -> None:
    care.care.unused(0.25)
    care.care.asked()
    care.care.has_failed("Test", "gone")
    assert care.after(100) == [Due.RETRY]


def test_its_return_is_told_once_and_the_next_loss_is_a_first_one(care: Care) -> None:
    for _ in range(3):
        care.care.has_failed("Test", "gone")
    care.care.has_opened(FORMAT)
    care.care.has_opened(FORMAT)
    assert care.told.received == [OutputLost("gone"), OutputRestored(FORMAT)]
    assert (care.care.lost, care.in_s) == (False, None)
    care.care.has_failed("Test", "gone again")
    assert care.in_s == 0.5
    assert care.told.received[-1] == OutputLost("gone again")


def test_an_output_that_was_never_lost_is_not_told_to_be_back(care: Care) -> None:
    care.care.has_opened(FORMAT)
    assert care.told.received == []


def test_what_was_forgiven_is_told_again_when_it_fails_and_told_when_it_is_back(
    care: Care,
) -> None:
    care.care.has_failed("Test", "gone")
    care.care.forgive()
    assert (care.care.lost, care.in_s) == (False, None)
    care.care.has_failed("Test", "another one")
    care.care.forgive()
    care.care.has_opened(FORMAT)
    assert care.told.received == [
        OutputLost("gone"),
        OutputLost("another one"),
        OutputRestored(FORMAT),
    ]


def test_a_substitute_is_hurried_to_but_not_again_and_again(care: Care) -> None:
    care.care.asked()
    assert care.care.has_substitute("Card", "it is gone")
    assert care.in_s is None
    assert care.told.received == []
    care.clock.now_s += 4.9
    assert not care.care.has_substitute("Card", "it is gone")
    care.clock.now_s += 0.1
    assert care.care.has_substitute("Card", "it is gone")
