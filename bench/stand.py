"""The engine on the test stand: everything real but the sound card, put together as in the daemon.

What the daemon does for its latency is done here too: the switch interval, the frozen garbage,
and the metrics that count each event.
"""

from __future__ import annotations

import gc
import queue
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from actors.address import Address, Request
from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_worker import Workshop
from actors.engine import Engine, EngineParts
from actors.messages import (
    AddSongs,
    Done,
    GetBufferSnapshot,
    GetQueueSnapshot,
    SetSetting,
    SubsystemsChanged,
)
from actors.output import OutputChoice
from actors.telemetry import Count, EventPath
from audio.chain_source import ChainSource
from audio.device import Device, OutputFormat, SampleFormat
from bench.paced_device import PacedDevice
from bench.sounds import RATE_HZ
from library.music_directory import MusicDirectory
from playback.plan import EnginePlan
from playback.song import Song
from playback.units import ChainId, EntryId, Frames
from protocol.server import Server
from protocol.services import Listen, Services
from storage.database import open_database
from storage.player_store import PlayerStore
from wkmp.daemon import SWITCH_INTERVAL_S
from wkmp.loop_thread import LoopThread
from wkmp.metrics import Metrics

T = TypeVar("T")

PERIOD = Frames(2048)
BUFFER = Frames(3 * PERIOD)
ANSWER_S = 10.0
QUIET_S = 0.02
"""In which a worker that is at work would have added to its ring."""


class Notes(Metrics):
    """The daemon's metrics, which also keep what they are told.

    Attributes:
        latencies: each passage of an event path, in the order told.
        counts: totals since the start.
    """

    def __init__(self) -> None:
        super().__init__("bench")
        self.latencies: queue.SimpleQueue[tuple[EventPath, float]] = queue.SimpleQueue()
        self.counts = dict.fromkeys(Count, 0)
        self.interventions = 0

    def latency(self, path: EventPath, seconds: float) -> None:
        """One passage of an event path."""
        super().latency(path, seconds)
        self.latencies.put((path, seconds))

    def count(self, what: Count, amount: int = 1) -> None:
        """Something happened ``amount`` times."""
        super().count(what, amount)
        self.counts[what] += amount

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        """The watchdog put something right."""
        super().intervention(intervention_type, queue_entry_id)
        self.interventions += 1


class Listener:
    """Hands changes on to the server, once there is one."""

    def __init__(self) -> None:
        self.server: Server | None = None

    def tell(self, message: SubsystemsChanged) -> None:
        """Wake the clients."""
        if self.server is not None:
            self.server.tell(message)


@dataclass
class Stand:
    """A running engine; ``with`` ends it.

    Args:
        speed: of the device's clock.
        settings: rows of the settings table.
    """

    speed: float = 1.0
    settings: dict[str, int] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._listener = Listener()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="wkmp-bench-")
        folder = Path(self._folder.name)
        self._marks = CrashMarks(folder / "opening")
        self._database = open_database(folder / "wkmp.db")
        store = PlayerStore(self._database)
        store.seed_settings(self.settings)
        self.engine = Engine(self._parts(store))
        self.engine.start()
        self._loop = LoopThread()
        self._loop.__enter__()
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._loop.run(self._server.stop(), timeout_s=ANSWER_S)
        self._loop.__exit__(None, None, None)
        self.engine.stop()
        self._database.close()
        self._folder.cleanup()
        gc.unfreeze()

    def _parts(self, store: PlayerStore) -> EngineParts:
        return EngineParts(
            saved=store.load(),
            store=store,
            choice=OutputChoice("Bench", "null"),
            format=OutputFormat(RATE_HZ, SampleFormat.S16, 2, PERIOD, BUFFER),
            make_device=self._make_device,
            make_workers=self._make_workers,
            telemetry=self.notes,
            listener=self._listener,
            give_up=lambda: None,
            hung_after_s=3600.0,  # a clock that stands still is no fault
        )

    def _make_device(self, _choice: OutputChoice) -> Device:
        return PacedDevice(self.speed)

    def _make_workers(self, decoder: Address[Any], buffers: Address[Any]) -> DecodeWorkers:
        return DecodeWorkers(
            Workshop(
                locate=lambda uri: uri,
                open_source=ChainSource,
                marks=self._marks,
                decoder=decoder,
                buffers=buffers,
                rate_hz=RATE_HZ,
            )
        )

    def serve(self) -> tuple[str, int]:
        """Let clients in; returns host and port."""
        services = Services(
            queue=self.engine.queue,
            storage=self.engine.storage,
            status=self.engine.status,
            music=MusicDirectory(Path(self._folder.name)),
            telemetry=self.notes,
        )
        self._server = self._listener.server = Server(services, self._loop.loop)
        self._loop.run(self._server.start(Listen(port=0)), timeout_s=ANSWER_S)
        return self._server.addresses[0]

    # What a listener does

    def do(self, command: Request[Done[T]]) -> T:
        """Have a command carried out."""
        return self.engine.queue.ask(command, timeout_s=ANSWER_S).value

    def add(self, *paths: Path) -> tuple[EntryId, ...]:
        """Add files to the end of the queue."""
        return self.do(AddSongs(tuple(Song(str(path)) for path in paths)))

    def rounds(self, *, on: bool) -> None:
        """Let the watchdog make its rounds, or not."""
        self.do(SetSetting("watchdog_enabled", str(int(on))))

    # What a benchmark waits for

    def wait_for(self, path: EventPath, timeout_s: float) -> list[tuple[EventPath, float]]:
        """Return what was measured until ``path`` was, or until the time is over."""
        until_s = time.monotonic() + timeout_s
        seen = []
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                seen.append(self.notes.latencies.get(timeout=left_s))
            except queue.Empty:
                break
            if seen[-1][0] is path:
                break
        return seen

    def wait_buffered(self) -> None:
        """Wait until the current entry could start."""
        self.wait_until(self._is_buffered)

    def wait_decoded(self) -> None:
        """Wait until the current entry could start and no ring is being filled."""
        self.wait_until(self._is_decoded)

    def wait_until(self, holds: Callable[[], bool], timeout_s: float = ANSWER_S) -> None:
        """Look every other millisecond.

        Raises:
            TimeoutError: it never came true.
        """
        until_s = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > until_s:
                raise TimeoutError(f"not within {timeout_s} s; status {self.engine.status.latest}")
            time.sleep(0.002)

    def all_buffered(self) -> bool:
        """Return whether every slot of the plan could start."""
        return len(self._startable()) == len(self._plan().slots)

    def _is_buffered(self) -> bool:
        current = self._plan().current
        return current is not None and current.chain in self._startable()

    def _is_decoded(self) -> bool:
        before = self.engine.ring_levels_s()
        time.sleep(QUIET_S)
        after = self.engine.ring_levels_s()
        return self._is_buffered() and all(
            level <= before.get(chain, 0.0) for chain, level in after.items()
        )

    def _plan(self) -> EnginePlan:
        return self.engine.queue.ask(GetQueueSnapshot(), timeout_s=ANSWER_S).plan

    def _startable(self) -> set[ChainId]:
        buffers = self.engine.buffer.ask(GetBufferSnapshot(), timeout_s=ANSWER_S)
        return {
            chain
            for chain, ring in buffers.rings.items()
            if ring.complete or ring.level >= buffers.threshold
        }
