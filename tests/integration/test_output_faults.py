"""The output is lost, absent, hung, switched off or changed while music plays.

The position is kept, the user is told and untold, and the music goes on at the exact frame.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.messages import (
    Flush,
    PlayPosition,
    SetPause,
    SkipNext,
    StopPlaying,
    SwitchOutput,
    UseDevice,
)
from actors.output import OutputChoice
from actors.telemetry import Count
from audio.device import OutputFormat
from audio.fallback import FallbackDevice
from playback.player import PlayerState
from playback.units import ticks_to_seconds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.integration.music import DECLICK, RESUME, Frames, Music, cut, falling, resuming, rising
from tests.lockstep import LockStepDevice
from tests.spies import TelemetrySpy

SETTINGS = {"minimum_playback_buffer_ms": 500}
LENGTH = 4 * RATE_HZ


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path, 4, 4, 4)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings=SETTINGS) as rig:
        yield rig


def lose(rig: Rig) -> None:
    """Unplug the device, and wait until the user is told."""
    rig.device.wait_filled()
    rig.device.lose()
    rig.until(lambda status: status.error is not None and not status.advancing)


def plug_in(rig: Rig) -> None:
    """Plug it in again, and wait until it is found and the user is untold."""
    rig.device.come_back()
    rig.until(lambda status: status.error is None)
    rig.until(lambda status: status.advancing)


def assert_resumed(heard: Frames, expected: Frames) -> None:
    """What is heard rises from silence and is then exactly what is expected."""
    rise = expected[:RESUME] * resuming()
    assert np.abs(heard[:RESUME] - rise).max() < 1e-6
    assert np.array_equal(heard[RESUME:], expected[RESUME : len(heard)])


def test_a_device_that_is_lost_and_comes_back_costs_no_frame(rig: Rig, music: Music) -> None:
    music.play(rig)
    rig.device.run(30_000)
    lose(rig)
    status = rig.status
    assert (status.state, status.current) == (PlayerState.PLAY, 0)
    assert status.elapsed_s == pytest.approx(30_000 / RATE_HZ, abs=1 / RATE_HZ)
    assert "lost" in (status.error or "")
    plug_in(rig)
    rig.device.run(40_000)
    heard = rig.device.heard
    assert np.array_equal(heard[:30_000], music.songs[0][:30_000])
    assert_resumed(heard[30_000:], music.songs[0][30_000:])


def test_where_it_was_lost_is_on_disk(rig: Rig, music: Music) -> None:
    music.play(rig)
    rig.device.run(30_000)
    lose(rig)
    flushed = threading.Event()
    rig.engine.storage.tell(Flush(flushed.set))
    assert flushed.wait(5.0)
    elapsed = rig.store.load().player.elapsed
    assert ticks_to_seconds(elapsed) == pytest.approx(30_000 / RATE_HZ, abs=1 / RATE_HZ)


def test_lost_several_times_it_goes_on_each_time(rig: Rig, music: Music) -> None:
    music.play(rig)
    heard = 0
    for _ in range(3):
        rig.device.run(10_000)
        heard += 10_000
        lose(rig)
        assert rig.status.elapsed_s == pytest.approx(heard / RATE_HZ, abs=1 / RATE_HZ)
        plug_in(rig)
    rig.device.run(10_000)
    for at in range(0, heard, 10_000):
        assert np.array_equal(
            rig.device.heard[at + RESUME : at + 10_000],
            music.songs[0][at + RESUME : at + 10_000],
        )


@pytest.mark.parametrize("left", [1_000, 100, 1])
def test_lost_in_the_last_frames_of_a_song_the_rest_and_the_next_follow(
    rig: Rig, music: Music, left: int
) -> None:
    music.play(rig)
    rig.device.run(LENGTH - left)
    lose(rig)
    assert rig.status.current == 0
    plug_in(rig)
    rig.device.run(20_000)
    both = np.concatenate([music.songs[0][LENGTH - left :], music.songs[1]])
    assert_resumed(rig.device.heard[LENGTH - left :], both[:20_000])
    rig.until(lambda status: status.current == 1)


def test_lost_in_an_overlap_both_songs_go_on_where_they_were(rig: Rig, music: Music) -> None:
    music.play(rig, crossfade_s=1)
    at = LENGTH - RATE_HZ // 2
    rig.device.run(at)
    lose(rig)
    plug_in(rig)
    rig.device.run(RATE_HZ)
    half = RATE_HZ // 2
    a, b = music.songs[0], music.songs[1]
    overlap = a[at:] * falling(RATE_HZ)[half:] + b[half:RATE_HZ] * rising(RATE_HZ)[half:]
    overlap[:RESUME] *= resuming()
    heard = rig.device.heard[at:]
    assert np.abs(heard[:half] - overlap).max() < 1e-6
    assert np.array_equal(heard[half:], b[RATE_HZ : RATE_HZ + half])


def test_a_device_that_is_absent_at_the_start_begins_with_the_first_frame(
    rig: Rig, music: Music
) -> None:
    rig.device.lose()
    rig.add(*music.paths)
    rig.do(PlayPosition(0))
    rig.wait_decoded()
    status = rig.until(lambda status: status.error is not None)
    assert (status.state, status.advancing, status.elapsed_s) == (PlayerState.PLAY, False, 0.0)
    assert "not there" in (status.error or "")
    plug_in(rig)
    rig.device.run(20_000)
    assert np.array_equal(rig.device.heard, music.songs[0][:20_000])


def test_the_controls_work_while_it_is_lost(rig: Rig, music: Music) -> None:
    music.play(rig)
    rig.device.run(10_000)
    lose(rig)
    rig.do(SkipNext())
    assert rig.status.current == 1
    rig.do(SetPause(True))
    rig.do(SetPause(False))
    rig.do(SkipNext())
    assert (rig.status.current, rig.status.elapsed_s) == (2, 0.0)
    rig.wait_decoded()
    plug_in(rig)
    rig.device.run(10_000)
    assert np.array_equal(rig.device.heard[10_000:], music.songs[2][:10_000])


def test_lost_and_stopped_the_next_play_begins_anew(rig: Rig, music: Music) -> None:
    music.play(rig)
    rig.device.run(10_000)
    lose(rig)
    rig.do(StopPlaying())
    rig.device.come_back()
    rig.do(PlayPosition(None))
    rig.until(lambda status: status.error is None and status.advancing)
    rig.device.run(10_000)
    assert np.array_equal(rig.device.heard[10_000:], music.songs[0][:10_000])


def test_lost_in_a_pause_it_resumes_at_the_frame(rig: Rig, music: Music) -> None:
    music.play(rig)
    rig.device.run(10_000)
    cut(rig, SetPause(True))
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    rig.device.lose()
    rig.do(SetPause(False))
    rig.until(lambda status: status.error is not None)
    plug_in(rig)
    rig.device.run(20_000)
    assert_resumed(rig.device.heard[10_000 + PERIOD :], music.songs[0][10_000:30_000])


def test_an_xrun_loses_no_frame_and_is_counted(tmp_path: Path, music: Music) -> None:
    telemetry = TelemetrySpy()
    with Rig(tmp_path, settings=SETTINGS, telemetry=telemetry) as rig:
        music.play(rig)
        for _ in range(3):
            rig.device.run(7_000)
            rig.device.wait_filled()
            rig.device.xrun_next()
            rig.device.run(5 * PERIOD)
        rig.device.run(10_000)
        heard = rig.device.heard
        assert np.array_equal(heard, music.songs[0][: len(heard)])
        assert telemetry.counts[Count.XRUNS] == 3
        assert rig.status.error is None


def test_a_device_that_hangs_is_given_up_and_the_next_one_goes_on(
    tmp_path: Path, music: Music
) -> None:
    devices = [LockStepDevice(), LockStepDevice()]
    sessions = iter(devices)
    with Rig(
        tmp_path, settings=SETTINGS, hung_after_s=1.0, make_device=lambda _: next(sessions)
    ) as rig:
        first, second = devices
        rig.add(*music.paths)
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        first.run(10_000)
        first.wait_filled()
        first.hang()
        rig.until(lambda status: status.error is not None)
        rig.until(lambda status: status.error is None and status.advancing)
        second.run(20_000)
        assert_resumed(second.heard, music.songs[0][10_000:30_000])
        first.recover()
        first.play(PERIOD)
        first.wait_closed()  # whoever held it gives it back when it can
        assert np.array_equal(first.heard[:10_000], music.songs[0][:10_000])


def test_switched_off_it_is_silent_and_switched_on_it_goes_on_at_the_frame(
    rig: Rig, music: Music
) -> None:
    music.play(rig)
    rig.device.run(10_000)
    cut(rig, SwitchOutput(0, False))
    rig.device.wait_closed()
    status = rig.until(lambda status: not status.advancing)
    assert (status.state, status.error) == (PlayerState.PLAY, None)
    assert status.elapsed_s == pytest.approx(10_000 / RATE_HZ, abs=1 / RATE_HZ)
    rig.do(SwitchOutput(0, True))
    rig.until(lambda status: status.advancing)
    rig.device.run(20_000)
    assert_resumed(rig.device.heard[10_000:], music.songs[0][10_000:30_000])


def test_switched_off_it_stays_off_over_a_restart(tmp_path: Path, music: Music) -> None:
    with Rig(tmp_path, settings=SETTINGS) as rig:
        music.play(rig)
        rig.device.run(10_000)
        cut(rig, SwitchOutput(0, False))
        rig.device.wait_closed()
    with Rig(tmp_path, settings=SETTINGS) as rig:
        rig.wait_decoded()
        assert rig.status.state is PlayerState.PLAY
        assert not rig.status.outputs[0].enabled
        assert rig.device.opens == 0
        rig.do(SwitchOutput(0, True))
        rig.until(lambda status: status.advancing)
        rig.device.run(10_000)
        expected = music.songs[0][10_000 + DECLICK : 20_000]
        assert np.array_equal(rig.device.heard[DECLICK:], expected)


@pytest.mark.parametrize("at", [10_000, LENGTH - 1_000])
def test_another_device_goes_on_where_the_last_one_was(
    tmp_path: Path, music: Music, at: int
) -> None:
    devices = {"": LockStepDevice(), "second": LockStepDevice()}

    def make(choice: OutputChoice) -> LockStepDevice:
        return devices[choice.device]

    with Rig(tmp_path, settings=SETTINGS, make_device=make, device=devices[""]) as rig:
        music.play(rig)
        rig.device.run(at)
        cut(rig, UseDevice("lockstep", "second"))
        second = devices["second"]
        second.wait_open()
        second.run(20_000)
        devices[""].wait_closed()
        both = np.concatenate([music.songs[0], music.songs[1]])
        assert np.array_equal(devices[""].heard, both[:at])
        assert_resumed(second.heard, both[at : at + 20_000])
        assert rig.status.error is None


def test_a_device_that_can_be_open_only_once_survives_quick_switching(
    tmp_path: Path, music: Music
) -> None:
    class Card(LockStepDevice):
        busy = threading.Lock()

        def open(self, wanted: OutputFormat) -> OutputFormat:
            assert self.busy.acquire(blocking=False), "the device is busy"
            return super().open(wanted)

        def close(self) -> None:
            super().close()
            if self.busy.locked():
                self.busy.release()

    with Rig(tmp_path, settings=SETTINGS, device=Card()) as rig:
        music.play(rig)
        rig.device.run(10_000)
        cut(rig, SwitchOutput(0, False))
        for enabled in (True, False, True, False, True):
            rig.do(SwitchOutput(0, enabled))
        rig.until(lambda status: status.advancing)
        rig.device.run(10_000)
        assert rig.status.error is None
        assert_resumed(rig.device.heard[10_000:], music.songs[0][10_000:20_000])


def test_a_lost_device_with_a_fallback_costs_no_frame_and_is_no_error(
    tmp_path: Path, music: Music
) -> None:
    substitute = LockStepDevice()
    device = LockStepDevice()
    said: list[str] = []

    def make(_choice: OutputChoice) -> FallbackDevice:
        return FallbackDevice(device, substitute, said.append)

    with Rig(tmp_path, settings=SETTINGS, make_device=make, device=device) as rig:
        music.play(rig)
        device.run(30_000)
        device.wait_filled()
        device.lose()
        substitute.run(20_000)
        assert_resumed(substitute.heard, music.songs[0][30_000:50_000])
        assert (rig.status.error, rig.status.state) == (None, PlayerState.PLAY)
        assert said == ["the lock-step device is not there"]
        rig.do(StopPlaying())
        substitute.wait_closed()
        device.come_back()
        rig.do(PlayPosition(1))
        device.run(10_000)
        assert np.array_equal(device.heard[-10_000 + DECLICK :], music.songs[1][DECLICK:10_000])
        assert rig.status.error is None


def test_with_both_device_and_fallback_gone_the_user_is_told(tmp_path: Path, music: Music) -> None:
    substitute = LockStepDevice()
    device = LockStepDevice()

    def make(_choice: OutputChoice) -> FallbackDevice:
        return FallbackDevice(device, substitute, lambda _: None)

    with Rig(tmp_path, settings=SETTINGS, make_device=make, device=device) as rig:
        music.play(rig)
        device.run(10_000)
        substitute.lose()
        device.lose()
        told = rig.until(lambda status: status.error is not None)
        assert told.state is PlayerState.PLAY
        substitute.come_back()
        rig.until(lambda status: status.error is None and status.advancing)
        substitute.run(10_000)
        assert_resumed(substitute.heard, music.songs[0][10_000:20_000])
