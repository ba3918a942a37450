"""docs/operations.md lists what the daemon can log, measure and return, and its recipe works."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.telemetry import Count
from audio.source_file import failure
from playback.errors import FailureKind
from playback.saved import QueueChange
from playback.settings import parse
from storage.database import open_database
from storage.player_store import PlayerStore
from wkmp.metrics import Metrics

ROOT = Path(__file__).parents[2]
ROOMS = ("wkmp", "protocol", "actors", "audio", "storage", "library", "playback")
DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")
LOUD = {"warning": "WARNING", "error": "ERROR", "exception": "ERROR", "critical": "ERROR"}
PASSED_ON = "%s"
"""The format of a line whose words come from somewhere else; tests below look there."""

ROWS = dict(
    line.split("| ", 1)[1].split(" |", 1)
    for line in DOCUMENT.partition("## The log")[2].splitlines()
    if line.startswith("| `")
)
"""First column → the rest, of every table about the log."""


def logged() -> Iterator[tuple[str, str, str]]:
    """Yield level, format and place of every loud line in the program."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and (level := _level(node)) is not None:
                    place = f"{file.relative_to(ROOT)}:{node.lineno}"
                    assert isinstance(node.args[0], ast.Constant), f"{place}: no literal format"
                    yield level, str(node.args[0].value), place


def _level(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id="_log"), attr=attribute):
            return LOUD.get(attribute)
        case _:
            return None


LINES = [line for line in logged() if line[1] != PASSED_ON]


def section_of(row: str) -> str:
    before = DOCUMENT[: DOCUMENT.index(f"| {row} |")]
    headings: list[str] = re.findall(r"^### (\w+)", before, re.MULTILINE)
    return headings[-1]


@pytest.mark.parametrize(("level", "text", "place"), LINES, ids=[line[1][:40] for line in LINES])
def test_every_line_of_the_log_is_explained(level: str, text: str, place: str) -> None:
    assert f"`{text}`" in ROWS, f"{place} is not in docs/operations.md"
    assert section_of(f"`{text}`") == level, place


def test_no_line_is_explained_that_is_not_logged() -> None:
    with_places = {row.strip("`") for row in ROWS if "%" in row}
    assert with_places - {text for _, text, _ in LINES} == set()
    assert len(LINES) > 25


@pytest.mark.parametrize(
    "kind",
    [kind for kind in FailureKind if kind not in {FailureKind.CRASHED, FailureKind.NO_MUSIC}],
)
def test_every_reason_why_a_file_cannot_be_played_is_explained(kind: FailureKind) -> None:
    line = str(failure(kind, "a.flac", "a reason"))
    shown = line.replace("a.flac", "…").replace("a reason", "…")
    assert ROWS[f"`{shown}`"].strip().startswith(kind.value)


def test_words_that_are_logged_elsewhere_are_as_they_are_written() -> None:
    sources = "".join(
        (ROOT / file).read_text("utf-8")
        for file in (
            *("actors/decode_worker.py", "actors/decoder_actor.py", "actors/decode_crew.py"),
            *(
                "actors/queue_actor.py",
                "actors/revival.py",
                "actors/buffer_actor.py",
                "wkmp/assembly.py",
            ),
        )
    )
    spoken = re.sub(r"\{[^}]*\}", "…", sources)
    table = DOCUMENT.partition("files that cannot be played")[2].partition("\n### ")[0]
    texts = re.findall(r"`([^`]*)`", "".join(re.findall(r"^\| (`.*?) \| ", table, re.MULTILINE)))
    others = [text for text in texts if not text.startswith("Cannot play")]
    assert len(others) == 8
    for text in others:
        assert text.replace("for 10 s", "for … s") in spoken, text


@pytest.mark.parametrize("given", ["5", "x"])
def test_a_settings_warning_is_shown_as_it_is_said(given: str) -> None:
    assert f"`{parse('watchdog_interval_ms', given, 100).warning}`" in ROWS


def metric_names() -> set[str]:
    metrics = Metrics("1")
    metrics.watch_rings(lambda: {"0": 1.0})
    metrics.watch_analysis(lambda: {"measured": 1.0})
    types = re.findall(r"^# TYPE (\S+) (\w+)", metrics.text().decode(), re.MULTILINE)
    return {name for name, _ in types if not name.startswith("process_")}


def test_every_metric_is_explained_and_no_other() -> None:
    table = DOCUMENT.partition("## Metrics")[2].partition("## The log")[0]
    explained = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert explained == metric_names()
    assert len(explained) > len(Count)


def test_every_alert_is_explained() -> None:
    rules = "".join(file.read_text("utf-8") for file in (ROOT / "deploy").glob("alerts*.yml"))
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert len(alerts) == 2
    assert [alert for alert in alerts if f"`{alert}`" not in DOCUMENT] == []


def put(store: PlayerStore, value: str) -> None:
    change = QueueChange(settings=(("watchdog_interval_ms", value),))
    store.apply((change,), durable=True)


def test_the_restore_that_is_described_restores(tmp_path: Path) -> None:
    """The live log would otherwise be replayed into the copy."""
    recipe = re.search(r"## Backup and restore.*?```sh\ncd \S+\n(.*?)```", DOCUMENT, re.DOTALL)
    assert recipe is not None
    path = tmp_path / "data" / "wkmp.db"
    store = PlayerStore(open_database(path))
    put(store, "111")
    store.backups.take()
    put(store, "222")
    left = {file.name: file.read_bytes() for file in path.parent.iterdir()}  # as after a kill
    store.close()
    for name, content in left.items():
        (path.parent / name).write_bytes(content)
    assert (path.parent / "wkmp.db-wal").stat().st_size > 0

    subprocess.run(["bash", "-e", "-c", recipe[1]], cwd=path.parent, check=True)

    restored = PlayerStore(open_database(path))
    assert restored.settings()["watchdog_interval_ms"] == "111"
    restored.close()
