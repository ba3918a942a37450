"""Measurements are kept, found for the very version of a file, and replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.errors import StorageError
from playback.measurement import METHOD, FileVersion, MeasuredFile, Measurement, Unmeasurable
from playback.queue_diff import whole_change
from playback.saved import QueueChange, SavedState
from playback.units import Ticks
from storage.database import open_database
from storage.measurement_rows import packed, unpacked
from storage.measurements import MeasuredCount, MeasurementReader
from storage.player_store import PlayerStore

VERSION = FileVersion(1_700_000_000_123_456_789, 2**40)
MEASUREMENT = Measurement(
    loudness_lufs=-9.8765,
    sample_peak=0.987,
    true_peak=1.0625,
    silence_before=Ticks(28_224_000),
    silence_after=Ticks(10**15),
    start=((-40.25, 0.0), (-3.5, 0.1), (8.0, 29.9)),
    end=((-72.0, 0.0), (7.5, 0.133)),
)
FILE = MeasuredFile("Björk/no\udcfftext.flac", VERSION, MEASUREMENT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wkmp.db"


@pytest.fixture
def store(path: Path) -> Iterator[PlayerStore]:
    store = PlayerStore(open_database(path))
    yield store
    store.close()


def save(store: PlayerStore, *files: MeasuredFile) -> None:
    store.apply((QueueChange(measured=files, relaxed=True),), durable=False)


def test_what_is_saved_is_found(store: PlayerStore, path: Path) -> None:
    quiet = replace(FILE, uri="quiet", outcome=replace(MEASUREMENT, loudness_lufs=None))
    broken = replace(FILE, uri="broken", outcome=Unmeasurable("no sound in it"))
    save(store, FILE, quiet, broken)
    reader = MeasurementReader(path)
    assert [reader.of(file.uri, VERSION) for file in (FILE, quiet, broken)] == [FILE, quiet, broken]
    assert reader.count() == MeasuredCount(files=3, failed=1)
    assert reader.failures(9) == [("broken", "no sound in it")]


def test_of_another_version_nothing_is_known(store: PlayerStore, path: Path) -> None:
    save(store, FILE)
    reader = MeasurementReader(path)
    assert reader.of(FILE.uri, replace(VERSION, modified_ns=VERSION.modified_ns + 1)) is None
    assert reader.of(FILE.uri, replace(VERSION, size_bytes=VERSION.size_bytes - 1)) is None
    assert reader.of("another", VERSION) is None


def test_what_an_older_method_has_measured_does_not_count(store: PlayerStore, path: Path) -> None:
    save(store, replace(FILE, method=METHOD - 1))
    assert MeasurementReader(path).of(FILE.uri, VERSION) is None
    assert MeasurementReader(path).count() == MeasuredCount(0, 0)


def test_a_newer_measurement_replaces_the_older_one(store: PlayerStore, path: Path) -> None:
    newer = MeasuredFile(FILE.uri, FileVersion(1, 2), Unmeasurable("torn"))
    save(store, FILE)
    save(store, newer)
    assert MeasurementReader(path).of(FILE.uri, FileVersion(1, 2)) == newer
    assert MeasurementReader(path).of(FILE.uri, VERSION) is None


def test_only_unknown_files_are_passed_on(store: PlayerStore, path: Path) -> None:
    save(store, FILE, replace(FILE, uri="b", outcome=Unmeasurable("x")))
    asked = [(FILE.uri, VERSION), ("a", VERSION), ("b", VERSION), ("b", FileVersion(1, 1))]
    found = list(MeasurementReader(path).unknown(iter(asked)))
    assert found == [("a", VERSION), ("b", FileVersion(1, 1))]


def test_writing_the_whole_state_keeps_measurements(store: PlayerStore, path: Path) -> None:
    save(store, FILE)
    store.apply((whole_change(SavedState()),), durable=True)
    assert MeasurementReader(path).of(FILE.uri, VERSION) == FILE


def test_a_database_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"absent\.db"):
        MeasurementReader(tmp_path / "absent.db").of("a", VERSION)
    (tmp_path / "no.db").write_bytes(b"no database, however long it is" * 100)
    with pytest.raises(StorageError, match=r"no\.db"):
        MeasurementReader(tmp_path / "no.db").of("a", VERSION)


@given(
    st.lists(
        st.tuples(st.integers(-9000, 9000), st.integers(0, 30_100)).map(
            lambda point: (point[0] / 100.0, point[1] / 1000.0)
        )
    )
)
def test_a_ramp_is_kept_to_a_hundredth_of_a_decibel_and_a_millisecond(
    points: list[tuple[float, float]],
) -> None:
    assert unpacked(packed(tuple(points))) == tuple(points)
    assert len(packed(tuple(points))) == 4 * len(points)


def test_a_ramp_beyond_what_can_be_kept_is_cut_to_it() -> None:
    assert unpacked(packed(((-1e9, -1.0), (1e9, 1e9)))) == ((-327.68, 0.0), (327.67, 65.535))
