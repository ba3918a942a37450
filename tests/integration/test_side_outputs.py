"""Recordings and pipes beside the sound device: they hold exactly what was heard."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from actors.messages import (
    PlayPosition,
    SeekCurrent,
    SetPause,
    SkipNext,
    StopPlaying,
    SwitchOutput,
    UseDevice,
)
from actors.output import NO_SOUND, OutputChoice
from actors.side_outputs import SideChoice
from audio.device import SampleFormat
from audio.file_sink import FileSink
from audio.pipe_sink import CommandSink, FifoSink
from audio.side_sink import SideSink
from playback.errors import AckError
from playback.player import PlayerState
from playback.status import OutputStatus
from tests.engine_rig import BUFFER, PERIOD, RATE_HZ, Rig
from tests.integration.music import Frames, Music, cut
from tests.integration.test_output_faults import assert_resumed
from tests.lockstep import LockStepDevice
from tests.waiting import until

SETTINGS = {"minimum_playback_buffer_ms": 500}
FRAME_BYTES = 8
CARD, SIDE = 0, 1


class Bench(Rig):
    """An engine with a card and one side output; without the card, silence is the clock."""

    def __init__(
        self, directory: Path, make: object, *, enabled: bool = True, **options: object
    ) -> None:
        self.card, self.silence = LockStepDevice(), LockStepDevice()
        self._closed = False
        super().__init__(
            directory,
            settings=SETTINGS,
            device=self.card,
            make_device=self._device,
            outputs=(
                OutputStatus(CARD, "Card", "lockstep", enabled=True),
                OutputStatus(SIDE, "Side", "file", enabled=enabled),
            ),
            sides=(SideChoice(SIDE, "Side", make),),  # type: ignore[arg-type]
            **options,  # type: ignore[arg-type]
        )

    def close(self) -> None:
        """End it, once, so that what is recorded is all there is."""
        if not self._closed:
            self._closed = True
            super().close()

    def _device(self, choice: OutputChoice) -> LockStepDevice:
        return self.silence if choice.plugin == NO_SOUND else self.card


class Recording:
    """A file of floats, which is to hold what a device has played."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "recording.raw"

    def __call__(self) -> SideSink:
        return FileSink(self.path, SampleFormat.FLOAT, RATE_HZ, wav=False)

    @property
    def frames(self) -> Frames:
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        return np.frombuffer(data[:whole], "<f4").reshape(-1, 2)

    def wait_for(self, frames: int) -> None:
        until(lambda: len(self.frames) >= frames, f"{frames} frames are recorded")


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path, 4, 4, 4)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


@pytest.fixture
def rig(tmp_path: Path, recording: Recording) -> Iterator[Bench]:
    with Bench(tmp_path, recording) as rig:
        yield rig


def run(
    rig: Bench, recording: Recording, frames: int, device: LockStepDevice | None = None
) -> None:
    """Let frames be heard, no faster than they are recorded."""
    for _ in range(0, frames, 10_000):
        before = len(recording.frames)
        (device or rig.card).run(min(frames, 10_000))
        frames -= 10_000
        recording.wait_for(before + 1)


def test_a_recording_holds_every_frame_that_was_heard(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig, crossfade_s=1)
    run(rig, recording, 6 * RATE_HZ)
    rig.close()
    heard = rig.card.heard
    assert len(heard) == 6 * RATE_HZ
    assert np.array_equal(heard[: 3 * RATE_HZ], music.songs[0][: 3 * RATE_HZ])
    assert np.array_equal(recording.frames, heard)


@pytest.mark.parametrize(
    "command", [SeekCurrent(2.0), SkipNext(), SetPause(True), StopPlaying()], ids=repr
)
def test_what_was_mixed_ahead_and_thrown_away_is_not_recorded(
    rig: Bench, recording: Recording, music: Music, command: object
) -> None:
    music.play(rig)
    run(rig, recording, 20_000)
    cut(rig, command)  # type: ignore[arg-type]
    rig.card.play(BUFFER)
    rig.do(PlayPosition(1))
    rig.wait_decoded()
    run(rig, recording, 20_000)
    rig.close()
    assert rig.card.dropped > PERIOD
    assert np.array_equal(recording.frames, rig.card.heard)
    assert np.array_equal(recording.frames[:20_000], music.songs[0][:20_000])


def test_a_pause_and_a_resume_leave_no_hole_and_no_doubled_frame(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig)
    for _ in range(4):
        run(rig, recording, 9_000)
        cut(rig, SetPause(True))
        rig.card.play(BUFFER)
        rig.do(SetPause(False))
        rig.until(lambda status: status.advancing)
    run(rig, recording, 9_000)
    rig.close()
    assert np.array_equal(recording.frames, rig.card.heard)


