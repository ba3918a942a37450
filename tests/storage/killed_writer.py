"""Writers to be killed: one at a time, each in a process of its own.

Run with a database's path. For each line on standard input a writer is forked, which goes on
from what the database holds: each change appends an entry and notes the same number in the
player and in a setting, and is acknowledged on a pipe once ``apply`` has returned. After as many
microseconds as the line says, counted from its first acknowledgement, the writer is killed. The
answer is the highest number that was acknowledged.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path

from playback.saved import QueueChange, SavedPlayer
from playback.units import Ticks
from storage.database import open_database
from storage.player_store import PlayerStore
from tests.storage.states import entry

ACK_BYTES = 8


def write(path: Path, acks: int) -> None:
    """Write until killed."""
    store = PlayerStore(open_database(path))
    begin = len(store.load().entries) + 1
    for number in itertools.count(begin):
        change = QueueChange(
            upserts=((number - 1, entry(number)),),
            player=SavedPlayer(elapsed=Ticks(number)),
            settings=(("number", str(number)),),
        )
        store.apply([change], durable=True)
        os.write(acks, number.to_bytes(ACK_BYTES, "big"))


def kill_one(path: Path, after_us: int) -> int:
    """Start a writer, kill it, and return the last number it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        write(path, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as acks:
        last = acks.read(ACK_BYTES)
        time.sleep(after_us / 1e6)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        rest = acks.read()
    return int.from_bytes(rest[-ACK_BYTES:] or last, "big")


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{kill_one(Path(sys.argv[1]), int(line))}\n")
        sys.stdout.flush()
