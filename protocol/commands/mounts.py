"""Mounts and neighbors: the music directory is the only storage there is, and it stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from playback.errors import AckCode, AckError
from protocol.arguments import refused, text
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command

ADMIN: Final = Permission.ADMIN


@command("listmounts")
def listmounts(client: Client) -> Iterator[str]:
    """List what is mounted: the music directory; where it is, is for this machine's clients."""
    yield "mount: "
    if client.is_local:
        yield f"storage: {client.services.music.root}"


@command("mount", text, text, permission=ADMIN, listed=False)
def mount(_client: Client, place: str, _storage: str) -> None:
    """Mount a storage; none is known that could be."""
    if not place or "/" in place:
        raise refused("Bad mount point")
    raise refused("Unrecognized storage URI")


@command("unmount", text, permission=ADMIN, listed=False)
def unmount(_client: Client, place: str) -> None:
    """Unmount a storage; the music directory cannot be."""
    raise refused("Not a mount point" if place else "Bad mount point")


@command("listneighbors", listed=False)
def listneighbors(_client: Client) -> None:
    """List storages in the neighborhood; nobody looks for them."""
    raise AckError(AckCode.UNKNOWN, "No neighbor plugin configured")
