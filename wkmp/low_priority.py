"""A process that works only when nobody else wants to, and is the first to go."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

_NICEST: Final = 19


def step_back() -> None:
    """Take the lowest priority for processor and disk, and be killed first if memory runs out.

    SCHED_IDLE brings the idle class of disk access with it: Linux derives one from the other.
    Where something is not permitted, the rest will do.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICEST)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
