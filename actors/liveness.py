"""The slow beat: whether everybody still answers.

Dead is not hung: a dead actor is replaced at once, a silent one is only reported, and systemd,
no longer fed, restarts the process. Every beat asks all subjects at once and waits for nobody:
answers come as ``SignOfLife`` messages to the WatchdogActor, whose rounds go on meanwhile, and
no look at a deadline is due once all have answered.

Who sleeps and has nothing to do need not be asked: that it waits for its next message is a sign
of life as good as an answer, and one that wakes nobody. So in an idle process one thread wakes
for the beat, and nothing else does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from actors.address import Address, InboxAddress
from actors.messages import GiveSignOfLife, SignOfLife
from actors.published import Published

BEAT_S: Final = 30.0
"""Half of systemd's ``WatchdogSec``."""
DEADLINE_S: Final = 5.0
PATIENT_DEADLINE_S: Final = 30.0
"""For StorageActor and LibraryActor, which wait for the disk."""
ASKER: Final = "WatchdogActor"

_log = logging.getLogger(__name__)


def _unknown() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who is asked for signs of life.

    Attributes:
        ask: puts the question and returns at once; what it is given is to be called, from
            whatever thread, as the answer.
        at_rest: returns True if it is waiting for something to do, and False if that is not
            known. Must not wake it.
    """

    name: str
    ask: Callable[[Callable[[], None]], None]
    deadline_s: float = DEADLINE_S
    at_rest: Callable[[], bool] = _unknown


def actor_subject(address: InboxAddress[Any], deadline_s: float = DEADLINE_S) -> Subject:
    """Return the subject behind an actor's address."""

    def ask(answer: Callable[[], None]) -> None:
        address.ask_then(GiveSignOfLife(), lambda _: answer())

    return Subject(address.name, ask, deadline_s, lambda: address.inbox.at_rest)


def loop_subject(
    name: str, loop: asyncio.AbstractEventLoop, at_rest: Callable[[], bool] = _unknown
) -> Subject:
    """Return the subject that an event loop is; a closed one stays silent."""

    def ask(answer: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(answer)
        except RuntimeError:
            return

    return Subject(name, ask, at_rest=at_rest)


@dataclass(frozen=True, slots=True)
class Health:
    """Who is silent, and the clock reading of the latest beat."""

    silent: tuple[str, ...]
    beat_s: float


class Liveness:
    """Keeps the beat for the WatchdogActor, whose thread calls ``run`` and ``heard``.

    It outlives the actor's instances. Any thread may read ``silent``, ``healthy``, ``ailment``.

    Args:
        answers: where signs of life go: the WatchdogActor's address.
        notify: feeds systemd; must neither raise nor block.
    """

    def __init__(
        self,
        subjects: Iterable[Subject],
        *,
        answers: Address[SignOfLife],
        notify: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subjects = {subject.name: subject for subject in subjects}
        self._answers = answers
        self._notify = notify
        self._clock = clock
        self._next_beat_s = clock()
        self._asked_s: dict[str, float] = {}
        self._silent: set[str] = set()
        self._hungry = False  # systemd has not been fed since the latest beat
        self._health = Published(Health((), self._next_beat_s))

    @property
    def due_s(self) -> float:
        """Clock reading at which ``run`` is to be called next."""
        deadlines = (
            asked_s + self._subjects[name].deadline_s
            for name, asked_s in self._asked_s.items()
            if name not in self._silent
        )
        return min((self._next_beat_s, *deadlines))

    def run(self) -> None:
        """Note who has let the deadline pass; on the beat, ask everybody."""
        now_s = self._clock()
        self._note_silent(now_s)
        if now_s >= self._next_beat_s:
            self._beat(now_s)

    def heard(self, name: str) -> None:
        """Take a sign of life."""
        self._note_alive(name)
        self._feed()

    @property
    def silent(self) -> tuple[str, ...]:
        """Who owes a sign of life; the asker itself, once the beat has stopped."""
        health = self._health.latest
        stopped = self._clock() - health.beat_s > BEAT_S + 2 * DEADLINE_S
        return tuple(sorted({*health.silent, ASKER})) if stopped else health.silent

    @property
    def healthy(self) -> bool:
        """Whether everybody answers."""
        return not self.silent

    def ailment(self) -> str | None:
        """Return who is silent, in words; None = all is well."""
        silent = self.silent
        return f"no sign of life from {', '.join(silent)}" if silent else None

    def _beat(self, now_s: float) -> None:
        self._next_beat_s += BEAT_S * (1 + (now_s - self._next_beat_s) // BEAT_S)
        self._hungry = True
        self._health.publish(Health(self._health.latest.silent, now_s))
        for name, subject in self._subjects.items():
            if subject.at_rest():
                self._note_alive(name)
            else:
                self._asked_s.setdefault(name, now_s)
                subject.ask(partial(self._answers.tell, SignOfLife(name)))
        self._feed()

    def _note_alive(self, name: str) -> None:
        self._asked_s.pop(name, None)
        if name in self._silent:
            self._silent.discard(name)
            self._publish()
            _log.warning("%s gives signs of life again", name)

    def _note_silent(self, now_s: float) -> None:
        for name, asked_s in self._asked_s.items():
            deadline_s = self._subjects[name].deadline_s
            if name not in self._silent and now_s - asked_s >= deadline_s:
                self._silent.add(name)
                self._publish()
                _log.error("%s has given no sign of life for %g s", name, deadline_s)

    def _feed(self) -> None:
        # Who may take as long as a beat is not waited for: only a broken deadline counts.
        waiting = any(self._subjects[name].deadline_s < BEAT_S for name in self._asked_s)
        if self._hungry and not waiting and not self._silent:
            self._hungry = False
            self._notify()

    def _publish(self) -> None:
        beat_s = self._health.latest.beat_s
        self._health.publish(Health(tuple(sorted(self._silent)), beat_s))
