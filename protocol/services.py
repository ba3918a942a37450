"""What the server needs from the rest of the house, and its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

from actors.address import Request
from actors.messages import EditSticker, Flush
from actors.published import Published
from library.music_directory import MusicDirectory
from library.stickers import StickerSearch, Subject
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


class Storage(Protocol):
    """StorageActor, as the server uses it; an ``InboxAddress`` is one."""

    def tell(self, message: Flush) -> None:
        """Have something called once all that was told before is on disk."""

    def ask_soon(
        self, request: EditSticker, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[bool]:
        """Have a sticker changed; an ``AckError`` is an answer too."""


class Stickers(Protocol):
    """Reads stickers; called from threads. Each method may raise ``StorageError``."""

    def value(self, subject: Subject, name: str) -> str | None:
        """Return a sticker's value, None if there is no such sticker."""

    def all_of(self, subject: Subject) -> Sequence[tuple[str, ...]]:
        """Return names and values of a subject's stickers, by name."""

    def found(self, search: StickerSearch) -> Sequence[tuple[str, ...]]:
        """Return URIs and values of what is looked for."""

    def names(self) -> Sequence[str]:
        """Return all stickers' names, each once, sorted."""

    def names_and_kinds(self, kind: str | None) -> Sequence[tuple[str, ...]]:
        """Return names with the kinds that they occur at; of one kind only, if it is given."""


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
        storage: told ``Flush`` before the OK of a change; changes stickers.
        playlists: None = no stored playlists.
        stickers: None = no stickers.
        admin: the sub-commands of ``wkmp``, by name.
        shut_down: ends the daemon; None = ``kill`` is not offered.
    """

    queue: Queue
    storage: Storage
    status: Published[PlayerStatus]
    music: MusicDirectory
    playlists: StoredPlaylists | None = None
    stickers: Stickers | None = None
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
