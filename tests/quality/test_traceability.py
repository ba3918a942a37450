"""Every requirement has tests; they exist; and a whole run fails if they did not run and pass."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.traceability import DOCUMENT, requirements_in, unmet

ROOT = Path(__file__).parents[2]
REQUIREMENTS = requirements_in((ROOT / DOCUMENT).read_text("utf-8"))
CONTRACT = [
    *(f"FR-{n:03}" for n in range(1, 5)),
    *(f"NFR-{n:03}" for n in range(1, 5)),
    *(f"TC-ED-{n:03}" for n in range(1, 8)),
    *(f"TC-WD-{n:03}" for n in range(1, 6)),
    *("TC-WD-DISABLED-001", "TC-WD-QUIET-001"),
    *(f"TC-E2E-{n:03}" for n in range(1, 4)),
    *("TC-SET-001", "TC-SET-002", "TC-TEL-001"),
    *(f"M{n}" for n in range(1, 15)),
]


def names_in(path: Path) -> Iterator[str]:
    """Yield the names of a file's tests; those in classes have their class before them."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            inner = (each for each in node.body if isinstance(each, ast.FunctionDef))
            yield from (f"{node.name}::{each.name}" for each in inner)


def test_the_document_lists_exactly_the_requirements() -> None:
    assert list(REQUIREMENTS) == CONTRACT


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_a_requirement_has_tests_and_they_exist(requirement: str) -> None:
    assert REQUIREMENTS[requirement]
    for test in REQUIREMENTS[requirement]:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file(), test
        names = list(names_in(ROOT / path))
        assert name in names or (names and not name), test


def ids_of(name: str) -> list[str]:
    """Return the requirements that a test's name tells."""
    found = re.match(r"test_((?:tc_[a-z0-9]+(?:_[a-z]+)?|n?fr)_\d{3})(?:_to_(\d{3}))?", name)
    if found is None:
        return []
    first, last = found.group(1).upper().replace("_", "-"), found.group(2)
    stem, number = first[:-3], int(first[-3:])
    return [f"{stem}{each:03}" for each in range(number, int(last or number) + 1)]


def test_a_test_that_names_a_requirement_is_listed_under_it() -> None:
    named = set()
    for path in sorted((ROOT / "tests" / "acceptance").glob("test_*.py")):
        relative = path.relative_to(ROOT).as_posix()
        for name in names_in(path):
            for requirement in ids_of(name):
                assert {relative, f"{relative}::{name}"} & set(REQUIREMENTS[requirement]), name
                named.add(requirement)
    assert named >= {requirement for requirement in CONTRACT if requirement.startswith("TC-")}


def test_a_requirement_is_met_only_by_tests_that_ran_and_passed() -> None:
    table = {"FR-001": ("tests/a.py::test_a", "tests/b.py"), "FR-002": ("tests/c.py::test_c",)}
    good = ["tests/a.py::test_a[1]", "tests/c.py::test_c"]
    assert unmet(table, good, []) == []
    assert unmet(table, good[:1], []) == ["FR-002: none of its tests ran and passed"]
    assert unmet(table, ["tests/b.py::test_b", "tests/c.py::test_cc"], []) == [
        "FR-002: none of its tests ran and passed"
    ]
    assert unmet(table, good, ["tests/a.py::test_a[2]"]) == [
        "FR-001: tests/a.py::test_a[2] did not pass"
    ]


HOOKS = """
from tests.traceability import (
    pytest_configure, pytest_sessionfinish, pytest_sessionstart, pytest_terminal_summary
)
"""
TABLE = "| id | what | tests |\n|---|---|---|\n| FR-001 | x | `tests/test_inner.py::test_x` |\n"
PASSES = "def test_x(): pass\ndef test_y(): pass\n"
SKIPPED = "import pytest\ndef test_x(): pytest.skip('no sound card')\ndef test_y(): pass\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_x(): assert 0\ndef test_y(): pass\n"
LONG = "import pytest\n@pytest.mark.long\ndef test_x(): pass\ndef test_y(): pass\n"
GONE = "def test_y(): pass\n"
FAILS_AT_ITS_END = """
import pytest
@pytest.fixture
def fixture():
    yield
    assert 0
def test_x(fixture): pass
"""


def run(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a small project of one test file, with a table of its own."""
    (folder / "docs").mkdir()
    (folder / DOCUMENT).write_text(TABLE, "utf-8")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_inner.py").write_text(text, "utf-8")
    (folder / "conftest.py").write_text(HOOKS, "utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cacheprovider\ntestpaths = tests\nmarkers = long: x\n"
        f"pythonpath = {ROOT}\n",
        "utf-8",
    )
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip


def test_a_whole_run_in_which_its_test_passes_shows_a_requirement(tmp_path: Path) -> None:
    outcome = run(tmp_path, PASSES)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        pytest.param(SKIPPED, [], id="it was skipped"),
        pytest.param(EXPECTED_TO_FAIL, [], id="it is expected to fail"),
        pytest.param(LONG, ["-m", "not long"], id="it was left out"),
        pytest.param(GONE, [], id="it is not there any more"),
    ],
)
def test_a_whole_run_without_its_test_fails(
    tmp_path: Path, text: str, arguments: list[str]
) -> None:
    outcome = run(tmp_path, text, *arguments)
    assert outcome.returncode == 1
    assert "FR-001: none of its tests ran and passed" in outcome.stdout


def test_what_fails_after_its_test_has_passed_counts_too(tmp_path: Path) -> None:
    outcome = run(tmp_path, FAILS_AT_ITS_END)
    assert outcome.returncode == 1
    assert "FR-001: tests/test_inner.py::test_x did not pass" in outcome.stdout


@pytest.mark.parametrize("arguments", [["tests/test_inner.py"], ["-k", "test_y"]])
def test_a_run_of_a_part_is_not_judged(tmp_path: Path, arguments: list[str]) -> None:
    outcome = run(tmp_path, GONE, *arguments)
    assert outcome.returncode == 0, outcome.stdout
