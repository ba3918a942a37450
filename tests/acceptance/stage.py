"""A stage for acceptance tests: a real engine, wiretapped, whose decoding is in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from actors.address import Address, Request
from actors.messages import (
    BufferSnapshot,
    DecoderSnapshot,
    Done,
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    MixerSnapshot,
    OutputOpened,
    PlayPosition,
    QueueSnapshot,
    RunRound,
    StuckState,
)
from actors.telemetry import Telemetry
from playback.units import ChainId, EntryId
from tests.acceptance.doubles import BufferManagerMock, CausedDecoderWorkerSpy
from tests.engine_rig import RATE_HZ, Rig
from tests.lockstep import LockStepDevice
from tests.spies import TelemetrySpy
from tests.wiretap import HASTY_S, Loss, Wiretap

T = TypeVar("T")

THRESHOLD_MS = 100
THRESHOLD = THRESHOLD_MS * RATE_HZ // 1000
ENOUGH = THRESHOLD + 10_000
"""Frames for a ring that starts, and does not run dry while a test listens for a moment."""


class Stage:
    """One engine. The watchdog is off unless a test asks for it.

    Args:
        directory: of the database, and of the files that are really decoded.
        tap: stands at every address.
        settings: that differ from the defaults.
        decodes: real workers decode real files; otherwise requests are recorded only.
        telemetry: in place of the spy.
        device: in place of a plain lock-step device.
    """

    def __init__(
        self,
        directory: Path,
        *,
        tap: Wiretap,
        settings: dict[str, int],
        decodes: bool,
        telemetry: Telemetry | None,
        device: LockStepDevice | None,
    ) -> None:
        self.tap = tap
        self.telemetry = TelemetrySpy()
        self.workers = CausedDecoderWorkerSpy(tap)
        self.device = device or LockStepDevice()
        tap.on_loss = self._hurry
        self.rig = Rig(
            directory,
            wrap=tap.wrap,
            make_workers=None if decodes else self._make_workers,
            telemetry=telemetry or self.telemetry,
            settings=settings,
            device=self.device,
        )
        self.engine = self.rig.engine

    def _make_workers(self, decoder: Address[Any], buffers: Address[Any]) -> CausedDecoderWorkerSpy:
        self.buffers = BufferManagerMock(self.tap, decoder, buffers)
        return self.workers

    def _hurry(self) -> None:
        self.device.timeout_s = min(self.device.timeout_s, 2 * HASTY_S)

    # Doing

    def do(self, command: Request[Done[T]]) -> T:
        """Have QueueActor carry a command out."""
        return self.rig.do(command)

    def add(self, *songs: Path | str) -> tuple[EntryId, ...]:
        """Add songs to the end of the queue, each with a command of its own."""
        return tuple(entry for song in songs for entry in self.rig.add(song))

    def play(self, position: int | None = 0) -> None:
        """``play``."""
        self.do(PlayPosition(position))

    def buffer(self, entry: EntryId, total: int = ENOUGH) -> None:
        """Fill an entry's ring until so many frames have come in all."""
        self.buffers.fill(self.chain(entry), total)

    def finish(self, entry: EntryId) -> None:
        """Let an entry's chain end behind what is in its ring."""
        self.buffers.finish(self.chain(entry))

    def begin(self, *songs: str) -> tuple[EntryId, ...]:
        """Add songs, play the first, and wait until it sounds; the others' rings stay empty."""
        entries = self.add(*songs)
        self.play()
        self.buffer(entries[0])
        self.until_sounding(entries[0])
        return entries

    # Looking

    def chain(self, entry: EntryId) -> ChainId:
        """Wait for an entry's chain; the newest one."""
        self.tap.until(
            lambda: bool(self.workers.priorities(entry)), f"a decode request for entry {entry}"
        )
        return self.workers.chain(entry)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        self.tap.until(holds, what)

    def until_open(self) -> None:
        """Wait until the mixer knows that the device is open."""
        self.until(lambda: bool(self.tap.of(OutputOpened, "MixerActor")), "the device to open")
        self.mixer()

    def until_sounding(self, *entries: EntryId) -> None:
        """Wait until exactly these entries are being mixed."""
        self.until(lambda: self.sounding == entries, f"entries {entries} to sound")

    def run_rounds(self, count: int) -> list[StuckState]:
        """Run so many rounds at once, one after another; return what they cured."""
        ask = self.engine.watchdog.ask
        return [cured for _ in range(count) for cured in ask(RunRound(), timeout_s=5.0)]

    def wait_rounds(self, count: int) -> None:
        """Wait until so many more rounds are over."""
        enough = self.telemetry.rounds + count
        self.until(lambda: self.telemetry.rounds >= enough, f"{count} rounds")

    @property
    def current(self) -> EntryId | None:
        """The current entry, as clients see it."""
        entry = self.rig.status.current_entry
        return None if entry is None else entry.id

    @property
    def sounding(self) -> tuple[EntryId, ...]:
        """The entries that are being mixed."""
        mixed = self.mixer().sounding
        return tuple(slot.entry for slot in self.queue().plan.slots if slot.chain in mixed)

    def queue(self) -> QueueSnapshot:
        """Ask QueueActor."""
        return self.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0)

    def decoder(self) -> DecoderSnapshot:
        """Ask DecoderActor."""
        return self.engine.decoder.ask(GetDecoderSnapshot(), timeout_s=5.0)

    def rings(self) -> BufferSnapshot:
        """Ask BufferActor."""
        return self.engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0)

    def mixer(self) -> MixerSnapshot:
        """Ask MixerActor."""
        return self.engine.mixer.ask(GetMixerSnapshot(), timeout_s=5.0)

    def settle(self) -> None:
        """Let everything that was told, and what follows from it, be handled.

        Down and up and down again: no chain of messages among the actors is longer.
        """
        for _ in range(3):
            self.queue()
            self.decoder()
            self.rings()
            self.mixer()


@dataclass
class Stages:
    """Opens stages, and closes them when the test is over.

    Attributes:
        losses: a sabotaged twin's.
        watched: whether rounds may run where a test asks for them.
        telemetry: in place of the spy, on every stage.
        opened: the stages, in order.
    """

    directory: Path
    losses: tuple[Loss, ...] = ()
    sabotaged: bool = False
    watched: bool = True
    telemetry: Telemetry | None = None
    opened: list[Stage] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)

    def open(
        self,
        *,
        decodes: bool = False,
        threshold_ms: int | None = THRESHOLD_MS,
        device: LockStepDevice | None = None,
        **settings: int,
    ) -> Stage:
        """Open a stage; rounds run only if a setting of the watchdog is given.

        Args:
            decodes: real workers decode real files.
            threshold_ms: None = the default of the settings.
            device: what plays.
            settings: others that differ from the defaults.
        """
        quick = {} if threshold_ms is None else {"minimum_playback_buffer_ms": threshold_ms}
        wanted = settings.keys() & {"watchdog_interval_ms", "watchdog_enabled"}
        rounds = {"watchdog_enabled": int(self.watched and bool(wanted))}
        tap = Wiretap(*self.losses, hasty=self.sabotaged)
        directory = self.directory / f"stage{len(self.opened)}"
        directory.mkdir()
        stage = Stage(
            directory,
            tap=tap,
            settings=quick | settings | rounds,
            decodes=decodes,
            telemetry=self.telemetry,
            device=device,
        )
        self.opened.append(stage)
        self._open.callback(stage.rig.close)
        return stage

    def close(self) -> None:
        """Close all stages."""
        self._open.close()
