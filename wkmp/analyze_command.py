"""``wkmp analyze``: in the running daemon's background, or by itself if none runs."""

from __future__ import annotations

import contextlib
import enum
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from playback.errors import AckError, ConfigError, WkmpError
from playback.measurement import MeasuredFile
from playback.saved import QueueChange
from storage.database import Durability, open_database
from storage.measurements import MeasurementReader
from storage.player_store import PlayerStore
from wkmp import instance
from wkmp.analysis import Analysis
from wkmp.analysis_progress import Progress, progress_of
from wkmp.analyze_admin import below_of, known_pairs
from wkmp.config import Config
from wkmp.door import Door
from wkmp.progress_bar import ProgressBar, summary
from wkmp.running import door_of

LOOK_S: Final = 0.25
LAST_WORDS_S: Final = 5.0


class Do(enum.StrEnum):
    """What is asked for."""

    WATCH = "watch"
    BACKGROUND = "background"
    STOP = "stop"
    STATUS = "status"


class AnalysisError(WkmpError):
    """An analysis has ended before its time."""


class Analyst(Protocol):
    """Who analyses, wherever that is."""

    def start(self, below: str) -> bool:
        """Begin; returns False if one is going on, or none can be begun."""

    def stop(self) -> None:
        """Have it end soon."""

    def progress(self) -> Progress:
        """Return how far it is."""

    def known(self) -> Sequence[tuple[str, str]]:
        """Return what is known altogether."""


def run(config: Config, path: str | None, do: Do) -> Iterator[str]:
    """Carry the command out; yields what there is to say besides the progress that it shows.

    Args:
        config: whose music and data.
        path: a path, or a URI in the music directory; None = all.
        do: what to do.

    Raises:
        WkmpError: it cannot be done; the text says why.
        KeyboardInterrupt: the user has interrupted it; what was measured is kept.
    """
    match do:
        case Do.WATCH:
            with _analyst(config) as analyst:
                _watch(analyst, begun=analyst.start(_absolute(path)))
        case Do.STATUS:
            with _analyst(config) as analyst:
                yield from _status(analyst)
        case Do.BACKGROUND | Do.STOP:
            with contextlib.closing(door_of(config)) as door:
                if do is Do.STOP:
                    _InDaemon(door).stop()
                elif not _InDaemon(door).start(_absolute(path)):
                    yield "an analysis is going on already"


def _watch(analyst: Analyst, *, begun: bool) -> None:
    """Show how far it is until it ends; interrupted, stop what was begun here."""
    bar = ProgressBar()
    if not begun:
        bar.say("another analysis is going on; this is how far it is")
    try:
        while (progress := analyst.progress()).running:
            bar.show(progress, time.monotonic())
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        if begun:
            analyst.stop()
        after = "stopped; the next time goes on from here" if begun else "it goes on without you"
        bar.say(f"{after}; what has been measured is kept")
        raise
    bar.show(progress, time.monotonic())
    if progress.trouble:
        raise AnalysisError(progress.trouble)
    bar.say(
        f"{progress.measured} files measured, {progress.failed} could not be; "
        f"{progress.known} were known already"
    )


def _status(analyst: Analyst) -> Iterator[str]:
    progress = analyst.progress()
    if progress.running:
        yield f"measuring: {summary(progress, time.monotonic())}  {progress.uri}"
    else:
        yield "no analysis is running"
    if progress.trouble:
        yield f"the latest one has ended early: {progress.trouble}"
    (_, files), (_, failed), *failures = analyst.known()
    yield f"{files} files are known; {failed} of them could not be measured"
    for (_, uri), (_, reason) in zip(failures[::2], failures[1::2], strict=True):
        yield f"  {uri}: {reason}"


def _absolute(path: str | None) -> str:
    """Return a path as who analyses understands it, whatever its working directory is."""
    if path is None:
        return ""
    return os.path.abspath(path) if Path(path).exists() else path  # noqa: PTH100  (links stay)


@contextlib.contextmanager
def _analyst(config: Config) -> Iterator[Analyst]:
    """Reach the daemon, or take its place."""
    where = instance.find(config.paths.data_directory)
    if where is not None:
        with contextlib.closing(Door(where, config.network.passwords)) as door:
            yield _InDaemon(door)
        return
    with instance.Claim(config.paths.data_directory):
        database = open_database(
            config.paths.database, durability=Durability(config.storage.durability)
        )
        with contextlib.closing(PlayerStore(database)) as store:
            here = _Here(config, store)
            try:
                yield here
            finally:
                here.stop()


@dataclass(frozen=True, slots=True)
class _InDaemon:
    door: Door

    def start(self, below: str) -> bool:
        words = [below] if below else []
        return dict(self.door.ask("wkmp", "analyze", "start", *words))["begun"] == str(True)

    def stop(self) -> None:
        self.door.ask("wkmp", "analyze", "stop")

    def progress(self) -> Progress:
        return progress_of(self.door.ask("wkmp", "analyze", "status"), time.monotonic())

    def known(self) -> Sequence[tuple[str, str]]:
        return self.door.ask("wkmp", "analyze", "failures")


class _Here:
    """This process is the database's writer."""

    def __init__(self, config: Config, store: PlayerStore) -> None:
        self._music = config.paths.music_directory
        self._database = config.paths.database
        self._store = store
        self._analysis = Analysis(str(self._music), str(self._database), self._save)

    def start(self, below: str) -> bool:
        try:
            return self._analysis.start(below_of(self._music, below))
        except AckError as error:
            raise ConfigError(str(error)) from error

    def stop(self) -> None:
        self._analysis.stop()
        self._analysis.wait(LAST_WORDS_S)

    def progress(self) -> Progress:
        return self._analysis.progress

    def known(self) -> Sequence[tuple[str, str]]:
        return known_pairs(MeasurementReader(self._database))

    def _save(self, file: MeasuredFile) -> None:
        self._store.apply((QueueChange(measured=(file,), relaxed=True),), durable=False)
