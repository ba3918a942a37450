"""TC-E2E: whole runs from the command to the last frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from actors.messages import (
    AddSongs,
    BufferThresholdReached,
    ChangeOptions,
    Enqueued,
    PassageCompleted,
    PassageStarted,
    QueueAdvanced,
    RequestDecode,
    StartCurrent,
)
from playback.plan import Priority
from playback.song import Song
from playback.units import EntryId
from tests import sounds
from tests.acceptance.doubles import numbered
from tests.acceptance.stage import ENOUGH, Stage, Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD, RATE_HZ
from tests.sounds import Codec

Frames = npt.NDArray[np.float32]


@twin(without(StartCurrent, to="MixerActor"))
@twin(without(BufferThresholdReached, to="MixerActor"))
@twin(without(Enqueued, to="DecoderActor", when=lambda told: told.queue_entry_id == 2))
@twin(without(PassageCompleted, to="QueueActor"))
def test_tc_e2e_001_from_an_empty_queue_to_the_second_song(stages: Stages) -> None:
    """Given an empty queue, where ``play`` does nothing yet, as in MPD.

    When A is enqueued and played, its ring crosses the threshold, B is enqueued while A sounds,
    and A completes.
    Then A starts, then B is current, each is started once, and no frame is between them.
    """
    stage = stages.open()
    stage.play(None)
    (first,) = stage.add("a")
    stage.play(None)
    stage.until_open()
    stage.buffer(first)
    stage.until_sounding(first)
    (second,) = stage.add("b")
    stage.buffer(second)
    stage.finish(first)
    stage.finish(second)
    stage.settle()
    stage.device.run(ENOUGH + 2 * PERIOD)
    stage.until(lambda: stage.current == second, "B to be current")
    assert stage.tap.messages(PassageStarted) == [
        PassageStarted(entry, stage.chain(entry)) for entry in (first, second)
    ]
    expected = np.concatenate([numbered(0, ENOUGH), numbered(0, 2 * PERIOD)])
    assert np.array_equal(stage.device.heard, expected)


@twin(without(Enqueued, to="DecoderActor"))
@twin(without(QueueAdvanced, to="DecoderActor"))
def test_tc_e2e_002_a_burst_of_ten_is_requested_in_play_order(stages: Stages) -> None:
    """Given an empty queue, stopped, and rounds every 10 ms.

    When ten files are enqueued in a burst, and played.
    Then there are ten requests: ``IMMEDIATE``, ``NEXT`` and eight ``PREFETCH``, in play order,
    and none of them comes from the watchdog.
    """
    stage = stages.open(watchdog_interval_ms=10)
    for number in range(10):
        stage.engine.queue.tell(AddSongs((Song(f"{number}"),)))
    stage.until(lambda: len(stage.workers.requested) >= 2, "two decode requests")
    assert all(isinstance(made.cause, Enqueued) for made in stage.workers.caused)
    stage.play()
    stage.until(lambda: len(stage.workers.requested) >= 10, "ten decode requests")
    stage.settle()
    expected = [Priority.IMMEDIATE, Priority.NEXT, *[Priority.PREFETCH] * 8]
    assert [made.priority for made in stage.workers.caused] == expected
    assert [made.entry for made in stage.workers.caused] == [EntryId(n) for n in range(1, 11)]
    assert not any(isinstance(made.cause, RequestDecode) for made in stage.workers.caused)
    assert stage.telemetry.interventions == []


def make_song(directory: Path, seconds: float) -> tuple[Path, Frames]:
    """Make a file of noise, of which every stretch is unlike every other; return its frames."""
    signal = sounds.noise(round(seconds * RATE_HZ), seed=3, level=0.1)
    path = sounds.make(directory / "song.wav", signal, Codec.WAV16)
    return path, sounds.as_decoded(signal, Codec.WAV16)


def hear_rounds(stage: Stage, count: int, frames: int) -> None:
    """Hear a song that follows itself ``count`` times, half of the last one less."""
    stage.rig.wait_decoded()
    stage.device.run(frames // 2)
    for number in range(1, count):
        stage.device.run(frames)
        stage.until(
            lambda over=number: len(stage.tap.of(PassageCompleted)) == over,  # type: ignore[misc]
            f"the end of round {number}",
        )
        stage.rig.wait_decoded()


@twin(without(PassageCompleted, to="QueueActor"))
def test_tc_e2e_003_one_song_repeated_loops_without_a_frame_more_or_less(
    stages: Stages, tmp_path: Path
) -> None:
    """Given one song in the queue and ``repeat 1``.

    When it is played for four and a half rounds.
    Then the last frame of each is followed by the first frame of the next.
    """
    stage = stages.open(decodes=True, maximum_decode_streams=2)
    path, frames = make_song(tmp_path, 0.7)
    stage.add(path)
    stage.do(ChangeOptions(repeat=True))
    stage.play()
    hear_rounds(stage, 5, len(frames))
    heard = stage.device.heard
    assert len(heard) == 4 * len(frames) + len(frames) // 2
    assert np.array_equal(heard, np.tile(frames, (5, 1))[: len(heard)])


@twin(without(PassageCompleted, to="QueueActor"))
def test_tc_e2e_003_with_crossfade_the_song_overlaps_itself(stages: Stages, tmp_path: Path) -> None:
    """Given one song in the queue, ``repeat 1`` and ``crossfade 1``.

    When it is played for two and a half rounds.
    Then each round begins a second before the one before it ends, with equal power.
    """
    stage = stages.open(decodes=True, maximum_decode_streams=2)
    path, frames = make_song(tmp_path, 3.5)
    stage.add(path)
    stage.do(ChangeOptions(repeat=True, crossfade_s=1))
    stage.play()
    apart = len(frames) - RATE_HZ
    hear_rounds(stage, 3, apart)
    heard = stage.device.heard
    assert len(heard) == 2 * apart + apart // 2
    u = (np.arange(RATE_HZ)[:, None] + 0.5) / RATE_HZ
    faded = frames.astype(np.float64)
    faded[-RATE_HZ:] *= np.cos(np.pi / 2 * u)
    entering = faded.copy()
    entering[:RATE_HZ] *= np.sin(np.pi / 2 * u)
    expected = np.zeros((3 * apart + RATE_HZ, 2))
    for number, song in enumerate((faded, entering, entering)):
        expected[number * apart :][: len(frames)] += song
    assert np.abs(heard - expected[: len(heard)]).max() < 1e-6
