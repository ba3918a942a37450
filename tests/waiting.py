"""Waiting for what no event tells; where one does, wait for the event."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_S: Final = 15.0
_BETWEEN_LOOKS_S: Final = 0.01


def until(condition: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
    """Look again and again until ``condition`` gives something true, and return that."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {within_s} s still not so: {what}")
        time.sleep(_BETWEEN_LOOKS_S)
    return found
