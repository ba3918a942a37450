"""``--demo``: the engine alone, playing music of its own and showing what it does."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

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
from audio.demo_music import write as write_music
from audio.device import Device
from audio.meter import Meter
from playback.song import Song
from storage.database import open_database
from storage.player_store import PlayerStore
from wkmp import logs, output_choice
from wkmp.assembly import found_devices
from wkmp.config import Config
from wkmp.demo_view import Screen, lines
from wkmp.device_maker import make_device
from wkmp.ending import Ending

ANSWER_S = 5.0


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
    passages = write_music(folder)
    database = open_database(folder / "demo.db")

    def metered(wanted: OutputChoice) -> Device:
        meters[:] = [Meter(make_device(wanted))]
        return meters[0]

    store = PlayerStore(database)
    engine = Engine(
        EngineParts(
            saved=replace(store.load(), passages=passages),
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
