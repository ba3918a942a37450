"""Which requirement is shown by which tests, and whether those ran and passed.

docs/traceability.md says which; a row's first cell is the requirement's id, and every
`` `tests/…py::test_…` `` in it is a test that shows it (without ``::…`` all tests of the file).
At the end of a whole run each requirement must have been shown: a test that was skipped, left
out, expected to fail, or is not there any more shows nothing. A run of a part is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest

DOCUMENT: Final = Path("docs", "traceability.md")
_ROW: Final = re.compile(r"^\| *\**([A-Z]+(?:-[A-Z0-9]+)*-\d{3}|M\d+)\** *\|(.*)\|$", re.MULTILINE)
_TEST: Final = re.compile(r"`(tests/[^`\s]+?\.py(?:::[^`\s]+)?)`")
_PHASES: Final = 3

Requirements = Mapping[str, tuple[str, ...]]


def requirements_in(text: str) -> Requirements:
    """Return the tests of each requirement, in the document's order."""
    return {name: tuple(_TEST.findall(rest)) for name, rest in _ROW.findall(text)}


def unmet(requirements: Requirements, passed: Iterable[str], failed: Iterable[str]) -> list[str]:
    """Return, in words, which requirements no test has shown, and which of their tests did not.

    Args:
        requirements: from the document.
        passed: ids of tests that ran and passed, parameters included.
        failed: ids of tests that ran and did anything else.
    """
    good, bad = [*passed], [*failed]
    lines = []
    for name, tests in requirements.items():
        shown = [test for test in tests if any(_belongs(each, test) for each in good)]
        spoiled = [each for test in tests for each in bad if _belongs(each, test)]
        if spoiled:
            lines.append(f"{name}: {spoiled[0]} did not pass")
        elif not shown:
            lines.append(f"{name}: none of its tests ran and passed")
    return lines


def _belongs(node: str, test: str) -> bool:
    return node == test or node.startswith((f"{test}[", f"{test}::"))


class Ledger:
    """What became of each test of this run."""

    def __init__(self) -> None:
        self._phases: dict[str, int] = {}
        self._spoiled: set[str] = set()

    def note(self, report: pytest.TestReport) -> None:
        """Take the report of one phase of a test; only three passed phases are a passed test."""
        if report.passed and not hasattr(report, "wasxfail"):
            self._phases[report.nodeid] = self._phases.get(report.nodeid, 0) + 1
        elif report.failed:
            self._spoiled.add(report.nodeid)

    @property
    def passed(self) -> list[str]:
        """The ids of the tests that ran and passed."""
        return [node for node, phases in self._phases.items() if phases == _PHASES]

    @property
    def failed(self) -> list[str]:
        """The ids of the tests that failed."""
        return sorted(self._spoiled)


_LEDGER: Final = pytest.StashKey[Ledger]()
_UNMET: Final = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LEDGER] = Ledger()


class Recorder:
    """Hands the reports of a run to its ledger: that hook is not told the configuration."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._ledger.note(report)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(Recorder(session.config.stash[_LEDGER]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    document = config.rootpath / DOCUMENT
    if not is_whole(session) or not document.exists():
        return
    ledger = config.stash[_LEDGER]
    requirements = requirements_in(document.read_text("utf-8"))
    config.stash[_UNMET] = unmet(requirements, ledger.passed, ledger.failed)
    if config.stash[_UNMET] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    lines = config.stash.get(_UNMET, [])
    if lines:
        terminalreporter.section("requirements that are not shown to hold", red=True)
        for line in lines:
            terminalreporter.write_line(line)


def is_whole(session: pytest.Session) -> bool:
    """Return whether the run took in every test, save what ``-m`` left out, and came to its end."""
    options = session.config.option
    chosen = (options.keyword, options.deselect, options.collectonly, getattr(options, "lf", False))
    whole = session.config.args_source is not pytest.Config.ArgsSource.ARGS
    return whole and not any(chosen) and not session.shouldstop and not session.shouldfail
