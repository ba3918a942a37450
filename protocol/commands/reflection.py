"""What this server can do, for clients that ask first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from library.tags import MIME_TYPES, SUFFIXES
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import COMMANDS, command

URL_SCHEMES: Final = ("http", "https")


@command("commands", permission=Permission.NONE)
def commands(client: Client) -> Iterator[str]:
    """List what this client may use."""
    return (f"command: {name}" for name in _names(client, allowed=True))


@command("notcommands", permission=Permission.NONE)
def notcommands(client: Client) -> Iterator[str]:
    """List what this client could use with other permissions."""
    return (f"command: {name}" for name in _names(client, allowed=False))


def _names(client: Client, *, allowed: bool) -> Iterator[str]:
    for each in COMMANDS:
        offered = each.listed and each.available(client)
        if offered and (each.permission in client.permissions) is allowed:
            yield each.name


@command("urlhandlers")
def urlhandlers(client: Client) -> Iterator[str]:
    """List what kinds of URL can be added."""
    if client.is_local:
        yield "handler: file://"
    for scheme in URL_SCHEMES:
        yield f"handler: {scheme}://"


@command("decoders")
def decoders(_client: Client) -> Iterator[str]:
    """List the decoder and what it decodes; ncmpcpp takes its file suffixes from here."""
    yield "plugin: ffmpeg"
    for suffix in sorted(SUFFIXES):
        yield f"suffix: {suffix}"
    for mime_type in MIME_TYPES:
        yield f"mime_type: {mime_type}"
