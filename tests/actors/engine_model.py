"""A model of the engine's messages: four inboxes, FIFO, handlers that may be interrupted.

It knows nothing of sound or threads, only who tells whom what and when. Every ``yield`` in a
handler is a place where another actor, a worker, the device or a user may come in between, so
a run under a seed is one possible order of things. ``drops`` loses messages on purpose.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from actors.messages import (
    BufferSnapshot,
    DecoderSnapshot,
    MixerSnapshot,
    QueueSnapshot,
    RingState,
)
from actors.stuck_states import Sweep
from playback.passage import Passage
from playback.plan import EnginePlan, Priority, Slot
from playback.player import PlayerState
from playback.units import ZERO_TICKS, ChainId, EntryId, Frames

THRESHOLD = 3
CAPACITY = 8
WINDOW = 4

Steps = Iterator[None]
Message = tuple[str, Any]
PLAY, PAUSE, STOP = PlayerState.PLAY, PlayerState.PAUSE, PlayerState.STOP


@dataclass
class ModelRing:
    """What worker and mixer share: counts only."""

    length: int
    written: int = 0
    taken: int = 0

    @property
    def complete(self) -> bool:
        return self.written == self.length

    @property
    def level(self) -> int:
        return self.written - self.taken

    @property
    def room(self) -> int:
        return min(CAPACITY - self.level, self.length - self.written)

    @property
    def ready(self) -> bool:
        return self.complete or self.level >= THRESHOLD


@dataclass
class Part:
    """An actor: an inbox, and the handler it is in the middle of."""

    handle: Callable[[Message], Steps]
    inbox: deque[Message] = field(default_factory=deque)
    busy: Steps | None = None

    @property
    def can_step(self) -> bool:
        return self.busy is not None or bool(self.inbox)

    def step(self) -> None:
        if self.busy is None:
            self.busy = self.handle(self.inbox.popleft())
        if next(self.busy, "over") == "over":
            self.busy = None


class EngineModel:
    """The engine as its messages see it."""

    def __init__(
        self, seed: int, drops: Callable[[str, str, Any], bool] = lambda *_: False
    ) -> None:
        self.random = random.Random(seed)
        self.failure_rate = 0.0
        self._drops = drops
        self.parts = {
            "queue": Part(self._queue),
            "decoder": Part(self._decoder),
            "buffer": Part(self._buffer),
            "mixer": Part(self._mixer),
        }
        # QueueActor
        self._entries: list[int] = []
        self._current: int | None = None
        self._chains: dict[int, int] = {}
        self._unplayable: set[int] = set()
        self._last_entry = self._last_chain = 0
        self._limit = WINDOW
        self.plan = EnginePlan(0, STOP)
        # DecoderActor
        self._follows = EnginePlan(0, STOP)
        self._at_work: set[int] = set()
        self._failed: set[int] = set()
        self._connecting: set[int] = set()
        self._streams = WINDOW
        self.workers: dict[int, ModelRing] = {}
        self._unreported: deque[int] = deque()
        # BufferActor
        self._rings: dict[int, ModelRing] = {}
        self._heard: dict[int, RingState] = {}
        self._told: set[int] = set()
        # MixerActor
        self._mixes = EnginePlan(0, STOP)
        self._handed: dict[int, ModelRing] = {}
        self._sounding: int | None = None
        self._held: int | None = None
        self._starved: int | None = None
        self._completed: set[int] = set()
        self._output = "open"
        self._starts = 0
        # The watchdog
        self.sweeps: list[Sweep] = []
        self._answers: list[Any] = []
        self._asked = 0

    def tell(self, to: str, kind: str, what: Any = None) -> None:
        if not self._drops(to, kind, what):
            self.parts[to].inbox.append((kind, what))

    # The queue

    def _queue(self, message: Message) -> Steps:
        match message:
            case ("Ask", _):
                self._answers.append(
                    QueueSnapshot(self.plan, frozenset(map(EntryId, self._unplayable)))
                )
                return
            case (
                ("PassageCompleted" | "DecodeFailed" | "StreamLimitChanged" | "OutputRestored"),
                _,
            ):
                yield from self._note(message)
            case _:
                yield from self._obey(message)

    def _obey(self, command: Message) -> Steps:
        match command:
            case ("add", length):
                self._last_entry += 1
                self._entries.append(self._last_entry * 100 + length)
                yield from self._replan(self.plan.state)
            case ("remove", place) if self._entries:
                entry = self._entries.pop(place % len(self._entries))
                self._chains.pop(entry, None)
                if entry == self._current:
                    self._current = None
                yield from self._replan(self.plan.state, start=True)
            case ("seek", _) if self._current is not None:
                del self._chains[self._current]
                yield from self._replan(self.plan.state, start=True)
            case ("next", _):
                yield from self._advance()
            case ("play", _) if self._entries:
                yield from self._replan(PLAY, start=True)
            case ("pause", _) if self.plan.state is PLAY:
                yield from self._replan(PAUSE)
            case ("stop", _):
                yield from self._replan(STOP)

    def _note(self, event: Message) -> Steps:
        match event:
            case ("PassageCompleted", chain):
                if self._current is not None and self._chains.get(self._current) == chain:
                    yield from self._advance()
            case ("DecodeFailed", (entry, _)):
                self._unplayable.add(entry)
                if entry == self._current:
                    yield from self._advance()
                else:
                    yield from self._replan(self.plan.state)
            case ("StreamLimitChanged", limit):
                self._limit = limit
                yield from self._replan(self.plan.state)
            case ("OutputRestored", _):
                yield from self._replan(self.plan.state, start=True)

    def _advance(self) -> Steps:
        playable = [e for e in self._entries if e not in self._unplayable]
        after = [e for e in playable if self._current is not None and e > self._current]
        if self._current is not None:
            self._chains.pop(self._current, None)
        self._current = after[0] if after else None
        yield from self._replan(self.plan.state if after else STOP, start=True)

    def _replan(self, state: PlayerState, *, start: bool = False) -> Steps:
        playable = [e for e in self._entries if e not in self._unplayable]
        if self._current not in playable:
            self._current = playable[0] if playable else None
        if self._current is None:
            state = STOP
        window = [e for e in playable if self._current is not None and e >= self._current]
        slots = tuple(self._slot(e, i) for i, e in enumerate(window[: self._limit]))
        self.plan = EnginePlan(self.plan.version + 1, state, slots)
        self.tell("decoder", "QueueAdvanced" if start else "PlanChanged", self.plan)
        yield
        kind = {PLAY: "StartCurrent" if start else "PlanChanged", PAUSE: "Pause", STOP: "Stop"}
        self.tell("mixer", kind[state], self.plan)

    def _slot(self, entry: int, place: int) -> Slot:
        # An entry that leaves the window and returns keeps its chain: the harder case.
        if entry not in self._chains:
            self._last_chain += 1
            self._chains[entry] = self._last_chain
        chain = ChainId(self._chains[entry])
        passage = Passage(f"{entry}.flac")
        return Slot(chain, EntryId(entry), passage, ZERO_TICKS, Priority(min(place, 2)))

    # The decoder

    def _decoder(self, message: Message) -> Steps:
        match message:
            case ("Ask", _):
                sets = (self._at_work, self._failed, self._connecting)
                work, failed, connecting = (frozenset(map(ChainId, each)) for each in sets)
                self._answers.append(
                    DecoderSnapshot(self._follows.version, work, failed, connecting, self._streams)
                )
                return
            case ("QueueAdvanced" | "PlanChanged", plan):
                if plan.version > self._follows.version:
                    self._follows = plan
                    yield from self._reconcile()
            case ("RequestDecode", chain):
                self._at_work.discard(chain)
                yield from self._reconcile()
            case ("RingOpened", (chain, ring)):
                if chain in self._at_work:
                    self.workers[chain] = ring
            case ("Connected", chain) if chain in self._connecting:
                self._connecting.discard(chain)
                yield from self._open(chain)
            case ("WorkerFailed", chain) if chain in self._at_work:
                self._at_work.discard(chain)
                self._connecting.discard(chain)
                self._failed.add(chain)
                self.workers.pop(chain, None)
                slot = self._follows.slot(chain)
                self.tell("buffer", "CloseRing", chain)
                yield
                if slot is not None:
                    self.tell("queue", "DecodeFailed", (slot.entry, chain))
            case ("LimitStreams", limit):
                self._streams = limit
                yield from self._reconcile()
                self.tell("queue", "StreamLimitChanged", limit)

    def _reconcile(self) -> Steps:
        planned = [slot.chain for slot in self._follows.slots[: self._streams]]
        for chain in sorted(self._at_work - set(planned)):
            self._at_work.discard(chain)
            self._connecting.discard(ChainId(chain))
            self.workers.pop(chain, None)
            self.tell("buffer", "CloseRing", chain)
            yield
        self._failed &= set(planned)
        for chain in planned:
            if chain not in self._at_work and chain not in self._failed:
                self._at_work.add(chain)
                if chain % 5 == 0:  # an internet stream
                    self._connecting.add(chain)
                else:
                    yield from self._open(chain)

    def _open(self, chain: int) -> Steps:
        slot = self._follows.slot(ChainId(chain))
        length = slot.entry % 100 if slot is not None else 1
        self.tell("buffer", "OpenRing", (chain, length))
        yield

    def work(self) -> None:
        """Let a worker write, or report what it wrote a while ago."""
        unfilled = [chain for chain, ring in self.workers.items() if ring.room]
        pending = unfilled + sorted(self._connecting)
        if self._unreported and (not pending or self.random.random() < 0.5):
            self.tell("buffer", "FramesAdded", self._unreported.popleft())
            return
        chain = self.random.choice(pending)
        if chain in self._connecting:
            self.tell("decoder", "Connected", chain)
        elif self.random.random() < self.failure_rate:
            self.tell("decoder", "WorkerFailed", chain)
        else:
            ring = self.workers[chain]
            ring.written += self.random.randint(1, ring.room)
            self._unreported.append(chain)

    # The rings

    def _buffer(self, message: Message) -> Steps:
        match message:
            case ("Ask", _):
                rings = {ChainId(chain): ring for chain, ring in self._heard.items()}
                self._answers.append(BufferSnapshot(rings, Frames(THRESHOLD)))
                return
            case ("OpenRing", (chain, length)):
                self._rings.setdefault(chain, ModelRing(length))
                self._heard.setdefault(chain, RingState(Frames(0), False))
                for peer in ("decoder", "mixer"):
                    self.tell(peer, "RingOpened", (chain, self._rings[chain]))
                    yield
            case ("CloseRing", chain):
                self._rings.pop(chain, None)
                self._heard.pop(chain, None)
                self._told.discard(chain)
            case ("FramesAdded" | "RingDrained" as kind, chain) if chain in self._rings:
                ring = self._rings[chain]
                self._heard[chain] = RingState(Frames(ring.level), ring.complete)
                # The worker may have refilled it meanwhile: the mixer waits all the same.
                if kind == "RingDrained" or not ring.ready:
                    self._told.discard(chain)
                if ring.ready and chain not in self._told:
                    self._told.add(chain)
                    self.tell("mixer", "BufferThresholdReached", chain)
        yield

    # The mixer

    def _mixer(self, message: Message) -> Steps:
        match message:
            case ("Ask", _):
                self._answers.append(self._mixer_snapshot())
                return
            case ("StartCurrent" | "PlanChanged" | "Pause" | "Stop", plan):
                if plan.version > self._mixes.version:
                    self._follow(plan)
                    self._start()
            case ("RingOpened", (chain, ring)):
                self._handed[chain] = ring
            case ("BufferThresholdReached" | "StartMixer", _):
                self._start()
            case ("PeriodPlayed", _) if self._sounding is not None:
                yield from self._play_on(self._sounding)
            case ("DeviceLost", _) if self._output == "open":
                self._output = "lost"
                self._held, self._sounding = self._sounding or self._held, None
                self.tell("queue", "OutputLost")
            case ("OutputOpened", _) if self._output == "lost":
                self._output = "open"
                self.tell("queue", "OutputRestored")
        yield

    def _mixer_snapshot(self) -> MixerSnapshot:
        return MixerSnapshot(
            self._mixes.version,
            () if self._sounding is None else (ChainId(self._sounding),),
            output_ready=self._output == "open",
            completed=frozenset(map(ChainId, self._completed)),
            starved=() if self._starved is None else (ChainId(self._starved),),
            starts=self._starts,
        )

    def _follow(self, plan: EnginePlan) -> None:
        self._mixes = plan
        planned = {slot.chain for slot in plan.slots}
        self._completed &= planned
        if plan.state is not PLAY:
            self._held, self._sounding = self._sounding or self._held, None
        wanted = self._wanted()
        if self._sounding != wanted:
            self._sounding = None
        if self._starved != wanted:
            self._starved = None

    def _wanted(self) -> int | None:
        chains = (slot.chain for slot in self._mixes.slots if slot.chain not in self._completed)
        return next(chains, None)

    def _start(self) -> None:
        wanted = self._wanted()
        ring = self._handed.get(wanted) if wanted is not None else None
        resumes = wanted is not None and wanted == self._held
        if self._mixes.state is not PLAY or self._output != "open" or self._sounding is not None:
            return
        if ring is not None and (ring.ready or resumes):
            self._sounding, self._held, self._starved = wanted, None, None
            self._starts += 1

    def _play_on(self, chain: int) -> Steps:
        ring = self._handed[chain]
        ring.taken += min(ring.level, self.random.randint(1, 2))
        if ring.level == 0 and ring.complete:
            self._sounding = None
            self._completed.add(chain)
            self._start()
            self.tell("queue", "PassageCompleted", chain)
            yield
        elif ring.level == 0:
            self._sounding, self._starved = None, chain
            self.tell("buffer", "RingDrained", chain)
            yield

    # The watchdog

    def watch(self) -> None:
        """Ask the next peer once the one before has answered; a sweep ends with the mixer."""
        if len(self._answers) < self._asked:
            return
        if self._asked == len(self.parts):
            self.sweeps.append(Sweep(*self._answers))
            self._answers, self._asked = [], 0
        self.parts[list(self.parts)[self._asked]].inbox.append(("Ask", None))
        self._asked += 1

    def sweep_again(self) -> Sweep:
        """Let everything settle, then sweep undisturbed."""
        self.settle()
        known = len(self.sweeps)
        while len(self.sweeps) == known:
            self.watch()
            self.settle()
        return self.sweeps[-1]

    # Running it

    def command(self) -> None:
        kinds = ["add"] * 8 + ["play"] * 5 + ["remove", "seek", "next", "pause", "stop"]
        kind = self.random.choice(kinds)
        self.tell("queue", kind, self.random.randint(1, 12))

    def mishap(self) -> None:
        to, kind, what = self.random.choice(
            [
                ("mixer", "DeviceLost", None),
                *[("mixer", "OutputOpened", None)] * 6,
                ("decoder", "LimitStreams", self.random.randint(1, WINDOW)),
            ]
        )
        self.tell(to, kind, what)

    def step(self) -> None:
        """Let one thing happen, whatever it is."""
        choices = [*self._ready(), self._device, *[self.watch] * 4]
        if self.random.random() < 0.4:
            choices.append(self.command)
        if self.random.random() < 0.1:
            choices.append(self.mishap)
        self.random.choice(choices)()

    def settle(self, *, workers: bool = True) -> None:
        """Deliver everything, and let the workers fill their rings; nothing is played."""
        while ready := self._ready(workers=workers):
            self.random.choice(ready)()

    def _ready(self, *, workers: bool = True) -> list[Callable[[], None]]:
        choices: list[Callable[[], None]] = []
        for part in self.parts.values():
            choices += [part.step] * 4 * part.can_step
        unfilled = any(ring.room for ring in self.workers.values())
        if workers and (unfilled or self._connecting or self._unreported):
            choices += [self.work] * 3
        return choices

    def _device(self) -> None:
        if self._sounding is not None:
            self.tell("mixer", "PeriodPlayed")
