"""Outputs: where the sound goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from actors.messages import SwitchOutput
from playback.errors import AckCode, AckError
from protocol.arguments import refused, text, unsigned
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command

ADMIN: Final = Permission.ADMIN
_ATTRIBUTE: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


@command("outputs")
def outputs(client: Client) -> Iterator[str]:
    """List them."""
    for each in client.status.outputs:
        yield f"outputid: {each.id}"
        yield f"outputname: {each.name}"
        yield f"plugin: {each.plugin}"
        yield f"outputenabled: {each.enabled:d}"


@command("enableoutput", unsigned, permission=ADMIN)
async def enableoutput(client: Client, output: int) -> None:
    """Let it sound."""
    await client.ask(SwitchOutput(output, enabled=True))


@command("disableoutput", unsigned, permission=ADMIN)
async def disableoutput(client: Client, output: int) -> None:
    """Keep it silent."""
    await client.ask(SwitchOutput(output, enabled=False))


@command("toggleoutput", unsigned, permission=ADMIN)
async def toggleoutput(client: Client, output: int) -> None:
    """Do what it does not now."""
    await client.ask(SwitchOutput(output, enabled=None))


@command("outputset", unsigned, text, text, permission=ADMIN)
def outputset(client: Client, output: int, name: str, _value: str) -> None:
    """Set an attribute; no output has one."""
    if output >= len(client.status.outputs):
        raise AckError(AckCode.NO_EXIST, "No such audio output")
    if not _ATTRIBUTE.fullmatch(name):
        raise refused("Illegal attribute name")
    raise refused("Unsupported attribute")
