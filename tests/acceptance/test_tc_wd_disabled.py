"""TC-WD-DISABLED: everything happens by events alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.messages import (
    Enqueued,
    OpenRing,
    PassageCompleted,
    QueueAdvanced,
    RingOpened,
)
from playback.player import PlayerState
from tests import sounds
from tests.acceptance.stage import Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD, RATE_HZ
from tests.sounds import Codec

SECONDS = (0.3, 0.5, 0.4)


@twin(without(Enqueued, to="DecoderActor"), without(QueueAdvanced, to="DecoderActor"))
@twin(without(OpenRing, to="BufferActor"))
@twin(without(RingOpened, to="DecoderActor"))
@twin(without(RingOpened, to="MixerActor"))
@twin(without(PassageCompleted, to="QueueActor"))
@twin(
    without(QueueAdvanced, to="DecoderActor", when=lambda told: told.previous_current is not None)
)
def test_tc_wd_disabled_001_songs_are_queued_and_played_without_a_single_round(
    stages: Stages, tmp_path: Path
) -> None:
    """Given real files, real decoders, a window of two songs, and a watchdog that is off.

    When three songs are enqueued and played to their end.
    Then they are heard frame by frame, one right after the other, and the player stops.
    """
    stage = stages.open(decodes=True, maximum_decode_streams=2)
    expected = []
    for seed, seconds in enumerate(SECONDS):
        signal = sounds.noise(round(seconds * RATE_HZ), seed=seed)
        stage.add(sounds.make(tmp_path / f"{seed}.wav", signal, Codec.WAV16))
        expected.append(sounds.as_decoded(signal, Codec.WAV16))
    stage.play()
    for number, song in enumerate(expected):
        stage.rig.wait_decoded(stage.tap.patience_s)
        stage.until(lambda: stage.rig.status.advancing, "the song to sound")
        stage.device.run(len(song) if number else len(song) + PERIOD)
        stage.until(
            lambda over=number: len(stage.tap.of(PassageCompleted)) > over,  # type: ignore[misc]
            f"the end of song {number}",
        )
    stage.until(lambda: stage.rig.status.state is PlayerState.STOP, "the end")
    whole = np.concatenate(expected)
    assert np.array_equal(stage.device.heard[: len(whole)], whole)
    assert stage.telemetry.rounds == 0
