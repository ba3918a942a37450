"""One thread at a time."""

from __future__ import annotations

import threading

import pytest

from audio.baton import Baton


def test_only_one_thread_holds_it() -> None:
    baton = Baton()
    inside = threading.Event()
    entered = []

    def other() -> None:
        inside.set()
        with baton:
            entered.append("other")

    with baton:
        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(5)
        thread.join(0.02)
        assert thread.is_alive()
        entered.append("first")
    thread.join(5)
    assert entered == ["first", "other"]


def test_it_is_given_back_when_the_block_fails() -> None:
    baton = Baton()
    with pytest.raises(KeyError), baton:
        raise KeyError
    with baton:
        pass


def test_who_cannot_wait_goes_without_it() -> None:
    baton = Baton()
    with baton, baton.within(0.01) as held:
        assert held is False
    with baton.within(0.01) as held:
        assert held is True
        with baton.within(0.01) as again:
            assert again is False
    with baton.within(0.01) as held:
        assert held is True


def test_counting_under_it_loses_nothing() -> None:
    baton = Baton()
    counter = [0]

    def count() -> None:
        for _ in range(5_000):
            with baton:
                seen = counter[0]
                counter[0] = seen + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert counter == [20_000]
