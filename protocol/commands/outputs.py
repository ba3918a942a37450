"""Outputs: where the sound goes."""

from __future__ import annotations

from collections.abc import Iterator

from actors.messages import SwitchOutput
from playback.errors import AckCode, AckError
from protocol.arguments import text, unsigned
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command

ADMIN = Permission.ADMIN


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
def outputset(client: Client, output: int, _name: str, _value: str) -> None:
    """Set an attribute; no output has one."""
    if output >= len(client.status.outputs):
        raise AckError(AckCode.NO_EXIST, "No such audio output")
    raise AckError(AckCode.ARG, "Unsupported attribute")
