"""QueueActor: the one owner of the queue, the player's state, and "current".

=========================  =====================================================================
receives                   does
=========================  =====================================================================
a session's command        changes the queue or the player, or refuses with an ``AckError``
``PassageCompleted``       moves on when it is the current passage that ended by itself
``PassageStarted`` …       notes what sounds, for clients and for the next plan
``PositionUpdated``        notes how far; saves it every 5 s
``DecodeFailed``           passes the entry over; stops when nothing is left that can be played
``EndpointDiscovered``     plans anew with the file's real end
``OutputLost`` …           shows it to clients until it is cured; so with ``MusicLost``
``PeerRestarted``          tells a replaced actor all it needs: new chains from what was heard
``ResumePlaying``          goes on where the last run ended
=========================  =====================================================================

After each message it settles: the engine gets the new plan if it differs, the change goes to
StorageActor, the public status is published, and clients that idle are woken, in this order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import assert_never

from actors.actor import Actor, Supervisor
from actors.address import DeadlineReached, InboxAddress
from actors.controls import Control, Move, apply_control, options_in
from actors.engine_news import Added, Advanced, EngineNews
from actors.messages import (
    ChangeOptions,
    ChangePassage,
    ClearError,
    CompletionReason,
    CrossfadeStarted,
    DecodeFailed,
    Done,
    EndpointDiscovered,
    EngineEvent,
    GetQueueSnapshot,
    GiveSignOfLife,
    MusicLost,
    MusicRestored,
    OutputLost,
    OutputRestored,
    PassageCompleted,
    PassageStarted,
    PeerRestarted,
    PlayId,
    PlayPosition,
    PositionUpdated,
    QueueCommand,
    QueueInbox,
    QueueSnapshot,
    ResumePlaying,
    SaveNow,
    SetRange,
    SetSetting,
    SideOutputFailed,
    SideOutputRestored,
    StateSaved,
    StorageFailed,
    StorageRecovered,
    StreamLimitChanged,
    SwitchOutput,
    UnderrunDetected,
    UseDevice,
    XrunDetected,
)
from actors.player_outputs import PlayerOutputs
from actors.player_settings import PlayerSettings
from actors.problems import Problem, Problems
from actors.queue_edits import QueueEdit, apply_edit
from actors.queue_keeper import QueueKeeper, compose
from actors.revival import revived, to_save
from actors.telemetry import EventPath, Telemetry
from playback.errors import FailureKind
from playback.known_passages import SourceFacts
from playback.levels import AS_IT_IS, Levelling
from playback.plan import EnginePlan
from playback.planner import Numbers
from playback.player import PlayerState
from playback.saved import SavedState
from playback.stored_passages import StoredPassages
from playback.transport import Cue
from playback.units import ChainId, EntryId, frames_to_ticks

_log = logging.getLogger(__name__)


class QueueActor(Actor[QueueInbox]):
    """Turns messages into calls of the transport and the play queue, and settles.

    Args:
        news: the way down to the engine.
        keeper: the way up to clients and storage.
        numbers: chain ids and plan versions, which outlive this instance.
        initial: what to begin from.
        rate_hz: the working rate, in which positions arrive.
        poisoned: URIs that ended the process when they were decoded; passed over.
        maximum_length: entries that the queue may have; None = any number.
        levelling: what wkmp.ini says of how the level of files becomes their gain.
        main_output: id of the output that can be a sound device; None = there is none.
    """

    def __init__(
        self,
        *,
        address: InboxAddress[QueueInbox],
        supervisor: Supervisor | None = None,
        news: EngineNews,
        keeper: QueueKeeper,
        telemetry: Telemetry,
        numbers: Numbers,
        initial: SavedState,
        rate_hz: int,
        poisoned: frozenset[str] = frozenset(),
        maximum_length: int | None = None,
        levelling: Levelling = AS_IT_IS,
        main_output: int | None = 0,
    ) -> None:
        super().__init__(address, supervisor)
        self._news = news
        self._keeper = keeper
        self._telemetry = telemetry
        self._rate_hz = rate_hz
        self._problems = Problems()
        self._damage: dict[ChainId, str] = {}
        self._stream_limit = 0
        self._frames_done = 0
        self._frames_now = 0
        self._pending: Added | Advanced | None = None
        self._position_due = False
        self._advanced_for: float | None = None  # when the passage's end was told
        self._settings = PlayerSettings(initial.settings, news.setting_changed)
        self._outputs = PlayerOutputs(initial.player.outputs, news.mixer, main_output)
        self._stored = StoredPassages(initial.passages)
        self._warn(self._stored.take_warnings())
        self._transport, problem = revived(
            initial,
            numbers,
            poisoned=poisoned,
            stored=self._stored,
            maximum_length=maximum_length,
            levelling=levelling,
        )
        if problem is not None:
            self._problems.note(Problem.DECODE, problem)
        keeper.loaded(initial)

    def handle(self, message: QueueInbox) -> object:
        """Act on one message, then settle; a command is answered with ``Done``."""
        match message:
            case GetQueueSnapshot():
                return QueueSnapshot(self._transport.plan, frozenset(self._transport.failed))
            case GiveSignOfLife() | DeadlineReached():
                return None
            case SaveNow():
                state = self._state()
                return self._keeper.save(state, self._keeper.change(state, position=True))
            case ResumePlaying():
                self._outputs.tell_again()
                self._settle()
                return None
            case PositionUpdated():
                self._note(message)
                self._tell_all(self._transport.plan)  # which a position does not alter
                return None
            case (
                PassageCompleted()
                | PassageStarted()
                | CrossfadeStarted()
                | DecodeFailed()
                | EndpointDiscovered()
                | UnderrunDetected()
                | XrunDetected()
                | OutputLost()
                | OutputRestored()
                | SideOutputFailed()
                | SideOutputRestored()
                | MusicLost()
                | MusicRestored()
                | StreamLimitChanged()
                | PeerRestarted()
                | StorageFailed()
                | StorageRecovered()
                | StateSaved()
            ):
                self._note(message)
                self._settle()
                return None
            case _:
                before = self._transport.queue.current
                value = self._obey(message)
                self._note_current(before)
                return Done(value, self._settle())

    # Commands

    def _obey(self, command: QueueCommand) -> object:
        transport = self._transport
        if isinstance(command, Control):
            self._control(command)
            return None
        match command:
            case ChangeOptions():
                transport.queue.change_options(**options_in(command))
            case ChangePassage(change):
                self._stored.change(change)
                transport.passages_changed()
            case ClearError():
                self._problems.clear()
            case SwitchOutput(id=output, enabled=enabled):
                self._switch_output(output, enabled)
            case UseDevice(plugin, device):
                self._use_device(plugin, device)
            case SetSetting(key, text):
                return self._settings.set(key, text)
            case _:
                return self._edit(command)
        return None

    def _control(self, control: Control) -> None:
        if isinstance(control, PlayPosition | PlayId):
            self._problems.cured(Problem.DECODE)
        apply_control(self._transport, control, time.monotonic())
        self._position_due = self._position_due or isinstance(control, Move)

    def _edit(self, edit: QueueEdit) -> object:
        transport = self._transport
        playing = transport.state is not PlayerState.STOP
        new = apply_edit(transport.queue, edit, playing=playing)
        if isinstance(edit, SetRange):
            transport.range_changed(edit.id)
        failed = transport.failed
        transport.edited()
        if failed and not transport.failed:  # who could not be decoded has left the queue
            self._problems.cured(Problem.DECODE)
        if new:
            self._pending = Added(new[0], transport.queue.position(new[0]))
        return new

    def _switch_output(self, output: int, enabled: bool | None) -> None:
        if self._outputs.switch(output, enabled):
            return
        # Of one that is off nobody expects anything.
        if output == self._outputs.main_id:
            self._problems.cured(Problem.OUTPUT)
        self._problems.hear(SideOutputRestored(output))

    def _use_device(self, plugin: str, device: str) -> None:
        self._problems.cured(Problem.OUTPUT)
        self._outputs.use(plugin, device)

    # Events

    def _note(self, event: EngineEvent) -> None:
        match event:
            case PositionUpdated():
                self._position_updated(event)
            case PassageStarted(chain_id=chain):
                if text := self._damage.pop(chain, None):
                    self._problems.note(Problem.DECODE, text)
                self._transport.started(chain)
                self._transport.jumped = True
            case CrossfadeStarted(to_chain_id=chain):
                self._transport.started(chain)
            case PassageCompleted():
                self._completed(event)
            case DecodeFailed():
                self._cannot_decode(event)
            case EndpointDiscovered(entry, _, end, audio_format, bitrate, profile):
                facts = SourceFacts(end, audio_format, bitrate, profile)
                self._warn(self._transport.passages.learned(entry, facts))
            case UnderrunDetected(entry):
                if not self._problems.is_noted(Problem.MUSIC):  # then it is known why
                    _log.warning(
                        "Entry %d ran out of decoded sound; playing silence until it is back", entry
                    )
            case XrunDetected(total):
                _log.warning("The sound device ran dry (%d times since the start)", total)
            case SideOutputFailed(id=output):
                if self._outputs.is_on(output):  # else it has been switched off meanwhile
                    self._problems.hear(event)
            case (
                OutputLost()
                | OutputRestored()
                | SideOutputRestored()
                | MusicLost()
                | MusicRestored()
                | StorageFailed()
                | StateSaved()
            ):
                self._problems.hear(event)
            case StreamLimitChanged(streams):
                self._stream_limit = streams
            case PeerRestarted(name):
                self._peer_restarted(name)
            case StorageRecovered():
                self._keeper.save_whole(self._state())
            case _:
                assert_never(event)

    @staticmethod
    def _warn(warnings: Iterable[str]) -> None:
        for warning in warnings:
            _log.warning("%s", warning)

    def _position_updated(self, event: PositionUpdated) -> None:
        offset = frames_to_ticks(event.frames, self._rate_hz)
        self._transport.heard(event.chain_id, offset, event.at_s, advancing=event.advancing)
        self._frames_now = event.frames
        self._position_due = self._position_due or not event.advancing  # where it will go on

    def _completed(self, event: PassageCompleted) -> None:
        self._frames_done += event.frames_played
        self._frames_now = 0
        if event.reason is not CompletionReason.NATURAL:
            return
        before = self._transport.queue.current
        if self._transport.completed(event.chain_id):
            self._note_current(before)
            self._advanced_for = event.sent_s

    def _cannot_decode(self, event: DecodeFailed) -> None:
        transport = self._transport
        if transport.plan.slot(event.chain_id) is None:
            return  # nobody wants to hear it any more
        before = transport.queue.current
        if transport.state is not PlayerState.STOP:
            self._problems.note(Problem.DECODE, event.message)
        if event.kind is FailureKind.DAMAGED:  # some is there and is played: said then, too
            planned = {slot.chain for slot in transport.plan.slots}
            self._damage = {c: text for c, text in self._damage.items() if c in planned}
            self._damage[event.chain_id] = event.message
        else:
            transport.cannot_decode(event.queue_entry_id, event.chain_id)
        self._note_current(before)

    def _peer_restarted(self, name: str) -> None:
        if name == "WatchdogActor":
            self._news.tell_watchdog_again(self._transport.state)
        elif name != "StorageActor":
            if name == "MixerActor":
                self._outputs.tell_again()
            if name == "DecoderActor":
                self._problems.cured(Problem.MUSIC)  # the successor finds out anew
            self._transport.rebuild(time.monotonic())
        else:
            self._problems.cured(Problem.STORAGE)  # so does this one
            self._keeper.save_whole(self._state())

    def _note_current(self, before: EntryId | None) -> None:
        if self._transport.queue.current != before and not isinstance(self._pending, Added):
            self._pending = Advanced(before)

    # Settling

    def _settle(self) -> int:
        """Tell engine, storage and clients what is different now; returns the change's number.

        All is worked out before anybody is told: whoever is told first does not have to wait for
        the interpreter while the rest is worked out.
        """
        transport = self._transport
        limit = self._settings.values.maximum_decode_streams
        if self._stream_limit:
            limit = min(limit, self._stream_limit)
        return self._tell_all(transport.make_plan(limit))

    def _tell_all(self, plan: EnginePlan) -> int:
        transport, keeper = self._transport, self._keeper
        state = self._state()
        position = transport.cue in {Cue.PAUSE, Cue.STOP} or self._position_due
        change = keeper.change(state, position=position)
        status = compose(
            transport,
            error=self._problems.text,
            passages=self._stored.rows,
            outputs=self._outputs.statuses,
            play_time_s=(self._frames_done + self._frames_now) / self._rate_hz,
        )
        self._news.tell(plan, transport.cue, self._pending)
        if self._advanced_for is not None:
            latency_s = time.monotonic() - self._advanced_for
            self._telemetry.latency(EventPath.COMPLETE_TO_ADVANCE, latency_s)
        number = keeper.save(state, change)
        keeper.publish(status, player_event=transport.jumped)
        transport.cue = None
        transport.jumped = False
        self._pending = None
        self._position_due = False
        self._advanced_for = None
        return number

    def _state(self) -> SavedState:
        return to_save(
            self._transport,
            outputs=self._outputs.statuses,
            settings=self._settings.rows,
            passages=self._stored.rows,
            now_s=time.monotonic(),
        )
