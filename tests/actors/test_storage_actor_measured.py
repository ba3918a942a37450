"""StorageActor and measurements: gathered like changes, nobody waits, lost while unsaved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import SaveMeasured, StorageFailed
from playback.measurement import FileVersion, MeasuredFile, Unmeasurable
from storage.measurements import MeasurementReader
from tests.actors.storage_bench import Bench, storage_bench
from tests.storage.failing import read_only

VERSION = FileVersion(1, 2)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with storage_bench(tmp_path, copied_today=True) as bench:
        yield bench


def measured(bench: Bench, uri: str) -> MeasuredFile:
    file = MeasuredFile(uri, VERSION, Unmeasurable("for the test"))
    bench.actor.handle(SaveMeasured(file))
    return file


def test_measurements_are_written_together_and_without_waiting_for_the_disk(bench: Bench) -> None:
    statements: list[str] = []
    first, second = measured(bench, "a"), measured(bench, "b")
    reader = MeasurementReader(bench.path)
    assert reader.of("a", VERSION) is None
    bench.database.connection.set_trace_callback(statements.append)
    bench.run_inbox()
    assert (reader.of("a", VERSION), reader.of("b", VERSION)) == (first, second)
    assert statements[0] == "PRAGMA synchronous = NORMAL"
    assert statements.count("COMMIT") == 1


def test_on_a_disk_that_refuses_a_measurement_is_lost_and_the_daemon_unsaved(bench: Bench) -> None:
    with read_only(bench.database):
        measured(bench, "a")
        bench.run_inbox()
    assert [type(message) for message in bench.queue.received] == [StorageFailed]
    assert MeasurementReader(bench.path).of("a", VERSION) is None
