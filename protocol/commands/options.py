"""Playback options and volume."""

from __future__ import annotations

from actors.messages import ChangeOptions
from playback.options import ReplayGainMode, Switch
from protocol.arguments import (
    Between,
    boolean,
    consume_mode,
    decimal,
    number,
    replay_gain_mode,
    single_mode,
    unsigned,
)
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command

PLAYER = Permission.PLAYER


@command("random", boolean, permission=PLAYER)
async def random(client: Client, wanted: bool) -> None:
    """Play in random order, or not."""
    await client.ask(ChangeOptions(random=wanted))


@command("repeat", boolean, permission=PLAYER)
async def repeat(client: Client, wanted: bool) -> None:
    """Begin again at the end, or not."""
    await client.ask(ChangeOptions(repeat=wanted))


@command("single", single_mode, permission=PLAYER)
async def single(client: Client, mode: Switch) -> None:
    """Stop after (or repeat) the current song."""
    await client.ask(ChangeOptions(single=mode))


@command("consume", consume_mode, permission=PLAYER)
async def consume(client: Client, mode: Switch) -> None:
    """Remove songs that have been played."""
    await client.ask(ChangeOptions(consume=mode))


@command("crossfade", unsigned, permission=PLAYER)
async def crossfade(client: Client, seconds: int) -> None:
    """Let songs overlap."""
    await client.ask(ChangeOptions(crossfade_s=seconds))


@command("mixrampdb", number, permission=PLAYER)
async def mixrampdb(client: Client, level_db: float) -> None:
    """Choose the level at which songs overlap."""
    await client.ask(ChangeOptions(mixramp_db=level_db))


@command("mixrampdelay", decimal, permission=PLAYER)
async def mixrampdelay(client: Client, delay_s: float) -> None:
    """Choose the distance of overlapping songs; nan, or nothing above 0, switches it off."""
    await client.ask(ChangeOptions(mixramp_delay_s=delay_s))


@command("replay_gain_mode", replay_gain_mode, permission=PLAYER)
async def set_replay_gain_mode(client: Client, mode: ReplayGainMode) -> None:
    """Choose which gain is applied."""
    await client.ask(ChangeOptions(replay_gain_mode=mode))


@command("replay_gain_status")
def replay_gain_status(client: Client) -> tuple[str]:
    """Tell which gain is applied."""
    return (f"replay_gain_mode: {client.status.options.replay_gain_mode}",)


@command("setvol", Between(0, 100), permission=PLAYER)
async def setvol(client: Client, volume: int) -> None:
    """Set the volume."""
    await client.ask(ChangeOptions(volume=volume))


@command("volume", Between(-100, 100), permission=PLAYER)
async def change_volume(client: Client, by: int) -> None:
    """Change the volume; it stays within its bounds."""
    volume = min(100, max(0, client.status.options.volume + by))
    await client.ask(ChangeOptions(volume=volume))


@command("getvol")
def getvol(client: Client) -> tuple[str]:
    """Tell the volume."""
    return (f"volume: {client.status.options.volume}",)
