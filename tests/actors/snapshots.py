"""Snapshots of a healthy engine, to be altered by one thing in each test.

Five entries, 11 to 15, own the chains 1 to 5; all have a ring, and the first one sounds.
"""

from __future__ import annotations

from dataclasses import replace

from actors.messages import (
    BufferSnapshot,
    DecoderSnapshot,
    MixerSnapshot,
    QueueSnapshot,
    RingState,
)
from actors.stuck_states import Sweep
from playback.passage import Passage
from playback.plan import EnginePlan, Priority, Slot
from playback.player import PlayerState
from playback.units import ZERO_TICKS, ChainId, EntryId, Frames

THRESHOLD = Frames(132_300)


def chains(*numbers: int) -> frozenset[ChainId]:
    return frozenset(ChainId(number) for number in numbers)


def slot(chain: int, entry: int, place: int = 0) -> Slot:
    return Slot(
        ChainId(chain),
        EntryId(entry),
        Passage(f"{entry}.flac"),
        ZERO_TICKS,
        Priority(min(place, 2)),
    )


def plan(*, version: int = 7, state: PlayerState = PlayerState.PLAY, length: int = 5) -> EnginePlan:
    slots = tuple(slot(place + 1, place + 11, place) for place in range(length))
    return EnginePlan(version, state, slots)


def playing(length: int = 5) -> Sweep:
    """All is well: chain 1 sounds, every chain of the plan has a full ring."""
    every = chains(*range(1, length + 1))
    return Sweep(
        QueueSnapshot(plan(length=length), frozenset()),
        DecoderSnapshot(7, every, frozenset(), frozenset(), stream_limit=12),
        BufferSnapshot({chain: RingState(THRESHOLD, False) for chain in every}, THRESHOLD),
        MixerSnapshot(7, (ChainId(1),), output_ready=True),
    )


def waiting(level: int = 0) -> Sweep:
    """State play, nothing sounds yet; chain 1 holds ``level`` frames."""
    return with_ring(with_mixer(playing(), sounding=()), 1, RingState(Frames(level), False))


def without_rings(sweep: Sweep, *lost: int) -> Sweep:
    kept = {c: ring for c, ring in sweep.buffer.rings.items() if c not in lost}
    return replace(sweep, buffer=replace(sweep.buffer, rings=kept))


def with_ring(sweep: Sweep, chain: int, ring: RingState) -> Sweep:
    rings = {**sweep.buffer.rings, ChainId(chain): ring}
    return replace(sweep, buffer=replace(sweep.buffer, rings=rings))


def with_queue(sweep: Sweep, **changes: object) -> Sweep:
    return replace(sweep, queue=replace(sweep.queue, **changes))  # type: ignore[arg-type]


def with_decoder(sweep: Sweep, **changes: object) -> Sweep:
    return replace(sweep, decoder=replace(sweep.decoder, **changes))  # type: ignore[arg-type]


def with_mixer(sweep: Sweep, **changes: object) -> Sweep:
    return replace(sweep, mixer=replace(sweep.mixer, **changes))  # type: ignore[arg-type]
