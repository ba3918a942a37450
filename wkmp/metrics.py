"""What the daemon counts, in Prometheus' form. The only module that knows the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    Summary,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from actors.telemetry import Count, EventPath

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_BUCKETS_S: Final = (50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3)
SPEED_BUCKETS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
MAX_ENTRY_LABELS: Final = 100
OTHER: Final = "other"

_COUNTED: Final[Mapping[Count, str]] = {
    Count.XRUNS: "Times the sound device ran dry",
    Count.UNDERRUNS: "Times a playout ring ran dry while it was to sound",
    Count.CLIPPED_SAMPLES: "Samples that were too loud and were cut",
    Count.DECODE_FAILURES: "Queue entries that could not be decoded",
    Count.FRAMES_DECODED: "Frames that came out of decoders",
    Count.FRAMES_MIXED: "Frames that went to the sound device",
    Count.SAVE_FAILURES: "Changes that could not be saved",
}

# A series with the time of its own birth doubles every counter and says nothing here.
disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there


class EntryLabels:
    """Gives queue entries a label; the newest hundred keep their own, so series stay few."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._labels: dict[str, None] = {}
        self._forget = forget

    def label(self, queue_entry_id: int) -> str:
        """Return the entry's label; the oldest of too many is forgotten."""
        label = str(queue_entry_id)
        if label not in self._labels and len(self._labels) >= MAX_ENTRY_LABELS:
            oldest = next(iter(self._labels))
            del self._labels[oldest]
            self._forget(oldest)
        self._labels[label] = None
        return label


class Metrics:
    """Every metric of one daemon, in a registry of its own; implements ``Telemetry``."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        self._add_engine()
        self._add_server()
        Info("wkmp", "The program", registry=self._registry).info({"version": version})
        ProcessCollector(registry=self._registry)

    def _add_engine(self) -> None:
        registry = self._registry
        self._interventions = Counter(
            "watchdog_interventions_total",
            "Failures of the event system that the watchdog put right; each is a bug",
            ["intervention_type", "queue_entry_id"],
            registry=registry,
        )
        self._entries = EntryLabels(self._merge_into_other)
        self._restarts = Counter(
            "actor_restarts_total",
            "Actors that died and were replaced",
            ["actor"],
            registry=registry,
        )
        latency = Histogram(
            "wkmp_event_latency_seconds",
            "From the sender's tell until the receiver has acted",
            ["path"],
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._latencies = {path: latency.labels(path.value) for path in EventPath}
        self._counts = {
            what: Counter(f"wkmp_{what.value}_total", meaning, registry=registry)
            for what, meaning in _COUNTED.items()
        }
        self._rounds = Histogram(
            "wkmp_watchdog_round_seconds",
            "A watchdog round with its questions",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._speed = Histogram(
            "wkmp_decode_speed",
            "How much faster than real time grants are decoded",
            buckets=SPEED_BUCKETS,
            registry=registry,
        )

    def _add_server(self) -> None:
        self._clients = Gauge("wkmp_clients", "Connected clients", registry=self._registry)
        self._commands = Summary(
            "wkmp_command_seconds",
            "From a command's line until its answer",
            ["command"],
            registry=self._registry,
        )
        self._refused = Counter(
            "wkmp_command_errors_total",
            "Commands answered with an ACK, by its code",
            ["code"],
            registry=self._registry,
        )

    # actors.telemetry.Telemetry

    def latency(self, path: EventPath, seconds: float) -> None:
        """One passage of an event path."""
        self._latencies[path].observe(seconds)

    def count(self, what: Count, amount: int = 1) -> None:
        """Something happened ``amount`` times."""
        self._counts[what].inc(amount)

    def actor_restarted(self, actor: str) -> None:
        """An actor died and was replaced."""
        self._restarts.labels(actor).inc()

    def intervention(self, intervention_type: str, queue_entry_id: int) -> None:
        """The watchdog put something right."""
        self._interventions.labels(intervention_type, self._entries.label(queue_entry_id)).inc()

    def round_took(self, seconds: float) -> None:
        """A watchdog round is over."""
        self._rounds.observe(seconds)

    def decode_speed(self, times_realtime: float) -> None:
        """A grant was decoded this much faster than it will play."""
        self._speed.observe(times_realtime)

    # The server

    def command_took(self, command: str, seconds: float) -> None:
        """A command was answered; ``command`` must be a known one (labels stay few)."""
        self._commands.labels(command).observe(seconds)

    def command_refused(self, code: int) -> None:
        """A command was answered with an ACK."""
        self._refused.labels(str(code)).inc()

    def watch_clients(self, count: Callable[[], float]) -> None:
        """Ask ``count`` at every scrape."""
        self._clients.set_function(count)

    def watch_rings(self, levels_s: Callable[[], Mapping[str, float]]) -> None:
        """Ask ``levels_s`` at every scrape: place, the oldest chain first → seconds in its ring."""
        self._registry.register(
            _Labelled(
                "wkmp_ring_level_seconds",
                "Decoded audio waiting in a playout ring",
                "place",
                levels_s,
            )
        )

    def watch_analysis(self, files: Callable[[], Mapping[str, float]]) -> None:
        """Ask ``files`` at every scrape: state → files of the present or the latest analysis."""
        self._registry.register(
            _Labelled("wkmp_analysis_files", "Files of an analysis, by state", "state", files)
        )

    def text(self) -> bytes:
        """Render everything for a scrape."""
        return generate_latest(self._registry)

    def _merge_into_other(self, label: str) -> None:
        for metric in self._interventions.collect():
            for sample in metric.samples:
                if sample.labels["queue_entry_id"] == label:
                    kind = sample.labels["intervention_type"]
                    self._interventions.labels(kind, OTHER).inc(sample.value)
                    self._interventions.remove(kind, label)


class _Labelled(Collector):
    """A gauge whose values, by the one label they have, are asked for at every scrape."""

    def __init__(
        self, name: str, meaning: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._label = label
        self._values = values

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask, and label what comes back."""
        family = GaugeMetricFamily(self._name, self._meaning, labels=[self._label])
        for label, value in self._values().items():
            family.add_metric([label], value)
        yield family
