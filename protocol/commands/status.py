"""What is going on."""

from __future__ import annotations

import time
from collections.abc import Iterator

from actors.messages import ClearError, Subsystem
from playback.player import PlayerState
from playback.status import PlayerStatus
from protocol.client import Client
from protocol.idle import subsystem
from protocol.permissions import Permission
from protocol.registry import any_number_of, command
from protocol.rendering import entry_lines, shortest, whole


@command("status")
def status(client: Client) -> Iterator[str]:
    """Tell everything about the player, in MPD's order."""
    now = client.status
    yield from _option_lines(now)
    yield f"state: {now.state}"
    if now.last_loaded_playlist:
        yield f"lastloadedplaylist: {now.last_loaded_playlist}"
    yield from _overlap_lines(now)
    yield from _song_lines(now)
    if client.hub.updates.running is not None:
        yield f"updating_db: {client.hub.updates.running}"
    if now.error is not None:
        yield f"error: {now.error}"
    if now.next is not None:
        yield f"nextsong: {now.next}"
        yield f"nextsongid: {now.entries[now.next].id}"


def _option_lines(now: PlayerStatus) -> Iterator[str]:
    options = now.options
    yield f"volume: {options.volume}"
    yield f"repeat: {options.repeat:d}"
    yield f"random: {options.random:d}"
    yield f"single: {options.single}"
    yield f"consume: {options.consume}"
    yield "partition: default"
    yield f"playlist: {now.queue_version}"
    yield f"playlistlength: {len(now.entries)}"
    yield f"mixrampdb: {shortest(options.mixramp_db)}"


def _overlap_lines(now: PlayerStatus) -> Iterator[str]:
    options = now.options
    if options.crossfade_s:
        yield f"xfade: {options.crossfade_s}"
    if options.mixramp_delay_s is not None:
        yield f"mixrampdelay: {shortest(options.mixramp_delay_s)}"


def _song_lines(now: PlayerStatus) -> Iterator[str]:
    current = now.current_entry
    if current is not None:
        yield f"song: {now.current}"
        yield f"songid: {current.id}"
    if now.state is PlayerState.STOP:
        return
    elapsed_s = now.elapsed_now_s(time.monotonic())
    yield f"time: {whole(elapsed_s)}:{whole(now.duration_s or 0)}"
    yield f"elapsed: {elapsed_s:.3f}"
    yield f"bitrate: {now.bitrate_kbps or 0}"
    if now.duration_s is not None:
        yield f"duration: {now.duration_s:.3f}"
    if now.audio_format is not None:
        yield f"audio: {now.audio_format}"


@command("currentsong")
def currentsong(client: Client) -> tuple[str, ...]:
    """Tell the current song; nothing if there is none."""
    now = client.status
    if now.current_entry is None or now.current is None:
        return ()
    return entry_lines(now.current_entry, now.current, client.tags)


@command("stats")
async def stats(client: Client) -> tuple[str, ...]:
    """Tell how much music there is, and how long it has been playing."""
    music = await client.hub.updates.statistics()
    updated = client.hub.updates.counted_at
    return (
        f"uptime: {client.hub.uptime_s}",
        f"playtime: {whole(client.status.play_time_s)}",
        f"artists: {music.artists}",
        f"albums: {music.albums}",
        f"songs: {music.songs}",
        f"db_playtime: {int(music.duration_s)}",
        *(() if updated is None else (f"db_update: {updated}",)),
    )


@command("clearerror", permission=Permission.PLAYER)
async def clearerror(client: Client) -> None:
    """Forget the error in the status."""
    await client.ask(ClearError())


@command("idle", any_number_of(subsystem))
def idle(_client: Client, *_awaited: Subsystem) -> None:
    """Stand in the table; the session deals with it, for its answer may come much later."""
