"""Decoder- and BufferActor running, real workers, real files; the test reads the rings."""

from __future__ import annotations

import gc
import threading
import time
import wave
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from actors.actor import Actor
from actors.address import InboxAddress
from actors.buffer_actor import BufferActor, MixerNews
from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_worker import Workshop
from actors.decoder_actor import DecoderActor, QueueNews
from actors.messages import (
    BufferInbox,
    BufferThresholdReached,
    DecodeFailed,
    DecoderInbox,
    EndpointDiscovered,
    GetBufferSnapshot,
    GetDecoderSnapshot,
    PlanChanged,
    RingDrained,
    RingOpened,
)
from actors.supervisor import Deaths, Place
from actors.telemetry import NoTelemetry
from audio.chain_source import ChainSource
from audio.ring import Block, Ring
from playback.errors import FailureKind
from playback.passage import Passage
from playback.plan import EnginePlan, Priority, Slot
from playback.player import PlayerState
from playback.settings import Settings
from playback.units import ZERO_TICKS, ChainId, EntryId
from tests.spies import Spy

RATE = 44_100
WAIT_S = 20.0
Samples = npt.NDArray[np.int16]


def noise(frames: int, seed: int) -> Samples:
    """Full-range stereo noise: any lost, repeated or reordered frame shows."""
    values = np.random.default_rng(seed).integers(-32768, 32768, (frames, 2))
    return values.astype(np.int16)


def write_wav(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def as_float(samples: Samples) -> Block:
    return (samples / 32768.0).astype(np.float32)


@dataclass
class Engine:
    """The decoding half of the engine; the test speaks for QueueActor and MixerActor."""

    directory: Path
    queue: Spy[QueueNews] = field(default_factory=Spy)
    mixer: Spy[MixerNews] = field(default_factory=Spy)
    version: int = 0

    def __post_init__(self) -> None:
        self.decoder: InboxAddress[DecoderInbox] = InboxAddress("decoder")
        self.buffers: InboxAddress[BufferInbox] = InboxAddress("buffer")
        self.places = [
            self._place(self.decoder, self._build_decoder),
            self._place(self.buffers, self._build_buffers),
        ]
        for place in self.places:
            place.start()

    def _place(self, address: InboxAddress[Any], build: Any) -> Place:
        def on_restart(name: str) -> None:
            raise AssertionError(f"{name} died")

        return Place(
            address,
            build,
            deaths=Deaths(lambda: None),
            telemetry=NoTelemetry(),
            on_restart=on_restart,
        )

    def _build_decoder(self, place: Place) -> Actor[DecoderInbox]:
        workshop = Workshop(
            locate=lambda uri: str(self.directory / uri),
            open_source=ChainSource,
            marks=CrashMarks(self.directory / "marks"),
            decoder=self.decoder,
            buffers=self.buffers,
            rate_hz=RATE,
        )
        return DecoderActor(
            address=self.decoder,
            supervisor=place,
            queue=self.queue,
            buffers=self.buffers,
            workers=DecodeWorkers(workshop),
            telemetry=NoTelemetry(),
            settings=Settings(),
            rate_hz=RATE,
        )

    def _build_buffers(self, place: Place) -> Actor[BufferInbox]:
        return BufferActor(
            address=self.buffers,
            supervisor=place,
            decoder=self.decoder,
            mixer=self.mixer,
            settings=Settings(),
            rate_hz=RATE,
        )

    def stop(self) -> None:
        for place in self.places:
            assert place.stop(5.0)

    def plan(self, **chains: int) -> None:
        """Plan files by name (without ``.wav``), each with its chain, in play order."""
        self.version += 1
        slots = tuple(
            Slot(
                ChainId(chain),
                EntryId(chain),
                Passage(f"{name}.wav"),
                ZERO_TICKS,
                Priority(min(place, Priority.PREFETCH)),
            )
            for place, (name, chain) in enumerate(chains.items())
        )
        plan = EnginePlan(self.version, PlayerState.PLAY, slots)
        self.decoder.tell(PlanChanged(plan))

    def ring(self, chain: int) -> Ring:
        """The chain's ring, once it holds enough to start."""
        wait(lambda: chain in {e.chain_id for e in self.mixer.of(BufferThresholdReached)})
        [opened] = [o for o in self.mixer.of(RingOpened) if o.chain_id == chain]
        return opened.ring

    def settle(self) -> None:
        """Wait until everything told so far has been handled, there and back."""
        for _ in range(2):
            self.decoder.ask(GetDecoderSnapshot(), timeout_s=WAIT_S)
            self.buffers.ask(GetBufferSnapshot(), timeout_s=WAIT_S)


def wait(condition: Any) -> None:
    """Look until it holds; for conditions that no message announces to the test."""
    until_s = time.monotonic() + WAIT_S
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < until_s, "waited in vain"
        pause.wait(0.002)


def decode_threads() -> list[threading.Thread]:
    """Those at work; one more waits in reserve."""
    threads = [t for t in threading.enumerate() if t.name.startswith("decode-")]
    return [thread for thread in threads if thread.name != "decode-reserve"]


def open_files() -> set[str]:
    """What this process has open of real files."""
    names: set[str] = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            names.add(str(link.readlink()))
        except FileNotFoundError:
            continue  # it was the listing's own
    return {name for name in names if name.endswith(".wav")}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path)
    yield engine
    engine.stop()
    for thread in decode_threads():
        thread.join(WAIT_S)


