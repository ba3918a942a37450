"""Who waits for the music directory, how long, and what is told of it."""

from __future__ import annotations

import pytest

from actors.absent_music import AbsentMusic
from actors.messages import MusicLost, MusicRestored
from playback.units import ChainId
from tests.spies import Spy

A, B, C = ChainId(1), ChainId(2), ChainId(3)
TEXT = "the stick is not there"


@pytest.fixture
def queue() -> Spy[MusicLost | MusicRestored]:
    return Spy()


@pytest.fixture
def music(queue: Spy[MusicLost | MusicRestored]) -> AbsentMusic:
    return AbsentMusic(queue)


def test_the_patience_grows_from_half_a_second_to_thirty(music: AbsentMusic) -> None:
    now_s, waits = 100.0, []
    for _ in range(9):
        music.misses(A, TEXT, now_s)
        assert music.retry_s is not None
        waits.append(music.retry_s - now_s)
        assert music.due(music.retry_s - 0.001) == frozenset()
        now_s = music.retry_s
        assert music.due(now_s) == {A}
        assert music.retry_s is None
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_several_chains_share_one_alarm_and_one_line_of_the_log(
    music: AbsentMusic,
    queue: Spy[MusicLost | MusicRestored],
    caplog: pytest.LogCaptureFixture,
) -> None:
    music.misses(A, TEXT, 100.0)
    music.misses(B, TEXT, 100.4)
    assert music.due(100.5) == {A, B}
    music.misses(B, TEXT, 100.6)
    assert music.retry_s == pytest.approx(101.6)
    assert [record.getMessage() for record in caplog.records] == [f"No music: {TEXT}"]
    assert queue.received == [MusicLost(TEXT)] * 3


def test_one_that_was_tried_and_has_its_file_means_that_it_is_back(
    music: AbsentMusic, queue: Spy[MusicLost | MusicRestored]
) -> None:
    music.misses(A, TEXT, 100.0)
    assert music.due(101.0) == {A}
    music.misses(B, TEXT, 101.0)
    music.found(A, 101.1)
    assert queue.received[-1] == MusicRestored()
    assert music.due(101.1) == {B}  # at once, whatever its patience


def test_a_file_from_elsewhere_only_has_the_others_find_out(
    music: AbsentMusic, queue: Spy[MusicLost | MusicRestored]
) -> None:
    music.misses(A, TEXT, 100.0)
    music.found(C, 100.1)
    assert queue.received == [MusicLost(TEXT)]
    assert music.due(100.1) == {A}


def test_it_is_not_missed_once_nobody_needs_it(
    music: AbsentMusic, queue: Spy[MusicLost | MusicRestored]
) -> None:
    music.misses(A, TEXT, 100.0)
    music.keep({A}, opening=False)
    music.keep({B}, opening=True)  # a seek: the new chain will find out
    assert queue.received == [MusicLost(TEXT)]
    assert music.retry_s is None
    music.keep(set(), opening=False)
    assert queue.received == [MusicLost(TEXT), MusicRestored()]


def test_who_wants_to_hear_it_now_does_not_wait(music: AbsentMusic) -> None:
    music.misses(A, TEXT, 100.0)
    music.due(101.0)
    music.misses(A, TEXT, 101.0)
    music.hurry(101.1)
    assert music.due(101.1) == {A}
    music.misses(A, TEXT, 101.1)
    assert music.retry_s == pytest.approx(102.1)


def test_while_nobody_waits_nothing_is_due(
    music: AbsentMusic, queue: Spy[MusicLost | MusicRestored]
) -> None:
    music.hurry(100.0)
    music.found(A, 100.0)
    music.keep({A}, opening=False)
    assert music.retry_s is None
    assert music.due(1000.0) == frozenset()
    assert queue.received == []
