"""An analysis as it is seen by who has started it: the daemon, or a shell command without one.

All work is done in a process of low priority (``wkmp.analysis_process``), so that nothing of it
takes time from what plays. Here its news is read, passed on, and counted.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import IO, Final

from playback.errors import StorageError
from playback.measurement import MeasuredFile, Unmeasurable
from wkmp.analysis_progress import Progress
from wkmp.analysis_wire import Begun, Found, Job, Measured, News, Passed, Trouble, news_of

PROCESS: Final = (sys.executable, "-P", "-m", "wkmp.analysis_process")
_LAST_WORDS_S: Final = 2.0

_log = logging.getLogger(__name__)


class Analysis:
    """One analysis at a time. Any thread may ask, start and stop.

    Args:
        music: the music directory.
        database: where measurements are looked up.
        save: takes each measured file, in the thread that reads the news; a ``StorageError``
            ends the analysis.
        command: what is run, with the job as its last argument.
    """

    def __init__(
        self,
        music: str,
        database: str,
        save: Callable[[MeasuredFile], None],
        command: Sequence[str] = PROCESS,
    ) -> None:
        self._music = music
        self._database = database
        self._save = save
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._next: str | None = None
        self.progress = Progress()

    def start(self, below: str, *, again: bool = False) -> bool:
        """Begin in a thread of its own; returns False if one is going on, or none can be begun.

        Args:
            below: URI of a directory or song; "" = all.
            again: have it done after the one that is going on, if one is.
        """
        process = self._begin(below, again=again)
        if process is None:
            return False
        self._thread = threading.Thread(
            target=self._follow, args=(process,), name="analysis", daemon=True
        )
        self._thread.start()
        return True

    def wait(self, timeout_s: float) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def stop(self) -> None:
        """Have it end soon; what has been measured is kept."""
        with self._lock:
            if self._process is not None:
                self._stopped = True
                self._next = None
                self._process.terminate()

    def _begin(self, below: str, *, again: bool) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._process is not None:
                self._next = below if again else self._next
                return None
            try:
                self._process = self._opened(Job(self._music, self._database, below))
            except OSError as error:
                self.progress = Progress(below=below, trouble=f"it does not start: {error}")
                _tell_end(self.progress)
                return None
            self._stopped = False
            self.progress = Progress(running=True, below=below)
            return self._process

    def _opened(self, job: Job) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, json.dumps(asdict(job))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C in a terminal is for who has started this
        )

    def _follow(self, process: subprocess.Popen[str]) -> None:
        """Read news until there is no more."""
        trouble = ""
        try:
            for line in _pipe(process.stdout):
                if line.endswith("\n"):  # what is no whole line was cut off by the end
                    self._take(news_of(line))
        except StorageError as error:
            trouble = str(error)
        trouble = self._ended(process) or trouble
        with self._lock:
            self._process = None
            following, self._next = self._next, None
            self.progress = replace(
                self.progress,
                running=False,
                uri="",
                ended_s=time.monotonic(),
                trouble=self.progress.trouble or trouble,
            )
        _tell_end(self.progress)
        if following is not None:
            self.start(following)

    def _ended(self, process: subprocess.Popen[str]) -> str:
        """See the process off; return what went wrong with it."""
        _pipe(process.stdin).close()  # in case that what has ended is not it but our reading
        try:
            status = process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            status = None
        _pipe(process.stdout).close()
        if self._stopped or not status:
            return ""
        return f"the process that measures has ended with status {status}"

    def _take(self, news: News) -> None:
        match news:
            case Found(files, size_bytes, known):
                _log.info("Measuring %d files; %d are known already", files, known)
                self._change(
                    files=files, size_bytes=size_bytes, known=known, begun_s=time.monotonic()
                )
            case Begun(uri):
                self._change(uri=uri)
            case Measured(file):
                self._save(file)
                self._note(file)
            case Passed(uri, size_bytes, reason):
                _log.info("%s is measured another time: %s", uri, reason)
                self._change(
                    later=self.progress.later + 1,
                    done_bytes=self.progress.done_bytes + size_bytes,
                )
            case Trouble(reason):
                self._change(trouble=reason)

    def _note(self, file: MeasuredFile) -> None:
        done_bytes = self.progress.done_bytes + file.version.size_bytes
        if isinstance(file.outcome, Unmeasurable):
            _log.warning("%s cannot be measured: %s", file.uri, file.outcome.reason)
            failure = f"{file.uri}: {file.outcome.reason}"
            self._change(failed=self.progress.failed + 1, done_bytes=done_bytes, failure=failure)
        else:
            self._change(measured=self.progress.measured + 1, done_bytes=done_bytes)

    def _change(self, **fields: object) -> None:
        before = self.progress.share
        self.progress = replace(self.progress, **fields)  # type: ignore[arg-type]  # by name
        if int(before * 10) != int(self.progress.share * 10) and self.progress.size_bytes:
            _log.info("Measuring: %d of %d files", self.progress.done, self.progress.files)


def _tell_end(progress: Progress) -> None:
    if progress.trouble:
        _log.warning("Measuring has ended early: %s", progress.trouble)
    else:
        _log.info(
            "Measuring has ended: %d files measured, %d could not be",
            progress.measured,
            progress.failed,
        )


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise AssertionError("both ends of the process are pipes")
    return pipe
