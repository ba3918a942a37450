"""How long to wait before trying again what has failed: each time twice as long, up to a limit."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 0.5
MOST_S: Final = 30.0


def longer(wait_s: float) -> float:
    """Return the wait that follows a vain one of ``wait_s`` seconds."""
    return min(2 * wait_s, MOST_S)
