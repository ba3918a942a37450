"""The four load cases in which every event path is measured."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from actors.telemetry import Count
from bench.event_paths import Music, Samples, Visit
from bench.load import StatusClients, burners
from bench.machine import Neighbours
from bench.stand import Stand

SPEED = 8.0
STATUS_PER_SECOND = 2000


class Case(enum.StrEnum):
    """What else goes on."""

    IDLE = "idle"
    PLAYING = "playing"
    STATUS = "status"
    SATURATED = "saturated"


ABOUT = {
    Case.IDLE: "one event at a time, nothing else going on, at most one passage sounds",
    Case.PLAYING: "short passages crossfade without end, and a listener keeps using all controls",
    Case.STATUS: f"the same, and {STATUS_PER_SECOND} status a second from 4 clients over TCP",
    Case.SATURATED: "the same as playing, and every core taken by a program at normal priority",
}

P99_TARGET_S = {
    Case.IDLE: 0.001,
    Case.PLAYING: 0.002,
    Case.STATUS: 0.005,
    Case.SATURATED: 0.010,
}
P50_TARGET_S = 0.0002


@dataclass(frozen=True, slots=True)
class Measured:
    """What one case gave.

    Attributes:
        samples: seconds from the sender's tell until the receiver has acted, by path.
        interventions: of the watchdog; each is a bug.
        counts: what the engine counted.
        status_rate: answers per second; 0 without clients.
        status_s: latency of each answer, in seconds.
        others: share of the machine that other programs took meanwhile.
    """

    samples: Samples
    interventions: int
    counts: dict[Count, int]
    status_rate: float = 0.0
    status_s: list[float] = field(default_factory=list)
    others: float = 0.0


def measure(case: Case, music: Music, seconds: float, rest_s: float) -> Measured:
    """Put an engine into one case for so long."""
    neighbours = Neighbours()
    with Stand(speed=SPEED) as stand:
        visit = Visit(stand, music, rest_s)
        status_rate, status_s = _UNDER[case](visit, seconds)
        counts = dict(stand.notes.counts)
        interventions = stand.notes.interventions
    others = neighbours.share()
    return Measured(visit.samples, interventions, counts, status_rate, status_s, others)


def _idle(visit: Visit, seconds: float) -> tuple[float, list[float]]:
    visit.alone(seconds)
    return 0.0, []


def _playing(visit: Visit, seconds: float) -> tuple[float, list[float]]:
    visit.crowd(seconds)
    return 0.0, []


def _asked(visit: Visit, seconds: float) -> tuple[float, list[float]]:
    clients = StatusClients(visit.stand.serve(), STATUS_PER_SECOND, seconds)
    try:
        visit.crowd(seconds)
        return clients.result()
    finally:
        clients.close()


def _saturated(visit: Visit, seconds: float) -> tuple[float, list[float]]:
    with burners(os.cpu_count() or 2):
        visit.crowd(seconds)
    return 0.0, []


_UNDER: dict[Case, Callable[[Visit, float], tuple[float, list[float]]]] = {
    Case.IDLE: _idle,
    Case.PLAYING: _playing,
    Case.STATUS: _asked,
    Case.SATURATED: _saturated,
}
