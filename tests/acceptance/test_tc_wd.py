"""TC-WD: what the watchdog finds and cures when an event is lost, and how a test then fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import StuckState, WatchdogIntervened
from playback.plan import Priority
from playback.units import EntryId
from tests import watchdog_guard
from tests.acceptance import stuck
from tests.acceptance.stage import Stage, Stages
from tests.acceptance.twins import twin

LINE = (
    "[WATCHDOG] Event system failure detected: {reason}. Intervention: {action}. "
    "This indicates a bug in event-driven logic."
)


def expect_one_intervention(
    stage: Stage, log: pytest.LogCaptureFixture, kind: StuckState, entry: EntryId, line: str
) -> None:
    """Wait for it, and for three rounds more: one line, one count with its label, one event."""
    stage.until(lambda: bool(stage.rig.interventions.received), "an intervention")
    stage.wait_rounds(3)
    found = [each for each in log.record_tuples if each[2].startswith("[WATCHDOG]")]
    assert found == [("actors.watchdog_actor", logging.WARNING, line)]
    assert stage.telemetry.interventions == [(kind.value, entry)]
    told = WatchdogIntervened(kind.value, entry, total=1)
    assert stage.rig.interventions.received == [told]


@twin()
@pytest.mark.intervention_expected
def test_tc_wd_001_a_current_entry_without_a_buffer_is_decoded(
    stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    """Given that music plays and the ``QueueAdvanced`` to another song is lost.

    When the next round comes.
    Then its decode is requested as ``IMMEDIATE``, and it plays once its ring is filled.
    """
    stage, entry = stuck.lose_buffer_of_current(stages)
    reason, action = f"Current passage {entry} has no buffer", "Requesting immediate decode"
    line = LINE.format(reason=reason, action=action)
    expect_one_intervention(stage, caplog, StuckState.MISSING_CURRENT_BUFFER, entry, line)
    assert stage.workers.priorities(entry) == [Priority.IMMEDIATE]
    stage.buffer(entry)
    stage.until_sounding(entry)


@twin()
@pytest.mark.intervention_expected
def test_tc_wd_002_a_mixer_that_was_not_started_is_started(
    stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    """Given the state *play* and that the current ring's ``BufferThresholdReached`` is lost.

    When the next round comes.
    Then the mixer is started.
    """
    stage, entry = stuck.lose_start_of_mixer(stages)
    reason = f"Current passage {entry} is buffered but the mixer is idle"
    line = LINE.format(reason=reason, action="Starting the mixer")
    expect_one_intervention(stage, caplog, StuckState.MIXER_NOT_STARTED, entry, line)
    assert stage.sounding == (entry,)


@twin()
@pytest.mark.intervention_expected
def test_tc_wd_003_a_next_entry_without_a_buffer_is_decoded(
    stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    """Given that music plays and the ``Enqueued`` of the song that follows is lost.

    When the next round comes.
    Then its decode is requested as ``NEXT``, and the music goes on.
    """
    stage, entry = stuck.lose_buffer_of_next(stages)
    reason, action = f"Next passage {entry} has no buffer", "Requesting next decode"
    line = LINE.format(reason=reason, action=action)
    expect_one_intervention(stage, caplog, StuckState.MISSING_NEXT_BUFFER, entry, line)
    assert stage.workers.priorities(entry) == [Priority.NEXT]
    assert stage.chain(entry) in stage.rings().rings
    assert len(stage.sounding) == 1


@twin()
@pytest.mark.intervention_expected
def test_tc_wd_004_a_queued_entry_without_a_buffer_is_decoded(
    stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    """Given that music plays and the ``Enqueued`` of a song further behind is lost.

    When the next round comes.
    Then its decode is requested as ``PREFETCH``, and the music goes on.
    """
    stage, entry = stuck.lose_buffer_of_queued(stages)
    reason, action = f"Queued passage {entry} has no buffer", "Requesting prefetch decode"
    line = LINE.format(reason=reason, action=action)
    expect_one_intervention(stage, caplog, StuckState.MISSING_QUEUED_BUFFER, entry, line)
    assert stage.workers.priorities(entry) == [Priority.PREFETCH]
    assert stage.chain(entry) in stage.rings().rings
    assert len(stage.sounding) == 1


UNMARKED = """
import pytest
from tests.acceptance.stuck import SITUATIONS

@pytest.mark.parametrize("kind", SITUATIONS)
def test_situation(kind, stages):
    stage, entry = SITUATIONS[kind](stages)
    stage.until(lambda: bool(stage.rig.interventions.received), "an intervention")
"""


class Inner:
    """A plugin of the inner run: lends it the stages, keeps what failed and what it said."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self.failed: dict[str, str] = {}
        self.passed: list[str] = []

    @pytest.fixture
    def stages(self) -> Iterator[Stages]:
        yield self._stages
        self._stages.close()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = f"{report.when} {report.nodeid}"
        if report.failed:
            self.failed[name] = report.longreprtext
        else:
            self.passed.append(name)


def run_unmarked(folder: Path, stages: Stages) -> Inner:
    """Run every stuck state as a test that expects no intervention, under the real guard."""
    (folder / "conftest.py").write_text("from tests.conftest import *\n", "utf-8")
    (folder / "test_inner.py").write_text(UNMARKED, "utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib\nmarkers = intervention_expected: x\n", "utf-8"
    )
    inner = Inner(stages)
    left_out = [f"-pno:{name}" for name in ("cacheprovider", "timeout", "faulthandler", "terminal")]
    pytest.main([str(folder), f"--rootdir={folder}", *left_out], plugins=[inner])
    return inner


@twin()
@pytest.mark.intervention_expected
def test_tc_wd_001_to_004_each_fails_the_test_in_which_it_happens(
    stages: Stages, tmp_path: Path
) -> None:
    """Given a test in which one of the four events is lost, and that expects no intervention.

    When it is run.
    Then music goes on and the test's own assertions hold, and yet it fails, for the intervention.
    """
    folder = tmp_path / "inner"
    folder.mkdir()
    inner = run_unmarked(folder, stages)
    for kind in stuck.SITUATIONS:
        name = f"test_inner.py::test_situation[{kind}]"
        assert f"call {name}" in inner.passed
        text = inner.failed[f"teardown {name}"]
        assert f"{watchdog_guard.MARK} [WATCHDOG] Event system failure detected" in text
        assert f"{watchdog_guard.MARK} WatchdogIntervened(intervention_type='{kind}'" in text