def test_what_is_lost_with_the_card_is_recorded_when_it_is_heard_later(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig)
    run(rig, recording, 20_000)
    rig.card.wait_filled()
    rig.card.lose()
    rig.until(lambda status: status.error is not None)
    rig.card.come_back()
    rig.until(lambda status: status.error is None and status.advancing)
    run(rig, recording, 20_000)
    rig.close()
    assert np.array_equal(recording.frames, rig.card.heard)
    assert len(recording.frames) == 40_000


def test_switched_on_while_it_plays_it_begins_there_and_off_it_ends(
    tmp_path: Path, recording: Recording, music: Music
) -> None:
    with Bench(tmp_path, recording, enabled=False) as rig:
        music.play(rig)
        rig.card.run(10_000)
        assert not recording.path.exists()
        rig.do(SwitchOutput(SIDE, True))
        rig.until(lambda status: status.outputs[SIDE].enabled)
        drops = rig.card.drops
        run(rig, recording, 20_000)
        rig.do(SwitchOutput(SIDE, False))
        rig.card.run(30_000)
        assert rig.card.drops == drops  # nobody who listens has noticed
    heard, recorded = rig.card.heard, recording.frames
    first = int(np.flatnonzero((heard == recorded[0]).all(axis=1))[0])
    assert 10_000 <= first <= 10_000 + BUFFER + 2 * PERIOD
    assert np.array_equal(recorded, heard[first : first + len(recorded)])
    assert 20_000 - BUFFER - 2 * PERIOD < len(recorded) <= 20_000


def test_without_the_card_silence_gives_the_pace_and_the_music_goes_on_at_the_frame(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig)
    run(rig, recording, 20_000)
    cut(rig, SwitchOutput(CARD, False))
    rig.card.wait_closed()
    rig.silence.wait_open()
    run(rig, recording, 20_000, rig.silence)
    assert rig.status.error is None
    assert_resumed(rig.silence.heard, music.songs[0][20_000:40_000])
    rig.do(SwitchOutput(CARD, True))
    rig.silence.wait_closed()
    begun = len(rig.silence.heard)
    rig.card.wait_open()
    run(rig, recording, 20_000)
    rig.close()
    assert_resumed(rig.card.heard[20_000:], music.songs[0][begun + 20_000 : begun + 40_000])
    everything = np.concatenate(
        [rig.card.heard[:20_000], rig.silence.heard, rig.card.heard[20_000:]]
    )
    assert np.array_equal(recording.frames, everything)


def test_another_card_can_be_chosen_while_the_card_is_off(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig)
    rig.do(SwitchOutput(CARD, False))
    rig.silence.wait_open()
    run(rig, recording, 10_000, rig.silence)
    opened = rig.silence.opens
    rig.do(UseDevice("lockstep", "another"))
    run(rig, recording, 10_000, rig.silence)
    assert rig.silence.opens == opened
    assert rig.status.outputs[CARD].device == "another"


def test_with_all_outputs_off_playing_stands_still_and_goes_on_with_any_of_them(
    rig: Bench, recording: Recording, music: Music
) -> None:
    music.play(rig)
    run(rig, recording, 20_000)
    rig.do(SwitchOutput(SIDE, False))
    cut(rig, SwitchOutput(CARD, False))
    rig.card.wait_closed()
    status = rig.until(lambda status: not status.advancing)
    assert (status.state, status.error) == (PlayerState.PLAY, None)
    assert status.elapsed_s == pytest.approx(20_000 / RATE_HZ, abs=1 / RATE_HZ)
    rig.do(SwitchOutput(SIDE, True))
    rig.silence.wait_open()
    run(rig, recording, 10_000, rig.silence)
    assert_resumed(rig.silence.heard, music.songs[0][20_000:30_000])


def test_switches_outlive_a_restart(tmp_path: Path, recording: Recording, music: Music) -> None:
    with Bench(tmp_path, recording, enabled=False) as rig:
        music.play(rig)
        rig.do(SwitchOutput(SIDE, True))
        cut(rig, SwitchOutput(CARD, False))
    with Bench(tmp_path, recording, enabled=False) as rig:
        assert [output.enabled for output in rig.status.outputs] == [False, True]
        rig.silence.wait_open()
        rig.wait_decoded()
        run(rig, recording, 10_000, rig.silence)
        assert rig.card.opens == 0


