"""BufferActor: owns the rings; says when there is enough to start, and when to refill.

====================  ============================================================
receives              does
====================  ============================================================
``OpenRing``          makes a ring; ``RingOpened`` to Decoder- and MixerActor
``CloseRing``         lets the ring go
``FramesAdded``       ``BufferThresholdReached`` to MixerActor, if that crossed it
``ChainEnded``        the same: a complete ring is enough, however short
``RingDrained``       ``RingLow`` to DecoderActor
``DecodeFailed``      lets the ring go, unless what is in it is to be played
``SettingChanged``    a new threshold; rings that are above it now are reported
``GetBufferSnapshot`` answers with a ``BufferSnapshot``
====================  ============================================================

Messages only say that it is time to look; levels are read from the rings. Everything is keyed
by chain. News of a chain without a ring is late news and is dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from actors.actor import Actor, Supervisor
from actors.address import Address, InboxAddress
from actors.messages import (
    BufferInbox,
    BufferSnapshot,
    BufferThresholdReached,
    ChainEnded,
    CloseRing,
    DecodeFailed,
    FramesAdded,
    GetBufferSnapshot,
    GiveSignOfLife,
    OpenRing,
    RingDrained,
    RingLow,
    RingOpened,
    RingState,
    SettingChanged,
)
from actors.published import Published
from audio.ring import Ring
from playback.errors import FailureKind
from playback.settings import Settings
from playback.units import ChainId, EntryId, Frames, frames_to_ms, ms_to_frames

_log = logging.getLogger(__name__)

CAPACITY_MS: Final = 15_000
"""Audio a full ring has ready."""
HISTORY_MS: Final = 500
"""Audio kept behind the reader, for stepping back over what was mixed but not heard."""

DecoderNews: TypeAlias = RingOpened | RingLow | DecodeFailed
Rings: TypeAlias = Mapping[ChainId, Ring]
MixerNews: TypeAlias = RingOpened | BufferThresholdReached


_EMPTY: Final = RingState(Frames(0), complete=False)


@dataclass(slots=True)
class _Buffer:
    """A ring and what was said about it.

    Attributes:
        enough: above the threshold, or complete, when it was looked at last.
        seen: what the latest look saw; what a round is told, for nobody has heard of more.
    """

    entry: EntryId
    ring: Ring
    enough: bool = False
    seen: RingState = _EMPTY


class BufferActor(Actor[BufferInbox]):
    """Owns the rings.

    Args:
        rate_hz: the working rate, in frames per second.
        history_ms: at least what the output can hold, mixed but unheard.
        rings: where the rings are published, by chain.
    """

    def __init__(
        self,
        *,
        address: InboxAddress[BufferInbox],
        supervisor: Supervisor | None = None,
        decoder: Address[DecoderNews],
        mixer: Address[MixerNews],
        settings: Settings,
        rate_hz: int,
        history_ms: int = HISTORY_MS,
        rings: Published[Rings] | None = None,
    ) -> None:
        super().__init__(address, supervisor)
        self._decoder = decoder
        self._mixer = mixer
        self._rate_hz = rate_hz
        self._history = ms_to_frames(history_ms, rate_hz)
        self._capacity = Frames(ms_to_frames(CAPACITY_MS, rate_hz) + self._history)
        self._threshold_ms = settings.minimum_playback_buffer_ms
        self._rings = rings or Published[Rings]({})
        self._buffers: dict[ChainId, _Buffer] = {}

    def handle(self, message: BufferInbox) -> BufferSnapshot | None:
        """Look at the ring a message is about."""
        match message:
            case OpenRing(entry, chain):
                self._open(entry, chain)
            case CloseRing(chain):
                self._close(chain)
            case FramesAdded(chain, frames):
                self._frames_added(chain, frames)
            case ChainEnded(chain, total):
                self._chain_ended(chain, total)
            case RingDrained(chain, dry):
                self._drained(chain, dry=dry)
            case DecodeFailed(chain_id=chain, kind=kind):
                self._failed(chain, kind)
            case SettingChanged(key=key, new=new):
                self._set(key, new)
            case GetBufferSnapshot():
                return self._snapshot()
            case GiveSignOfLife():
                pass
            case _:
                assert_never(message)
        return None

    def _open(self, entry: EntryId, chain: ChainId) -> None:
        """Make a ring, in place of an old one if the chain is begun anew."""
        try:
            ring = Ring(self._capacity, self._history)
        except MemoryError:
            text = f"No memory for the playout ring of queue entry {entry}"
            self._decoder.tell(DecodeFailed(entry, chain, FailureKind.RESOURCES, text))
            return
        self._buffers[chain] = _Buffer(entry, ring)
        self._publish()
        opened = RingOpened(entry, chain, ring)
        self._decoder.tell(opened)
        self._mixer.tell(opened)

    def _frames_added(self, chain: ChainId, frames: Frames) -> None:
        buffer = self._buffers.get(chain)
        if buffer is None:
            return
        if buffer.ring.level - frames < self._threshold:
            buffer.enough = False  # before these came it was below, whether we heard so or not
        self._look(chain, buffer)

    def _chain_ended(self, chain: ChainId, total: Frames) -> None:
        buffer = self._buffers.get(chain)
        if buffer is None or buffer.ring.end is None:
            return
        if buffer.ring.end != total:
            _log.error("Chain %d: %d frames decoded, %d kept", chain, total, buffer.ring.end)
        self._look(chain, buffer)

    def _drained(self, chain: ChainId, *, dry: bool) -> None:
        buffer = self._buffers.get(chain)
        if buffer is None:
            return
        if dry:
            buffer.enough = False  # even if it has been refilled meanwhile: the mixer waits
        self._look(chain, buffer)
        if not buffer.ring.complete:
            self._decoder.tell(RingLow(chain, buffer.ring.level))

    def _failed(self, chain: ChainId, kind: FailureKind) -> None:
        if kind is not FailureKind.DAMAGED:
            self._close(chain)

    def _close(self, chain: ChainId) -> None:
        self._buffers.pop(chain, None)
        self._publish()

    def _publish(self) -> None:
        """Let the metrics see the rings; they read levels without asking anybody."""
        self._rings.publish({chain: buffer.ring for chain, buffer in self._buffers.items()})

    def _set(self, key: str, value: int) -> None:
        if key == "minimum_playback_buffer_ms":
            self._threshold_ms = value
            for chain, buffer in self._buffers.items():
                self._look(chain, buffer)

    def _look(self, chain: ChainId, buffer: _Buffer) -> None:
        """Tell MixerActor once for each time that there has come to be enough."""
        was_enough = buffer.enough
        complete, level = buffer.ring.complete, buffer.ring.level
        buffer.seen = RingState(level, complete)
        buffer.enough = complete or level >= self._threshold
        if buffer.enough and not was_enough:
            self._mixer.tell(
                BufferThresholdReached(
                    queue_entry_id=buffer.entry,
                    chain_id=chain,
                    threshold_ms=self._threshold_ms,
                    buffer_level_ms=frames_to_ms(level, self._rate_hz),
                    sent_s=time.monotonic(),
                )
            )

    @property
    def _threshold(self) -> Frames:
        return ms_to_frames(self._threshold_ms, self._rate_hz)

    def _snapshot(self) -> BufferSnapshot:
        rings = {chain: buffer.seen for chain, buffer in self._buffers.items()}
        return BufferSnapshot(rings, self._threshold)
