"""Stand-ins that record and never assert: addresses, telemetry, decode workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from actors.decode_request import DecodeRequest, Grant
from actors.telemetry import Count, EventPath, NoTelemetry
from playback.errors import DecodeError
from playback.plan import Priority
from playback.units import ChainId, EntryId

M = TypeVar("M")
N = TypeVar("N")


class Spy(Generic[M]):
    """An ``Address`` that remembers what it was told, from any thread."""

    def __init__(self) -> None:
        self.received: list[M] = []
        self._changed = threading.Condition()

    def tell(self, message: M) -> None:
        with self._changed:
            self.received.append(message)
            self._changed.notify_all()

    def of(self, kind: type[N]) -> list[N]:
        """Return the messages of one kind, oldest first."""
        return [message for message in self.received if isinstance(message, kind)]

    def wait_for(self, kind: type[N], count: int = 1, timeout_s: float = 10.0) -> list[N]:
        """Wait until ``count`` messages of a kind have come, and return them all."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.of(kind)) >= count, timeout_s)
        found = self.of(kind)
        if not came:
            raise AssertionError(
                f"{len(found)} of {count} {kind.__name__} in {timeout_s} s; got {self.received}"
            )
        return found

    def wait_more(self, than: int, timeout_s: float) -> int:
        """Wait until more than ``than`` messages have come in all; returns how many have."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.received) > than, timeout_s)
            return len(self.received)

    def clear(self) -> None:
        """Forget what came so far."""
        self.received.clear()


class TelemetrySpy(NoTelemetry):
    """Remembers everything but how long rounds took, of which it counts how many there were."""

    def __init__(self) -> None:
        self.interventions: list[tuple[str, int]] = []
        self.restarts: list[str] = []
        self.rounds = 0
        self.latencies: list[tuple[EventPath, float]] = []
        self.counts: dict[Count, int] = {}
        self.speeds: list[float] = []

    def latency(self, path: EventPath, seconds: float) -> None:
        self.latencies.append((path, seconds))

    def count(self, what: Count, amount: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + amount

    def decode_speed(self, times_realtime: float) -> None:
        self.speeds.append(times_realtime)

    def actor_restarted(self, actor: str) -> None:
        self.restarts.append(actor)

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        self.interventions.append((intervention_type, queue_entry_id))

    def round_took(self, seconds: float) -> None:
        assert seconds >= 0
        self.rounds += 1


@dataclass(frozen=True, slots=True)
class Requested:
    """One decode request, or one change of priority of a chain at work."""

    entry: EntryId
    chain: ChainId
    priority: Priority
    at_s: float


@dataclass(slots=True)
class WorkerSpy:
    """One chain's worker that decodes nothing; the test reports in its place."""

    request: DecodeRequest
    factory: DecoderWorkerSpy
    grants: list[Grant] = field(default_factory=list)
    cancelled: bool = False

    def grant(self, grant: Grant) -> None:
        self.grants.append(grant)

    def set_priority(self, priority: Priority) -> None:
        self.factory.record(self.request, priority)

    def cancel(self) -> None:
        self.cancelled = True


class DecoderWorkerSpy:
    """A ``WorkerFactory`` that records entry, chain, priority and time of every request.

    ``refuse`` may return an error for a request, which is raised instead.
    """

    def __init__(self) -> None:
        self.requested: list[Requested] = []
        self.workers: dict[ChainId, WorkerSpy] = {}
        self.refuse: Callable[[DecodeRequest], DecodeError | None] = lambda _request: None
        self._changed = threading.Condition()

    def request(self, request: DecodeRequest) -> WorkerSpy:
        self.record(request, request.priority)
        error = self.refuse(request)
        if error is not None:
            raise error
        worker = self.workers[request.chain_id] = WorkerSpy(request, self)
        return worker

    def close(self) -> None:
        """It keeps nothing in reserve."""

    def record(self, request: DecodeRequest, priority: Priority) -> None:
        """Note a request, or that a chain at work has moved."""
        with self._changed:
            self.requested.append(
                Requested(request.queue_entry_id, request.chain_id, priority, time.monotonic())
            )
            self._changed.notify_all()

    def wait_for(self, count: int, timeout_s: float = 10.0) -> list[Requested]:
        """Wait until there were ``count`` requests, and return them all."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.requested) >= count, timeout_s)
        if not came:
            raise AssertionError(f"{len(self.requested)} of {count} requests in {timeout_s} s")
        return list(self.requested)
