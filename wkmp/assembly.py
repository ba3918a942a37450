"""The daemon's parts put together: database, engine, server, and what they know of each other."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from actors import absent_music
from actors.address import Address
from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_worker import BufferNews, DecoderNews, Workshop
from actors.engine import Engine, EngineParts
from actors.liveness import loop_subject
from actors.messages import SaveMeasured, SubsystemsChanged
from actors.output import OutputChoice
from audio.alsa_quiet import quieten_libasound
from audio.alsa_sink import pcm_names
from audio.chain_source import ChainSource
from library.music_directory import MusicDirectory
from library.song_files import version_of
from library.stored_playlists import StoredPlaylists
from playback.errors import DecodeError, FailureKind, StorageError, WkmpError
from playback.measurement import MeasuredFile, Measurement
from playback.profile import Profile
from playback.units import Ticks
from protocol.server import Server
from protocol.services import Services
from storage.database import Durability, open_database
from storage.measurements import MeasurementReader
from storage.player_store import PlayerStore
from storage.sticker_rows import StickerReader
from wkmp import banner, crash_probe, output_choice, server_options, sound_devices
from wkmp.admin import Admin
from wkmp.analysis import Analysis
from wkmp.analysis_progress import states_of
from wkmp.analyze_admin import AnalyzeAdmin
from wkmp.config import Config
from wkmp.daemon import Ground
from wkmp.device_maker import DeviceMaker
from wkmp.sound_devices import SoundDevice

START_S: Final = 10.0
STOP_S: Final = 1.0

_log = logging.getLogger(__name__)


def assemble(ground: Ground) -> Assembly:
    """Build and start everything.

    Raises:
        WkmpError: something cannot be started; the text says what, why, and what to do.
    """
    return Assembly(ground)


class Listener:
    """Hands changes on to the server, which is made after the engine that needs a listener."""

    def __init__(self) -> None:
        self.server: Server | None = None

    def tell(self, message: SubsystemsChanged) -> None:
        """Wake the clients, if they can be there yet."""
        if self.server is not None:
            self.server.tell(message)


class Assembly:
    """Everything that runs in one daemon."""

    def __init__(self, ground: Ground) -> None:
        config = ground.config
        quieten_libasound()
        self._ground = ground
        self._config = config
        self._music = MusicDirectory(config.paths.music_directory)
        self._database = open_database(
            config.paths.database, durability=Durability(config.storage.durability)
        )
        self._store = PlayerStore(self._database)
        for difference in self._store.seed_settings(config.defaults):
            _log.info("%s", difference)
        devices = found_devices()
        self._saved = self._store.load()
        before = output_choice.last_time(config, self._saved.player.outputs)
        choice = output_choice.choice(config.output, devices, before)
        self._in_words = output_choice.in_words(config.output, choice, devices)
        self._in_words += output_choice.besides(config)
        self._measurements = MeasurementReader(config.paths.database)
        listener = Listener()
        self._engine = Engine(self._engine_parts(choice, listener))
        self._analysis = Analysis(
            str(config.paths.music_directory), str(config.paths.database), self._save_measured
        )
        self._music.stored = lambda: self._engine.status.latest.passages
        self._server = Server(self._services(), ground.loop.loop)
        listener.server = self._server
        self._watch()
        self._start()
        ground.loop.loop.call_soon_threadsafe(self._look_for_music)

    # What the frame of the daemon asks

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Host and port of every network address that is listened on."""
        return self._server.addresses

    @property
    def local_socket(self) -> Path | None:
        """The local socket that is listened on."""
        return self._server.local_socket

    @property
    def output(self) -> str:
        """What is played to, in plain words."""
        return self._in_words

    def ailment(self) -> str | None:
        """Return what is wrong, in a line; None = every part gave a sign of life in time."""
        return self._engine.liveness.ailment()

    def stop(self) -> None:
        """Stop all, from the top down, saving the state."""
        self._analysis.stop()
        self._ground.loop.run(self._server.stop(), timeout_s=STOP_S)
        self._engine.stop(STOP_S)
        self._database.close()

    # How the parts are made

    def _engine_parts(self, choice: OutputChoice, listener: Listener) -> EngineParts:
        config, ground = self._config, self._ground
        self._marks = CrashMarks(config.paths.data_directory / "opening")
        return EngineParts(
            saved=self._saved,
            store=self._store,
            choice=choice,
            format=output_choice.wanted_format(config.output),
            outputs=tuple(output_choice.statuses(config, choice)),
            main_output=config.main_output,
            sides=tuple(output_choice.sides(config)),
            make_device=DeviceMaker(config.output.fallback),
            make_workers=self._make_workers,
            telemetry=ground.metrics,
            listener=listener,
            give_up=ground.give_up,
            notify=ground.notifier.alive,
            subjects=(loop_subject("Server", ground.loop.loop, ground.loop.at_rest),),
            poisoned=self._deadly(),
            maximum_length=config.network.max_playlist_length,
            levelling=config.playback.levelling,
            restore_paused=config.playback.restore_paused,
            resume_fade_ms=config.playback.resume_fade_ms,
        )

    def _make_workers(
        self, decoder: Address[DecoderNews], buffers: Address[BufferNews]
    ) -> DecodeWorkers:
        return DecodeWorkers(
            Workshop(
                locate=self._locate,
                absence=self._absence,
                open_source=ChainSource,
                marks=self._marks,
                decoder=decoder,
                buffers=buffers,
                rate_hz=self._config.output.rate,
                measured=self._measured,
            )
        )

    def _measured(self, uri: str) -> Profile | None:
        """Return how a file sounds, if it has been measured as it is now."""
        path = None if _is_elsewhere(uri) else self._music.path_of(uri)
        if path is None:
            return None
        try:
            file = self._measurements.of(uri, version_of(path))
        except (OSError, StorageError):
            return None  # so it plays as if it had not been measured
        known = None if file is None else file.outcome
        trim = self._config.playback.trim_silence
        return known.profile(trim=trim) if isinstance(known, Measurement) else None

    def _save_measured(self, file: MeasuredFile) -> None:
        self._engine.storage.tell(SaveMeasured(file))

    def _locate(self, uri: str) -> str:
        """Turn a URI into what the decoder opens."""
        if _is_elsewhere(uri):
            return uri
        path = self._music.path_of(uri)
        if path is None:
            raise DecodeError(FailureKind.MISSING, f"{uri} is no path in the music directory")
        return str(path)

    def _look_for_music(self) -> None:
        """Have it said at once if the music directory is absent; looking may take for ever."""
        self._ground.loop.loop.run_in_executor(None, self._complain_of_no_music)

    def _complain_of_no_music(self) -> None:
        with contextlib.suppress(OSError):  # it may not even be asked after
            if self._music.root.is_dir():
                return  # empty is not absent before somebody misses a song
        if (text := self._music.absence()) is not None:
            absent_music.complain(text)

    def _absence(self, uri: str) -> str | None:
        """Say that the music directory is not there, if that is where a URI leads."""
        return None if _is_elsewhere(uri) else self._music.absence()

    def _deadly(self) -> frozenset[str]:
        """Return the URIs that ended the last process, if it was not killed from outside."""
        suspects: dict[tuple[str, Ticks], str] = {}
        for suspect in self._marks.leftovers():
            with contextlib.suppress(DecodeError):
                suspects[self._locate(suspect.uri), suspect.offset] = suspect.uri
        killers = crash_probe.killers(tuple(suspects), self._config.output.rate)
        return frozenset(suspects[killer] for killer in killers)

    def _services(self) -> Services:
        config, ground, engine = self._config, self._ground, self._engine
        admin = Admin(
            queue=engine.queue,
            storage=engine.storage,
            settings=lambda: engine.settings,
            devices=found_devices,
            music=self._music,
            analyze=AnalyzeAdmin(self._analysis, self._music.root, self._measurements),
            loop=ground.loop.loop,
        )
        return Services(
            queue=engine.queue,
            storage=engine.storage,
            status=engine.status,
            music=self._music,
            playlists=StoredPlaylists(
                config.paths.data_directory / "playlists", config.network.max_playlist_length
            ),
            stickers=StickerReader(config.paths.database),
            access=server_options.access(config.network),
            limits=server_options.limits(config.network),
            admin=admin.commands(),
            shut_down=partial(os.kill, os.getpid(), signal.SIGTERM),
            telemetry=ground.metrics,
        )

    def _watch(self) -> None:
        metrics, engine, hub = self._ground.metrics, self._engine, self._server.hub
        metrics.watch_clients(lambda: len(hub))
        metrics.watch_rings(
            lambda: {
                str(place): level_s for place, level_s in enumerate(engine.ring_levels_s().values())
            }
        )
        metrics.watch_analysis(lambda: states_of(self._analysis.progress))

    def _analyse_in_background(self) -> None:
        """Measure what is not known yet, now and after each update, if wkmp.ini says so."""
        if not self._config.analysis.background:
            return
        loop = self._ground.loop.loop
        begin = partial(self._analysis.start, "", again=True)
        self._server.hub.updates.finished = lambda: loop.run_in_executor(None, begin)
        begin()

    def _start(self) -> None:
        self._engine.start()
        network = self._config.network
        try:
            self._ground.loop.run(
                self._server.start(server_options.listen(network)), timeout_s=START_S
            )
        except OSError as error:
            self.stop()
            raise WkmpError(_cannot_listen(error, self._config)) from error
        self._analyse_in_background()


def _is_elsewhere(uri: str) -> bool:
    """Return whether a URI does not lead into the music directory."""
    return "://" in uri or uri.startswith("/")


def found_devices() -> Sequence[SoundDevice]:
    """Return the sound devices that are there now, the best first."""
    return sound_devices.found(pcm_names())


def _cannot_listen(error: OSError, config: Config) -> str:
    network = config.network
    if error.errno == errno.EADDRINUSE:
        return banner.port_in_use(network.address[0], network.port)
    places = ", ".join(network.address)
    reason = os.strerror(error.errno) if error.errno else str(error)
    return f"Cannot listen at {places}, port {network.port}: {reason}. See [network] in wkmp.ini"
