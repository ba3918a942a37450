"""``kill -9`` at any moment loses nothing that was acknowledged, and leaves no half change."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from playback.saved import SavedState
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.storage.states import queue

ROOT = Path(__file__).parents[2]
KILLS = 25


def stored(path: Path) -> SavedState:
    store = PlayerStore(open_database(path))
    try:
        return store.load()
    finally:
        store.close()


def test_every_acknowledged_change_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "wkmp.db"
    chance = random.Random(6600)
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.killed_writer", str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    before = 0
    with writer:
        for _ in range(KILLS):
            print(chance.randrange(0, 8000), file=writer.stdin, flush=True)
            acknowledged = int(writer.stdout.readline())
            state = stored(path)
            count = len(state.entries)
            assert before < acknowledged <= count <= acknowledged + 1
            assert state.entries == queue(count)
            assert state.player.elapsed == count
            assert state.settings["number"] == str(count)
            before = count
        writer.stdin.close()
    assert before > KILLS
    assert list(tmp_path.glob("*.corrupt-*")) == []
