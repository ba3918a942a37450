from __future__ import annotations

import socket
from pathlib import Path

import pytest

from wkmp.notify import Notifier


def test_systemd_hears_ready_alive_and_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notifier = Notifier()
        notifier.ready("sound: hw:1")
        notifier.alive()
        notifier.stopping()
        heard = [systemd.recv(1000) for _ in range(3)]
        notifier.close()
    assert heard == [b"READY=1\nSTATUS=sound: hw:1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notifier = Notifier()
    notifier.ready("x")
    notifier.close()
