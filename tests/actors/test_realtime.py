"""Who asks for realtime priority, and who gets it from the kernel."""

from __future__ import annotations

import os
import resource
import subprocess
import threading

import pytest

from actors import realtime

FOREVER = resource.RLIM_INFINITY
HALF_A_SECOND_US = 500_000


class Kernel:
    """Has limits, and takes down what it is asked for."""

    def __init__(self, permitted: int, bounded_us: int, *, refuses: bool = False) -> None:
        self.limits = {
            resource.RLIMIT_RTPRIO: (permitted, FOREVER),
            resource.RLIMIT_RTTIME: (bounded_us, FOREVER),
        }
        self._refuses = refuses
        self.asked: list[tuple[int, int, int]] = []

    def getrlimit(self, which: int) -> tuple[int, int]:
        return self.limits[which]

    def setrlimit(self, which: int, limits: tuple[int, int]) -> None:
        assert not self.asked, "the bound comes before the priority"
        self.limits[which] = limits

    def sched_setscheduler(self, pid: int, policy: int, param: os.sched_param) -> None:
        self.asked.append((pid, policy, param.sched_priority))
        if self._refuses:
            raise PermissionError(1, "Operation not permitted")

    def rules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resource, "getrlimit", self.getrlimit)
        monkeypatch.setattr(resource, "setrlimit", self.setrlimit)
        monkeypatch.setattr(os, "sched_setscheduler", self.sched_setscheduler)


@pytest.mark.parametrize(
    ("permitted", "priority"),
    [(1, 1), (5, 5), (95, 5), (FOREVER, 5), (0, 5)],
    ids=["less", "as much", "more", "all", "only with a capability"],
)
def test_the_calling_thread_asks_for_what_it_may_have_and_no_child_gets_it(
    permitted: int, priority: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(permitted, HALF_A_SECOND_US)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == priority
    assert kernel.asked == [(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, priority)]


@pytest.mark.parametrize(
    ("bounded_us", "bound_us"),
    [(FOREVER, realtime.BOUND_US), (1_000, 1_000)],
    ids=["nobody has set it", "somebody has"],
)
def test_it_is_never_without_a_bound(
    bounded_us: int, bound_us: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(5, bounded_us)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == 5
    assert kernel.limits[resource.RLIMIT_RTTIME] == (bound_us, FOREVER)


def test_what_cannot_be_bound_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(5, FOREVER)
    kernel.rules(monkeypatch)

    def refuse(which: int, limits: tuple[int, int]) -> None:
        raise ValueError(which, limits)

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert realtime.ask_for() == 0
    assert kernel.asked == []


def test_a_refusal_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(5, HALF_A_SECOND_US, refuses=True)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == 0
    assert len(kernel.asked) == 1


def test_the_kernel_gives_it_to_this_thread_alone() -> None:
    """Where it does not give it to this user, nobody has it and nothing is wrong."""
    permitted = subprocess.run(["chrt", "-r", "5", "true"], capture_output=True, check=False)
    seen: list[tuple[int, int]] = []
    inherited: list[int] = []

    def sink() -> None:
        priority = realtime.ask_for()
        seen.append((priority, os.sched_getscheduler(0)))
        child = threading.Thread(target=lambda: inherited.append(os.sched_getscheduler(0)))
        child.start()
        child.join()

    thread = threading.Thread(target=sink)
    thread.start()
    thread.join()
    granted = (realtime.PRIORITY, os.SCHED_RR | os.SCHED_RESET_ON_FORK)
    assert seen == [granted if permitted.returncode == 0 else (0, os.SCHED_OTHER)]
    assert inherited == [os.SCHED_OTHER]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
