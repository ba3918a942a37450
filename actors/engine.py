"""The engine put together: six actors, their addresses, and who knows whom.

Everything that differs between the daemon, a benchmark and a test comes in as ``EngineParts``;
the wiring is the same. ``wrap`` stands between a sender and a receiver's address: tests use it
to listen, or to lose a message on purpose.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

import pykka

from actors.address import Address, InboxAddress
from actors.buffer_actor import BufferActor, Rings
from actors.decode_request import WorkerFactory
from actors.decode_worker import BufferNews, DecoderNews
from actors.decoder_actor import DecoderActor
from actors.engine_news import EngineNews
from actors.liveness import PATIENT_DEADLINE_S, Liveness, Subject, actor_subject
from actors.messages import (
    BufferInbox,
    DecoderInbox,
    Flush,
    GiveSignOfLife,
    MixerInbox,
    PeerRestarted,
    QueueInbox,
    ResumePlaying,
    SaveNow,
    StorageInbox,
    SubsystemsChanged,
    WatchdogInbox,
    WatchdogIntervened,
)
from actors.mixer_actor import MixerActor
from actors.output import MakeDevice, Output, OutputChoice
from actors.output_care import HUNG_AFTER_S
from actors.published import Published
from actors.queue_actor import QueueActor
from actors.queue_keeper import QueueKeeper
from actors.side_outputs import SideChoice, SideOutputs
from actors.storage_actor import StorageActor
from actors.supervisor import Deaths, Place
from actors.telemetry import Telemetry
from actors.watchdog_actor import Peers, WatchdogActor
from audio.device import OutputFormat
from playback.levels import AS_IT_IS, Levelling
from playback.outputs import remembered
from playback.planner import Numbers
from playback.player import PlayerState
from playback.saved import SavedState
from playback.settings import Settings, settings_from
from playback.status import OutputStatus, PlayerStatus
from playback.units import ChainId
from storage.player_store import PlayerStore

ANSWER_S: Final = 5.0
"""How long a start or a save may take."""

MakeWorkers: TypeAlias = Callable[[Address[DecoderNews], Address[BufferNews]], WorkerFactory]
Wrap: TypeAlias = Callable[[str, Address[Any]], Address[Any]]

_log = logging.getLogger(__name__)


def unwrapped(_receiver: str, address: Address[Any]) -> Address[Any]:
    """Let senders reach the receiver directly."""
    return address


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine is made with.

    Attributes:
        saved: what to begin from.
        choice: the sound device.
        outputs: all outputs with their defaults, by their ids; empty = the sound device alone.
        main_output: id of the sound device; None = there are side outputs only.
        sides: the others.
        maximum_length: entries that the queue may have; None = any number.
        levelling: how the level of files becomes their gain, but for the listener's mode.
        poisoned: URIs whose decoding ended the process before; they are passed over.
        give_up: ends the process; called at the third death of an actor within a minute.
        notify: feeds systemd; called by the liveness beat only.
        subjects: who else is asked for signs of life.
        wrap: see the module's docstring.
    """

    saved: SavedState
    store: PlayerStore
    choice: OutputChoice
    format: OutputFormat
    make_device: MakeDevice
    make_workers: MakeWorkers
    telemetry: Telemetry
    listener: Address[SubsystemsChanged]
    give_up: Callable[[], None]
    notify: Callable[[], None] = lambda: None
    outputs: tuple[OutputStatus, ...] = ()
    main_output: int | None = 0
    sides: tuple[SideChoice, ...] = ()
    subjects: tuple[Subject, ...] = ()
    intervention_listeners: tuple[Address[WatchdogIntervened], ...] = ()
    poisoned: frozenset[str] = frozenset()
    maximum_length: int | None = None
    levelling: Levelling = AS_IT_IS
    restore_paused: bool = False
    resume_fade_ms: int = 20
    hung_after_s: float = HUNG_AFTER_S
    wrap: Wrap = unwrapped


