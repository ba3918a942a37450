"""What the server needs from the rest of the house, and its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

from actors.address import Address, Request
from actors.messages import Flush
from actors.published import Published
from library.music_directory import MusicDirectory
from library.stored_playlists import StoredPlaylists
from playback.status import PlayerStatus
from protocol.permissions import EVERYTHING, Permission

PROTOCOL_VERSION: Final = "0.24.0"

R = TypeVar("R")

AdminCommand: TypeAlias = Callable[[Sequence[str]], Awaitable[Sequence[tuple[str, str]]]]
"""A ``wkmp`` sub-command: gets its arguments, returns ``(key, value)`` pairs for the answer.

It refuses with an ``AckError``.
"""


class Queue(Protocol):
    """QueueActor, as the server asks it; an ``InboxAddress`` is one."""

    def ask_soon(self, request: Request[R], loop: asyncio.AbstractEventLoop) -> asyncio.Future[R]:
        """Ask without waiting; an ``AckError`` is an answer too."""


class ServerTelemetry(Protocol):
    """What the server counts; called for every command."""

    def command_took(self, command: str, seconds: float) -> None:
        """A command of the table was answered."""

    def command_refused(self, code: int) -> None:
        """A command was answered with an ACK."""


class NoServerTelemetry:
    """Counts nothing."""

    def command_took(self, command: str, seconds: float) -> None:
        """Ignore it."""

    def command_refused(self, code: int) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what.

    Attributes:
        unasked: what is allowed without a password.
        local: what is allowed on a local socket without a password; None = as ``unasked``.
        passwords: each with what it allows.
    """

    unasked: Permission = EVERYTHING
    local: Permission | None = None
    passwords: Mapping[str, Permission] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What no client gets past.

    Attributes:
        connections: clients at the same time; the next one is closed without a word.
        timeout_s: a client that neither sends a whole line nor takes its answer for so long is
            cut off, unless it is idle.
        line_bytes: the longest request line.
        command_list_bytes: the longest command list.
        binary_bytes: the largest ``binarylimit``.
    """

    connections: int = 100
    timeout_s: float = 60.0
    line_bytes: int = 65_536
    command_list_bytes: int = 2048 * 1024
    binary_bytes: int = 8192 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The server's collaborators.

    Attributes:
        storage: told ``Flush`` before the OK of a change.
        playlists: None = no stored playlists.
        admin: the sub-commands of ``wkmp``, by name.
        shut_down: ends the daemon; None = ``kill`` is not offered.
    """

    queue: Queue
    storage: Address[Flush]
    status: Published[PlayerStatus]
    music: MusicDirectory
    playlists: StoredPlaylists | None = None
    access: Access = Access()
    limits: Limits = Limits()
    admin: Mapping[str, AdminCommand] = field(default_factory=dict)
    shut_down: Callable[[], None] | None = None
    telemetry: ServerTelemetry = field(default_factory=NoServerTelemetry)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen; sockets handed over by systemd are used besides.

    Attributes:
        addresses: host names or addresses.
        port: 0 = any free one.
        socket: a local socket's path; its directory is made if it is absent.
    """

    addresses: tuple[str, ...] = ("127.0.0.1",)
    port: int = 6600
    socket: Path | None = None
