"""Splitting a request line into a command word and its arguments, exactly as MPD does.

A word is ``[A-Za-z][A-Za-z0-9_]*``. Arguments are separated by blanks (anything up to 0x20) and
are either bare, without quotes of either kind, or in double quotes, where a backslash makes the
next character literal.
"""

from __future__ import annotations

from typing import Final

from playback.errors import AckCode, AckError

MAX_ARGUMENTS: Final = 73
"""More are refused before anybody looks at the command."""

_BLANKS: Final = "".join(map(chr, range(0x21)))
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class MalformedCommandError(AckError):
    """The command word itself is broken: whoever sends this does not speak MPD's protocol."""

    def __init__(self, message: str) -> None:
        super().__init__(AckCode.UNKNOWN, message)


def decode_line(line: bytes) -> str:
    """Return a request line as text: up to a zero byte, without the blanks at its end.

    Bytes that are not UTF-8 become surrogates; they are no reason to refuse a command.
    """
    return line.partition(b"\0")[0].decode("utf-8", "surrogateescape").rstrip(_BLANKS)


def split_line(line: str) -> tuple[str, list[str]]:
    """Return the command word and its arguments.

    Raises:
        MalformedCommandError: the command word is broken; the connection is to be closed.
        AckError: an argument is broken, or there are too many.
    """
    end = 0
    while end < len(line) and line[end] in _WORD:
        end += 1
    if end < len(line) and line[end] not in _BLANKS:
        raise MalformedCommandError("Invalid word character")
    return line[:end], _arguments(line, end)


def _arguments(line: str, start: int) -> list[str]:
    arguments: list[str] = []
    position = _skip_blanks(line, start)
    while position < len(line):
        if len(arguments) == MAX_ARGUMENTS:
            raise AckError(AckCode.ARG, "Too many arguments")
        read = _quoted if line[position] == '"' else _bare
        argument, position = read(line, position)
        arguments.append(argument)
        position = _skip_blanks(line, position)
    return arguments


def _skip_blanks(line: str, position: int) -> int:
    while position < len(line) and line[position] in _BLANKS:
        position += 1
    return position


def _bare(line: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(line) and line[end] not in _BLANKS:
        if line[end] in "\"'":
            raise AckError(AckCode.UNKNOWN, "Invalid unquoted character")
        end += 1
    return line[start:end], end


def _quoted(line: str, start: int) -> tuple[str, int]:
    characters: list[str] = []
    position = start + 1
    while position < len(line):
        character = line[position]
        position += 1
        if character == '"':
            if position < len(line) and line[position] not in _BLANKS:
                raise AckError(AckCode.UNKNOWN, "Space expected after closing '\"'")
            return "".join(characters), position
        if character == "\\":
            character = line[position : position + 1]
            position += 1
        characters.append(character)
    raise AckError(AckCode.UNKNOWN, "Missing closing '\"'")
