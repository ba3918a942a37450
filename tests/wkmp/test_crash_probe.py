"""Telling a file that kills from one that was only there when the process was killed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from audio.chain_source import ChainSource
from audio.ring import Block
from playback.units import Ticks
from tests.sounds import Codec, make, noise
from wkmp import crash_probe

EVIL = """
import os, sys
if any("evil" in word for word in sys.argv):
    os.abort()
"""
EVIL_COMMAND = (sys.executable, "-c", EVIL)
START = Ticks(0)


def test_nobody_is_suspected_at_an_ordinary_start() -> None:
    assert crash_probe.killers((), 44_100, ("/there/is/no/such/program",)) == frozenset()


def test_files_that_can_be_decoded_are_innocent(tmp_path: Path) -> None:
    song = make(tmp_path / "song.flac", noise(100_000), Codec.FLAC16)
    text = tmp_path / "text.flac"
    text.write_text("no sound")
    openings = [(str(song), START), (str(song), Ticks(28_224_000)), (str(text), START)]
    openings.append((str(tmp_path / "absent.flac"), START))
    assert crash_probe.killers(openings, 44_100) == frozenset()


def test_the_one_that_kills_is_found_among_others() -> None:
    openings = [("a.flac", START), ("evil.flac", Ticks(5)), ("b.flac", START)]
    found = crash_probe.killers(openings, 44_100, EVIL_COMMAND)
    assert found == {("evil.flac", Ticks(5))}


def test_one_that_hangs_does_not_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash_probe, "PATIENCE_S", 0.3)
    hangs = (sys.executable, "-c", "import time; time.sleep(60)")
    assert crash_probe.killers([("slow.flac", START)], 44_100, hangs) == frozenset()


def test_a_second_is_decoded_from_where_the_dead_process_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int]] = []

    class Counted(ChainSource):
        def read(self) -> Block | None:
            block = super().read()
            read.append((self.first, 0 if block is None else len(block)))
            return block

        def __init__(self, path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> None:
            self.first = int(offset)
            super().__init__(path, offset=offset, end=end, rate_hz=rate_hz)

    monkeypatch.setattr(crash_probe, "ChainSource", Counted)
    song = make(tmp_path / "song.wav", noise(100_000), Codec.WAV16)
    two_seconds = 2 * 28_224_000
    crash_probe.main(["44100", str(song), "0", str(song), str(two_seconds)])
    at_start = sum(count for first, count in read if first == 0)
    assert 44_100 <= at_start < 44_100 * 1.1
    assert sum(count for first, count in read if first == two_seconds) == 100_000 - 2 * 44_100
