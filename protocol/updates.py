"""Update jobs: the music directory is read in a thread, clients hear of it as with MPD."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from actors.messages import Subsystem
from library.music_directory import MusicDirectory, Statistics
from playback.song import Song

PATIENCE_S: Final = 0.5
"""How long the first ``stats`` waits for its figures; a small library is read by then."""
NOTHING: Final = Statistics(songs=0, artists=0, albums=0, duration_s=0.0)

_log = logging.getLogger(__name__)


class Updates:
    """The jobs of one server. Used from the event loop only.

    Both ends of a job are told: the end even if nothing has changed, and after the job has left
    the status. ``database`` is told if something has.

    Args:
        changed: tells all clients.
    """

    def __init__(
        self,
        music: MusicDirectory,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[Iterable[Subsystem]], None],
    ) -> None:
        self._music = music
        self._loop = loop
        self._changed = changed
        self._jobs = 0
        self._survey: asyncio.Future[Statistics] | None = None
        self._statistics: Statistics | None = None
        self._work: asyncio.Task[None] | None = None
        self.running: int | None = None
        """The job that is reading the music directory, if there is one."""
        self.counted_at: int | None = None
        """Unix seconds of the latest count."""
        self.finished: Callable[[], object] = _nothing
        """Called when jobs have been done."""

    def start(self, *, all_anew: bool) -> int:
        """Have the music directory read; returns the job's number, from 1.

        A job that is asked for while one runs follows it.

        Args:
            all_anew: also what has not changed since it was read last.
        """
        self._jobs += 1
        if all_anew:
            self._music.forget()
        if self._work is None:
            self.running = self._jobs
            self._changed({Subsystem.UPDATE})
            self._work = self._loop.create_task(self._run())
        return self._jobs

    async def statistics(self) -> Statistics:
        """Return how much music there was at the latest job; counts if there was none yet.

        A library too large to be counted at once is counted in the background: until then there
        is nothing.
        """
        if self._statistics is None:
            await asyncio.wait([self._counted()], timeout=PATIENCE_S)
        return self._statistics or NOTHING

    async def songs(self) -> Sequence[Song]:
        """Return all songs as the latest job found them; has them read if there was none yet."""
        if self._statistics is None:
            await asyncio.wait([self._counted()])
        return self._music.known

    async def _run(self) -> None:
        before = self._statistics
        while self.running is not None:
            covered = self._jobs
            self._survey = None
            await asyncio.wait([self._counted()])
            self.running = self._jobs if self._jobs > covered else None
        self._work = None
        news = {Subsystem.UPDATE}
        if self._statistics != before:
            news.add(Subsystem.DATABASE)
        self._changed(news)
        self.finished()

    def _counted(self) -> asyncio.Future[Statistics]:
        """Return the count that is going on; begins one if there is none."""
        if self._survey is None:
            self._survey = self._loop.run_in_executor(None, self._music.statistics)
            self._survey.add_done_callback(self._note)
        return self._survey

    def _note(self, survey: asyncio.Future[Statistics]) -> None:
        if survey.cancelled():
            return
        if error := survey.exception():
            _log.error("The music directory cannot be read: %r", error, exc_info=error)
            self._survey = None
        elif survey is self._survey:
            self._statistics = survey.result()
            self.counted_at = int(time.time())


def _nothing() -> None:
    """Nobody wants to hear of it."""
