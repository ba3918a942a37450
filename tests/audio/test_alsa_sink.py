"""The ALSA output on the real libasound: exactness on ``null`` and ``file``, pace on PulseAudio."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from audio import alsa_sink
from audio.alsa_sink import AlsaDevice
from audio.device import OutputFormat, SampleFormat, WriteResult
from playback.errors import SinkError
from playback.units import Frames
from tests.pulse import PulseServer

RATE = 44_100
PERIOD = 2_048
BUFFER = 3 * PERIOD
FORMAT = OutputFormat(RATE, SampleFormat.S16, 2, Frames(PERIOD), Frames(BUFFER))
SILENCE = bytes(PERIOD * 4)
LEAD = 3
"""Periods that the fixture has written."""
SETTLED = RATE // PERIOD
"""Periods after which a stream comes through PulseAudio bit-exact."""


def with_sample(sample: SampleFormat) -> OutputFormat:
    return OutputFormat(RATE, sample, 2, Frames(PERIOD), Frames(BUFFER))


def steps(first: int, periods: int = 1) -> npt.NDArray[np.int16]:
    """Frames whose left sample is 1 to 30,000, counting up and around; the right is its twin."""
    numbers = (np.arange(first, first + periods * PERIOD) % 30_000 + 1).astype("<i2")
    return np.stack([numbers, -numbers], axis=1)


class Config:
    """An ALSA configuration of a test's own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def define(self, name: str, body: str) -> AlsaDevice:
        with self.path.open("a") as config:
            config.write(f"pcm.{name} {{ {body} }}\n")
        return AlsaDevice(name)