def test_without_a_card_in_the_configuration_none_can_be_chosen(
    tmp_path: Path, recording: Recording, music: Music
) -> None:
    silence = LockStepDevice()
    with Rig(
        tmp_path,
        settings=SETTINGS,
        make_device=lambda _: silence,
        device=silence,
        outputs=(OutputStatus(0, "Side", "file", enabled=True),),
        main_output=None,
        sides=(SideChoice(0, "Side", recording),),
    ) as rig:
        with pytest.raises(AckError, match="names only files and pipes"):
            rig.do(UseDevice("alsa", "hw:0"))
        music.play(rig)
        silence.run(10_000)
        recording.wait_for(1)
    assert np.array_equal(recording.frames, silence.heard)


def test_a_full_disk_does_not_stop_the_music_and_is_told_in_the_log(
    rig: Bench, recording: Recording, music: Music, caplog: pytest.LogCaptureFixture
) -> None:
    music.play(rig)
    with files_of_at_most(400_001):
        rig.card.run(60_000)
        until(lambda: "cannot write" in caplog.text, "it is told")
        rig.until(lambda status: "output Side: cannot write" in (status.error or ""))
    assert np.array_equal(rig.card.heard[:60_000], music.songs[0][:60_000])
    assert np.array_equal(recording.frames, music.songs[0][: 400_001 // FRAME_BYTES])
    assert "Output Side has failed and is tried again: cannot write" in caplog.text


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Fill the disk, as far as files go that grow beyond ``size``; the database's do not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_that_cannot_be_opened_is_recorded_to_once_it_can(
    tmp_path: Path, music: Music, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "stick"
    recording = Recording(folder)
    with Bench(tmp_path, recording) as rig:
        music.play(rig)
        rig.card.run(10_000)
        until(lambda: "No such file or directory" in caplog.text, "it is told")
        status = rig.until(lambda status: status.error is not None)
        assert (
            status.error == f"output Side: cannot write {recording.path}: No such file or directory"
        )
        folder.mkdir()
        until(lambda: heard_on(rig) and recording.path.exists(), "it is recorded to")
        rig.card.run(10_000)
        recording.wait_for(1_000)
        rig.until(lambda status: status.error is None)
    assert np.array_equal(recording.frames, rig.card.heard[-len(recording.frames) :])


def heard_on(rig: Bench) -> bool:
    rig.card.run(50)
    return True


def test_a_pipe_that_nobody_reads_stops_nothing(tmp_path: Path, music: Music) -> None:
    path = tmp_path / "fifo"
    with Bench(tmp_path, partial(FifoSink, path, SampleFormat.FLOAT)) as rig:
        music.play(rig)
        rig.card.run(2 * RATE_HZ)
        assert rig.status.error is None
    assert np.array_equal(rig.card.heard, music.songs[0][: 2 * RATE_HZ])
    assert path.is_fifo()


def test_a_pipe_that_is_open_and_never_read_stops_nothing_and_is_told(
    tmp_path: Path, music: Music, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with Bench(tmp_path, partial(FifoSink, path, SampleFormat.FLOAT)) as rig:
        music.play(rig)
        rig.card.run(3 * RATE_HZ)
        until(lambda: "Output Side does not keep up" in caplog.text, "it is told")
        assert rig.status.error is None
        begun = np.frombuffer(os.read(reader, 4_096), "<f4").reshape(-1, 2)
    assert np.array_equal(rig.card.heard, music.songs[0][: 3 * RATE_HZ])
    assert np.array_equal(begun, music.songs[0][:512])
    os.close(reader)


def test_a_program_gets_what_is_heard_and_its_end_at_a_stop(tmp_path: Path, music: Music) -> None:
    recording = Recording(tmp_path)
    ended = tmp_path / "ended"
    command = f"cat >> '{recording.path}'; echo >> '{ended}'"
    with Bench(tmp_path, partial(CommandSink, command, SampleFormat.FLOAT)) as rig:
        music.play(rig)
        run(rig, recording, 20_000)
        rig.do(StopPlaying())
        until(ended.exists, "it hears that nothing follows")
        assert np.array_equal(recording.frames, rig.card.heard)
        rig.do(PlayPosition(0))
        run(rig, recording, 10_000)
    until(lambda: len(recording.frames) == len(rig.card.heard), "the rest is written")
    assert np.array_equal(recording.frames, rig.card.heard)
    assert ended.read_text() == "\n\n"


def test_a_failed_output_concerns_nobody_once_it_is_off_or_nothing_is_played(
    tmp_path: Path, music: Music
) -> None:
    with Bench(tmp_path, Recording(tmp_path / "absent")) as rig:
        music.play(rig)
        rig.card.run(10_000)
        rig.until(lambda status: status.error is not None)
        rig.do(SwitchOutput(SIDE, False))
        assert rig.status.error is None
        rig.do(SwitchOutput(SIDE, True))
        rig.card.run(20_000)
        rig.until(lambda status: status.error is not None)
        rig.do(StopPlaying())
        rig.until(lambda status: status.error is None)
