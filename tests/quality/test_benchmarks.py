"""The benchmark tells a gross regression from noise, and names what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actors.telemetry import Count, EventPath
from bench.cases import P99_TARGET_S, Case, Measured
from bench.machine import this_machine
from bench.report import Report
from bench.watchdog_cost import Costs

QUICK_S = 0.0001


def report(case: Case = Case.IDLE, slow_s: float = QUICK_S, interventions: int = 0) -> Report:
    """A run in which everything was quick but the starts after ``play``."""
    samples = {path: [QUICK_S] * 100 for path in EventPath}
    samples[EventPath.PLAY_TO_START] = [slow_s] * 100
    measured = Measured(samples, interventions, dict.fromkeys(Count, 0))
    return Report(this_machine(), {case: measured}, Costs(1e-6, 1e-4, 0.004, 0.004))


@pytest.mark.parametrize("case", Case)
def test_a_quick_engine_passes(case: Case) -> None:
    assert report(case).faults() == []


@pytest.mark.parametrize("case", Case)
def test_more_than_five_times_a_target_is_a_regression(case: Case) -> None:
    assert report(case, 5.1 * P99_TARGET_S[case]).faults()


@pytest.mark.parametrize("case", [Case.PLAYING, Case.STATUS, Case.SATURATED])
def test_four_times_a_target_is_told_but_not_a_regression(case: Case) -> None:
    slow = report(case, 4.0 * P99_TARGET_S[case])
    assert slow.faults() == []
    (figure,) = (each for each in slow.figures() if each.name == f"{case} play_to_start p99")
    assert figure.ratio == pytest.approx(4.0)


def test_an_intervention_is_a_regression_however_quick_everything_was() -> None:
    assert report(interventions=1).faults() == ["idle: the watchdog intervened 1 times"]


def test_a_path_that_was_never_passed_is_a_regression() -> None:
    lost = report()
    lost.cases[Case.IDLE].samples[EventPath.COMPLETE_TO_ADVANCE].clear()
    assert lost.faults() == ["idle: complete_to_advance never happened"]


def test_a_costly_watchdog_is_a_regression() -> None:
    costly = report()
    costly.costs = Costs(check_s=0.0006, round_s=0.006, still=0.05, playing=0.004)
    assert len(costly.faults()) == 3


def test_the_json_names_machine_figures_and_counts(tmp_path: Path) -> None:
    file = tmp_path / "results" / "latency.json"
    report().write(file)
    written = json.loads(file.read_text())
    assert written["machine"]["cpu"]
    assert written["machine"]["python"].startswith("3.")
    assert written["cases"]["idle"]["latencies_s"]["play_to_start"]["count"] == 100
    assert len(written["figures"]) == 2 * len(EventPath) + 4
