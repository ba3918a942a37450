"""Marker files that outlive a process which a codec has killed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.crash_marks import CrashMarks, Suspect
from playback.units import ChainId, Ticks

ROOT = Path(__file__).parents[2]


def test_a_set_mark_is_found_by_the_next_start_and_only_once(tmp_path: Path) -> None:
    CrashMarks(tmp_path / "marks").set(ChainId(1), Suspect("b/evil.flac", Ticks(7)))
    CrashMarks(tmp_path / "marks").set(ChainId(2), Suspect("a/evil.mp3"))
    CrashMarks(tmp_path / "marks").set(ChainId(3), Suspect("a/evil.mp3"))
    successor = CrashMarks(tmp_path / "marks")
    assert successor.leftovers() == (Suspect("a/evil.mp3"), Suspect("b/evil.flac", Ticks(7)))
    assert successor.leftovers() == ()


def test_a_cleared_mark_is_gone_and_others_stay(tmp_path: Path) -> None:
    marks = CrashMarks(tmp_path)
    marks.set(ChainId(1), Suspect("same.flac"))
    marks.set(ChainId(2), Suspect("same.flac"))
    marks.clear(ChainId(1))
    marks.clear(ChainId(1))
    assert marks.leftovers() == (Suspect("same.flac"),)


def test_a_first_start_has_no_directory_yet(tmp_path: Path) -> None:
    assert CrashMarks(tmp_path / "new").leftovers() == ()


def test_a_name_that_is_no_utf_8_survives(tmp_path: Path) -> None:
    uri = os.fsdecode(b"caf\xe9.mp3")
    marks = CrashMarks(tmp_path)
    marks.set(ChainId(1), Suspect(uri))
    assert marks.leftovers() == (Suspect(uri),)


@pytest.mark.parametrize("text", ["", "12", "12 ", "soon a.flac"])
def test_a_mark_that_was_half_written_accuses_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "chain-1").write_text(text)
    assert CrashMarks(tmp_path).leftovers() == ()
    assert not any(tmp_path.iterdir())


def test_a_mark_survives_the_death_of_its_process(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from actors.crash_marks import *; "
        "CrashMarks(Path(sys.argv[1])).set(1, Suspect('evil.flac')); os.abort()"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=30,
    )
    assert died.returncode < 0
    assert CrashMarks(tmp_path).leftovers() == (Suspect("evil.flac"),)


def test_a_directory_that_cannot_be_written_costs_a_log_line_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    with caplog.at_level(logging.WARNING):
        CrashMarks(blocked / "marks").set(ChainId(1), Suspect("a.flac"))
    assert "Cannot write a crash marker" in caplog.text
