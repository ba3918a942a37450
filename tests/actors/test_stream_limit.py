"""How the effective number of streams falls and rises."""

from __future__ import annotations

from actors.stream_limit import ATTEMPTS, RETRY_AFTER_S, StreamLimit
from playback.units import ChainId

A, B = ChainId(1), ChainId(2)


def test_the_setting_alone_decides_until_resources_run_out() -> None:
    limit = StreamLimit(12)
    assert (limit.streams, limit.lowered, limit.retry_s) == (12, 0, None)


def test_it_falls_to_what_works_and_rises_by_one_per_end() -> None:
    limit = StreamLimit(4)
    limit.refused(A, working=2, now_s=0.0)
    assert (limit.streams, limit.lowered) == (2, 2)
    limit.gave_back()
    assert (limit.streams, limit.lowered) == (3, 3)
    limit.gave_back()
    limit.gave_back()
    assert (limit.streams, limit.lowered) == (4, 0)


def test_one_stream_is_always_tried() -> None:
    limit = StreamLimit(4)
    limit.refused(A, working=0, now_s=0.0)
    assert limit.streams == 1


def test_who_was_refused_waits_until_something_ends_or_a_second_has_passed() -> None:
    limit = StreamLimit(4)
    limit.refused(A, working=1, now_s=50.0)
    assert limit.deferred == {A}
    assert limit.retry_s == 50.0 + RETRY_AFTER_S
    limit.gave_back()
    assert limit.deferred == frozenset()
    assert limit.retry_s is None


def test_the_third_refusal_is_a_failure() -> None:
    limit = StreamLimit(4)
    answers = [limit.refused(A, working=0, now_s=float(n)) for n in range(ATTEMPTS)]
    assert answers == [False, False, True]
    assert limit.deferred == frozenset()


def test_refusals_are_forgotten_once_it_opened_or_left_the_plan() -> None:
    limit = StreamLimit(4)
    for _ in range(ATTEMPTS - 1):
        limit.refused(A, working=1, now_s=0.0)
        limit.refused(B, working=1, now_s=0.0)
    limit.opened(A)
    limit.keep({A})
    assert limit.deferred == {A}
    assert limit.refused(A, working=1, now_s=0.0) is False
    assert limit.refused(B, working=1, now_s=0.0) is False


def test_a_new_setting_finds_the_limit_out_again() -> None:
    limit = StreamLimit(4)
    limit.refused(A, working=1, now_s=0.0)
    limit.allow(6)
    assert (limit.streams, limit.lowered, limit.retry_s) == (6, 0, None)
