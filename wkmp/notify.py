"""What systemd is told about the service; silent where systemd is not asking."""

from __future__ import annotations

import os

import sdnotify


class Notifier:
    """Tells systemd how the daemon does (``Type=notify``, ``WatchdogSec=``)."""

    def __init__(self) -> None:
        # Without an address the library would leave an open socket behind.
        self._systemd = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None

    def ready(self, status: str) -> None:
        """Everything is up."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """Every part of the daemon has given a sign of life."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """An orderly stop has begun."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Say nothing more."""
        if self._systemd is not None:
            self._systemd.socket.close()

    def _send(self, state: str) -> None:
        if self._systemd is not None:
            self._systemd.notify(state)
