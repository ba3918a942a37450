"""Realtime priority for the calling thread, where the system grants it safely.

Both limits have to be there: RLIMIT_RTPRIO permits it, and RLIMIT_RTTIME ends a process whose
realtime thread never pauses. Without the second one a fault could stop the whole machine; root,
whom the first one does not bind, is therefore treated like everybody else.
"""

from __future__ import annotations

import os
import resource
from typing import Final

PRIORITY: Final = 5
"""Above everything that is not realtime; below what drives the hardware (50)."""


def ask_for() -> int:
    """Let the calling thread go before all others that are not realtime.

    What it starts, threads and processes, does not inherit that.

    Returns:
        The priority that was granted; 0 = none.
    """
    permitted, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    bounded, _ = resource.getrlimit(resource.RLIMIT_RTTIME)
    if permitted == 0 or bounded == resource.RLIM_INFINITY:
        return 0
    priority = PRIORITY if permitted == resource.RLIM_INFINITY else min(PRIORITY, permitted)
    try:
        # 0 is the calling thread, not its process.
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except OSError:
        return 0  # a container may refuse it whatever the limits say
    return priority