def test_a_file_longer_than_its_ring_comes_through_frame_by_frame(engine: Engine) -> None:
    samples = noise(40 * RATE + 17, seed=1)
    write_wav(engine.directory / "long.wav", samples)
    engine.plan(long=1)
    ring = engine.ring(1)
    heard: list[Block] = []
    period = np.zeros((2048, 2), dtype=np.float32)
    told = False
    while not ring.exhausted:
        wait(lambda: ring.level >= 2048 or ring.complete)
        heard.append(period[: ring.read(period)].copy())
        low = ring.level * 3 < ring.capacity * 2
        if low and not told:
            engine.buffers.tell(RingDrained(ChainId(1)))
        told = low
    np.testing.assert_array_equal(np.concatenate(heard), as_float(samples))
    assert ring.end == len(samples)


def test_a_burst_is_decoded_whole_by_rank_and_the_rest_to_the_threshold(engine: Engine) -> None:
    songs = {f"song{n}": noise(RATE * 5 + n, seed=n) for n in range(10)}
    for name, samples in songs.items():
        write_wav(engine.directory / f"{name}.wav", samples)
    engine.plan(**{name: number for number, name in enumerate(songs)})
    rings = [engine.ring(number) for number in range(10)]
    wait(lambda: rings[0].complete and rings[1].complete)
    engine.settle()
    threshold = 3 * RATE
    assert all(threshold <= ring.level <= threshold + RATE // 10 for ring in rings[2:])
    for ring, samples in zip(rings, songs.values(), strict=True):
        out = np.zeros((RATE * 6, 2), dtype=np.float32)
        got = ring.read(out)
        np.testing.assert_array_equal(out[:got], as_float(samples)[:got])


def test_one_bad_file_fails_and_its_neighbours_play(engine: Engine) -> None:
    write_wav(engine.directory / "good.wav", noise(RATE, seed=1))
    (engine.directory / "bad.wav").write_bytes(b"no sound at all")
    engine.plan(bad=1, missing=2, good=3)
    assert engine.ring(3).complete
    failures = engine.queue.wait_for(DecodeFailed, 2)
    assert {(f.chain_id, f.kind) for f in failures} == {
        (1, FailureKind.NOT_AUDIO),
        (2, FailureKind.MISSING),
    }
    assert [e.chain_id for e in engine.queue.of(EndpointDiscovered)] == [3]
    engine.settle()
    snapshot = engine.buffers.ask(GetBufferSnapshot(), timeout_s=WAIT_S)
    assert snapshot.rings.keys() == {3}


def test_a_thousand_chains_leave_no_ring_thread_or_open_file(engine: Engine) -> None:
    write_wav(engine.directory / "a.wav", noise(RATE * 20, seed=1))
    write_wav(engine.directory / "b.wav", noise(RATE // 10, seed=2))
    rings: weakref.WeakSet[Ring] = weakref.WeakSet()
    for number in range(0, 1000, 2):
        engine.plan(a=number, b=number + 1)
        if number % 10 == 0:
            engine.ring(number + 1)  # let it get that far now and then
        rings.update(opened.ring for opened in engine.mixer.of(RingOpened))
        engine.mixer.clear()
        engine.queue.clear()
    engine.plan()
    engine.settle()
    for thread in decode_threads():
        thread.join(WAIT_S)
    engine.settle()
    engine.mixer.clear()
    assert decode_threads() == []
    assert open_files() == set()
    assert list((engine.directory / "marks").iterdir()) == []
    assert engine.buffers.ask(GetBufferSnapshot(), timeout_s=WAIT_S).rings == {}
    assert engine.decoder.ask(GetDecoderSnapshot(), timeout_s=WAIT_S).chains == frozenset()
    gc.collect()
    assert len(rings) == 0
