"""``--demo``: the engine alone, playing music of its own and showing what it does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_worker import Workshop
from actors.engine import Engine, EngineParts
from actors.messages import (
    AddSongs,
    ChangeOptions,
    GetQueueSnapshot,
    PlayPosition,
    SubsystemsChanged,
)
from actors.output import OutputChoice
from actors.telemetry import NoTelemetry
from audio.chain_source import ChainSource
from audio.device import Device, OutputFormat, SampleFormat, WriteResult
from playback.song import Song
from playback.units import Frames
from storage.database import open_database
from storage.player_store import PlayerStore
from wkmp import demo_music, logs, output_choice
from wkmp.assembly import found_devices, make_device
from wkmp.config import Config
from wkmp.demo_view import Screen, lines
from wkmp.ending import Ending

ANSWER_S = 5.0


class Meter:
    """A device that passes everything on and notes the peak of each period (S16 or S32)."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._full_scale = 1.0
        self._samples: type[np.signedinteger] = np.int16
        self.peak = 0.0

    @property
    def epoch(self) -> int:
        """The device's."""
        return self._device.epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open the device."""
        taken = self._device.open(wanted)
        self._samples = np.int16 if taken.sample is SampleFormat.S16 else np.int32
        self._full_scale = float(np.iinfo(self._samples).max)
        return taken

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Measure, and write."""
        samples = np.frombuffer(period, self._samples)
        self.peak = float(np.abs(samples.astype(np.float64)).max(initial=0.0)) / self._full_scale
        return self._device.write(period, epoch)

    def delay(self) -> Frames:
        """The device's."""
        return self._device.delay()

    def heard_frames(self) -> Frames:
        """The device's."""
        return self._device.heard_frames()

    def drop(self) -> Frames:
        """Have the device drop."""
        return self._device.drop()

    def close(self) -> None:
        """Close the device."""
        self._device.close()


class Silence:
    """A listener that nobody is."""

    def tell(self, message: SubsystemsChanged) -> None:
        """Ignore it."""


def run(config: Config) -> int:
    """Play and show until Ctrl-C; returns the exit status."""
    logs.configure("warning", config.logging.format)
    ending = Ending()
    ending.listen()
    devices = found_devices()
    choice = output_choice.choice(config.output, devices)
    print(f"Playing to: {output_choice.in_words(config.output, choice, devices)}")  # noqa: T201
    print("Five pieces of different length, rate and shape, each crossing into the next.")  # noqa: T201
    print("Ctrl-C ends it.\n")  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="wkmp-demo-") as folder:
        return _play(config, choice, Path(folder), ending)


def _play(config: Config, choice: OutputChoice, folder: Path, ending: Ending) -> int:
    meters: list[Meter] = []
    passages = demo_music.write(folder)
    database = open_database(folder / "demo.db")

    def metered(wanted: OutputChoice) -> Device:
        meters[:] = [Meter(make_device(wanted))]
        return meters[0]

    store = PlayerStore(database)
    engine = Engine(
        EngineParts(
            saved=store.load(),
            store=store,
            choice=choice,
            format=output_choice.wanted_format(config.output),
            make_device=metered,
            make_workers=lambda decoder, buffers: DecodeWorkers(
                Workshop(
                    locate=str,
                    open_source=ChainSource,
                    marks=CrashMarks(folder / "opening"),
                    decoder=decoder,
                    buffers=buffers,
                    rate_hz=config.output.rate,
                )
            ),
            telemetry=NoTelemetry(),
            listener=Silence(),
            give_up=ending.give_up,
            stored=passages.get,
        )
    )
    engine.start()
    try:
        songs = tuple(Song(uri) for uri in passages)
        engine.queue.ask(AddSongs(songs), timeout_s=ANSWER_S)
        engine.queue.ask(ChangeOptions(repeat=True), timeout_s=ANSWER_S)
        engine.queue.ask(PlayPosition(0), timeout_s=ANSWER_S)
        return _show(engine, meters, ending)
    finally:
        engine.stop()
        database.close()


def _show(engine: Engine, meters: list[Meter], ending: Ending) -> int:
    screen = Screen()
    while (status := ending.wait_for(screen.interval_s)) is None:
        plan = engine.queue.ask(GetQueueSnapshot(), timeout_s=ANSWER_S).plan
        level = meters[0].peak if meters else 0.0
        screen.draw(list(lines(engine.status.latest, plan, engine.ring_levels_s(), level)))
    return status
