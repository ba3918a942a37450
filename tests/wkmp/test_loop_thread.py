"""The daemon's event loop: what it runs, and whether it sleeps."""

from __future__ import annotations

import threading

from tests.waiting import PATIENCE_S, until
from wkmp.loop_thread import LoopThread


def test_a_loop_is_at_rest_while_it_has_nothing_to_do_and_not_while_it_is_held_up() -> None:
    thread = LoopThread()
    assert not thread.at_rest()
    with thread:
        until(thread.at_rest, "the loop sleeps")
        held, go_on = threading.Event(), threading.Event()

        def hold() -> None:
            held.set()
            go_on.wait(PATIENCE_S)

        thread.loop.call_soon_threadsafe(hold)
        assert held.wait(PATIENCE_S)
        assert not thread.at_rest()
        go_on.set()
        until(thread.at_rest, "the loop sleeps again")
    assert not thread.at_rest()


def test_it_runs_what_another_thread_gives_it() -> None:
    async def answer() -> int:
        return 7

    with LoopThread() as thread:
        assert thread.run(answer(), timeout_s=PATIENCE_S) == 7
