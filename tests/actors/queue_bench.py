"""A QueueActor that is built and not started, with spies wherever it tells."""

from __future__ import annotations

from typing import Any, TypeVar

from actors.address import InboxAddress, Request
from actors.engine_news import EngineNews
from actors.messages import (
    AddSongs,
    Done,
    EndpointDiscovered,
    EngineEvent,
    GetQueueSnapshot,
    PassageCompleted,
    PassageStarted,
    PlayPosition,
    PositionUpdated,
    QueueInbox,
    QueueSnapshot,
    SaveChange,
    Subsystem,
)
from actors.messages import CompletionReason as Reason
from actors.published import Published
from actors.queue_actor import QueueActor
from actors.queue_keeper import QueueKeeper
from playback.plan import EnginePlan
from playback.planner import Numbers
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.settings import SPECS
from playback.song import Song
from playback.status import OutputStatus, PlayerStatus
from playback.units import ChainId, EntryId, Frames
from tests.playback.passages import ticks
from tests.spies import Spy, TelemetrySpy

R = TypeVar("R")
RATE_HZ = 44_100
OUTPUTS = (OutputStatus(0, "Speakers", "alsa", enabled=True, device="default"),)
SETTINGS = {key: str(spec.default) for key, spec in SPECS.items()}
EMPTY = SavedState(SavedPlayer(outputs=OUTPUTS), settings=SETTINGS)


class Noted(Spy[Any]):
    """A spy that also notes, beside others, when it was told."""

    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__()
        self._name = name
        self._order = order

    def tell(self, message: Any) -> None:
        self._order.append(self._name)
        super().tell(message)


class Bench:
    """The actor and everybody it tells."""

    def __init__(self, initial: SavedState = EMPTY, **more: Any) -> None:
        self.order: list[str] = []
        """Who was told, message by message."""
        self.decoder = Noted("decoder", self.order)
        self.buffer = Noted("buffer", self.order)
        self.mixer = Noted("mixer", self.order)
        self.watchdog = Noted("watchdog", self.order)
        self.storage = Noted("storage", self.order)
        self.clients = Noted("clients", self.order)
        self.telemetry = TelemetrySpy()
        self.published: Published[PlayerStatus] = Published(PlayerStatus())
        self.memory: Published[SavedState] = Published(initial)
        self.numbers = Numbers()
        self.build(initial, **more)

    def build(self, initial: SavedState, **more: Any) -> None:
        """Put an actor, or a successor, in its place."""
        address: InboxAddress[QueueInbox] = InboxAddress("QueueActor")
        self.actor = QueueActor(
            address=address,
            news=EngineNews(
                decoder=self.decoder,
                buffer=self.buffer,
                mixer=self.mixer,
                watchdog=self.watchdog,
            ),
            keeper=QueueKeeper(
                status=self.published,
                memory=self.memory,
                storage=self.storage,
                listener=self.clients,
            ),
            telemetry=self.telemetry,
            numbers=self.numbers,
            initial=initial,
            rate_hz=RATE_HZ,
            **more,
        )

    # A client

    def do(self, command: Request[Done[R]]) -> Done[R]:
        """Have a command carried out."""
        done = self.actor.handle(command)  # type: ignore[arg-type]
        assert isinstance(done, Done)
        return done

    def add(self, letters: str) -> tuple[EntryId, ...]:
        """Add one song per letter."""
        return self.do(AddSongs(tuple(Song(f"{letter}.flac") for letter in letters))).value

    def playing(self, letters: str, position: int = 0) -> tuple[EntryId, ...]:
        """Add songs of a minute each, and play one, which sounds."""
        entries = self.add(letters)
        for entry in entries:
            self.tell(EndpointDiscovered(entry, ChainId(0), ticks(60), "44100:16:2", 900))
        self.do(PlayPosition(position))
        self.sound()
        return entries

    @property
    def status(self) -> PlayerStatus:
        return self.published.latest

    @property
    def current(self) -> str:
        """The current song's letter."""
        entry = self.status.current_entry
        return "-" if entry is None else entry.song.uri[0]

    @property
    def woken(self) -> set[Subsystem]:
        """What idle clients have been woken for since ``forget``."""
        return set().union(*(told.subsystems for told in self.clients.received))

    def forget(self) -> None:
        """Forget what everybody was told so far."""
        for spy in (
            self.decoder,
            self.buffer,
            self.mixer,
            self.watchdog,
            self.storage,
            self.clients,
        ):
            spy.clear()
        self.order.clear()

    # The engine

    def tell(self, event: EngineEvent) -> None:
        assert self.actor.handle(event) is None

    @property
    def plan(self) -> EnginePlan:
        """The newest plan."""
        answer = self.actor.handle(GetQueueSnapshot())
        assert isinstance(answer, QueueSnapshot)
        return answer.plan

    def sound(self, seconds: float = 0.0, *, advancing: bool = True, at_s: float = 100.0) -> None:
        """The head of the plan has begun, and got so far."""
        head = self.plan.slots[0]
        self.tell(PassageStarted(head.entry, head.chain))
        self.position(seconds, advancing=advancing, at_s=at_s)

    def position(self, seconds: float, *, advancing: bool = True, at_s: float = 100.0) -> None:
        head = self.plan.slots[0]
        frames = Frames(round(seconds * RATE_HZ))
        self.tell(PositionUpdated(head.entry, head.chain, frames, at_s, advancing))

    def end(self, reason: Reason = Reason.NATURAL, sent_s: float = 0.0) -> None:
        """The head of the plan has sounded for the last time."""
        head = self.plan.slots[0]
        frames = Frames(60 * RATE_HZ)
        self.tell(PassageCompleted(head.entry, head.chain, reason, frames, sent_s))

    @property
    def changes(self) -> list[QueueChange]:
        """What StorageActor has been given to write."""
        return [told.change for told in self.storage.of(SaveChange)]
