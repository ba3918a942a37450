"""Commands that meet news on its way: what the engine had to tell when they came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import ChangeOptions, PassageCompleted, PassageStarted, SetPause, StopPlaying
from playback.options import Switch
from playback.player import PlayerState
from tests.acceptance.doubles import numbered
from tests.acceptance.stage import ENOUGH, Stage, Stages
from tests.engine_rig import PERIOD
from tests.wiretap import Told


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stages = Stages(tmp_path)
    yield stages.open()
    stages.close()


def deliver(stage: Stage, late: list[Told]) -> None:
    """Let QueueActor have what was held up."""
    for told in late:
        stage.engine.queue.tell(told.message)
    stage.settle()


def test_a_stop_that_comes_before_the_start_was_told_ends_the_sound(stage: Stage) -> None:
    stage.tap.lose(PassageStarted)
    (entry,) = stage.begin("a")
    stage.device.run(PERIOD)
    stage.device.wait_filled()
    drops = stage.device.drops
    stage.do(StopPlaying())
    stage.device.wait_drops(drops + 1)
    deliver(stage, stage.tap.lost)
    assert stage.sounding == ()
    stage.device.play(ENOUGH)
    stage.device.wait_closed()
    heard = stage.device.heard
    assert len(heard) <= 4 * PERIOD
    assert not heard[2 * PERIOD :].any()
    stage.play()
    stage.settle()  # a new chain is at work: the old one had begun
    stage.buffer(entry)
    stage.until_sounding(entry)
    stage.device.run(2 * PERIOD)
    assert np.array_equal(stage.device.heard[len(heard) :], numbered(0, 2 * PERIOD))


def test_an_end_that_is_told_after_a_stop_leaves_the_song_current(stage: Stage) -> None:
    stage.tap.lose(PassageStarted)
    stage.tap.lose(PassageCompleted)
    first, second = stage.begin("a", "b")
    stage.buffer(second)
    stage.finish(first)
    stage.settle()
    stage.device.run(ENOUGH + PERIOD)
    stage.until(lambda: len(stage.tap.lost) >= 2, "the end of A to be on its way")
    stage.do(StopPlaying())
    deliver(stage, stage.tap.lost[:2])
    assert stage.rig.status.state is PlayerState.STOP
    assert stage.current == first
    stage.device.wait_closed()
    stage.play(None)
    stage.buffer(first)
    stage.until_sounding(first)
    before = len(stage.device.heard)
    stage.device.run(PERIOD)
    assert np.array_equal(stage.device.heard[before:], numbered(0, PERIOD))


def test_a_resume_that_was_cut_short_leaves_no_ramp_behind(stage: Stage) -> None:
    (entry,) = stage.begin("a")
    stage.device.run(PERIOD)
    stage.do(SetPause(True))
    stage.settle()
    stage.device.play(ENOUGH)  # the ramp of the pause
    stage.do(SetPause(False))
    stage.do(SetPause(True))
    stage.do(StopPlaying())
    stage.settle()
    stage.device.play(ENOUGH)
    stage.device.wait_closed()
    before = len(stage.device.heard)
    stage.play()
    stage.settle()
    stage.buffer(entry)
    stage.until_sounding(entry)
    stage.device.run(2 * PERIOD)
    assert np.array_equal(stage.device.heard[before:], numbered(0, 2 * PERIOD))


def test_with_single_nothing_follows_however_late_the_end_is_told(stage: Stage) -> None:
    stage.do(ChangeOptions(single=Switch.ON))
    first, second = stage.begin("a", "b")
    stage.tap.lose(PassageCompleted)
    assert [slot.entry for slot in stage.queue().plan.slots] == [first]
    stage.finish(first)
    stage.settle()
    stage.device.run(ENOUGH)
    stage.device.play(2 * PERIOD)
    stage.until(lambda: len(stage.tap.lost) == 1, "the end of A to be on its way")
    assert not stage.device.heard[ENOUGH:].any()
    deliver(stage, stage.tap.lost[:1])
    assert (stage.rig.status.state, stage.current) == (PlayerState.PAUSE, second)
    assert stage.rig.status.elapsed_s == 0
    stage.buffer(second)
    stage.settle()
    before = len(stage.device.heard)
    stage.do(SetPause(False))
    stage.until_sounding(second)
    stage.device.run(2 * PERIOD)
    assert np.array_equal(stage.device.heard[before:], numbered(0, 2 * PERIOD))