@pytest.fixture
def alsa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    path = tmp_path / "asound.conf"
    path.write_text("</usr/share/alsa/alsa.conf>\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(path))
    return Config(path)


@pytest.fixture
def device(pulse: PulseServer) -> Iterator[AlsaDevice]:
    """An open device on the sound server, with a full buffer of silence."""
    assert pulse.alsa_config.exists()
    player = AlsaDevice("wkmp_pulse")
    assert player.open(FORMAT) == FORMAT
    write_silence(player, LEAD)
    yield player
    player.close()


class Call:
    """Something called in a thread, and what came of it, and when."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self.outcome: Any = None
        self.ended_s = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except SinkError as error:
            self.outcome = error
        self.ended_s = time.monotonic()

    def result(self, timeout_s: float = 10) -> Any:
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "the call did not return"
        return self.outcome


def write_silence(device: AlsaDevice, periods: int) -> None:
    for _ in range(periods):
        device.write(SILENCE)


def write_sound(device: AlsaDevice, sound: npt.NDArray[np.int16]) -> list[WriteResult]:
    """Write whole periods."""
    cuts = range(0, len(sound), PERIOD)
    return [device.write(sound[at : at + PERIOD].tobytes()) for at in cuts]


def write_on(device: AlsaDevice) -> WriteResult:
    """Write silence until something else than PLAYED comes of it."""
    while (result := device.write(SILENCE)) is WriteResult.PLAYED:
        pass
    return result


# Formats and names, on plugins that need no pace.


@pytest.mark.parametrize("sample", SampleFormat)
def test_what_is_written_arrives_byte_by_byte(
    alsa: Config, tmp_path: Path, sample: SampleFormat
) -> None:
    written = tmp_path / "written.raw"
    device = alsa.define("tee", f'type file slave.pcm null format raw file "{written}"')
    taken = device.open(with_sample(sample))
    assert taken.sample is sample
    size = {SampleFormat.S16: 2, SampleFormat.S24_3: 3}.get(sample, 4)
    periods = [os.urandom(PERIOD * 2 * size) for _ in range(20)]
    for period in periods:
        assert device.write(memoryview(period)) is WriteResult.PLAYED
    device.close()
    assert written.read_bytes() == b"".join(periods)


def test_it_tells_what_the_device_really_took(alsa: Config) -> None:
    assert alsa.path.exists()
    device = AlsaDevice("null")
    taken = device.open(FORMAT)
    assert (taken.rate_hz, taken.sample, taken.channels) == (RATE, SampleFormat.S16, 2)
    assert taken.period > 0
    assert taken.buffer >= taken.period
    device.close()


def test_a_refused_sample_format_gives_way_to_the_next_best(alsa: Config) -> None:
    device = alsa.define("integers", "type linear slave { pcm null format S32_LE }")
    assert device.open(with_sample(SampleFormat.FLOAT)).sample is SampleFormat.S32
    device.close()
    assert device.open(with_sample(SampleFormat.S24_3)).sample is SampleFormat.S24_3
    device.close()


def test_another_number_of_channels_is_refused_with_advice(alsa: Config) -> None:
    device = alsa.define(
        "mono",
        "type multi slaves.a { pcm null channels 1 } bindings.0 { slave a channel 0 }",
    )
    with pytest.raises(SinkError, match=r"'mono' .*44100 Hz, 2 channels.*1 channels.*plughw:"):
        device.open(FORMAT)


def test_a_missing_device_is_named_in_the_error(alsa: Config) -> None:
    assert alsa.path.exists()
    with pytest.raises(SinkError, match=r"'nowhere'.*there is no device of that name"):
        AlsaDevice("nowhere").open(FORMAT)


def test_libasound_is_kept_from_the_users_terminal(alsa: Config) -> None:
    script = (
        "from audio.alsa_sink import AlsaDevice, pcm_names\n"
        "from audio.device import OutputFormat, SampleFormat\n"
        "from playback.errors import SinkError\n"
        "pcm_names()\n"
        "for name in ('nowhere', 'plughw:CARD=None', 'dmix', 'front'):\n"
        "    try:\n"
        "        AlsaDevice(name).open(OutputFormat(44100, SampleFormat.S16, 2, 2048, 6144))\n"
        "    except SinkError: pass\n"
        "    else: raise SystemExit('it opened')\n"
    )
    assert alsa.path.exists()
    child = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert (child.returncode, child.stderr) == (0, "")


def test_a_closed_device_has_no_delay_and_takes_nothing(alsa: Config) -> None:
    assert alsa.path.exists()
    device = AlsaDevice("null")
    assert (device.delay(), device.heard_frames(), device.drop()) == (0, 0, 0)
    with pytest.raises(SinkError, match="not open"):
        device.write(SILENCE)
    device.open(FORMAT)
    device.close()
    device.close()
    with pytest.raises(SinkError, match="not open"):
        device.write(SILENCE)


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_opening_and_closing_leaves_no_descriptor_behind(alsa: Config) -> None:
    assert alsa.path.exists()
    device = AlsaDevice("null")
    device.open(FORMAT)
    device.close()
    before = open_descriptors()
    for _ in range(20):
        device.open(FORMAT)
        device.write(SILENCE)
        device.drop()
        device.close()
    assert open_descriptors() == before


def test_a_period_of_an_older_epoch_is_refused(alsa: Config, tmp_path: Path) -> None:
    written = tmp_path / "written.raw"
    device = alsa.define("tee", f'type file slave.pcm null format raw file "{written}"')
    device.open(FORMAT)
    stale = device.epoch
    device.drop()
    assert device.write(steps(0).tobytes(), epoch=stale) is WriteResult.DROPPED
    assert device.write(steps(7).tobytes(), epoch=device.epoch) is WriteResult.PLAYED
    device.close()
    assert written.read_bytes() == steps(7).tobytes()


# Pace, drop and faults, on a sound server.


def test_what_is_played_is_heard_frame_by_frame(pulse: PulseServer, device: AlsaDevice) -> None:
    music = steps(0, 20)
    write_silence(device, SETTLED)
    assert set(write_sound(device, music)) == {WriteResult.PLAYED}
    write_silence(device, 4)
    pulse.recorder.wait_longer(BUFFER)
    assert heard_steps(pulse)[-1].tolist() == music[:, 0].tolist()


def test_a_write_longer_than_the_buffer_goes_in_piece_by_piece(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    music = steps(0, 8)
    write_silence(device, SETTLED)
    assert device.write(music.tobytes()) is WriteResult.PLAYED
    write_silence(device, 4)
    assert device.heard_frames() + device.delay() == (LEAD + SETTLED + 8 + 4) * PERIOD
    pulse.recorder.wait_longer(BUFFER)
    assert heard_steps(pulse)[-1].tolist() == music[:, 0].tolist()


def heard_steps(pulse: PulseServer) -> list[npt.NDArray[np.int16]]:
    """Every unbroken piece of sound in the recording, in order, left channel."""
    left = pulse.recorder.frames[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (left != 0).astype(np.int8), [0]])))
    return [left[a:b] for a, b in edges.reshape(-1, 2)]


def test_it_is_paced_by_the_device(device: AlsaDevice) -> None:
    begin = time.monotonic()
    write_silence(device, 20)
    took = time.monotonic() - begin
    # The buffer was full: as much must be heard as is written, give or take a period.
    assert 19 * PERIOD / RATE <= took < 25 * PERIOD / RATE


def test_waiting_for_room_costs_next_to_no_cpu(device: AlsaDevice) -> None:
    begin = time.thread_time()
    write_silence(device, 20)
    assert time.thread_time() - begin < 0.02 * 20 * PERIOD / RATE


def test_written_frames_are_either_heard_or_delayed(device: AlsaDevice) -> None:
    written = LEAD * PERIOD
    seen = device.heard_frames()
    for _ in range(10):
        device.write(SILENCE)
        written += PERIOD
        heard, delay = device.heard_frames(), device.delay()
        assert seen <= heard <= written - delay <= device.heard_frames()
        assert 0 <= delay <= BUFFER
        seen = heard


def test_heard_frames_follow_the_clock_to_within_a_period(device: AlsaDevice) -> None:
    write_silence(device, 5)
    samples = []
    for _ in range(20):
        device.write(SILENCE)
        samples.append((time.monotonic(), int(device.heard_frames())))
    begin_s, begin = samples[0]
    drift = [heard - begin - (at - begin_s) * RATE for at, heard in samples]
    assert max(drift) - min(drift) <= PERIOD


def test_a_drop_is_quick_wakes_the_writer_and_playing_goes_on(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    music = steps(0, 20)
    write_silence(device, SETTLED)
    write_sound(device, music)
    writer = Call(lambda: write_on(device))
    begin = time.monotonic()
    heard = device.drop()
    assert time.monotonic() - begin < 0.1
    assert writer.result() is WriteResult.DROPPED
    assert device.delay() == 0
    stopped_at = heard - (LEAD + SETTLED) * PERIOD
    assert len(music) - BUFFER - PERIOD <= stopped_at < len(music)
    pulse.recorder.wait_longer(BUFFER)
    sounded = heard_steps(pulse)[-1]
    # A sound server tells in steps of a period how far it is.
    assert abs(len(sounded) - stopped_at) <= PERIOD
    assert sounded.tolist() == music[: len(sounded), 0].tolist()
    write_silence(device, SETTLED)
    again = steps(12_345, 8)
    assert set(write_sound(device, again)) == {WriteResult.PLAYED}
    write_silence(device, 4)
    pulse.recorder.wait_longer(BUFFER)
    assert heard_steps(pulse)[-1].tolist() == again[:, 0].tolist()


def test_however_drops_and_writes_meet_nothing_stale_stays_in_the_device(
    device: AlsaDevice,
) -> None:
    epochs: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def write_all() -> list[WriteResult]:
        return [device.write(SILENCE, epoch=epoch) for epoch in iter(epochs.get, None)]

    writer = Call(write_all)
    heard = device.heard_frames()
    for _ in range(300):
        epochs.put(device.epoch)  # is written before, during or after the drop, as it comes
        dropped_at = device.drop()
        assert dropped_at >= heard
        assert device.delay() == 0
        heard = dropped_at
    epochs.put(None)
    assert len(writer.result()) == 300
    assert device.delay() == 0


def test_running_dry_is_told_once_and_the_period_is_written_again(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    pulse.recorder.wait_longer(3 * BUFFER)  # longer than it takes to run dry
    assert device.delay() == 0
    assert device.heard_frames() == LEAD * PERIOD
    assert device.write(SILENCE) is WriteResult.XRUN
    assert 0 < device.delay() <= PERIOD
    assert device.write(SILENCE) is WriteResult.PLAYED
    pulse.recorder.wait_longer(3 * BUFFER)
    assert device.heard_frames() == (LEAD + 2) * PERIOD


def test_a_drop_when_everything_was_heard_forgives_that_it_ran_dry(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    pulse.recorder.wait_longer(3 * BUFFER)
    assert device.drop() == LEAD * PERIOD
    assert device.write(SILENCE) is WriteResult.PLAYED
    pulse.recorder.wait_longer(2 * BUFFER)
    assert device.heard_frames() == (LEAD + 1) * PERIOD


def test_closing_does_not_play_what_is_left(device: AlsaDevice) -> None:
    begin = time.monotonic()
    device.close()
    assert time.monotonic() - begin < 0.05


def test_a_server_that_dies_is_noticed_at_once_and_one_that_returns_is_used(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    writer = Call(lambda: write_on(device))
    pulse.recorder.wait_longer(PERIOD)
    pulse.kill()
    died_s = time.monotonic()
    try:
        assert isinstance(writer.result(), SinkError)
        assert "was lost" in str(writer.outcome)
        assert writer.ended_s - died_s < 1.0
        with pytest.raises(SinkError, match="was lost"):
            device.write(SILENCE)
        heard = device.heard_frames()
        assert heard > 0
        assert (device.drop(), device.delay()) == (heard, 0)
        device.close()
        assert (device.heard_frames(), device.drop(), device.delay()) == (heard, heard, 0)
        with pytest.raises(SinkError, match="sound server is not running"):
            device.open(FORMAT)
    finally:
        pulse.recorder.stop()
        pulse.start()
    assert device.open(FORMAT) == FORMAT
    assert device.write(SILENCE) is WriteResult.PLAYED


def test_a_server_that_hangs_is_given_up_and_stops_no_other_thread(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    gap = LargestGap()
    pulse.freeze()
    frozen_s = time.monotonic()
    try:
        writer = Call(lambda: write_on(device))
        error = writer.result(15)
        assert isinstance(error, SinkError)
        assert "does not answer" in str(error)
        assert 3 * BUFFER / RATE <= writer.ended_s - frozen_s < 5
        assert device.drop() == device.heard_frames()
        device.close()
        with pytest.raises(SinkError, match="does not answer"):
            device.open(FORMAT)
        assert gap.stop() < 1.0
    finally:
        pulse.thaw()
    assert device.open(FORMAT) == FORMAT
    assert device.write(SILENCE) is WriteResult.PLAYED


def test_a_drop_on_a_server_that_hangs_returns_and_leaves_the_device_lost(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    gap = LargestGap()
    pulse.freeze()
    try:
        writer = Call(lambda: write_on(device))
        let_pass(0.3)
        heard = device.drop()
        assert writer.result() is WriteResult.DROPPED or isinstance(writer.outcome, SinkError)
        assert (device.heard_frames(), device.delay()) == (heard, 0)
        with pytest.raises(SinkError, match="does not answer"):
            device.write(SILENCE)
        device.close()
        assert gap.stop() < 1.0
    finally:
        pulse.thaw()


def test_a_write_that_is_caught_inside_a_hanging_server_catches_nobody_else(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    device.close()
    device.open(FORMAT)
    gap = LargestGap()
    pulse.freeze()
    try:
        writer = Call(lambda: write_on(device))  # the first frames start the stream: it waits
        let_pass(0.3)
        begin = time.monotonic()
        assert device.delay() <= BUFFER
        assert device.heard_frames() == device.drop() == 0
        assert time.monotonic() - begin < 1.0
        assert gap.stop() < 1.0
    finally:
        pulse.thaw()
    assert isinstance(writer.result(), SinkError)
    device.close()
    assert device.open(FORMAT) == FORMAT


def test_a_drop_wakes_a_writer_whose_device_does_not(
    pulse: PulseServer, device: AlsaDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    device.close()
    device.open(OutputFormat(RATE, SampleFormat.S16, 2, Frames(PERIOD), Frames(16 * PERIOD)))
    write_silence(device, 16)
    monkeypatch.setattr(alsa_sink, "answers", lambda *_: False)
    pulse.freeze()
    try:
        writer = Call(lambda: write_on(device))
        let_pass(0.5)
        dropped_s = time.monotonic()
        device.drop()
        assert writer.result() is WriteResult.DROPPED or isinstance(writer.outcome, SinkError)
        assert writer.ended_s - dropped_s < 1.0  # by itself it would look again after 2.2 s
        device.close()
    finally:
        pulse.thaw()


def test_closing_a_paused_device_whose_server_hangs_returns(
    pulse: PulseServer, device: AlsaDevice
) -> None:
    device.drop()
    gap = LargestGap()
    pulse.freeze()
    try:
        let_pass(2.1)
        device.close()
        assert gap.stop() < 1.0
    finally:
        pulse.thaw()
    assert device.open(FORMAT) == FORMAT


def let_pass(seconds: float) -> None:
    """The time itself is what the test is about: how long a device has shown no life."""
    threading.Event().wait(seconds)


class LargestGap:
    """Measures for how long a thread that wants to run at every moment could not."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._largest = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._over.set()
        self._thread.join(5)
        return self._largest

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._over.wait(0.005):
            now = time.monotonic()
            self._largest = max(self._largest, now - last)
            last = now
