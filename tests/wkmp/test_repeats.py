from __future__ import annotations

from wkmp.repeats import WINDOW_S, Repeats


def test_a_repeated_line_is_shown_once_in_the_window() -> None:
    repeats = Repeats()
    shown = [repeats.passed("a", "broken", float(second)) for second in range(5)]
    assert shown == ["broken", None, None, None, None]


def test_after_the_window_the_line_says_how_often_it_was_dropped() -> None:
    repeats = Repeats()
    for second in range(4):
        repeats.passed("a", "broken", float(second))
    again = repeats.passed("a", "broken", WINDOW_S)
    assert again == "broken (and 3 times more since it was last shown)"
    assert repeats.passed("a", "broken", 2 * WINDOW_S) == "broken"


def test_the_same_fault_in_other_words_is_a_repeat() -> None:
    repeats = Repeats()
    shown = [repeats.passed("dry", f"dry {time} times", 0.0) for time in range(3)]
    assert shown == ["dry 0 times", None, None]


def test_other_lines_and_other_sources_are_not_repeats() -> None:
    repeats = Repeats()
    lines = [("a", "one"), ("a", "two"), ("b", "one")]
    assert [repeats.passed(line, line[1], 0.0) for line in lines] == ["one", "two", "one"]


def test_a_watchdog_line_is_never_dropped() -> None:
    repeats = Repeats()
    line = "[WATCHDOG] Event system failure detected: x. Intervention: y."
    assert [repeats.passed("a", line, 0.0) for _ in range(3)] == [line] * 3


def test_only_so_many_lines_are_remembered() -> None:
    repeats = Repeats()
    assert repeats.passed("first", "first", 0.0) == "first"
    for number in range(256):
        repeats.passed(number, f"line {number}", 0.0)
    assert repeats.passed("first", "first", 0.0) == "first"
