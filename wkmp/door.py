"""The shell's side of the one door into a running daemon: ``wkmp …`` sent as an MPD client."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from typing import Final

from playback.errors import WkmpError
from wkmp.ini_kinds import Password
from wkmp.instance import Whereabouts

TIMEOUT_S: Final = 10.0
_ACK: Final = re.compile(r"ACK \[\d+@\d+\] \{[^}]*\} (?P<text>.*)")


class DoorError(WkmpError):
    """The daemon cannot be reached, or refuses what it was asked."""


class Door:
    """One connection to a running daemon.

    Args:
        where: where it says it can be reached.
        passwords: those of its configuration; one with ``admin`` is used where it is needed.

    Raises:
        DoorError: it does not answer there.
    """

    def __init__(self, where: Whereabouts, passwords: Iterable[Password] = ()) -> None:
        self._socket = _connected(where)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        try:
            self._enter(next((p for p in passwords if "admin" in p.permissions), None))
        except DoorError:
            self.close()
            raise

    def ask(self, command: str, *words: str) -> tuple[tuple[str, str], ...]:
        """Send one command; returns the ``(key, value)`` pairs of its answer.

        Raises:
            DoorError: it was refused (the text is the daemon's), or the connection broke.
        """
        try:
            request = " ".join((command, *map(quoted, words)))
            self._socket.sendall(f"{request}\n".encode())
            return self._answer()
        except OSError as error:
            raise DoorError(f"the connection to the daemon broke: {error}") from error

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _enter(self, admin: Password | None) -> None:
        greeting = self._line()
        if not greeting.startswith("OK MPD "):
            raise DoorError(f"what answers there is no MPD server: {greeting!r}")
        if admin is not None:
            self.ask("password", admin.text)

    def _answer(self) -> tuple[tuple[str, str], ...]:
        pairs: list[tuple[str, str]] = []
        while (line := self._line()) != "OK":
            if refused := _ACK.match(line):
                raise DoorError(refused["text"])
            key, _, value = line.partition(": ")
            pairs.append((key, value))
        return tuple(pairs)

    def _line(self) -> str:
        try:
            line = self._lines.readline()
        except (OSError, UnicodeDecodeError) as error:
            raise DoorError(f"the daemon does not answer: {error}") from error
        if not line.endswith("\n"):
            raise DoorError("the daemon hung up")
        return line[:-1]


def quoted(word: str) -> str:
    """Write a word as MPD's tokenizer reads it.

    Raises:
        DoorError: a line break cannot be sent.
    """
    if "\n" in word:
        raise DoorError("a line break cannot be sent")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _connected(where: Whereabouts) -> socket.socket:
    failures: list[str] = []
    if where.socket:
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(TIMEOUT_S)
        try:
            local.connect(where.socket)
        except OSError as error:
            local.close()
            failures.append(f"{where.socket}: {error.strerror}")
        else:
            return local
    if where.address:
        try:
            return socket.create_connection(where.address, TIMEOUT_S)
        except OSError as error:
            failures.append(f"{where.address[0]}:{where.address[1]}: {error.strerror}")
    raise DoorError(
        f"wkmp runs as process {where.pid} but does not answer "
        f"({'; '.join(failures) or 'it has not said where it listens'})"
    )
