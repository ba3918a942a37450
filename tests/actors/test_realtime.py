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
        self._limits = {resource.RLIMIT_RTPRIO: permitted, resource.RLIMIT_RTTIME: bounded_us}
        self._refuses = refuses
        self.asked: list[tuple[int, int, int]] = []

    def getrlimit(self, which: int) -> tuple[int, int]:
        return self._limits[which], FOREVER

    def sched_setscheduler(self, pid: int, policy: int, param: os.sched_param) -> None:
        self.asked.append((pid, policy, param.sched_priority))
        if self._refuses:
            raise PermissionError(1, "Operation not permitted")

    def rules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resource, "getrlimit", self.getrlimit)
        monkeypatch.setattr(os, "sched_setscheduler", self.sched_setscheduler)


@pytest.mark.parametrize(("permitted", "priority"), [(1, 1), (5, 5), (95, 5), (FOREVER, 5)])
def test_within_both_limits_the_calling_thread_gets_it_and_no_child(
    permitted: int, priority: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(permitted, HALF_A_SECOND_US)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == priority
    assert kernel.asked == [(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, priority)]


@pytest.mark.parametrize(
    ("permitted", "bounded_us"),
    [(0, HALF_A_SECOND_US), (95, FOREVER), (0, FOREVER)],
    ids=["not permitted", "not bounded", "neither"],
)
def test_without_either_limit_nothing_is_asked_for(
    permitted: int, bounded_us: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(permitted, bounded_us)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == 0
    assert kernel.asked == []


def test_a_refusal_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(5, HALF_A_SECOND_US, refuses=True)
    kernel.rules(monkeypatch)
    assert realtime.ask_for() == 0
    assert len(kernel.asked) == 1


def test_the_kernel_gives_it_to_this_thread_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it does not give it to this user, nobody has it and nothing is wrong."""
    limits = Kernel(5, HALF_A_SECOND_US)
    monkeypatch.setattr(resource, "getrlimit", limits.getrlimit)
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
