"""Playback control."""

from __future__ import annotations

from actors.messages import (
    PlayId,
    PlayPosition,
    SeekCurrent,
    SeekId,
    SeekPosition,
    SetPause,
    SkipNext,
    SkipPrevious,
    StopPlaying,
)
from playback.errors import AckCode, AckError
from playback.units import EntryId
from protocol.arguments import (
    Leap,
    boolean,
    entry_id,
    integer,
    leap,
    refused,
    song_time,
    unsigned,
)
from protocol.client import Client
from protocol.permissions import Permission
from protocol.registry import command, optional

PLAYER = Permission.PLAYER


def _position(argument: str) -> int | None:
    """Read a position; −1 stands for none, as old clients send it."""
    position = integer(argument)
    if position < -1:
        raise refused("Bad song index")
    return None if position == -1 else position


def _entry(argument: str) -> EntryId | None:
    """Read an id; −1 stands for none, as old clients send it."""
    entry = integer(argument)
    if entry < -1:
        raise AckError(AckCode.NO_EXIST, "No such song")
    return None if entry == -1 else EntryId(entry)


@command("play", optional(_position), permission=PLAYER)
async def play(client: Client, position: int | None = None) -> None:
    """Play a position, or go on."""
    await client.ask(PlayPosition(position))


@command("playid", optional(_entry), permission=PLAYER)
async def playid(client: Client, entry: EntryId | None = None) -> None:
    """Play an entry, or go on."""
    await client.ask(PlayPosition(None) if entry is None else PlayId(entry))


@command("pause", optional(boolean), permission=PLAYER)
async def pause(client: Client, paused: bool | None = None) -> None:
    """Pause, go on, or the other of the two."""
    await client.ask(SetPause(paused))


@command("stop", permission=PLAYER)
async def stop(client: Client) -> None:
    """Stop."""
    await client.ask(StopPlaying())


@command("next", permission=PLAYER)
async def next_song(client: Client) -> None:
    """Go to the next song."""
    await client.ask(SkipNext())


@command("previous", permission=PLAYER)
async def previous(client: Client) -> None:
    """Go to the previous song."""
    await client.ask(SkipPrevious())


@command("seek", unsigned, song_time, permission=PLAYER)
async def seek(client: Client, position: int, seconds: float) -> None:
    """Go to a time in the song at a position."""
    await client.ask(SeekPosition(position, seconds))


@command("seekid", entry_id, song_time, permission=PLAYER)
async def seekid(client: Client, entry: EntryId, seconds: float) -> None:
    """Go to a time in an entry's song."""
    await client.ask(SeekId(entry, seconds))


@command("seekcur", leap, permission=PLAYER)
async def seekcur(client: Client, to: Leap) -> None:
    """Go to a time in the current song, or by a distance from now."""
    await client.ask(SeekCurrent(to.seconds, to.relative))
