"""No test may lean on the watchdog: collects interventions, wherever they show themselves.

A test that builds an engine gives its events to ``note_engine_event``; one that starts a
daemon gives the daemon's log file to ``watch_log``. Lines logged in this process are seen
anyway. At the end of each test ``tests/conftest.py`` fails it for anything found here, unless
it is marked ``intervention_expected``.
"""

from __future__ import annotations

import logging
from pathlib import Path

MARK = "WATCHDOG INTERVENTION IN TEST:"
_LINE = "[WATCHDOG] Event system failure detected"

_found: list[str] = []
_logs: dict[Path, int] = {}


class Listener(logging.Handler):
    """Hears the ``[WATCHDOG]`` lines of this process."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if _LINE in message:
            _found.append(message)


def note_engine_event(event: object) -> None:
    """Take an engine's event; only ``WatchdogIntervened`` counts, everything may be given."""
    if type(event).__name__ == "WatchdogIntervened":
        _found.append(repr(event))


def watch_log(path: Path) -> None:
    """Read a daemon's log, from where it ends now, when the test is over."""
    _logs.setdefault(path, path.stat().st_size if path.exists() else 0)


def begin() -> None:
    """Forget what an earlier test left behind."""
    _found.clear()
    _logs.clear()


def findings() -> list[str]:
    """Return every intervention since ``begin``."""
    return [*_found, *(line for path, start in _logs.items() for line in _lines_of(path, start))]


def _lines_of(path: Path, start: int) -> list[str]:
    if not path.exists():
        return []
    with path.open("rb") as log:
        log.seek(start)
        text = log.read().decode("utf-8", errors="replace")
    return [line for line in text.splitlines() if _LINE in line]
