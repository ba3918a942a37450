"""A device that does not take the working rate, played to all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr

from audio.alsa_sink import AlsaDevice
from audio.device import Device, OutputFormat, RateRefusedError, SampleFormat, WriteResult
from audio.rate_adapter import RateAdapter
from audio.ring import Block
from playback.errors import SinkError
from playback.units import Frames
from tests.lockstep import LockStepDevice

RATE = 44_100
PERIOD = 1_024
WANTED = OutputFormat(RATE, SampleFormat.S16, 2, Frames(PERIOD), Frames(4 * PERIOD))
AHEAD = 40 * PERIOD
"""More than soxr keeps inside, so that what was to be heard has come out."""


class OneRateDevice(LockStepDevice):
    """A card that knows one rate and refuses every other; at its own it is as ever."""

    def __init__(self, rate_hz: int, sample: SampleFormat = SampleFormat.FLOAT) -> None:
        super().__init__(sample=sample)
        self.rate_hz = rate_hz

    def open(self, wanted: OutputFormat) -> OutputFormat:
        if wanted.rate_hz != self.rate_hz:
            raise RateRefusedError(f"the card does not take {wanted.rate_hz} Hz", "buy another")
        return super().open(wanted)


class Bench:
    def __init__(self, device: LockStepDevice) -> None:
        self.device = device
        self.said: list[str] = []
        self.adapter = RateAdapter(device, self.said.append)

    def write_all(self, sound: Block) -> None:
        """Write, hearing whatever is in the way."""
        for at in range(0, len(sound), PERIOD):
            assert self.write(sound[at : at + PERIOD]) is WriteResult.PLAYED

    def write(self, block: Block, epoch: int | None = None) -> WriteResult:
        self.device.play(3 * PERIOD)
        return self.adapter.write(block.astype("<f4").tobytes(), epoch)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(OneRateDevice(48_000))
    yield bench
    bench.adapter.close()


def music(frames: int) -> Block:
    """Two tones that never repeat in the time of a test, not loud enough to clip."""
    time_s = np.arange(frames) / RATE
    tones = [np.sin(2 * np.pi * hz * time_s) for hz in (997.3, 3_301.7)]
    return np.stack([0.4 * tones[0] + 0.2 * tones[1], 0.3 * tones[1]], axis=1).astype(np.float32)


def at_48_khz(sound: Block) -> Block:
    resampled: Block = soxr.resample(sound, RATE, 48_000, "HQ")
    return resampled


def test_a_device_that_takes_the_rate_is_left_alone() -> None:
    bench = Bench(LockStepDevice())
    assert bench.adapter.open(WANTED) == WANTED
    data = bytes(range(256)) * (PERIOD // 64)
    assert bench.adapter.write(data) is WriteResult.PLAYED
    assert bench.adapter.delay() == PERIOD
    bench.device.run(300)
    assert (bench.adapter.heard_frames(), bench.adapter.drop()) == (300, 300)
    assert bench.adapter.write(data, 0) is WriteResult.DROPPED
    assert bench.adapter.write(data, bench.adapter.epoch) is WriteResult.PLAYED
    bench.adapter.close()
    assert bench.said == []


def test_at_another_rate_the_mix_is_taken_as_it_is_computed(bench: Bench) -> None:
    taken = bench.adapter.open(WANTED)
    assert (taken.rate_hz, taken.sample, taken.period) == (RATE, SampleFormat.FLOAT, PERIOD)
    asked = bench.device.wait_open()
    assert (asked.rate_hz, asked.period) == (48_000, 1_115)  # a period lasts as long
    assert taken.buffer == 4 * 1_115 * RATE // 48_000


def test_it_is_said_what_was_refused_and_what_is_done_instead(bench: Bench) -> None:
    bench.adapter.open(WANTED)
    (said,) = bench.said
    assert said == "the card does not take 44100 Hz: playing at 48000 Hz, resampled for it"


def test_what_comes_out_is_the_mix_at_the_device_rate_to_the_frame(bench: Bench) -> None:
    sound = music(100 * PERIOD)
    bench.adapter.open(WANTED)
    bench.write_all(sound)
    heard = bench.device.heard
    assert len(heard) > 90 * PERIOD
    assert np.array_equal(heard, at_48_khz(sound)[: len(heard)])


def test_what_is_heard_is_counted_in_frames_of_the_mix(bench: Bench) -> None:
    bench.adapter.open(WANTED)
    for _ in range(4):
        bench.adapter.write(music(PERIOD).tobytes())
    bench.device.run(161)
    assert bench.adapter.heard_frames() == 147  # frame 161 sounds at 147.9
    assert bench.adapter.delay() == 4 * PERIOD - 147
    bench.adapter.close()
    assert bench.adapter.heard_frames() == 147


@pytest.mark.parametrize("at", [1, 4_800, 20_001])
def test_after_a_drop_it_goes_on_from_the_very_frame_without_a_seam(bench: Bench, at: int) -> None:
    sound = music(at + AHEAD)
    bench.adapter.open(WANTED)
    fed = 0
    while len(bench.device.heard) < at:
        bench.adapter.write(sound[fed : fed + PERIOD].tobytes())
        fed += PERIOD
        bench.device.play(min(PERIOD, at - len(bench.device.heard)))
    dropped_at = bench.adapter.drop()
    assert dropped_at == at * 147 // 160
    assert bench.adapter.heard_frames() == dropped_at
    assert bench.adapter.delay() == 0
    bench.write_all(sound[dropped_at:])
    heard = bench.device.heard
    assert len(heard) > at + AHEAD // 2
    assert np.abs(heard - at_48_khz(sound)[: len(heard)]).max() < 2e-6
    assert bench.adapter.heard_frames() == len(heard) * 147 // 160


def test_drops_without_end_lose_no_frame(bench: Bench) -> None:
    sound = music(300 * PERIOD)
    bench.adapter.open(WANTED)
    at = 0
    for round_ in range(60):
        for _ in range(3):
            bench.write(sound[at : at + PERIOD])
            at += PERIOD
        bench.device.play(7 * round_ % 500)
        at = bench.adapter.drop()
    heard = bench.device.heard
    assert len(heard) > 60 * 500
    assert np.abs(heard - at_48_khz(sound)[: len(heard)]).max() < 2e-6


def test_a_period_of_before_a_drop_is_refused(bench: Bench) -> None:
    bench.adapter.open(WANTED)
    stale = bench.adapter.epoch
    bench.adapter.drop()
    assert bench.write(music(PERIOD), stale) is WriteResult.DROPPED
    assert bench.adapter.delay() == 0
    assert bench.write(music(PERIOD), bench.adapter.epoch) is WriteResult.PLAYED


def test_an_xrun_is_passed_on(bench: Bench) -> None:
    bench.adapter.open(WANTED)
    bench.write_all(music(4 * PERIOD))
    bench.device.xrun_next()
    assert bench.write(music(PERIOD)) is WriteResult.XRUN


def test_it_is_rounded_to_the_samples_of_the_device_and_silence_stays_silent() -> None:
    bench = Bench(OneRateDevice(48_000, SampleFormat.S16))
    bench.adapter.open(WANTED)
    sound = np.concatenate([np.zeros((20 * PERIOD, 2), np.float32), music(40 * PERIOD)])
    bench.write_all(sound)
    heard = bench.device.heard
    assert not heard[: 18 * PERIOD].any()
    assert np.abs(heard - at_48_khz(sound)[: len(heard)]).max() < 1.6 / 2**15  # with dither
    bench.adapter.close()


def test_a_device_that_refuses_both_rates_says_what_it_was_asked_first() -> None:
    bench = Bench(OneRateDevice(96_000))
    with pytest.raises(SinkError, match="does not take 44100 Hz; buy another"):
        bench.adapter.open(WANTED)
    assert bench.said == []


def test_a_refusal_of_48_khz_itself_is_final() -> None:
    bench = Bench(OneRateDevice(44_100))
    wanted = OutputFormat(48_000, SampleFormat.S16, 2, Frames(PERIOD), Frames(4 * PERIOD))
    with pytest.raises(RateRefusedError):
        bench.adapter.open(wanted)


def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Device:
    config = tmp_path / "asound.conf"
    config.write_text(f"</usr/share/alsa/alsa.conf>\npcm.odd {{ {body} }}\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return AlsaDevice("odd")


def test_a_real_pcm_that_knows_one_rate_is_opened_at_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surround = 'type a52 card 0 rate 48000 channels 2 format S16_LE slavepcm "null"'
    device = real(tmp_path, monkeypatch, surround)
    with pytest.raises(RateRefusedError, match="it offers 48000 Hz"):
        device.open(WANTED)
    said: list[str] = []
    adapter = RateAdapter(device, said.append)
    assert adapter.open(WANTED).sample is SampleFormat.FLOAT
    adapter.close()  # its encoder does not run without a digital output
    assert "'odd' does not take 44100 Hz" in said[0]


def test_the_bytes_that_reach_a_real_pcm_are_the_resampled_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(AlsaDevice):
        def open(self, wanted: OutputFormat) -> OutputFormat:
            if wanted.rate_hz != 48_000:
                raise RateRefusedError("no", "no")
            return super().open(wanted)

    written = tmp_path / "written.raw"
    real(tmp_path, monkeypatch, f'type file slave.pcm null format raw file "{written}"')
    adapter = RateAdapter(Refusing("odd"), lambda _: None)
    wanted = OutputFormat(RATE, SampleFormat.FLOAT, 2, Frames(PERIOD), Frames(4 * PERIOD))
    adapter.open(wanted)
    sound = music(60 * PERIOD)
    for at in range(0, len(sound), PERIOD):
        assert adapter.write(sound[at : at + PERIOD].tobytes()) is WriteResult.PLAYED
    adapter.close()
    heard = np.frombuffer(written.read_bytes(), "<f4").reshape(-1, 2)
    assert len(heard) > 50 * PERIOD
    assert np.array_equal(heard, at_48_khz(sound)[: len(heard)])
