"""Which machine a figure was measured on; without that it means nothing."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine, and how busy others kept it at the beginning."""

    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    load_before: float

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:.1f} GiB, Linux {self.kernel}, "
            f"Python {self.python}, load average before: {self.load_before:.2f}"
        )


def this_machine() -> Machine:
    """Describe the machine this runs on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gib=memory / 2**30,
        kernel=platform.release(),
        python=platform.python_version(),
        load_before=os.getloadavg()[0],
    )


def _cpu() -> str:
    """Return the CPU's name; ARM boards have theirs in the device tree."""
    board = Path("/proc/device-tree/model")
    if board.exists():
        return board.read_text().rstrip("\0")
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


@dataclass(slots=True)
class Neighbours:
    """Says how much of the machine other programs took since this was made.

    Children are counted as our own once they have been waited for.
    """

    _busy_s: float = field(default_factory=lambda: _busy_s() - _own_s())
    _began_s: float = field(default_factory=time.monotonic)

    def share(self) -> float:
        """Return the share of all cores: 0 = we were alone, 1 = nothing was left for us."""
        took_s = (time.monotonic() - self._began_s) * (os.cpu_count() or 1)
        return max(0.0, (_busy_s() - _own_s() - self._busy_s) / took_s)


def _busy_s() -> float:
    """Return the seconds for which the cores were not idle, nor waited for a disk."""
    ticks = [int(text) for text in Path("/proc/stat").read_text().partition("\n")[0].split()[1:]]
    user, nice, system, _, _, irq, soft_irq, stolen = ticks[:8]
    return (user + nice + system + irq + soft_irq + stolen) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    return sum(os.times()[:4])
