"""Partitions: there is one, and it is called default."""

from __future__ import annotations

from playback.errors import AckCode, AckError
from protocol.arguments import text
from protocol.client import Client
from protocol.registry import command


@command("listpartitions")
def listpartitions(_client: Client) -> tuple[str]:
    """List them."""
    return ("partition: default",)


@command("partition", text)
def partition(_client: Client, name: str) -> None:
    """Move to another one."""
    if name != "default":
        raise AckError(AckCode.NO_EXIST, "partition does not exist")
