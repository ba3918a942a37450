"""A real engine for tests: real actors, files, decoder and database; the test is the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from actors.address import Address, Request
from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_worker import OpenSource, Workshop
from actors.engine import Engine, EngineParts, MakeWorkers, Wrap, unwrapped
from actors.messages import (
    AddSongs,
    Done,
    GetBufferSnapshot,
    GetQueueSnapshot,
    SubsystemsChanged,
    WatchdogIntervened,
)
from actors.output import MakeDevice, OutputChoice
from actors.side_outputs import SideChoice
from actors.telemetry import NoTelemetry, Telemetry
from audio.chain_source import ChainSource
from audio.device import OutputFormat, SampleFormat
from library.music_directory import MusicDirectory
from playback.levels import AS_IT_IS, Levelling
from playback.profile import Profile
from playback.saved import SavedState
from playback.song import Song
from playback.status import OutputStatus, PlayerStatus
from playback.units import EntryId, Frames
from storage.database import open_database
from storage.player_store import PlayerStore
from tests import watchdog_guard
from tests.lockstep import LockStepDevice
from tests.spies import Spy

T = TypeVar("T")
RATE_HZ = 44_100
PERIOD = 1024
BUFFER = 3 * PERIOD


class InterventionNotes:
    """Hands every intervention of an engine to the guard of ``conftest.py``."""

    def tell(self, message: object) -> None:
        watchdog_guard.note_engine_event(message)


@dataclass
class Rig:
    """An engine over a lock-step device; ``device.run(n)`` lets n frames be heard."""

    directory: Path
    wrap: Wrap = unwrapped
    make_workers: MakeWorkers | None = None
    telemetry: Telemetry = field(default_factory=NoTelemetry)
    settings: dict[str, int] = field(default_factory=dict)
    sample: SampleFormat = SampleFormat.FLOAT
    device: LockStepDevice = field(default_factory=LockStepDevice)
    make_device: MakeDevice | None = None  # None = always ``device``
    outputs: tuple[OutputStatus, ...] = ()  # () = ``device`` alone
    main_output: int | None = 0
    sides: tuple[SideChoice, ...] = ()
    changes: Spy[SubsystemsChanged] = field(default_factory=Spy)
    interventions: Spy[WatchdogIntervened] = field(default_factory=Spy)
    gave_up: threading.Event = field(default_factory=threading.Event)
    saved: SavedState | None = None
    restore_paused: bool = False
    maximum_length: int | None = None
    levelling: Levelling = AS_IT_IS
    music: MusicDirectory | None = None  # None = the directory is always there
    open_source: OpenSource = ChainSource
    measured: Callable[[str], Profile | None] = lambda _uri: None
    hung_after_s: float = 600.0  # the test may take its time

    def __post_init__(self) -> None:
        self.database = open_database(self.directory / "wkmp.db")
        self.store = PlayerStore(self.database)
        self.store.seed_settings(self.settings)
        workers = self.make_workers or self._real_workers
        period, buffer = Frames(PERIOD), Frames(BUFFER)
        self.engine = Engine(
            EngineParts(
                saved=self.saved or self.store.load(),
                store=self.store,
                choice=OutputChoice("Test", "lockstep"),
                format=OutputFormat(RATE_HZ, self.sample, 2, period, buffer),
                make_device=self.make_device or (lambda _choice: self.device),
                outputs=self.outputs,
                main_output=self.main_output,
                sides=self.sides,
                make_workers=workers,
                telemetry=self.telemetry,
                listener=self.changes,
                give_up=self.gave_up.set,
                intervention_listeners=(InterventionNotes(), self.interventions),
                wrap=self.wrap,
                restore_paused=self.restore_paused,
                maximum_length=self.maximum_length,
                levelling=self.levelling,
                hung_after_s=self.hung_after_s,
            )
        )
        self.engine.start()

    def _real_workers(self, decoder: Address[Any], buffers: Address[Any]) -> DecodeWorkers:
        return DecodeWorkers(
            Workshop(
                locate=lambda uri: uri if uri.startswith("/") else str(self.directory / uri),
                absence=lambda _uri: self.music.absence() if self.music else None,
                open_source=self.open_source,
                measured=self.measured,
                marks=CrashMarks(self.directory / "marks"),
                decoder=decoder,
                buffers=buffers,
                rate_hz=RATE_HZ,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the engine and the database."""
        self.engine.stop()
        self.database.close()

    @property
    def status(self) -> PlayerStatus:
        """The public status as clients would read it."""
        return self.engine.status.latest

    def do(self, command: Request[Done[T]]) -> T:
        """Have QueueActor carry a command out."""
        return self.engine.queue.ask(command, timeout_s=5.0).value

    def add(self, *paths: Path | str) -> tuple[EntryId, ...]:
        """Add files to the end of the queue."""
        return self.do(AddSongs(tuple(Song(str(path)) for path in paths)))

    def wait_decoded(self, timeout_s: float = 10.0) -> None:
        """Wait until every planned slot's ring is complete, so that the test may hurry."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            plan = self.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan
            rings = self.engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0).rings
            planned = [slot.chain for slot in plan.slots[:2]]
            if all(chain in rings and rings[chain].complete for chain in planned):
                return
        raise AssertionError(f"not decoded within {timeout_s} s")

    def until(self, holds: Callable[[PlayerStatus], bool], timeout_s: float = 5.0) -> PlayerStatus:
        """Wait until the public status is as it should be; each change wakes the wait."""
        deadline = time.monotonic() + timeout_s
        seen = 0
        while not holds(self.status):
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {timeout_s} s; the status is {self.status}")
            seen = self.changes.wait_more(seen, min(left, 0.05))
        return self.status
