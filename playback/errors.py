"""What can go wrong, in the words of the rooms that meet it.

Adapters raise these ``from`` the library's own exception; actors turn them into events; the
session renders them. A message says what was tried, on what, and what to do about it.
"""

from __future__ import annotations

import enum


class WkmpError(Exception):
    """Base of all errors that wkmp itself raises."""


class ConfigError(WkmpError):
    """wkmp.ini, a setting or the command line is wrong; the text names key, value and range."""


class IllegalTransitionError(WkmpError):
    """The player's table has no row for this input in this state."""


class FailureKind(enum.StrEnum):
    """Why an entry could not be decoded."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_AUDIO = "not_audio"
    NOT_REGULAR = "not_regular"
    DAMAGED = "damaged"
    HUNG = "hung"
    CRASHED = "crashed"
    RESOURCES = "resources"
    NO_MUSIC = "no_music"  # the whole music directory is absent: a reason to wait, not to pass over


class DecodeError(WkmpError):
    """A source cannot be opened or decoded."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class SinkError(WkmpError):
    """The output device cannot be opened or was lost."""


class StorageError(WkmpError):
    """The database cannot be read or written."""


class AckCode(enum.IntEnum):
    """MPD's wire error codes; clients build an enum from them, so no others may appear."""

    NOT_LIST = 1
    ARG = 2
    PASSWORD = 3
    PERMISSION = 4
    UNKNOWN = 5
    NO_EXIST = 50
    PLAYLIST_MAX = 51
    SYSTEM = 52
    PLAYLIST_LOAD = 53
    UPDATE_ALREADY = 54
    PLAYER_SYNC = 55
    EXIST = 56


class AckError(WkmpError):
    """A command is refused; rendered as MPD's ``ACK [code@index] {command} text``."""

    def __init__(self, code: AckCode, message: str) -> None:
        super().__init__(message)
        self.code = code
