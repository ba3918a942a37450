"""How a new plan reaches the engine: which message says it to whom."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from actors.address import Address
from actors.messages import (
    BufferInbox,
    DecoderInbox,
    Enqueued,
    MixerInbox,
    Pause,
    PlanChanged,
    PlayerStateChanged,
    QueueAdvanced,
    SettingChanged,
    StartCurrent,
    Stop,
    WatchdogInbox,
)
from playback.plan import EnginePlan
from playback.player import PlayerState
from playback.transport import Cue
from playback.units import EntryId


@dataclass(frozen=True, slots=True)
class Added:
    """An entry came into the queue at a position; becomes ``Enqueued``."""

    entry: EntryId
    position: int


@dataclass(frozen=True, slots=True)
class Advanced:
    """Another entry became current; becomes ``QueueAdvanced``."""

    previous: EntryId | None


class EngineNews:
    """QueueActor's way down: the addresses of the engine's actors, and what each is told."""

    def __init__(
        self,
        *,
        decoder: Address[DecoderInbox],
        buffer: Address[BufferInbox],
        mixer: Address[MixerInbox],
        watchdog: Address[WatchdogInbox],
    ) -> None:
        self.mixer = mixer
        self._decoder = decoder
        self._buffer = buffer
        self._watchdog = watchdog
        self._told = EnginePlan(0, PlayerState.STOP)

    def tell(self, plan: EnginePlan, cue: Cue | None, news: Added | Advanced | None) -> None:
        """Send ``plan`` down; nobody is told anything if nothing in it is new.

        What is to be heard at once comes first: the decoder's work would compete with it.
        """
        told, self._told = self._told, plan
        same = replace(plan, version=told.version) == told
        if same and cue is None and news is None:
            return
        if cue is None:
            self._tell_decoder(plan, news)
            self.mixer.tell(PlanChanged(plan))
        else:
            self._tell_mixer(plan, cue)
            self._tell_decoder(plan, news)
        if plan.state is not told.state:
            self._watchdog.tell(PlayerStateChanged(plan.state))

    def setting_changed(self, message: SettingChanged) -> None:
        """Tell everybody who lives by a setting."""
        for peer in (self._decoder, self._buffer, self.mixer, self._watchdog):
            peer.tell(message)

    def tell_watchdog_again(self, state: PlayerState) -> None:
        """Tell a replaced WatchdogActor what the player does."""
        self._watchdog.tell(PlayerStateChanged(state))

    def _tell_decoder(self, plan: EnginePlan, news: Added | Advanced | None) -> None:
        now = time.monotonic()
        match news:
            case Added(entry, position):
                slot = next((slot for slot in plan.slots if slot.entry == entry), None)
                passage_id = slot.passage.passage_id if slot else None
                self._decoder.tell(Enqueued(entry, passage_id, position, plan, now))
            case Advanced(previous):
                current = plan.current.entry if plan.current else None
                following = plan.next.entry if plan.next else None
                self._decoder.tell(QueueAdvanced(previous, current, following, plan, now))
            case None:
                self._decoder.tell(PlanChanged(plan))

    def _tell_mixer(self, plan: EnginePlan, cue: Cue) -> None:
        match cue:
            case Cue.START:
                self.mixer.tell(StartCurrent(plan, time.monotonic()))
            case Cue.PAUSE:
                self.mixer.tell(Pause(plan))
            case Cue.STOP:
                self.mixer.tell(Stop(plan))
