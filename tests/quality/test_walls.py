"""Who may import whom. The tables are the architecture; these tests keep them true."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MAY_IMPORT: dict[str, set[str]] = {
    "playback": set(),
    "library": {"playback"},
    "audio": {"playback"},
    "storage": {"library", "playback"},
    "actors": {"audio", "library", "playback", "storage"},
    "protocol": {"actors", "library", "playback"},
    "wkmp": {"actors", "audio", "library", "playback", "protocol", "storage"},
}
"""Room → the rooms below it."""

ONLY_IN: dict[str, set[str]] = {
    "alsaaudio": {"audio/alsa_sink.py"},
    "audioread": {"audio/decoder.py", "audio/back_end.py"},
    "av": {"audio/decoder.py", "audio/container.py", "audio/analysis.py"},
    "soxr": {"audio/resample.py"},
    "peewee": {"storage"},
    "playhouse": {"storage"},
    "sqlite3": {"storage"},
    "mutagen": {"library"},
    "prometheus_client": {"wkmp/metrics.py"},
    "sdnotify": {"wkmp/notify.py"},
    "loguru": {"wkmp/logs.py"},
    "pykka": {"actors", "protocol", "wkmp"},
    "asyncio": {"actors", "protocol", "wkmp"},
    "numpy": {"audio", "actors"},
    # A thread is made here:
    "threading": {
        "actors/decode_crew.py",
        "actors/decode_worker.py",
        "actors/side_thread.py",
        "actors/sink_thread.py",
        "actors/storage_actor.py",
        "wkmp/analysis.py",
        "wkmp/loop_thread.py",
    },
}
"""Library → its home, a file or a room."""

SOURCES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for room in MAY_IMPORT
    for file in sorted((ROOT / room).rglob("*.py"))
}
"""Our modules by their dotted names."""

EVERY_MODULE = pytest.mark.parametrize("module", SOURCES)


@cache
def imported(module: str) -> frozenset[str]:
    """Every dotted name a module imports, those for types only included."""
    return frozenset(_imported(ast.parse(SOURCES[module].read_text("utf-8"))))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in SOURCES else node.module


def room_of(module: str) -> str:
    return module.partition(".")[0]


@EVERY_MODULE
def test_imports_point_downwards(module: str) -> None:
    rooms = {room_of(name) for name in imported(module)}
    others = rooms & (MAY_IMPORT.keys() - {room_of(module)})
    assert others <= MAY_IMPORT[room_of(module)]


@EVERY_MODULE
def test_each_library_stays_where_it_belongs(module: str) -> None:
    here = SOURCES[module].relative_to(ROOT)
    for library in {room_of(name) for name in imported(module)} & ONLY_IN.keys():
        homes = {Path(home) for home in ONLY_IN[library]}
        assert homes & {here, *here.parents}, f"{library} belongs into {ONLY_IN[library]}"


@EVERY_MODULE
def test_nothing_else_is_imported(module: str) -> None:
    known = MAY_IMPORT.keys() | ONLY_IN.keys() | sys.stdlib_module_names
    assert {room_of(name) for name in imported(module)} <= known


@pytest.mark.parametrize("module", [name for name in SOURCES if room_of(name) == "playback"])
def test_the_rules_need_nothing_but_the_standard_library(module: str) -> None:
    rooms = {room_of(name) for name in imported(module)}
    assert rooms <= sys.stdlib_module_names | {"playback"}


def test_no_import_goes_round_in_a_circle() -> None:
    assert cycles({name: imported(name) & SOURCES.keys() for name in SOURCES}) == []


def test_a_circle_would_be_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert cycles({name: frozenset(below) for name, below in graph.items()}) == [["a", "b", "c"]]


def cycles(graph: dict[str, frozenset[str]]) -> list[list[str]]:
    """Return the groups of modules that lean on each other: strip leaves until none is left."""
    left = dict(graph)
    while True:
        leaves = {name for name, below in left.items() if not below & left.keys()}
        roots = left.keys() - {name for below in left.values() for name in below}
        if not leaves | roots:
            return [sorted(left)] if left else []
        left = {name: below for name, below in left.items() if name not in leaves | roots}


def test_every_wall_guards_something() -> None:
    """A home that does not exist, or a library nobody uses, makes the table a fiction."""
    used = {room_of(name) for module in SOURCES for name in imported(module)}
    assert ONLY_IN.keys() - used - {"playhouse"} == set()
    for homes in ONLY_IN.values():
        assert any((ROOT / home).exists() for home in homes)
