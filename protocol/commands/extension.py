"""``wkmp``: the one door through which shell commands reach the running daemon."""

from __future__ import annotations

from collections.abc import Iterator

from playback.errors import AckCode, AckError
from protocol.arguments import text
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import any_number_of, command


@command("wkmp", text, any_number_of(text), permission=Permission.ADMIN)
async def wkmp(client: Client, name: str, *words: str) -> Iterator[str]:
    """Carry a sub-command out."""
    sub_command = client.services.admin.get(name)
    if sub_command is None:
        known = ", ".join(sorted(client.services.admin))
        raise AckError(AckCode.ARG, f'no such sub-command: "{name}"; there are: {known}')
    pairs = await sub_command(words)
    return (f"{key}: {value}" for key, value in pairs)
