"""The rules of tests/conftest.py hold: tried on small test files in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SKIPPED = "import pytest\ndef test_x():\n    pytest.skip('no sound card')\n"
SKIPPED_WHOLE = "import pytest\npytest.importorskip('no_such_module')\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_x():\n    assert False\n"

LINE = "[WATCHDOG] Event system failure detected: x. Intervention: y."
LOGGED_HERE = f"import logging\ndef test_x():\n    logging.getLogger('a').warning('{LINE}')\n"
LOGGED_BY_A_DAEMON = f"""
from tests import watchdog_guard
def test_x(tmp_path):
    log = tmp_path / "log"
    log.write_text("12:00 {LINE} (before this test)\\n")
    watchdog_guard.watch_log(log)
    with log.open("a") as more:
        more.write("12:01 {LINE}\\n")
"""
TOLD_BY_AN_ENGINE = """
from actors.messages import WatchdogIntervened
from tests import watchdog_guard
def test_x():
    watchdog_guard.note_engine_event(WatchdogIntervened("mixer_not_started", 1, 1))
"""
EXPECTED = f"""
import logging, pytest
@pytest.mark.intervention_expected
def test_x():
    logging.getLogger('a').warning('{LINE}')
"""
QUIET = """
from tests import watchdog_guard
def test_x(tmp_path):
    (tmp_path / "log").write_text("[WATCHDOG] is watching")
    watchdog_guard.watch_log(tmp_path / "log")
    watchdog_guard.watch_log(tmp_path / "never written")
    watchdog_guard.note_engine_event("anything else")
"""


def run(folder: Path, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(text, "utf-8")
    (folder / "conftest.py").write_text("from tests.conftest import *\n", "utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cacheprovider\nmarkers = intervention_expected: x\n", "utf-8"
    )
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(folder)],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip


@pytest.mark.parametrize("text", [SKIPPED, SKIPPED_WHOLE], ids=["a test", "a whole file"])
def test_a_skip_is_a_failure_in_ci_only(tmp_path: Path, text: str) -> None:
    assert "1 skipped" in run(tmp_path, text).stdout
    in_ci = run(tmp_path, text, CI="true")
    assert in_ci.returncode != 0
    assert "skipped in CI" in in_ci.stdout
    assert "1 skipped" not in in_ci.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run(tmp_path, EXPECTED_TO_FAIL, CI="true").returncode == 0


@pytest.mark.parametrize(
    "text",
    [LOGGED_HERE, LOGGED_BY_A_DAEMON, TOLD_BY_AN_ENGINE],
    ids=["logged here", "logged by a daemon", "told by an engine"],
)
def test_an_intervention_fails_the_test_in_which_it_happens(tmp_path: Path, text: str) -> None:
    outcome = run(tmp_path, text)
    assert outcome.returncode == 1
    assert outcome.stdout.count("\nWATCHDOG INTERVENTION IN TEST: ") == 1


@pytest.mark.parametrize("text", [EXPECTED, QUIET], ids=["marked", "nothing happened"])
def test_nothing_fails_without_an_unexpected_intervention(tmp_path: Path, text: str) -> None:
    outcome = run(tmp_path, text)
    assert outcome.returncode == 0, outcome.stdout
