"""What a user is told once everything is up, and when it cannot come up."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wkmp import VERSION
from wkmp.port_holder import holder_of

EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  (recognised, not bound)
_STANDARD_PORT: Final = 6600


@dataclass(frozen=True, slots=True)
class Started:
    """What there is to tell about a daemon that is up.

    Attributes:
        addresses: host and port of every network address it listens on.
        local_socket: its local socket, if any.
        output: what it plays to, in plain words.
        music: the music directory.
        data: the data directory.
        guarded: whether clients need a password.
    """

    addresses: Sequence[tuple[str, int]]
    local_socket: Path | None
    output: str
    music: Path
    data: Path
    guarded: bool = False


def lines(about: Started) -> Iterator[str]:
    """Write the few lines shown at start."""
    places = [f"{host}:{port}" for host, port in about.addresses]
    places += [str(about.local_socket)] if about.local_socket else []
    yield f"wkmp {VERSION} is running; Ctrl-C ends it."
    yield f"  Listening  {', '.join(places)}"
    yield f"  Sound      {about.output}"
    yield f"  Music      {about.music}"
    yield f"  Data       {about.data}"
    if any(host in EVERYWHERE for host, _ in about.addresses):
        yield from _for_phones(about)
    yield f"  Try        {_try_this(about)}"


def how_to_call() -> str:
    """Return how the user starts wkmp, for hints: ``./run.sh`` or ``python -m wkmp``."""
    return os.environ.get("WKMP_COMMAND", "python -m wkmp")


def port_in_use(host: str, port: int) -> str:
    """Say who holds the port, and what can be done."""
    holder = holder_of(port)
    who = f"{holder.name} (process {holder.pid})" if holder else "another program"
    stop = {"mpd": "stop it (sudo systemctl stop mpd.socket mpd)"}.get(
        holder.name if holder else "", "stop it"
    )
    return (
        f"{host}:{port} is in use by {who}: {stop}, "
        f"or choose another port: {how_to_call()} --port {port + 1 if port < 65535 else 6601}"
    )


def _for_phones(about: Started) -> Iterator[str]:
    port = about.addresses[0][1]
    address = lan_address()
    yield f"  Phones     {f'{address}:{port}' if address else 'no network found'}"
    if not about.guarded:
        yield (
            "             Everybody on this network may control it. To ask for a password, "
            "put one into wkmp.ini: [network] passwords"
        )


def reachable(addresses: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """Return where a program on this machine connects, or None if only the socket is there."""
    if not addresses:
        return None
    host, port = addresses[0]
    return ({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104  (not bound)


def lan_address() -> str | None:
    """Return this machine's address in its network, or None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only looks up the route.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return address


def _try_this(about: Started) -> str:
    port = about.addresses[0][1] if about.addresses else _STANDARD_PORT
    mpc = "mpc" if port == _STANDARD_PORT else f"mpc --port={port}"
    if not about.addresses and about.local_socket:
        mpc = f"mpc --host={about.local_socket}"
    return f"{mpc} add / && {mpc} play"
