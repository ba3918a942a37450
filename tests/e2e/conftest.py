"""What the tests of the whole daemon share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon, running_daemon
from tests.pulse import PulseServer, pulse_server
from tests.watchdog_guard import watch_log


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A running daemon with no music yet, playing to the null output."""
    with running_daemon(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def _one_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("daemon")) as running:
        yield running


@pytest.fixture
def shared_daemon(_one_daemon: Daemon) -> Daemon:
    """A daemon that several tests use, for those that leave it as it was."""
    watch_log(_one_daemon.log_file)
    return _one_daemon


@pytest.fixture(scope="session")
def _one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulseServer]:
    with pulse_server(tmp_path_factory.mktemp("pulse")) as server:
        yield server


@pytest.fixture
def pulse(_one_server: PulseServer) -> PulseServer:
    """A sound server that runs, and a recording that begins now."""
    _one_server.record_anew()
    return _one_server
