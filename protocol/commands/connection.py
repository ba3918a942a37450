"""Commands about the connection itself: what it may do and what it wants to see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from library.tag_names import TAG_NAMES
from playback.errors import AckCode, AckError
from protocol.arguments import integer, refused, tag_name, text
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import any_number_of, command
from protocol.session import LeaveError

HIDE_PLAYLISTS: Final = "hide_playlists_in_root"
FEATURES: Final = (HIDE_PLAYLISTS,)
SMALLEST_BINARY_BYTES: Final = 64


@command("ping", permission=Permission.NONE)
def ping(_client: Client) -> None:
    """Answer."""


@command("close", any_number_of(text), permission=Permission.NONE)
def close(_client: Client, *_ignored: str) -> None:
    """Say nothing and hang up."""
    raise LeaveError


@command(
    "kill",
    any_number_of(text),
    permission=Permission.ADMIN,
    available=lambda client: client.services.shut_down is not None,
)
def kill(client: Client, *_ignored: str) -> None:
    """End the daemon."""
    if client.services.shut_down is not None:
        client.services.shut_down()
    raise LeaveError


@command("password", text, permission=Permission.NONE)
def password(client: Client, given: str) -> None:
    """Take other permissions instead of those there are."""
    granted = client.services.access.passwords.get(given)
    if granted is None:
        raise AckError(AckCode.PASSWORD, "incorrect password")
    client.permissions = granted


@command("binarylimit", text, permission=Permission.NONE)
def binarylimit(client: Client, argument: str) -> None:
    """Choose how much of a picture comes at once."""
    size = integer(argument, 0, client.services.limits.binary_bytes)
    if size < SMALLEST_BINARY_BYTES:
        raise refused("Value too small")
    client.binary_bytes = size


@command("config", permission=Permission.ADMIN)
def config(client: Client) -> Iterator[str]:
    """Tell a client on this machine where music and playlists are."""
    if not client.is_local:
        raise AckError(AckCode.PERMISSION, "Command only permitted to local clients")
    return _directories(client)


def _directories(client: Client) -> Iterator[str]:
    yield f"music_directory: {client.services.music.root}"
    if client.services.playlists is not None:
        yield f"playlist_directory: {client.services.playlists.root}"


@command("tagtypes", any_number_of(text), permission=Permission.NONE)
def tagtypes(client: Client, *words: str) -> Iterator[str] | None:
    """List or choose the tags that song blocks show."""
    match words:
        case ():
            return (f"tagtype: {name}" for name in TAG_NAMES if name in client.tags)
        case ("available",):
            return (f"tagtype: {name}" for name in TAG_NAMES)
        case ("all",):
            client.tags = frozenset(TAG_NAMES)
        case ("clear",):
            client.tags = frozenset()
        case ("enable", *names):
            client.tags |= _tags(names)
        case ("disable", *names):
            client.tags -= _tags(names)
        case ("reset", *names):
            client.tags = _tags(names)
        case ("all" | "clear" | "available", *_):
            raise refused("Too many arguments")
        case _:
            raise refused("Unknown sub command")
    return None


def _tags(names: list[str]) -> frozenset[str]:
    if not names:
        raise refused("Not enough arguments")
    try:
        return frozenset(map(tag_name, names))
    except AckError as error:
        raise refused("Unknown tag type") from error


@command("protocol", any_number_of(text), permission=Permission.NONE)
def protocol_features(client: Client, *words: str) -> Iterator[str] | None:
    """List or choose MPD's protocol features."""
    match words:
        case ():
            return (f"feature: {name}" for name in FEATURES if name in client.features)
        case ("available",):
            return (f"feature: {name}" for name in FEATURES)
        case ("all",):
            client.features = frozenset(FEATURES)
        case ("clear",):
            client.features = frozenset()
        case ("enable", *names):
            client.features |= _known_features(names)
        case ("disable", *names):
            client.features -= _known_features(names)
        case ("all" | "clear" | "available", *_):
            raise refused("Too many arguments")
        case _:
            raise refused("Unknown sub command")
    return None


def _known_features(names: list[str]) -> frozenset[str]:
    if not names:
        raise refused("Not enough arguments")
    if not set(names) <= set(FEATURES):
        raise refused("Unknown protocol feature")
    return frozenset(names)
