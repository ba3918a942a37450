"""What the watchdog costs (NFR-002), in CPU time: its check, a round, and rounds while playing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from actors.messages import (
    ChangeOptions,
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    PlayPosition,
    RunRound,
)
from actors.stuck_states import Sweep, suspicions
from bench.paced_device import STANDS_STILL
from bench.stand import ANSWER_S, Stand

ENTRIES = 14
CHECKS = 2000
PAUSE_S = 0.01
SETTLES_S = 0.5
"""Until current and next have filled their rings, too."""

CHECK_TARGET_S = 0.0001
ROUND_TARGET_S = 0.001
SHARE_TARGET = 0.008
SHARE_AIM = SHARE_TARGET / 2


@dataclass(frozen=True, slots=True)
class Costs:
    """Medians of several runs.

    Attributes:
        check_s: CPU of looking at four collected snapshots, 12 entries in the window.
        round_s: CPU of all threads for a round on its own, after a pause.
        still: share of a core of rounds every 100 ms, state *play*, device standing still, so
            that nothing but the rounds happens.
        playing: the same while music plays; the difference of two larger figures.
    """

    check_s: float
    round_s: float
    still: float
    playing: float


def measure(long: Path, windows: int, window_s: float) -> Costs:
    """Measure all; ``windows`` pairs of ``window_s`` with and without rounds, twice."""
    with _playing(long, STANDS_STILL) as stand:
        check_s = _check_s(_sweep(stand))
        round_s = _round_s(stand)
        still = _share(stand, windows, window_s)
    with _playing(long, 1.0) as stand:
        playing = _share(stand, windows, window_s)
    return Costs(check_s, round_s, still, playing)


@contextmanager
def _playing(long: Path, speed: float) -> Iterator[Stand]:
    """Play with every ring of the window full, and no rounds."""
    with Stand(speed=speed, settings={"watchdog_enabled": 0}) as stand:
        stand.do(ChangeOptions(repeat=True, crossfade_s=3))
        stand.add(*[long] * ENTRIES)
        stand.do(PlayPosition(0))
        stand.wait_until(stand.all_buffered)
        time.sleep(SETTLES_S)
        yield stand


def _sweep(stand: Stand) -> Sweep:
    engine = stand.engine
    return Sweep(
        engine.queue.ask(GetQueueSnapshot(), timeout_s=ANSWER_S),
        engine.decoder.ask(GetDecoderSnapshot(), timeout_s=ANSWER_S),
        engine.buffer.ask(GetBufferSnapshot(), timeout_s=ANSWER_S),
        engine.mixer.ask(GetMixerSnapshot(), timeout_s=ANSWER_S),
    )


def _check_s(sweep: Sweep) -> float:
    """Return the CPU seconds of a check that goes through all its conditions."""
    assert len(sweep.queue.plan.slots) > 2
    assert sweep.mixer.sounding
    runs = []
    for _ in range(5):
        began_s = time.thread_time()
        for _ in range(CHECKS):
            suspicions(sweep)
        runs.append((time.thread_time() - began_s) / CHECKS)
    return statistics.median(runs)


def _round_s(stand: Stand) -> float:
    """Return the process's CPU seconds for one round, its asks included."""
    costs = []
    for _ in range(100):
        time.sleep(PAUSE_S)
        began_s = time.process_time()
        stand.engine.watchdog.ask(RunRound(), timeout_s=ANSWER_S)
        costs.append(time.process_time() - began_s)
    return statistics.median(costs)


def _share(stand: Stand, windows: int, window_s: float) -> float:
    """Return how much of a core the rounds take: on minus off, alternating."""
    differences = []
    for _ in range(windows):
        off, on = (_cpu_share(stand, window_s, rounds=rounds) for rounds in (False, True))
        differences.append(on - off)
    stand.rounds(on=False)
    return statistics.median(differences)


def _cpu_share(stand: Stand, window_s: float, *, rounds: bool) -> float:
    stand.rounds(on=rounds)
    time.sleep(PAUSE_S)
    cpu_s, wall_s = time.process_time(), time.monotonic()
    time.sleep(window_s)
    return (time.process_time() - cpu_s) / (time.monotonic() - wall_s)
