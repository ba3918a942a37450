"""Load from outside: other programs that compute, and clients that keep asking ``status``.

    python -m bench.load burn
    python -m bench.load status HOST PORT PER_SECOND SECONDS

Both are processes of their own, so that what they cost is not counted as the engine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

CLIENTS: Final = 4
_TICK_S: Final = 0.002
_OURSELVES: Final = (sys.executable, "-m", "bench.load")


@contextlib.contextmanager
def burners(count: int) -> Iterator[None]:
    """Keep ``count`` cores busy at normal priority."""
    with contextlib.ExitStack() as running:
        for _ in range(count):
            process = subprocess.Popen([*_OURSELVES, "burn"])
            running.callback(_end, process)
        yield


class StatusClients:
    """Clients that ask for ``status`` at a steady rate, and what they have seen at the end."""

    def __init__(self, address: tuple[str, int], per_second: int, seconds: float) -> None:
        host, port = address
        self._process = subprocess.Popen(
            [*_OURSELVES, "status", host, str(port), str(per_second), str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def result(self) -> tuple[float, list[float]]:
        """Wait for their end; returns replies per second, and each reply's latency in seconds."""
        said, _ = self._process.communicate(timeout=60.0)
        rate, *latencies = said.split()
        return float(rate), [float(text) for text in latencies]

    def close(self) -> None:
        """End them, if they have not ended by themselves."""
        _end(self._process)


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _burn() -> None:
    """Compute until the parent is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        for _ in range(1_000_000):
            pass


async def _ask(host: str, port: int, per_tick: float, until_s: float) -> list[float]:
    """Ask at a steady pace; what is late is made up for, a missing answer is waited for."""
    reader, writer = await asyncio.open_connection(host, port)
    await reader.readline()
    took: list[float] = []
    due_s, owed = time.monotonic(), 0.0
    while due_s < until_s:
        owed += per_tick
        while owed >= 1.0:
            owed -= 1.0
            began_s = time.monotonic()
            writer.write(b"status\n")
            await reader.readuntil(b"OK\n")
            took.append(time.monotonic() - began_s)
        due_s += _TICK_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
    writer.close()
    return took


async def _ask_from_all(host: str, port: int, per_second: int, seconds: float) -> None:
    began_s = time.monotonic()
    per_tick = per_second * _TICK_S / CLIENTS
    each = [_ask(host, port, per_tick, began_s + seconds) for _ in range(CLIENTS)]
    took = [latency for one in await asyncio.gather(*each) for latency in one]
    rate = len(took) / (time.monotonic() - began_s)
    print(rate, *(f"{latency:.6f}" for latency in took))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["burn"]:
            _burn()
        case ["status", host, port, per_second, seconds]:
            asyncio.run(_ask_from_all(host, int(port), int(per_second), float(seconds)))
        case _:
            sys.exit(__doc__)
