"""WatchdogActor: looks whether events did what they should, and whether everybody answers.

======================  ==========================================================
receives                does
======================  ==========================================================
``PlayerStateChanged``  arms the rounds while playing, disarms them otherwise
``SettingChanged``      follows ``watchdog_interval_ms`` and ``watchdog_enabled``
``DeadlineReached``     runs the round or the beat that is due
``SignOfLife``          passes it on to the beat
``RunRound``            runs one round now; answers what was cured
``GiveSignOfLife``      answers
======================  ==========================================================

Both times share the one alarm of the actor's inbox, so without a round due it sleeps until the
next beat. A peer that does not answer ends the round and no more: hung is the beat's business.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar, assert_never

from actors.actor import Actor, Supervisor
from actors.address import Address, DeadlineReached, InboxAddress
from actors.in_turn import Asked, ask_in_turn
from actors.liveness import Liveness
from actors.messages import (
    BufferInbox,
    DecoderInbox,
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    GiveSignOfLife,
    MixerInbox,
    PlanChanged,
    PlayerStateChanged,
    QueueInbox,
    RequestDecode,
    RunRound,
    SettingChanged,
    SignOfLife,
    StartMixer,
    StuckState,
    WatchdogInbox,
    WatchdogIntervened,
)
from actors.stuck_states import Suspicion, Sweep, confirmed, suspicions
from actors.telemetry import Telemetry
from playback.player import PlayerState
from playback.settings import Settings
from playback.units import ChainId

ASK_TIMEOUT_S: Final = 1.0

M_contra = TypeVar("M_contra", contravariant=True)

_log = logging.getLogger(__name__)


class Peer(Address[M_contra], Asked, Protocol[M_contra]):
    """Somebody who can be told and asked."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Whom a round asks."""

    queue: Peer[QueueInbox]
    decoder: Peer[DecoderInbox]
    buffer: Peer[BufferInbox]
    mixer: Peer[MixerInbox]


class WatchdogActor(Actor[WatchdogInbox]):
    """See the module's docstring.

    Args:
        settings: as they are now; changes come as messages.
        listeners: are told of every intervention.
        ask_timeout_s: how long a round waits for one peer.
        clock: the clock of the inbox's alarm.
    """

    def __init__(
        self,
        address: InboxAddress[WatchdogInbox],
        *,
        peers: Peers,
        liveness: Liveness,
        telemetry: Telemetry,
        settings: Settings,
        listeners: tuple[Address[WatchdogIntervened], ...] = (),
        supervisor: Supervisor | None = None,
        ask_timeout_s: float = ASK_TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(address, supervisor)
        self._peers = peers
        self._liveness = liveness
        self._telemetry = telemetry
        self._listeners = listeners
        self._interval_s = settings.watchdog_interval_ms / 1000
        self._enabled = bool(settings.watchdog_enabled)
        self._ask_timeout_s = ask_timeout_s
        self._clock = clock
        self._playing = False
        self._round_due_s = math.inf
        self._gave_up_on_round = False
        self._started_in_vain: ChainId | None = None
        self._total = 0
        self._set_alarm()

    def handle(self, message: WatchdogInbox) -> tuple[StuckState, ...] | None:
        """Act on one message."""
        match message:
            case DeadlineReached():
                self._do_what_is_due()
            case SignOfLife(name):
                self._liveness.heard(name)
            case PlayerStateChanged(state):
                self._follow_player(state)
            case SettingChanged(key=key, new=new):
                self._follow_setting(key, new)
            case RunRound():
                return self._run_round()
            case GiveSignOfLife():
                return None
            case _:
                assert_never(message)
        self._set_alarm()
        return None

    # When

    def _set_alarm(self) -> None:
        self.inbox.deadline_s = min(self._round_due_s, self._liveness.due_s)

    def _do_what_is_due(self) -> None:
        now_s = self._clock()
        if now_s >= self._liveness.due_s:
            self._liveness.run()
        if now_s >= self._round_due_s:
            self._run_round()
            # From when it was due, not from when it ran: no drift. Missed ones are not made up for.
            missed = (self._clock() - self._round_due_s) // self._interval_s
            self._round_due_s += (missed + 1) * self._interval_s

    def _follow_player(self, state: PlayerState) -> None:
        playing = state is PlayerState.PLAY
        if playing != self._playing:
            self._playing = playing
            self._arm()

    def _follow_setting(self, key: str, new: int) -> None:
        if key == "watchdog_interval_ms":
            self._interval_s = new / 1000
            self._arm()
        elif key == "watchdog_enabled":
            self._enabled = bool(new)
            self._arm()

    def _arm(self) -> None:
        armed = self._playing and self._enabled
        self._round_due_s = self._clock() + self._interval_s if armed else math.inf

    # What

    def _run_round(self) -> tuple[StuckState, ...]:
        began_s = time.perf_counter()
        cured = tuple(self._find_and_cure())
        self._telemetry.round_took(time.perf_counter() - began_s)
        return cured

    def _find_and_cure(self) -> list[StuckState]:
        first = self._sweep()
        if first is None or not suspicions(first):
            return []
        second = self._sweep()
        if second is None:
            return []
        stuck = confirmed(first, second)
        for suspicion in stuck:
            self._report(suspicion)
            self._cure(suspicion, second)
        return [suspicion.kind for suspicion in stuck]

    def _sweep(self) -> Sweep | None:
        peers, timeout_s = self._peers, self._ask_timeout_s
        try:
            sweep = Sweep(
                *ask_in_turn(
                    (
                        (peers.queue, GetQueueSnapshot()),
                        (peers.decoder, GetDecoderSnapshot()),
                        (peers.buffer, GetBufferSnapshot()),
                        (peers.mixer, GetMixerSnapshot()),
                    ),
                    timeout_s=timeout_s,
                )
            )
        except Exception as error:  # noqa: BLE001  (whatever a peer's handler raised)
            if not self._gave_up_on_round:
                _log.warning("Watchdog rounds end early: %s", str(error) or repr(error))
            self._gave_up_on_round = True
            return None
        self._gave_up_on_round = False
        return sweep

    def _report(self, suspicion: Suspicion) -> None:
        _log.warning(
            "[WATCHDOG] Event system failure detected: %s. Intervention: %s. "
            "This indicates a bug in event-driven logic.",
            suspicion.reason,
            suspicion.action,
        )
        self._total += 1
        kind, entry = suspicion.kind.value, suspicion.queue_entry_id
        self._telemetry.intervention(kind, entry)
        for listener in self._listeners:
            listener.tell(WatchdogIntervened(kind, entry, self._total))

    def _cure(self, suspicion: Suspicion, sweep: Sweep) -> None:
        """Let the peer do what the lost event would have made it do.

        One who has not even the plan gets it first. A DecoderActor that learns of the chain only
        by that begins it at once; one that believed it at work is asked to begin anew. So is one
        whose ring the mixer still cannot start a round later: a new chain is handed a new ring.
        """
        plan, peers, chain = sweep.queue.plan, self._peers, suspicion.chain_id
        if suspicion.kind is StuckState.MIXER_NOT_STARTED:
            if sweep.mixer.plan_version < plan.version:
                peers.mixer.tell(PlanChanged(plan))
            peers.mixer.tell(StartMixer())
            if chain == self._started_in_vain:  # it has not even the ring
                peers.decoder.tell(RequestDecode(chain))
            self._started_in_vain = chain
            return
        behind = sweep.decoder.plan_version < plan.version
        if behind:
            peers.decoder.tell(PlanChanged(plan))
        if not behind or chain in sweep.decoder.chains:
            peers.decoder.tell(RequestDecode(chain))
