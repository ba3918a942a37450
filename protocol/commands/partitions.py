"""Partitions: there is one, it is called default, and it has all outputs."""

from __future__ import annotations

import re
from typing import Final

from playback.errors import AckCode, AckError
from protocol.arguments import refused, text
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command

ADMIN: Final = Permission.ADMIN
DEFAULT: Final = "default"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def _name(argument: str) -> str:
    """Read the name of a partition."""
    if not _NAME.fullmatch(argument):
        raise refused("bad name")
    return argument


@command("listpartitions")
def listpartitions(_client: Client) -> tuple[str]:
    """List them."""
    return (f"partition: {DEFAULT}",)


@command("partition", text)
def partition(_client: Client, name: str) -> None:
    """Move to another one."""
    if name != DEFAULT:
        raise AckError(AckCode.NO_EXIST, "partition does not exist")


@command("newpartition", _name, permission=ADMIN, listed=False)
def newpartition(_client: Client, name: str) -> None:
    """Make another one: there is room for one only."""
    if name == DEFAULT:
        raise AckError(AckCode.EXIST, "name already exists")
    raise AckError(AckCode.UNKNOWN, "too many partitions")


@command("delpartition", _name, permission=ADMIN, listed=False)
def delpartition(_client: Client, name: str) -> None:
    """Remove one; the default partition has to stay."""
    if name == DEFAULT:
        raise AckError(AckCode.UNKNOWN, "cannot delete the default partition")
    raise AckError(AckCode.NO_EXIST, "no such partition")


@command("moveoutput", text, permission=ADMIN, listed=False)
def moveoutput(client: Client, name: str) -> None:
    """Move an output to this partition; it is there already."""
    if all(each.name != name for each in client.status.outputs):
        raise AckError(AckCode.NO_EXIST, "No such output")
