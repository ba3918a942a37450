"""What is done to an engine so that all five event paths are passed, alone and in a crowd."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from actors.messages import (
    ChangeOptions,
    ClearQueue,
    DeleteId,
    PlayPosition,
    SeekCurrent,
    SetPause,
    SkipNext,
    StopPlaying,
)
from actors.telemetry import EventPath
from bench.stand import Stand

PATIENCE_S: Final = 1.0
LISTEN_S: Final = 0.15

Samples = dict[EventPath, list[float]]


@dataclass(frozen=True, slots=True)
class Music:
    """The files that are played.

    Attributes:
        long: longer than its ring.
        short: files that end soon; the crowd plays them with crossfades.
    """

    long: Path
    short: Sequence[Path]


@dataclass
class Visit:
    """Drives one engine and collects what is measured meanwhile.

    Args:
        rest_s: pause after each action.
    """

    stand: Stand
    music: Music
    rest_s: float
    samples: Samples = field(default_factory=lambda: {path: [] for path in EventPath})

    # One event at a time

    def alone(self, seconds: float) -> None:
        """Let each event happen while nothing else does: at most one passage sounds."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self._one_by_one()

    def _one_by_one(self) -> None:
        stand = self.stand
        self._expect(EventPath.ENQUEUE_TO_DECODE, lambda: stand.add(self.music.long))
        self._expect(EventPath.ENQUEUE_TO_DECODE, lambda: stand.add(self.music.short[0]))
        stand.wait_decoded()
        # Only the first time is the output closed, so that this opens it and is not counted.
        self._expect(EventPath.PLAY_TO_START, lambda: stand.do(PlayPosition(0)))
        self._expect(EventPath.THRESHOLD_TO_START, lambda: stand.do(SeekCurrent(0.0)))
        stand.add(self.music.long)
        stand.wait_decoded()
        self._expect(EventPath.ADVANCE_TO_DECODE, lambda: stand.do(SkipNext()))
        self._expect(EventPath.COMPLETE_TO_ADVANCE, lambda: None)
        stand.do(StopPlaying())
        stand.do(ClearQueue())
        self._rest()

    # In a crowd

    def crowd(self, seconds: float) -> None:
        """Let short passages cross into each other without end while a listener is at work."""
        stand = self.stand
        stand.do(ChangeOptions(repeat=True, crossfade_s=1))
        stand.add(*self.music.short, self.music.long)
        stand.do(PlayPosition(0))
        until_s = time.monotonic() + seconds
        for action in itertools.cycle(self._busy_listener()):
            if time.monotonic() > until_s:
                break
            action()
            self._rest()
        stand.do(ClearQueue())
        stand.do(ChangeOptions(repeat=False, crossfade_s=0))

    def _busy_listener(self) -> tuple[Callable[[], object], ...]:
        stand = self.stand
        return (
            self._add_and_delete,
            self._listen,
            lambda: stand.do(SetPause(paused=True)),
            lambda: stand.do(SetPause(paused=False)),
            lambda: stand.do(SkipNext()),
            self._listen,
            lambda: stand.do(PlayPosition(len(self.music.short))),
            lambda: stand.do(SeekCurrent(5.0)),
            lambda: stand.do(PlayPosition(0)),
            self._listen,
            self._stop_and_play,
            self._listen,
        )

    def _listen(self) -> None:
        """Let a passage or two end by themselves."""
        self._keep(self.stand.wait_for(EventPath.COMPLETE_TO_ADVANCE, LISTEN_S))

    def _add_and_delete(self) -> None:
        (entry,) = self.stand.add(self.music.short[0])
        self._rest()
        self.stand.do(DeleteId(entry))

    def _stop_and_play(self) -> None:
        self.stand.do(StopPlaying())
        self.stand.wait_buffered()
        self.stand.do(PlayPosition(None))

    # Collecting

    def _expect(self, path: EventPath, action: Callable[[], object]) -> None:
        """Act, and wait until that has passed ``path``."""
        action()
        self._keep(self.stand.wait_for(path, PATIENCE_S))
        self._rest()

    def _rest(self) -> None:
        time.sleep(self.rest_s)
        self._keep(self._told())

    def _told(self) -> Iterator[tuple[EventPath, float]]:
        latencies = self.stand.notes.latencies
        while not latencies.empty():
            yield latencies.get()

    def _keep(self, measured: Iterable[tuple[EventPath, float]]) -> None:
        for path, seconds in measured:
            self.samples[path].append(seconds)
