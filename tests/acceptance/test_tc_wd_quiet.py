"""TC-WD-QUIET: however fast commands come, a healthy engine is never suspected."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import pytest

from actors.messages import ChangeOptions, ClearQueue, OpenRing, SwitchOutput
from playback.errors import AckError
from playback.player import PlayerState
from tests import sounds
from tests.acceptance.operations import Listener
from tests.acceptance.stage import Stage, Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD, RATE_HZ
from tests.sounds import Codec

SEED = 20_240_229
OPERATIONS = 1_000
PATIENCE_S = 0.03
"""How long a listener waits for sound: not all that was asked for can sound."""
LENGTHS_S = (0.02, 0.15, 0.4, 0.7, 1.5)


def make_files(directory: Path) -> list[Path]:
    """Make files, of which the shortest is less than a period long, and one is no music at all."""
    files = [directory / "not music.wav"]
    files[0].write_bytes(b"no sound at all")
    for seed, length_s in enumerate(LENGTHS_S):
        signal = sounds.noise(round(length_s * RATE_HZ), seed=seed)
        files.append(sounds.make(directory / f"{seed}.wav", signal, Codec.WAV16))
    return files


def listen(stage: Stage, frames: int) -> None:
    """Hear up to so many frames, as long as they keep coming."""
    status = stage.rig.status
    if status.state is PlayerState.PLAY and status.outputs[0].enabled:
        with suppress(AssertionError):
            stage.device.run(frames)


def play_at_random(
    stages: Stages, directory: Path, seed: int, operations: int, windows: tuple[int, ...]
) -> Stage:
    """Give commands as fast as they are answered, let the music on now and then, expect quiet."""
    print(f"seed {seed}")  # noqa: T201  (pytest shows it if this fails)
    rng = Random(seed)
    files = make_files(directory)
    listener = Listener(rng, files, windows)
    stage = stages.open(decodes=True, watchdog_interval_ms=10, maximum_decode_streams=windows[-1])
    stage.device.timeout_s = PATIENCE_S
    for number in range(operations):
        with suppress(AckError):  # a song may end between the look and the command
            stage.engine.queue.ask(listener.next(stage.rig.status), timeout_s=5.0)
        if number % 40 == 0:
            listen(stage, rng.randrange(RATE_HZ // 2))
        else:
            stage.device.play(rng.randrange(3 * PERIOD))
    play_one_more(stage, files[-1])
    stage.wait_rounds(3)
    assert stage.telemetry.interventions == []
    assert stage.telemetry.restarts == []
    return stage


def play_one_more(stage: Stage, file: Path) -> None:
    """After all that, an ordinary song plays, from its first frame on."""
    stage.device.timeout_s = 5.0
    stage.do(ClearQueue())
    stage.do(ChangeOptions(volume=100, repeat=False, crossfade_s=0))
    stage.do(SwitchOutput(0, True))
    stage.add(file)
    stage.device.wait_closed()
    before = len(stage.device.heard)
    stage.play()
    stage.rig.wait_decoded(stage.tap.patience_s)
    stage.device.run(RATE_HZ)
    signal = sounds.noise(round(LENGTHS_S[-1] * RATE_HZ), seed=len(LENGTHS_S) - 1)
    expected = sounds.as_decoded(signal, Codec.WAV16)
    assert np.array_equal(stage.device.heard[before:], expected[:RATE_HZ])


@twin(without(OpenRing, to="BufferActor"), found=True)
def test_tc_wd_quiet_001_a_thousand_random_operations_cause_no_intervention(
    stages: Stages, tmp_path: Path
) -> None:
    """Given real files, real decoders, and rounds every 10 ms.

    When 1,000 random legal operations are carried out as fast as they are answered.
    Then no round intervenes, and no actor dies.
    """
    stage = play_at_random(stages, tmp_path, SEED, OPERATIONS, windows=(2, 3, 4))
    assert len(stage.device.heard) > RATE_HZ + 10 * PERIOD  # music came in between


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_many_more_random_operations_cause_no_intervention(
    stages: Stages, tmp_path: Path, seed: int
) -> None:
    play_at_random(stages, tmp_path, seed, 5 * OPERATIONS, windows=(2, 3, 12))