class Engine:
    """Builds the actors, starts them from the bottom up, stops them in reverse."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts
        self.queue: InboxAddress[QueueInbox] = InboxAddress("QueueActor")
        self.decoder: InboxAddress[DecoderInbox] = InboxAddress("DecoderActor")
        self.buffer: InboxAddress[BufferInbox] = InboxAddress("BufferActor")
        self.mixer: InboxAddress[MixerInbox] = InboxAddress("MixerActor")
        self.watchdog: InboxAddress[WatchdogInbox] = InboxAddress("WatchdogActor")
        self.storage: InboxAddress[StorageInbox] = InboxAddress("StorageActor")
        self.status: Published[PlayerStatus] = Published(PlayerStatus())
        self._rings: Published[Rings] = Published({})
        self._memory = Published(_prepared(parts))
        self._numbers = Numbers()
        self.liveness = Liveness(
            (*self._subjects(), *parts.subjects), answers=self.watchdog, notify=parts.notify
        )
        deaths = Deaths(parts.give_up)
        # From the bottom up: an actor is started after those whose events it waits for least.
        self._places = [
            Place(
                address,
                build,
                deaths=deaths,
                telemetry=parts.telemetry,
                on_restart=self._tell_queue,
            )
            for address, build in self._builders()
        ]

    def start(self) -> None:
        """Start all actors and go on where the saved state ended.

        Raises:
            pykka.Timeout: an actor does not answer.
        """
        for place in self._places:
            place.start()
        for address in self._addresses():
            address.ask(GiveSignOfLife(), timeout_s=ANSWER_S)
        self.queue.ask(ResumePlaying(), timeout_s=ANSWER_S)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Save the state, then end all actors; none may take longer than ``timeout_s``."""
        saved: SimpleQueue[None] = SimpleQueue()
        try:
            self.queue.ask(SaveNow(), timeout_s=timeout_s)
            self.storage.tell(Flush(lambda: saved.put(None)))
            saved.get(timeout=timeout_s)
        except (pykka.Timeout, Empty):
            _log.warning("The state was not saved in time; the last seconds' position is lost")
        for place in reversed(self._places):
            place.stop(timeout_s)

    def ring_levels_s(self) -> dict[ChainId, float]:
        """Return how many seconds of decoded sound each chain's ring holds, oldest chain first."""
        rate_hz = self._parts.format.rate_hz
        return {chain: ring.level / rate_hz for chain, ring in sorted(self._rings.latest.items())}

    def _addresses(self) -> tuple[InboxAddress[Any], ...]:
        return (self.storage, self.buffer, self.decoder, self.mixer, self.queue, self.watchdog)

    def _subjects(self) -> Iterable[Subject]:
        for address in self._addresses():
            patient = address is self.storage
            yield actor_subject(address, PATIENT_DEADLINE_S) if patient else actor_subject(address)

    def _tell_queue(self, name: str) -> None:
        self.queue.tell(PeerRestarted(name))

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return settings_from(self._memory.latest.settings)

    # How each actor is built, and built again when it died.

    def _builders(
        self,
    ) -> tuple[tuple[InboxAddress[Any], Callable[[Place], Any]], ...]:
        return (
            (self.storage, self._build_storage),
            (self.buffer, self._build_buffer),
            (self.decoder, self._build_decoder),
            (self.mixer, self._build_mixer),
            (self.queue, self._build_queue),
            (self.watchdog, self._build_watchdog),
        )

    def _to(self, address: InboxAddress[Any]) -> Address[Any]:
        return self._parts.wrap(address.name, address)

    def _build_storage(self, place: Place) -> StorageActor:
        return StorageActor(
            address=self.storage,
            supervisor=place,
            store=self._parts.store,
            queue=self._to(self.queue),
            telemetry=self._parts.telemetry,
        )

    def _build_buffer(self, place: Place) -> BufferActor:
        return BufferActor(
            address=self.buffer,
            supervisor=place,
            decoder=self._to(self.decoder),
            mixer=self._to(self.mixer),
            settings=self.settings,
            rate_hz=self._parts.format.rate_hz,
            history_ms=self._unheard_ms,
            rings=self._rings,
        )

    @property
    def _unheard_ms(self) -> int:
        """At most so much is mixed but unheard: the device's buffer and two periods; doubled."""
        wanted = self._parts.format
        frames = 2 * (wanted.buffer + 2 * wanted.period)
        return max(250, frames * 1000 // wanted.rate_hz)

    def _build_decoder(self, place: Place) -> DecoderActor:
        workers = self._parts.make_workers(self._to(self.decoder), self._to(self.buffer))
        return DecoderActor(
            address=self.decoder,
            supervisor=place,
            queue=self._to(self.queue),
            buffers=self._to(self.buffer),
            workers=workers,
            telemetry=self._parts.telemetry,
            settings=self.settings,
            rate_hz=self._parts.format.rate_hz,
        )

    def _build_mixer(self, place: Place) -> MixerActor:
        parts = self._parts
        output = Output(
            parts.choice,
            parts.format,
            parts.make_device,
            self._to(self.mixer),
            main_id=parts.main_output,
            sides=SideOutputs(parts.sides, self._to(self.queue)),
        )
        return MixerActor(
            address=self.mixer,
            supervisor=place,
            queue=self._to(self.queue),
            buffer=self._to(self.buffer),
            telemetry=parts.telemetry,
            output=output,
            threshold_ms=self.settings.minimum_playback_buffer_ms,
            resume_fade_ms=parts.resume_fade_ms,
            hung_after_s=parts.hung_after_s,
        )

    def _build_queue(self, place: Place) -> QueueActor:
        parts = self._parts
        news = EngineNews(
            decoder=self._to(self.decoder),
            buffer=self._to(self.buffer),
            mixer=self._to(self.mixer),
            watchdog=self._to(self.watchdog),
        )
        keeper = QueueKeeper(
            status=self.status,
            memory=self._memory,
            storage=self._to(self.storage),
            listener=parts.listener,
        )
        return QueueActor(
            address=self.queue,
            supervisor=place,
            news=news,
            keeper=keeper,
            telemetry=parts.telemetry,
            numbers=self._numbers,
            initial=self._memory.latest,
            rate_hz=parts.format.rate_hz,
            poisoned=parts.poisoned,
            maximum_length=parts.maximum_length,
            levelling=parts.levelling,
            main_output=parts.main_output,
        )

    def _build_watchdog(self, place: Place) -> WatchdogActor:
        return WatchdogActor(
            self.watchdog,
            peers=Peers(self.queue, self.decoder, self.buffer, self.mixer),
            liveness=self.liveness,
            telemetry=self._parts.telemetry,
            settings=self.settings,
            listeners=self._parts.intervention_listeners,
            supervisor=place,
        )


def _prepared(parts: EngineParts) -> SavedState:
    """Bring the saved state up to the configuration: outputs, and whether to resume paused."""
    player = parts.saved.player
    choice = parts.choice
    alone = OutputStatus(0, choice.name, choice.plugin, enabled=True, device=choice.device)
    outputs = remembered(parts.outputs or (alone,), player.outputs)
    state = player.state
    if parts.restore_paused and state is PlayerState.PLAY:
        state = PlayerState.PAUSE
    return replace(parts.saved, player=replace(player, outputs=outputs, state=state))
