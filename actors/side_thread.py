"""The thread of one side output: it may wait for a disk or a reader, and nobody waits for it.

What comes faster than it can be written is thrown away, with a line in the log. What is broken is
tried again while there is something to write, each time after twice as long.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from actors import backoff
from audio.convert import BITS, SampleConverter
from audio.heard_tap import Heard
from audio.side_sink import SideSink
from playback.errors import SinkError

WAITING_S: Final = 2.0
"""How much sound may wait to be written."""
COMPLAINS_S: Final = 60.0
"""How often is said that it does not keep up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Rest:
    """Nothing is played for now: give back what is open."""


class SideThread:
    """Writes what has been heard to one sink.

    Args:
        name: what users call the output.
        max_frames: the longest block it will be given.
        tell: is told what is wrong when it fails, and None when it is not so any more.
        clock: gives seconds, as ``time.monotonic`` does.
    """

    def __init__(
        self,
        name: str,
        sink: SideSink,
        rate_hz: int,
        max_frames: int,
        *,
        tell: Callable[[str | None], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._name = name
        self._sink = sink
        self._converter = SampleConverter(sink.sample, max_frames)
        self._bits = BITS[sink.sample]
        self._limit = int(WAITING_S * rate_hz)
        self._rate_hz = rate_hz
        self._before: SideThread | None = None
        self._inbox: queue.SimpleQueue[Heard | _Rest | None] = queue.SimpleQueue()
        # Counted by the giver …
        self._given = 0
        self._lost = 0
        self._complained_s = -COMPLAINS_S
        # … and by the thread.
        self._done = 0
        self._open = False
        self._failing = False
        self._retry_at_s = 0.0
        self._retry_s = backoff.FIRST_S
        self._thread = threading.Thread(target=self._run, name=f"side-{name}", daemon=True)

    # The MixerActor's side; nothing here waits.

    def start(self, after: SideThread | None = None) -> None:
        """Begin to write, once ``after``, which may have the same file open, has ended."""
        self._before = after
        self._thread.start()

    def give(self, piece: Heard) -> None:
        """Have a piece written, or thrown away if too much waits already."""
        frames = len(piece.block)
        if self._given - self._done + frames > self._limit:
            self._lose(frames)
            return
        self._given += frames
        self._inbox.put(piece)

    @property
    def idle(self) -> bool:
        """True while nothing that was given waits."""
        return self._given == self._done

    def rest(self) -> None:
        """Have what is open given back until there is more to write."""
        self._inbox.put(_Rest())

    def end(self) -> None:
        """Have the rest written, without waiting for a reader, and all closed."""
        self._inbox.put(None)
        self._sink.give_up()

    def join(self, timeout_s: float | None) -> None:
        """Wait until everything is written and closed."""
        self._thread.join(timeout_s)

    def _lose(self, frames: int) -> None:
        self._lost += frames
        now = self._clock()
        if now - self._complained_s >= COMPLAINS_S:
            self._complained_s = now
            lost_s = self._lost / self._rate_hz
            _log.warning(
                "Output %s does not keep up; %.1f s of sound did not reach it", self._name, lost_s
            )

    # The thread's side.

    def _run(self) -> None:
        if self._before is not None:
            self._before.join(None)
            self._before = None
        try:
            while (item := self._inbox.get()) is not None:
                if isinstance(item, Heard):
                    self._write(item)
                    self._done += len(item.block)
                else:
                    self._close()
                    self._forgive()
        finally:
            self._close()

    def _write(self, piece: Heard) -> None:
        if self._failing and self._clock() < self._retry_at_s:
            return
        try:
            if not self._open:
                self._sink.open()
                self._open = True
            dither = piece.altered or piece.source_bits > self._bits
            self._sink.write(self._converter.convert(piece.block, len(piece.block), dither=dither))
        except SinkError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  (whatever it is, only this output is concerned)
            self._fail(repr(error))
        else:
            self._works()

    def _fail(self, text: str) -> None:
        self._close()
        if not self._failing:
            _log.warning("Output %s has failed and is tried again: %s", self._name, text)
            self._tell(f"output {self._name}: {text}")
        self._failing = True
        self._retry_at_s = self._clock() + self._retry_s
        self._retry_s = backoff.longer(self._retry_s)

    def _works(self) -> None:
        if self._failing:
            _log.info("Output %s works again", self._name)
            self._forgive()

    def _forgive(self) -> None:
        """Whatever was wrong is over, or concerns nobody while there is nothing to write."""
        if self._failing:
            self._tell(None)
        self._failing = False
        self._retry_s = backoff.FIRST_S

    def _close(self) -> None:
        self._open = False
        self._sink.close()
