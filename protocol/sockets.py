"""Sockets that do not come from a host name: a local one, and those that systemd hands over."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

FIRST_HANDED_OVER: Final = 3


def handed_over() -> tuple[socket.socket, ...]:
    """Return the listening sockets that systemd has opened for this process (LISTEN_FDS)."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return tuple(socket.socket(fileno=FIRST_HANDED_OVER + index) for index in range(count))


def local_socket(path: Path) -> socket.socket:
    """Listen at ``path``; what an ended process left there is taken away.

    Only this user may connect: a local client may do more than one from the network.

    Raises:
        OSError: it cannot be listened on, or somebody does already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_left_behind(path)
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _remove_left_behind(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(98, f"{path} is in use")
