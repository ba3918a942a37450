"""docs/traceability.md names every requirement, and only tests that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.traceability import DOCUMENT, requirements_in, unmet

ROOT = Path(__file__).parents[2]
REQUIREMENTS = requirements_in((ROOT / DOCUMENT).read_text("utf-8"))
CONTRACT = (
    *("FR-001", "FR-002", "FR-003", "FR-004", "NFR-001", "NFR-002", "NFR-003", "NFR-004"),
    *(f"TC-ED-00{number}" for number in range(1, 8)),
    *(f"TC-WD-00{number}" for number in range(1, 6)),
    *("TC-WD-DISABLED-001", "TC-WD-QUIET-001"),
    *(f"TC-E2E-00{number}" for number in range(1, 4)),
    *("TC-SET-001", "TC-SET-002", "TC-TEL-001"),
)


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("requirement", CONTRACT)
def test_every_requirement_is_named_with_its_tests(requirement: str) -> None:
    assert REQUIREMENTS[requirement]


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_the_tests_of_a_requirement_exist(requirement: str) -> None:
    for test in REQUIREMENTS[requirement]:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), test
        assert not name or name in names_in(ROOT / file), test


def test_a_requirement_is_met_only_by_tests_that_ran_and_passed() -> None:
    table = {
        "FR-001": ("tests/a.py",),
        "FR-002": ("tests/b.py::test_x",),
        "FR-003": ("tests/c.py",),
    }
    found = unmet(
        table,
        passed=["tests/a.py::test_one", "tests/c.py::test_good"],
        failed=["tests/c.py::test_bad[1]"],
    )
    assert found == [
        "FR-002: none of its tests ran and passed",
        "FR-003: tests/c.py::test_bad[1] did not pass",
    ]
