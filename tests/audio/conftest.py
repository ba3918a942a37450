"""A sound server for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pulse import PulseServer, pulse_server


@pytest.fixture(scope="session")
def _running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulseServer]:
    with pulse_server(tmp_path_factory.mktemp("pulse")) as server:
        yield server


@pytest.fixture
def pulse(_running_server: PulseServer, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    """A private PulseAudio server that this process and its children play to."""
    for key, value in _running_server.environment.items():
        monkeypatch.setenv(key, value)
    return _running_server
