"""TC-TEL: what the watchdog had to do can be seen from outside."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from tests.acceptance import stuck
from tests.acceptance.stage import Stages
from tests.acceptance.twins import twin
from wkmp.http import Endpoint
from wkmp.loop_thread import LoopThread
from wkmp.metrics import Metrics


def scraped(metrics: Metrics) -> list[str]:
    """Return the lines of the metrics endpoint, fetched as a scraper does."""
    endpoint = Endpoint(metrics.text, lambda: None)
    with LoopThread() as loop:
        port = loop.run(endpoint.start("127.0.0.1", 0), timeout_s=5)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines: list[str] = answer.read().decode().splitlines()
        loop.run(endpoint.stop(), timeout_s=5)
    return lines


@twin()
@pytest.mark.intervention_expected
def test_tc_tel_001_an_intervention_is_on_the_metrics_endpoint(stages: Stages) -> None:
    """Given an engine that counts into the daemon's metrics.

    When the mixer's start is lost, and the watchdog starts it.
    Then the endpoint shows the intervention with its type and its queue entry, counted once; and
    nothing of it before.
    """
    metrics = Metrics("test")
    stages.telemetry = metrics
    name = "watchdog_interventions_total"
    assert not [line for line in scraped(metrics) if line.startswith(name)]
    stage, entry = stuck.lose_start_of_mixer(stages)
    stage.until(lambda: bool(stage.rig.interventions.received), "an intervention")
    labels = f'intervention_type="mixer_not_started",queue_entry_id="{entry}"'
    assert [line for line in scraped(metrics) if line.startswith(name)] == [
        f"{name}{{{labels}}} 1.0"
    ]
