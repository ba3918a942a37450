"""The shipped alert rules: Prometheus' own tester evaluates one, real lines the other."""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.actors.test_watchdog_actor import CASES, Rig
from wkmp import logs

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "alerts.yml"

SERIES = 'watchdog_interventions_total{instance="pi",intervention_type="%s",queue_entry_id="%s"}'

TEST = """
rule_files: [alerts.yml]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - series: '%(series)s'
        values: '%(values)s'
    alert_rule_test:
      - eval_time: %(at)s
        alertname: WkmpWatchdogIntervened
        exp_alerts: [%(alerts)s]
"""

FIRING = (
    "{exp_labels: {severity: warning, instance: pi, intervention_type: mixer_not_started}, "
    "exp_annotations: {summary: \"wkmp's event system failed and was put right "
    '(mixer_not_started)", description: "Music went on, but this is a bug in wkmp. Please '
    'report it with the log lines that contain \\"[WATCHDOG]\\"."}}'
)


def promtool(
    folder: Path, *, values: str, at: str, fires: bool
) -> subprocess.CompletedProcess[str]:
    shutil.copy(RULES, folder)
    alerts = FIRING if fires else ""
    series = SERIES % ("mixer_not_started", "17")
    test = folder / "test.yml"
    test.write_text(
        TEST % {"series": series, "values": values, "at": at, "alerts": alerts}, "utf-8"
    )
    return subprocess.run(
        ["promtool", "test", "rules", str(test)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("values", "at", "fires"),
    [
        pytest.param("_x20", "5m", False, id="nothing ever happened"),
        pytest.param("_x4 1x20", "1m", True, id="a series born at 1, at its first scrape"),
        pytest.param("_x4 1x20", "5m", True, id="some minutes after the first"),
        pytest.param("1x240 2x8", "61m", True, id="one more after a quiet hour"),
        pytest.param("_x4 1x400", "90m", False, id="more than an hour after the last"),
    ],
)
def test_the_rule_fires_on_the_first_intervention(
    tmp_path: Path, values: str, at: str, fires: bool
) -> None:
    outcome = promtool(tmp_path, values=values, at=at, fires=fires)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_rule_file_is_valid() -> None:
    outcome = subprocess.run(
        ["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr


LOKI = (ROOT / "deploy" / "alerts-loki.yml").read_text("utf-8")
SOUGHT = re.findall(r'\|= "([^"]*)"', LOKI)
"""The words that LogQL's ``|=`` looks for in a line, as they stand."""


@pytest.mark.intervention_expected
@pytest.mark.usefixtures("root_logger_as_before")
@pytest.mark.parametrize("style", ["terminal", "journald", "json"])
def test_the_rule_for_logs_finds_each_real_line_of_the_watchdog_and_no_other(style: str) -> None:
    [sought] = SOUGHT
    stream = io.StringIO()
    logs.configure("debug", style, stream, color=False)
    for sweep, *_ in CASES:
        Rig(sweep).run_round()
    logging.getLogger("actors.watchdog_actor").warning("Watchdog rounds end early: [WATCHDOG]")
    lines = stream.getvalue().splitlines()
    assert len(lines) == len(CASES) + 1
    assert [sought in line for line in lines] == [True] * len(CASES) + [False]
