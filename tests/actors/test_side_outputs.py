"""Side outputs by their numbers, and what they are fed with."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np

from actors.messages import SideOutputFailed, SideOutputRestored
from actors.side_outputs import SideChoice, SideOutputs
from audio.device import OutputFormat, SampleFormat
from audio.file_sink import FileSink
from audio.pipe_sink import CommandSink
from audio.ring import Block
from playback.units import Frames
from tests.spies import Spy

PERIOD = 100
FORMAT = OutputFormat(1_000, SampleFormat.FLOAT, 2, Frames(PERIOD), Frames(3 * PERIOD))


def block(first: int, frames: int = PERIOD) -> Block:
    numbers = np.arange(first, first + frames, dtype=np.float32) / 2**16
    return np.stack([numbers, -numbers], axis=1)


def file(number: int, path: Path) -> SideChoice:
    make = partial(FileSink, path, SampleFormat.FLOAT, 1_000, wav=False)
    return SideChoice(number, path.name, make)


def post(sides: SideOutputs, at: int) -> None:
    sides.post(at, block(at), altered=False, source_bits=16)


def frames_in(path: Path) -> Block:
    return np.frombuffer(path.read_bytes(), "<f4").reshape(-1, 2)


def test_one_that_swallows_everything_is_on_too() -> None:
    sides = SideOutputs([SideChoice(1, "Nothing")])
    assert not sides.any_on
    sides.switch(1, FORMAT, enabled=True)
    assert sides.any_on
    post(sides, 0)
    sides.heard(50)
    sides.switch(1, FORMAT, enabled=False)
    assert not sides.any_on


def test_a_number_that_is_no_side_output_is_left_alone() -> None:
    sides = SideOutputs([SideChoice(1, "Nothing")])
    sides.switch(0, FORMAT, enabled=True)
    sides.switch(1, FORMAT, enabled=False)
    assert not sides.any_on


def test_each_that_is_on_gets_what_is_heard_and_nothing_of_what_is_cut_off(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    sides = SideOutputs([file(1, first), file(2, second)])
    sides.switch(1, FORMAT, enabled=True)
    post(sides, 0)
    sides.heard(30)
    sides.switch(2, FORMAT, enabled=True)
    sides.heard(60)
    sides.cut(70)
    sides.post(70, block(500), altered=False, source_bits=16)
    sides.heard(80)
    sides.forget()
    sides.heard(1_000)
    sides.close(5.0)
    expected = np.concatenate([block(0, 70), block(500, 10)])
    assert np.array_equal(frames_in(first), expected)
    assert np.array_equal(frames_in(second), expected[30:])


def test_switched_off_and_on_again_the_same_file_goes_on_behind_what_it_holds(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    sides = SideOutputs([file(1, path)])
    for at in range(0, 20 * PERIOD, PERIOD):
        sides.switch(1, FORMAT, enabled=True)
        post(sides, at)
        sides.heard(at + PERIOD)
        sides.switch(1, FORMAT, enabled=False)
    sides.switch(1, FORMAT, enabled=True)
    sides.close(5.0)
    assert np.array_equal(frames_in(path), block(0, 20 * PERIOD))


def test_who_fails_is_told_by_its_number(tmp_path: Path) -> None:
    told: Spy[SideOutputFailed | SideOutputRestored] = Spy()
    sides = SideOutputs([file(7, tmp_path / "absent" / "file")], told)
    sides.switch(7, FORMAT, enabled=True)
    post(sides, 0)
    sides.heard(PERIOD)
    failed = told.wait_for(SideOutputFailed)[0]
    assert failed.id == 7
    assert failed.message.startswith("output file: cannot write")
    sides.rest()
    assert told.wait_for(SideOutputRestored) == [SideOutputRestored(7)]
    sides.close(5.0)


def test_programs_that_will_not_end_do_not_hold_up_the_end_one_after_another() -> None:
    choices = [
        SideChoice(each, "Deaf", partial(CommandSink, "exec sleep 20", SampleFormat.FLOAT))
        for each in range(4)
    ]
    sides = SideOutputs(choices)
    for each in range(4):
        sides.switch(each, FORMAT, enabled=True)
    post(sides, 0)
    sides.heard(PERIOD)
    begin_s = time.monotonic()
    sides.close(0.3)
    assert time.monotonic() - begin_s < 1.0
