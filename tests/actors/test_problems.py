"""One text per cause, the most pressing first."""

from __future__ import annotations

from itertools import permutations

import pytest

from actors.messages import SideOutputFailed, SideOutputRestored
from actors.problems import Problem, Problems


def test_without_a_problem_there_is_no_text() -> None:
    assert Problems().text is None


@pytest.mark.parametrize("order", list(permutations(Problem)))
def test_the_most_pressing_is_shown_whatever_came_first(order: tuple[Problem, ...]) -> None:
    problems = Problems()
    for problem in order:
        problems.note(problem, problem.name)
    for pressing in Problem:
        assert problems.text == pressing.name
        problems.cured(pressing)
    assert problems.text is None


def test_a_new_text_replaces_the_old_one_of_its_cause() -> None:
    problems = Problems()
    problems.note(Problem.DECODE, "a")
    problems.note(Problem.DECODE, "b")
    assert problems.text == "b"
    problems.cured(Problem.DECODE)
    problems.cured(Problem.DECODE)
    assert problems.text is None


def test_who_has_read_them_clears_them_all() -> None:
    problems = Problems()
    problems.note(Problem.DECODE, "a")
    problems.note(Problem.OUTPUT, "b")
    problems.clear()
    assert problems.text is None
    problems.note(Problem.OUTPUT, "b")
    assert problems.text == "b"


def test_of_several_side_outputs_one_is_shown_while_any_fails() -> None:
    problems = Problems()
    problems.hear(SideOutputFailed(1, "first"))
    problems.hear(SideOutputFailed(2, "second"))
    assert problems.text == "second"
    problems.hear(SideOutputRestored(2))
    assert problems.text == "first"
    problems.hear(SideOutputRestored(3))
    assert problems.text == "first"
    problems.hear(SideOutputRestored(1))
    assert problems.text is None
