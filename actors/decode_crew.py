"""The threads of the decode workers: one per chain, and one in reserve.

Starting a thread takes longer than all the rest of a decode request. So a thread that waits
already takes the job, and starts the next one in reserve before it begins.
"""

from __future__ import annotations

import contextlib
import queue
import threading

from actors.decode_request import DecodeRequest
from actors.decode_worker import DecodeWorker, Workshop
from playback.errors import DecodeError, FailureKind


class DecodeWorkers:
    """The factory of real workers.

    ``_reserved`` says whether a job that is put now will find a thread: one waits, or the
    thread that has just taken a job is about to start it. It changes only under the lock.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._jobs: queue.SimpleQueue[DecodeWorker | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._reserved = False

    def request(self, request: DecodeRequest) -> DecodeWorker:
        """Give the job to a thread; it waits for its first grant.

        Raises:
            DecodeError: the system gives no more threads.
        """
        worker = DecodeWorker(request, self._workshop)
        with self._lock:
            if not self._reserved:
                self._hire()
                self._reserved = True
            self._jobs.put(worker)
        return worker

    def close(self) -> None:
        """Let the thread in reserve go; a further request would start one again."""
        with self._lock:
            if self._reserved:
                self._reserved = False
                self._jobs.put(None)

    def _hire(self) -> None:
        thread = threading.Thread(target=self._work, name="decode-reserve", daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            raise DecodeError(FailureKind.RESOURCES, "No thread is left to decode in") from error

    def _work(self) -> None:
        """One thread's life: wait for a job, see to a successor, do the job."""
        worker = self._jobs.get()
        if worker is None:
            return
        try:
            self._hire()
        except DecodeError as error:
            self._turn_away(error)
        worker.run()

    def _turn_away(self, error: DecodeError) -> None:
        """There is no successor: refuse the jobs that wait for one."""
        with self._lock:
            self._reserved = False
            with contextlib.suppress(queue.Empty):
                while True:
                    worker = self._jobs.get_nowait()
                    if worker is not None:
                        worker.refuse(error)
