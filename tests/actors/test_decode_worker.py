"""The decode thread with real files; a source double only where something has to hang."""

from __future__ import annotations

import os
import subprocess
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_request import DecodeRequest, Grant
from actors.decode_worker import (
    BufferNews,
    DecoderNews,
    DecodeWorker,
    OpenSource,
    Workshop,
)
from actors.messages import (
    ChainEnded,
    DecodeFailed,
    FramesAdded,
    GrantSpent,
    SourceOpened,
    WorkerExited,
)
from audio.chain_source import ChainSource, SourceInfo
from audio.ring import Block, Ring
from playback.errors import DecodeError, FailureKind
from playback.levels import Levels
from playback.plan import Priority
from playback.profile import Profile
from playback.units import ZERO_TICKS, ChainId, EntryId, Frames, Ticks, frames_to_ticks
from tests.spies import Spy

RATE = 44_100
CHAIN, ENTRY = ChainId(7), EntryId(3)
Samples = npt.NDArray[np.int16]


def noise(frames: int, seed: int = 1) -> Samples:
    """Full-range stereo noise: any lost, repeated or reordered frame shows."""
    values = np.random.default_rng(seed).integers(-32768, 32768, (frames, 2))
    return values.astype(np.int16)


def write_wav(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def as_float(samples: Samples) -> Block:
    return (samples / 32768.0).astype(np.float32)


@dataclass
class Bench:
    """A worker's surroundings: what it tells, and how it is asked."""

    directory: Path
    open_source: OpenSource = ChainSource
    decoder: Spy[DecoderNews] = field(default_factory=Spy)
    buffers: Spy[BufferNews] = field(default_factory=Spy)
    workers: DecodeWorkers | None = None
    absence: str | None = None
    measured: dict[str, Profile] = field(default_factory=dict)

    def locate(self, uri: str) -> str:
        return str(self.directory / uri)

    @property
    def marks(self) -> Path:
        return self.directory / "marks"

    def request(
        self, uri: str, offset: Ticks = ZERO_TICKS, end: Ticks | None = None, before: int = 0
    ) -> DecodeWorker:
        workshop = Workshop(
            locate=self.locate,
            open_source=self.open_source,
            marks=CrashMarks(self.marks),
            decoder=self.decoder,
            buffers=self.buffers,
            rate_hz=RATE,
            absence=lambda _uri: self.absence,
            measured=self.measured.get,
        )
        self.workers = DecodeWorkers(workshop)
        request = DecodeRequest(ENTRY, CHAIN, uri, offset, end, Priority.IMMEDIATE, Frames(before))
        return self.workers.request(request)

    def spend(self, worker: DecodeWorker, ring: Ring, frames: int, threshold: int = 0) -> Grant:
        """Give a grant and wait for its report."""
        before = len(self.decoder.of(GrantSpent))
        grant = Grant(ring, Frames(frames), Frames(threshold), given_s=0.0)
        worker.grant(grant)
        self.decoder.wait_for(GrantSpent, before + 1)
        return grant


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    if bench.workers is not None:
        bench.workers.close()


def ring_of(frames: int, history: int = 0) -> Ring:
    return Ring(Frames(frames + history), Frames(history))


def take(ring: Ring, frames: int) -> Block:
    out = np.zeros((frames, 2), dtype=np.float32)
    return out[: ring.read(out)]


def test_nothing_is_opened_before_the_first_grant(bench: Bench) -> None:
    opened = threading.Event()

    def open_source(path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> ChainSource:
        opened.set()
        return ChainSource(path, offset=offset, end=end, rate_hz=rate_hz)

    bench.open_source = open_source
    write_wav(bench.directory / "a.wav", noise(1000))
    worker = bench.request("a.wav")
    worker.cancel()
    bench.decoder.wait_for(WorkerExited)
    assert not opened.is_set()
    assert bench.decoder.received == [WorkerExited(CHAIN)]


def test_a_file_goes_into_the_ring_frame_by_frame_and_the_end_behind_it(bench: Bench) -> None:
    samples = noise(100_003)
    write_wav(bench.directory / "a.wav", samples)
    ring = ring_of(200_000)
    worker = bench.request("a.wav")
    bench.spend(worker, ring, 200_000)
    bench.decoder.wait_for(WorkerExited)
    assert ring.end == 100_003
    np.testing.assert_array_equal(take(ring, 200_000), as_float(samples))
    opened = SourceOpened(CHAIN, frames_to_ticks(100_003, RATE), "44100:16:2", 1411)
    assert bench.decoder.received == [
        opened,
        GrantSpent(CHAIN, Frames(100_003), ended=True),
        WorkerExited(CHAIN),
    ]
    assert bench.buffers.of(ChainEnded) == [ChainEnded(CHAIN, Frames(100_003))]
    assert ring.source_bits == 16


def test_a_full_ring_keeps_the_block_for_the_next_grant(bench: Bench) -> None:
    samples = noise(60_000)
    write_wav(bench.directory / "a.wav", samples)
    ring = ring_of(10_007, history=501)
    worker = bench.request("a.wav")
    heard: list[Block] = []
    while not ring.exhausted:
        if not ring.complete:
            bench.spend(worker, ring, 60_000)
        heard.append(take(ring, 3_001))
    np.testing.assert_array_equal(np.concatenate(heard), as_float(samples))
    added = sum(message.frames for message in bench.buffers.of(FramesAdded))
    spent = sum(message.frames for message in bench.decoder.of(GrantSpent))
    assert added == spent == ring.written == 60_000


def test_a_grant_is_not_exceeded_by_more_than_a_block(bench: Bench) -> None:
    write_wav(bench.directory / "a.wav", noise(100_000))
    ring = ring_of(100_000)
    worker = bench.request("a.wav")
    bench.spend(worker, ring, 20_000)
    assert 20_000 <= ring.written <= 20_000 + RATE // 10
    assert bench.buffers.received == [FramesAdded(CHAIN, ring.written)]
    worker.cancel()


def test_a_passage_beyond_the_first_chunk_is_not_taken_for_an_empty_file(bench: Bench) -> None:
    samples = noise(300_000)
    write_wav(bench.directory / "a.wav", samples)
    ring = ring_of(300_000)
    worker = bench.request(
        "a.wav", offset=frames_to_ticks(200_123, RATE), end=frames_to_ticks(250_001, RATE)
    )
    bench.spend(worker, ring, 300_000)
    assert ring.end == 250_001 - 200_123
    np.testing.assert_array_equal(take(ring, 300_000), as_float(samples[200_123:250_001]))


def test_crossing_the_threshold_is_told_at_once_and_the_rest_with_the_grant(bench: Bench) -> None:
    write_wav(bench.directory / "a.wav", noise(150_000))
    ring = ring_of(150_000)
    worker = bench.request("a.wav")
    bench.spend(worker, ring, 100_000, threshold=30_000)
    first, second = bench.buffers.of(FramesAdded)
    assert 30_000 <= first.frames <= 30_000 + RATE // 10
    assert first.frames + second.frames == ring.written
    worker.cancel()


def test_a_cut_mp3_plays_as_far_as_it_goes(bench: Bench) -> None:
    wav = write_wav(bench.directory / "a.wav", noise(RATE * 4))
    mp3 = bench.directory / "a.mp3"
    _ffmpeg("-i", str(wav), "-b:a", "128k", str(mp3))
    whole = mp3.read_bytes()
    mp3.write_bytes(whole[: len(whole) // 2])
    ring = ring_of(RATE * 5)
    worker = bench.request("a.mp3")
    bench.spend(worker, ring, RATE * 5)
    assert ring.end is not None
    assert RATE * 1.8 < ring.end < RATE * 2.1
    assert bench.buffers.of(ChainEnded) == [ChainEnded(CHAIN, ring.end)]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("missing.flac", None, FailureKind.MISSING),
        ("text.flac", b"this is no music\n" * 100, FailureKind.NOT_AUDIO),
        ("broken.flac", b"fLaC" + bytes(4000), FailureKind.UNREADABLE),
    ],
)
def test_what_cannot_be_opened_is_reported_once(
    bench: Bench, name: str, content: bytes | None, kind: FailureKind
) -> None:
    if content is not None:
        (bench.directory / name).write_bytes(content)
    worker = bench.request(name)
    ring = ring_of(1000)
    worker.grant(Grant(ring, Frames(1000), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    failed, exited = bench.decoder.received
    assert isinstance(failed, DecodeFailed)
    assert (failed.queue_entry_id, failed.chain_id, failed.kind) == (ENTRY, CHAIN, kind)
    assert name in failed.message
    assert exited == WorkerExited(CHAIN)
    assert bench.buffers.received == []
    assert not ring.complete


def test_a_fifo_is_refused_without_waiting_for_a_writer(bench: Bench) -> None:
    os.mkfifo(bench.directory / "pipe")
    worker = bench.request("pipe")
    worker.grant(Grant(ring_of(1000), Frames(1000), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    assert [failed.kind for failed in bench.decoder.of(DecodeFailed)] == [FailureKind.NOT_REGULAR]


# From here on a double: real files neither hang nor raise on demand.


class ScriptedSource:
    """Gives blocks of 4,410 frames of ascending values; what it does next is scripted."""

    exact_bits = 16

    def __init__(self, script: Iterator[Exception | int | None]) -> None:
        self.info = SourceInfo(frames_to_ticks(RATE, RATE), RATE, 2, "44100:16:2", 1411)
        self.closed = threading.Event()
        self.reading = threading.Semaphore(0)
        self._script = script

    def read(self) -> Block | None:
        self.reading.release()
        step = next(self._script)
        if isinstance(step, Exception):
            raise step
        if step is None:
            return None
        return np.full((step, 2), 0.25, dtype=np.float32)

    def close(self) -> None:
        self.closed.set()


def scripted(bench: Bench, script: Iterator[Exception | int | None]) -> ScriptedSource:
    source = ScriptedSource(script)

    def open_source(path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> ScriptedSource:
        assert (path, offset, end, rate_hz) == (bench.locate("x"), 0, None, RATE)
        return source

    bench.open_source = open_source
    return source


def test_levels_are_in_the_ring_before_its_first_frame_and_completed_by_what_was_measured(
    bench: Bench,
) -> None:
    ring = ring_of(RATE)
    seen = []

    def script() -> Iterator[Exception | int | None]:
        seen.append((ring.levels, ring.written))
        yield 4410
        yield None

    source = scripted(bench, script())
    source.info = replace(source.info, profile=Profile(Levels(track_gain_db=-6.0)))
    bench.measured = {"x": Profile(Levels(-1.0, 0.5)), "y": Profile(Levels(-2.0, 0.25))}
    bench.spend(bench.request("x"), ring, RATE)
    assert seen == [(Levels(-6.0, 0.5), 0)]


def test_who_opens_a_file_tells_its_ends_by_its_tags_and_else_as_measured(bench: Bench) -> None:
    tagged, start, end = ((-20.0, 1.0),), ((-15.0, 2.0),), ((-10.0, 3.0),)
    source = scripted(bench, iter([4410, None]))
    source.info = replace(source.info, profile=Profile(Levels(-6.0), start=tagged))
    bench.measured = {"x": Profile(Levels(-1.0, 0.5), start, end, Ticks(7), Ticks(9))}
    bench.spend(bench.request("x"), ring_of(RATE), RATE)
    [opened] = bench.decoder.of(SourceOpened)
    assert opened.profile == Profile(Levels(-6.0, 0.5), tagged, end, Ticks(7), Ticks(9))


@pytest.mark.parametrize(
    "error",
    [
        DecodeError(FailureKind.UNREADABLE, "the stick is gone"),
        OSError(5, "the stick is gone"),
        ZeroDivisionError("the stick is gone"),
    ],
)
def test_what_was_decoded_before_an_error_is_playable_to_its_end(
    bench: Bench, error: Exception
) -> None:
    source = scripted(bench, iter([4410, 4410, error]))
    worker = bench.request("x")
    ring = ring_of(RATE)
    worker.grant(Grant(ring, Frames(RATE), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    assert ring.end == 8820
    assert bench.buffers.received == [
        FramesAdded(CHAIN, Frames(8820)),
        ChainEnded(CHAIN, Frames(8820)),
    ]
    [failed] = bench.decoder.of(DecodeFailed)
    assert failed.kind is FailureKind.DAMAGED
    assert "the stick is gone" in failed.message
    assert source.closed.is_set()


@pytest.mark.parametrize(
    "error",
    [
        OSError(24, "Too many open files"),
        MemoryError(),
        DecodeError(FailureKind.RESOURCES, "no more"),
    ],
)
def test_lack_of_resources_is_not_the_file_s_fault(bench: Bench, error: Exception) -> None:
    def open_source(path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> ScriptedSource:
        del path, offset, end, rate_hz
        if isinstance(error, DecodeError):
            raise error
        raise DecodeError(FailureKind.UNREADABLE, "cannot open") from error

    bench.open_source = open_source
    worker = bench.request("x")
    worker.grant(Grant(ring_of(10), Frames(10), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    assert [failed.kind for failed in bench.decoder.of(DecodeFailed)] == [FailureKind.RESOURCES]


def test_a_source_that_gives_nothing_is_an_error(bench: Bench) -> None:
    scripted(bench, iter([None]))
    worker = bench.request("x")
    ring = ring_of(10)
    worker.grant(Grant(ring, Frames(10), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    assert [failed.kind for failed in bench.decoder.of(DecodeFailed)] == [FailureKind.NOT_AUDIO]
    assert not ring.complete


def test_a_seek_to_the_very_end_is_a_chain_of_no_frames(bench: Bench) -> None:
    write_wav(bench.directory / "a.wav", noise(1000))
    worker = bench.request("a.wav", offset=frames_to_ticks(1000, RATE))
    ring = ring_of(10)
    bench.spend(worker, ring, 10)
    assert ring.end == 0
    assert bench.buffers.received == [ChainEnded(CHAIN, Frames(0))]


def test_a_revoked_grant_ends_after_the_block_at_hand(bench: Bench) -> None:
    gate = threading.Event()

    def script() -> Iterator[Exception | int | None]:
        yield 4410
        gate.wait(10)
        while True:
            yield 4410

    source = scripted(bench, script())
    worker = bench.request("x")
    ring = ring_of(RATE * 10)
    grant = Grant(ring, Frames(RATE * 10), Frames(0), 0.0)
    worker.grant(grant)
    assert source.reading.acquire(timeout=10)
    assert source.reading.acquire(timeout=10)
    grant.revoked = True
    gate.set()
    bench.decoder.wait_for(GrantSpent)
    assert bench.decoder.of(GrantSpent) == [GrantSpent(CHAIN, Frames(8820), ended=False)]
    bench.spend(worker, ring, 4410)
    assert ring.written == 13_230
    worker.cancel()
    bench.decoder.wait_for(WorkerExited)
    assert source.closed.is_set()


def test_an_abandoned_worker_that_comes_back_adds_nothing_and_says_nothing(bench: Bench) -> None:
    gate = threading.Event()

    def script() -> Iterator[Exception | int | None]:
        yield 4410
        gate.wait(10)
        yield 4410

    source = scripted(bench, script())
    worker = bench.request("x")
    ring = ring_of(RATE)
    worker.grant(Grant(ring, Frames(RATE), Frames(0), 0.0))
    assert source.reading.acquire(timeout=10)
    assert source.reading.acquire(timeout=10)
    worker.cancel()
    gate.set()
    bench.decoder.wait_for(WorkerExited)
    assert ring.written == 4410
    assert bench.buffers.received == []
    assert bench.decoder.of(GrantSpent) == []
    assert source.closed.is_set()


def test_the_thread_is_named_after_chain_and_priority(bench: Bench) -> None:
    names: list[str] = []

    def script() -> Iterator[Exception | int | None]:
        names.append(threading.current_thread().name)
        yield 4410
        names.append(threading.current_thread().name)
        yield 4410

    scripted(bench, script())
    worker = bench.request("x")
    ring = ring_of(RATE)
    bench.spend(worker, ring, 4410)
    worker.set_priority(Priority.NEXT)
    bench.spend(worker, ring, 4410)
    worker.cancel()
    assert names == [f"decode-{CHAIN}-immediate", f"decode-{CHAIN}-next"]


def test_the_crash_mark_stands_until_a_second_was_decoded(bench: Bench) -> None:
    seen: list[list[str]] = []

    def script() -> Iterator[Exception | int | None]:
        for _ in range(12):
            seen.append([mark.read_text() for mark in sorted(bench.marks.iterdir())])
            yield 4410

    scripted(bench, script())
    worker = bench.request("x")
    bench.spend(worker, ring_of(RATE * 2), 4410 * 12)
    assert seen == [["0 x"]] * 10 + [[]] * 2
    worker.cancel()


@pytest.mark.parametrize("last", [None, ValueError("odd")])
def test_no_crash_mark_is_left_when_the_chain_is_over(bench: Bench, last: Exception | None) -> None:
    scripted(bench, iter([4410, last]))
    worker = bench.request("x")
    worker.grant(Grant(ring_of(RATE), Frames(RATE), Frames(0), 0.0))
    bench.decoder.wait_for(WorkerExited)
    assert list(bench.marks.iterdir()) == []


def test_no_crash_mark_stands_while_a_worker_waits_for_a_grant(bench: Bench) -> None:
    scripted(bench, iter([4410, 4410]))
    worker = bench.request("x")
    ring = ring_of(RATE)
    bench.spend(worker, ring, 4410)
    assert list(bench.marks.iterdir()) == []
    worker.cancel()


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=30)


class Pulled(ChainSource):
    """Reads until its disk is pulled out, as FFmpeg does: then it looks like the end."""

    out = threading.Event()

    def read(self) -> Block | None:
        return None if self.out.is_set() else super().read()


def test_a_file_that_is_missing_with_its_whole_disk_is_no_fault_of_its_own(bench: Bench) -> None:
    bench.absence = "the stick is not there"
    ring = ring_of(1000)
    bench.request("a.wav").grant(Grant(ring, Frames(1000), Frames(0), given_s=0.0))
    (failed,) = bench.decoder.wait_for(DecodeFailed)
    assert failed == DecodeFailed(ENTRY, CHAIN, FailureKind.NO_MUSIC, "the stick is not there")
    assert not ring.complete


def test_a_file_that_comes_while_it_is_being_looked_for_is_played(bench: Bench) -> None:
    samples = noise(1000)
    looked: list[str] = []

    def open_source(path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> ChainSource:
        looked.append(path)
        if len(looked) == 2:
            write_wav(Path(path), samples)
        return ChainSource(path, offset=offset, end=end, rate_hz=rate_hz)

    bench.open_source = open_source
    ring = ring_of(2000)
    bench.spend(bench.request("a.wav"), ring, 2000)
    np.testing.assert_array_equal(take(ring, 2000), as_float(samples))


def test_a_song_whose_disk_was_pulled_out_goes_on_at_the_frame_once_it_is_back(
    bench: Bench,
) -> None:
    samples = noise(60_000)
    write_wav(bench.directory / "a.wav", samples)
    Pulled.out.clear()
    bench.open_source = Pulled
    ring = ring_of(100_000)
    worker = bench.request("a.wav")
    bench.spend(worker, ring, 20_000)
    Pulled.out.set()
    bench.absence = "the stick is not there"
    worker.grant(Grant(ring, Frames(80_000), Frames(0), given_s=0.0))
    (failed,) = bench.decoder.wait_for(DecodeFailed)
    assert failed.kind is FailureKind.NO_MUSIC
    assert not ring.complete
    written = ring.written
    assert 20_000 <= written < 30_000
    Pulled.out.clear()
    bench.absence = None
    again = bench.request("a.wav", frames_to_ticks(written, RATE), before=written)
    bench.spend(again, ring, 80_000)
    np.testing.assert_array_equal(take(ring, 100_000), as_float(samples))
    assert bench.buffers.of(ChainEnded) == [ChainEnded(CHAIN, Frames(60_000))]


def test_a_file_that_ends_early_on_a_disk_that_is_there_is_damaged_as_ever(bench: Bench) -> None:
    path = write_wav(bench.directory / "a.wav", noise(60_000))
    path.write_bytes(path.read_bytes()[: 44 + 4 * 40_000])
    ring = ring_of(100_000)
    bench.spend(bench.request("a.wav"), ring, 100_000)
    assert ring.end == 40_000
