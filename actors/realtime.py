"""Realtime priority for the calling thread, where the system allows it.

It is asked for only with a bound: a realtime thread in an endless loop would stop the machine.
RLIMIT_RTTIME ends the process instead, and is set here if nobody has set it.
"""

from __future__ import annotations

import os
import resource
from typing import Final

PRIORITY: Final = 5
"""Above everything that is not realtime; below what drives the hardware (50)."""
BOUND_US: Final = 500_000
"""How long a realtime thread may compute without a pause; a thousand times what it needs."""


def ask_for() -> int:
    """Let the calling thread go before all others that are not realtime.

    What it starts, threads and processes, does not inherit that.

    Returns:
        The priority that was granted; 0 = none.
    """
    permitted, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    unlimited = permitted in {0, resource.RLIM_INFINITY}  # 0: the kernel asks for a capability
    priority = PRIORITY if unlimited else min(PRIORITY, permitted)
    try:
        _bound()
        # 0 is the calling thread, not its process.
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except (OSError, ValueError):
        return 0  # not permitted; a container may refuse it whatever the limits say
    return priority


def _bound() -> None:
    """See to it that the process ends rather than compute in realtime for ever.

    Raises:
        OSError, ValueError: it cannot be bound.
    """
    bounded, most = resource.getrlimit(resource.RLIMIT_RTTIME)
    if bounded == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_RTTIME, (BOUND_US, most))
