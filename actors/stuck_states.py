"""The four stuck states: what sweeps of snapshots prove to be broken, as pure functions.

A sweep asks queue, decoder, buffer and mixer one after another. Inboxes are FIFO, so what an
earlier peer had told is handled before a later one answers; who lacks it then has lost it. Two
things escape that order: commands go on, so a later peer may be *ahead* of the queue's answer,
and news goes up while the sweep goes down. A second sweep at once settles both: what went up
during the first is in it, and under the same plan all answers of the first belong together.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.messages import (
    BufferSnapshot,
    DecoderSnapshot,
    MixerSnapshot,
    QueueSnapshot,
    StuckState,
)
from playback.plan import Slot
from playback.player import PlayerState
from playback.units import ChainId, EntryId


@dataclass(frozen=True, slots=True)
class Sweep:
    """The four answers, in the order asked."""

    queue: QueueSnapshot
    decoder: DecoderSnapshot
    buffer: BufferSnapshot
    mixer: MixerSnapshot


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is stuck, and the words of the log line: ``reason`` and ``action``."""

    kind: StuckState
    queue_entry_id: EntryId
    chain_id: ChainId
    reason: str
    action: str


_NO_BUFFER = (
    (StuckState.MISSING_CURRENT_BUFFER, "Current", "Requesting immediate decode"),
    (StuckState.MISSING_NEXT_BUFFER, "Next", "Requesting next decode"),
    (StuckState.MISSING_QUEUED_BUFFER, "Queued", "Requesting prefetch decode"),
)


def suspicions(sweep: Sweep) -> tuple[Suspicion, ...]:
    """Return what looks stuck in one sweep; nothing unless the player is in state *play*."""
    plan = sweep.queue.plan
    if plan.state is not PlayerState.PLAY or not plan.slots:
        return ()
    plays = plan.slots[0].chain in sweep.mixer.sounding
    window = plan.slots[: sweep.decoder.stream_limit if plays else 1]
    found = []
    for place, slot in enumerate(window):
        if _lacks_buffer(slot, sweep):
            kind, who, action = _NO_BUFFER[min(place, 2)]
            reason = f"{who} passage {slot.entry} has no buffer"
            found.append(Suspicion(kind, slot.entry, slot.chain, reason, action))
    if not plays and _could_start(window[0], sweep):
        slot, kind = window[0], StuckState.MIXER_NOT_STARTED
        reason = f"Current passage {slot.entry} is buffered but the mixer is idle"
        found.append(Suspicion(kind, slot.entry, slot.chain, reason, "Starting the mixer"))
    return tuple(found)


def confirmed(first: Sweep, second: Sweep) -> tuple[Suspicion, ...]:
    """Return what two sweeps, one right after the other and under the same plan, agree on."""
    same_plan = first.queue.plan.version == second.queue.plan.version
    if not same_plan or first.mixer.starts != second.mixer.starts:  # idle for a new reason
        return ()
    before = suspicions(first)
    return tuple(suspicion for suspicion in suspicions(second) if suspicion in before)


def _lacks_buffer(slot: Slot, sweep: Sweep) -> bool:
    behind = sweep.decoder.plan_version <= sweep.queue.plan.version
    excused = slot.chain in sweep.decoder.connecting or _failed(slot, sweep)
    return slot.chain not in sweep.buffer.rings and behind and not excused


def _could_start(current: Slot, sweep: Sweep) -> bool:
    mixer, rings = sweep.mixer, sweep.buffer.rings
    needed = [rings.get(chain) for chain in (current.chain, *mixer.starved)]
    ready = all(ring and (ring.complete or ring.level >= sweep.buffer.threshold) for ring in needed)
    behind = mixer.plan_version <= sweep.queue.plan.version
    excused = not mixer.output_ready or current.chain in mixer.completed
    return ready and behind and not excused and not _failed(current, sweep)


def _failed(slot: Slot, sweep: Sweep) -> bool:
    return slot.chain in sweep.decoder.failed or slot.entry in sweep.queue.failed
