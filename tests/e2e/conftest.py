"""What the tests of the whole daemon share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon, running_daemon
from tests.pulse import PulseServer, pulse_server


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A running daemon with no music yet, playing to the null output."""
    with running_daemon(tmp_path) as running:
        yield running


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[PulseServer]:
    """A sound server whose output is recorded."""
    with pulse_server(tmp_path / "pulse") as server:
        yield server
