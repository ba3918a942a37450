"""A StorageActor that is not running, with a real database and all it talks to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from actors.address import DeadlineReached, InboxAddress
from actors.messages import (
    Flush,
    SaveChange,
    StateSaved,
    StorageFailed,
    StorageInbox,
    StorageRecovered,
)
from actors.storage_actor import GATHER_S, StorageActor
from playback.saved import QueueChange, SavedState
from storage.database import Database, open_database
from storage.player_store import PlayerStore
from tests.spies import Spy, TelemetrySpy
from tests.storage.states import entry


class Clock:
    """Stands until it is put on."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Bench:
    """An actor that is not running, and everything around it."""

    path: Path
    database: Database
    queue: Spy[StorageFailed | StorageRecovered | StateSaved] = field(default_factory=Spy)
    telemetry: TelemetrySpy = field(default_factory=TelemetrySpy)
    clock: Clock = field(default_factory=Clock)
    address: InboxAddress[StorageInbox] = field(default_factory=lambda: InboxAddress("storage"))
    started: list[Callable[[], None]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    saved: int = 0

    def __post_init__(self) -> None:
        self.store = PlayerStore(self.database)
        self.actor = StorageActor(
            address=self.address,
            store=self.store,
            queue=self.queue,
            telemetry=self.telemetry,
            start=self.started.append,
            clock=self.clock,
        )

    def save(self, change: QueueChange) -> None:
        self.saved += 1
        self.actor.handle(SaveChange(self.saved, change))

    def flush(self, name: str) -> None:
        self.actor.handle(Flush(lambda: self.released.append(name)))

    def run_inbox(self) -> None:
        """Handle what the actor told itself, and its alarm if that stands for changes."""
        while not self.address.inbox.empty():
            self.actor.handle(self.address.inbox.get().message)
        if self.alarm_in_s <= GATHER_S:
            self.wake_after(GATHER_S)

    def wake_after(self, seconds: float) -> None:
        self.clock.now_s += seconds
        self.actor.handle(DeadlineReached())

    @property
    def alarm_in_s(self) -> float:
        assert self.address.inbox.deadline_s is not None
        return self.address.inbox.deadline_s - self.clock.now_s

    def on_disk(self) -> SavedState:
        """What another program finds in the database now."""
        other = open_database(self.path)
        state = PlayerStore(other).load()
        other.close()
        return state


@contextmanager
def storage_bench(folder: Path, *, copied_today: bool) -> Iterator[Bench]:
    """Open a bench; with today's copy taken, the only alarms are retries."""
    database = open_database(folder / "wkmp.db", busy_timeout_s=0.0)
    if copied_today:
        database.backups.take()
    yield Bench(database.path, database)
    database.close()


def appended(number: int) -> QueueChange:
    return QueueChange(upserts=((number - 1, entry(number)),))


def commits(database: Database) -> list[str]:
    """The statements that end a transaction, as they are executed from now on."""
    found: list[str] = []

    def note(statement: str) -> None:
        if statement in {"COMMIT", "ROLLBACK"}:
            found.append(statement)

    database.connection.set_trace_callback(note)
    return found
