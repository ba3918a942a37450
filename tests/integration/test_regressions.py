"""Mistakes that other players made, each shown not to be made here, with the whole engine.

Where a mistake belongs to one part, its test stands with that part; docs/traceability.md lists
both. Real files, real decoders, all actors; compared frame by frame.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import numpy.typing as npt
import pytest

from actors.messages import (
    ChangeOptions,
    CrossfadeStarted,
    DecodeFailed,
    DeleteId,
    Flush,
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    PassageStarted,
    PlayPosition,
    RingOpened,
    RunRound,
    SetRange,
    SkipNext,
)
from audio.ring import Ring
from playback.options import Switch
from playback.player import PlayerState
from playback.units import frames_to_ticks
from tests import sounds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.sounds import Codec
from tests.wiretap import Wiretap

DECLICK = 220  # 5 ms
SETTINGS = {"minimum_playback_buffer_ms": 200, "watchdog_interval_ms": 10}

Frames = npt.NDArray[np.float32]
Song = tuple[Path, Frames]
MakeSong = Callable[[int, float], Song]


@pytest.fixture
def tap() -> Wiretap:
    return Wiretap()


@pytest.fixture
def rig(tmp_path: Path, tap: Wiretap) -> Iterator[Rig]:
    with Rig(tmp_path, wrap=tap.wrap, settings=SETTINGS) as rig:
        yield rig


@pytest.fixture
def make_song(tmp_path: Path) -> MakeSong:
    """Makes songs of noise, in which every stretch is unlike every other."""

    def make(seed: int, seconds: float) -> Song:
        signal = sounds.noise(round(seconds * RATE_HZ), seed=seed)
        path = sounds.make(tmp_path / f"{seed}.wav", signal, Codec.WAV16)
        return path, sounds.as_decoded(signal, Codec.WAV16)

    return make


def play(rig: Rig, position: int = 0) -> None:
    rig.do(PlayPosition(position))
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()


def test_the_song_that_was_removed_while_it_played_never_comes_back(
    rig: Rig, make_song: MakeSong
) -> None:
    """Others had three owners of "current": queue, decoder and mixer each believed their own."""
    songs = [make_song(seed, 1.0) for seed in range(3)]
    first, _, _ = (rig.add(path)[0] for path, _ in songs)
    play(rig)
    rig.device.run(10_000)
    rig.device.wait_filled()
    removed = rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan.slots[0].chain
    rig.do(DeleteId(first))
    rig.until(lambda status: status.advancing and len(status.entries) == 2)
    rig.wait_decoded()
    engine = rig.engine
    assert removed not in engine.decoder.ask(GetDecoderSnapshot(), timeout_s=5.0).chains
    assert removed not in engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0).rings
    assert removed not in engine.mixer.ask(GetMixerSnapshot(), timeout_s=5.0).sounding
    rig.device.run(2 * RATE_HZ)
    rig.device.play(PERIOD)
    rig.until(lambda status: status.state is PlayerState.STOP)
    after = rig.device.heard[10_000 + DECLICK : 10_000 + 2 * RATE_HZ]
    assert np.array_equal(after, np.concatenate([songs[1][1], songs[2][1]])[DECLICK:])


def test_the_end_of_one_song_disturbs_nothing_of_the_one_that_sounds_already(
    rig: Rig, tap: Wiretap, make_song: MakeSong
) -> None:
    """Others stopped the mixer at the end of A although B had begun: B was played twice."""
    (a, a_frames), (b, b_frames) = make_song(1, 3.0), make_song(2, 3.0)
    rig.add(a, b)
    rig.do(ChangeOptions(crossfade_s=1))
    play(rig)
    drops = rig.device.drops
    rig.device.run(len(a_frames) + RATE_HZ)
    rig.until(lambda status: status.current == 1)
    assert (rig.device.drops, rig.device.opens) == (drops, 1)
    assert len(tap.of(CrossfadeStarted)) == 1
    started = [told.queue_entry_id for told in tap.messages(PassageStarted)]
    assert started == [1, 2]
    alone = rig.device.heard[len(a_frames) :]
    assert np.array_equal(alone, b_frames[RATE_HZ : 2 * RATE_HZ])


def test_the_same_song_queued_many_times_leaves_no_ring_behind(
    rig: Rig, tap: Wiretap, make_song: MakeSong
) -> None:
    """Others stored buffers by entry and freed them by passage: 5 MB leaked per song."""
    path, _ = make_song(1, 0.5)
    rig.add(*[path] * 30)
    play(rig)
    for _ in range(25):
        rig.do(SkipNext())
    rig.until(lambda status: status.current == 25 and status.advancing)
    rig.wait_decoded()
    planned = {
        slot.chain for slot in rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan.slots
    }
    rings = rig.engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0).rings
    assert rings.keys() == planned
    alive: weakref.WeakSet[Ring] = weakref.WeakSet(told.ring for told in tap.messages(RingOpened))
    assert len(alive) >= 30
    tap.told.clear()
    # Decoders that were cancelled end, and what the mixer could go back to is heard.
    rig.until(lambda _: gc.collect() >= 0 and len(alive) == len(planned))


def test_after_many_removals_everything_can_still_be_decoded(rig: Rig, make_song: MakeSong) -> None:
    """Others let removed entries keep their decode slot: after twelve, nothing was decoded."""
    path, _ = make_song(1, 0.5)
    last, frames = make_song(2, 1.0)
    entries = rig.add(*[path] * 30)
    rig.add(last)
    play(rig)
    for entry in entries:
        rig.do(DeleteId(entry))
    rig.until(lambda status: status.current == 0 and status.advancing)
    rig.wait_decoded()
    before = len(rig.device.heard)
    rig.device.run(RATE_HZ // 2)
    heard = rig.device.heard[before + DECLICK + PERIOD :]
    assert np.array_equal(heard, frames[DECLICK + PERIOD : RATE_HZ // 2])


def test_a_song_that_cannot_be_decoded_is_tried_once_and_passed_over(
    rig: Rig, tap: Wiretap, make_song: MakeSong, tmp_path: Path
) -> None:
    """Others kept a failing file as current, and asked for it again in every round."""
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound at all")
    good, frames = make_song(1, 1.0)
    rig.add(bad, good)
    play(rig)  # which tries again what may have failed while stopped, as in MPD
    tried = len(tap.of(DecodeFailed, "QueueActor"))
    for _ in range(20):
        assert rig.engine.watchdog.ask(RunRound(), timeout_s=5.0) == ()
    rig.device.run(RATE_HZ // 2)
    assert rig.status.current == 1
    assert len(tap.of(DecodeFailed, "QueueActor")) == tried <= 2
    assert np.array_equal(rig.device.heard, frames[: RATE_HZ // 2])


def test_a_song_longer_than_its_ring_loses_no_frame_where_the_ring_was_full(
    rig: Rig, make_song: MakeSong
) -> None:
    """Others threw away what did not fit into a full buffer: music at two or three times speed."""
    path, frames = make_song(1, 20.0)
    rig.add(path)
    rig.do(PlayPosition(0))
    rig.until(lambda status: status.advancing)
    for _ in range(20):
        rig.until(lambda _: has_enough(rig))
        rig.device.run(RATE_HZ)
    assert np.array_equal(rig.device.heard, frames)


def has_enough(rig: Rig) -> bool:
    """Return whether what sounds has three more seconds ready, or all there is."""
    rings = rig.engine.buffer.ask(GetBufferSnapshot(), timeout_s=5.0).rings
    return all(ring.complete for ring in rings.values()) or all(
        level_s > 3.0 for level_s in rig.engine.ring_levels_s().values()
    )


def test_a_prefetched_song_that_is_promoted_plays_to_its_end(rig: Rig, make_song: MakeSong) -> None:
    """Others never decoded on what had been prefetched: the song stopped after 15 s."""
    short, _ = make_song(1, 1.0)
    long, frames = make_song(2, 17.0)
    rig.add(short, short, long)
    play(rig)
    for _ in range(2):
        rig.do(SkipNext())
    rig.until(lambda status: status.current == 2 and status.advancing)
    before = len(rig.device.heard)
    for _ in range(16):
        rig.until(lambda _: has_enough(rig))
        rig.device.run(RATE_HZ)
    heard = rig.device.heard[before:]
    at = int(np.flatnonzero((frames == heard[RATE_HZ]).all(axis=1))[0]) - RATE_HZ
    assert at + 4 * PERIOD >= 0
    assert np.array_equal(heard[RATE_HZ:], frames[at + RATE_HZ : at + len(heard)])


def test_an_overlap_is_as_long_as_it_says_whatever_the_rates_are(
    rig: Rig, make_song: MakeSong, tmp_path: Path
) -> None:
    """Others computed fades at the source's rate and applied them at the output's."""
    silence = sounds.sine(3 * 48_000, 48_000, level=0.0)
    a = sounds.make(tmp_path / "a.flac", silence, Codec.FLAC16, rate_hz=48_000)
    b, frames = make_song(2, 3.0)
    rig.add(a, b)
    rig.do(ChangeOptions(crossfade_s=1))
    play(rig)
    rig.device.run(4 * RATE_HZ)
    heard = rig.device.heard
    assert not heard[: 2 * RATE_HZ].any()
    rise = np.sin(np.pi / 2 * (np.arange(RATE_HZ)[:, None] + 0.5) / RATE_HZ)
    overlap = heard[2 * RATE_HZ : 3 * RATE_HZ]
    assert np.abs(overlap - frames[:RATE_HZ] * rise).max() < 1e-6
    assert np.array_equal(heard[3 * RATE_HZ :], frames[RATE_HZ : 2 * RATE_HZ])


def test_a_passage_that_starts_late_in_its_file_plays(rig: Rig, make_song: MakeSong) -> None:
    """Others took a first chunk that was discarded as a whole for the end of the file."""
    path, frames = make_song(1, 3.0)
    (entry,) = rig.add(path)
    start = 2 * RATE_HZ + 17
    rig.do(SetRange(entry, (frames_to_ticks(start, RATE_HZ), None)))
    play(rig)
    rig.device.run(RATE_HZ // 2)
    assert np.array_equal(rig.device.heard, frames[start : start + RATE_HZ // 2])


def test_what_was_skipped_and_consumed_does_not_return_after_a_restart(
    tmp_path: Path, make_song: MakeSong
) -> None:
    """Others deleted it from memory, and not from the database."""
    path, _ = make_song(1, 0.5)
    with Rig(tmp_path, settings=SETTINGS) as rig:
        first, second = rig.add(path, path)
        rig.do(ChangeOptions(consume=Switch.ON))
        play(rig)
        rig.do(SkipNext())
        saved = Event()
        rig.engine.storage.tell(Flush(saved.set))
        assert saved.wait(5.0)
        assert [entry.id for entry in rig.store.load().entries] == [second]
    with Rig(tmp_path, settings=SETTINGS) as rig:
        assert [entry.id for entry in rig.status.entries] == [second]
        assert first != second
