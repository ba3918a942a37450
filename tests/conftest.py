"""What holds for every test."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from loguru import logger

from tests import watchdog_guard
from tests.no_skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.reports import pytest_report_to_serializable
from tests.traceability import (  # noqa: F401  (pytest finds its hooks here)
    pytest_configure,
    pytest_sessionfinish,
    pytest_sessionstart,
    pytest_terminal_summary,
)

__all__ = [
    "no_interventions",
    "pytest_make_collect_report",
    "pytest_report_to_serializable",
    "pytest_runtest_makereport",
    "root_logger_as_before",
]


@pytest.fixture(autouse=True)
def no_interventions(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which the watchdog had to step in; the event system is then broken."""
    listener = watchdog_guard.Listener(logging.WARNING)
    watchdog_guard.begin()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    found = watchdog_guard.findings()
    if found and request.node.get_closest_marker("intervention_expected") is None:
        pytest.fail("\n".join(f"{watchdog_guard.MARK} {each}" for each in found), pytrace=False)


@pytest.fixture
def root_logger_as_before() -> Iterator[None]:
    """Put the process's logging back, for a test that sets it up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logger.remove()
