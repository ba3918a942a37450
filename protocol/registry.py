"""The table of commands: name, parameters, permission, and the function that does it.

A command is one small function::

    @command("setvol", Between(0, 100), permission=Permission.PLAYER)
    async def setvol(client: Client, volume: int) -> None:
        await client.ask(ChangeOptions(volume=volume))

It gets converted arguments and returns the lines of its answer (None = just ``OK``), at once,
awaited, or in pages from an asynchronous generator. What it refuses it refuses with an
``AckError``, before its first line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from playback.errors import AckCode, AckError
from protocol.arguments import Converter
from protocol.permissions import Permission


@dataclass(frozen=True, slots=True)
class Piece:
    """An answer that holds bytes: ``binary: N`` and the bytes follow its lines."""

    head: tuple[str, ...]
    data: bytes


Lines: TypeAlias = Iterable[str]
Answer: TypeAlias = Lines | Awaitable[Lines | Piece | None] | AsyncIterator[Lines] | None
Handler: TypeAlias = Callable[..., Answer]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one argument is converted, and whether it may be missing or come often."""

    convert: Converter[Any]
    required: bool = True
    repeated: bool = False


def optional(convert: Converter[Any]) -> Parameter:
    """Describe an argument that may be missing."""
    return Parameter(convert, required=False)


def any_number_of(convert: Converter[Any]) -> Parameter:
    """Describe the rest of the arguments, however many."""
    return Parameter(convert, required=False, repeated=True)


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        available: whether this server offers it at all, given a client.
        listed: whether ``commands`` names it.
    """

    name: str
    handler: Handler
    parameters: tuple[Parameter, ...]
    permission: Permission
    available: Callable[[Any], bool]
    listed: bool = True

    def arguments(self, given: Sequence[str], permissions: Permission) -> list[Any]:
        """Check whether they may be given, and how many; then convert them.

        Raises:
            AckError: in MPD's words.
        """
        if self.permission not in permissions:
            raise AckError(AckCode.PERMISSION, f'you don\'t have permission for "{self.name}"')
        self._check_number(len(given))
        return [
            parameter.convert(argument)
            for parameter, argument in zip(self._spread(len(given)), given, strict=False)
        ]

    def _check_number(self, given: int) -> None:
        fewest = sum(parameter.required for parameter in self.parameters)
        endless = any(parameter.repeated for parameter in self.parameters)
        most = len(self.parameters)
        if given < fewest or (given > most and not endless):
            if fewest == most and not endless:
                problem = "wrong number of"
            else:
                problem = "too few" if given < fewest else "too many"
            raise AckError(AckCode.ARG, f'{problem} arguments for "{self.name}"')

    def _spread(self, given: int) -> Iterator[Parameter]:
        yield from self.parameters
        for _ in range(given - len(self.parameters)):
            yield self.parameters[-1]


class Registry:
    """All commands, by name."""

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}

    def add(self, command: Command) -> None:
        """Enter a command; each name once."""
        if command.name in self._commands:
            raise ValueError(f"command {command.name} is there already")
        self._commands[command.name] = command

    def find(self, name: str, client: object) -> Command:
        """Return the command a client asks for.

        Raises:
            AckError: there is none, or this server does not offer it.
        """
        found = self._commands.get(name)
        if found is None or not found.available(client):
            raise AckError(AckCode.UNKNOWN, f'unknown command "{name}"')
        return found

    def __iter__(self) -> Iterator[Command]:
        """Go through all commands in the order of their names."""
        return iter(sorted(self._commands.values(), key=lambda command: command.name))


COMMANDS: Final = Registry()


def command(
    name: str,
    *parameters: Parameter | Converter[Any],
    permission: Permission = Permission.READ,
    available: Callable[[Any], bool] = lambda _client: True,
    listed: bool = True,
) -> Callable[[H], H]:
    """Enter the decorated function as a command.

    One that is not ``listed`` only says no, as MPD says it; a client that asks ``commands`` first
    need not offer it.
    """

    def enter(handler: H) -> H:
        described = tuple(
            each if isinstance(each, Parameter) else Parameter(each) for each in parameters
        )
        COMMANDS.add(Command(name, handler, described, permission, available, listed))
        return handler

    return enter
