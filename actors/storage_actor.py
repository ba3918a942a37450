"""StorageActor: makes acknowledged changes durable, many in one commit.

===================  =========================================================================
receives             does
===================  =========================================================================
``SaveChange``       gathers it; it is written within 50 ms, or when somebody waits for it
``SaveMeasured``     gathers it like a change
``EditSticker``      writes it at once, for readers to see; the next ``Flush`` makes it durable
``Flush``            sends ``Commit`` behind what waits; ``done`` at once if nothing has gathered
``Commit``           writes all that has gathered in one transaction, calls every ``done``
``DeadlineReached``  tries again to write while unsaved; starts the daily copy
``GiveSignOfLife``   answers
===================  =========================================================================

tells QueueActor ``StorageFailed`` when a commit fails, ``StorageRecovered`` when writing works
again. In between the daemon is *unsaved*: changes are dropped and every ``done`` is called, so
that ``OK`` comes from memory, until QueueActor answers the recovery with its whole state. Once
that is on disk it is told ``StateSaved``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from actors import backoff
from actors.actor import Actor, Supervisor
from actors.address import Address, DeadlineReached, InboxAddress
from actors.messages import (
    Commit,
    EditSticker,
    Flush,
    GiveSignOfLife,
    SaveChange,
    SaveMeasured,
    StateSaved,
    StorageFailed,
    StorageInbox,
    StorageRecovered,
)
from actors.telemetry import Count, Telemetry
from library.stickers import StickerEdit
from playback.errors import AckCode, AckError, StorageError
from playback.saved import QueueChange
from storage.player_store import PlayerStore

GATHER_S: Final = 0.05  # nobody waits for these, and a list of edits is one commit
FIRST_COPY_S: Final = 60.0  # leaves the start in peace
LOOK_AGAIN_S: Final = 3600.0  # after a copy was started: it may have failed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saving:
    """Every change is on disk before its ``done``."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Writing failed; changes are dropped until the whole state comes.

    Attributes:
        delay_s: how long the latest wait for a retry is.
        retry_at_s: clock reading of the next retry.
        asked: True once QueueActor was told ``StorageRecovered``.
    """

    delay_s: float
    retry_at_s: float
    asked: bool = False


def start_thread(work: Callable[[], None]) -> None:
    """Run ``work`` in a thread that does not keep the process from ending."""
    threading.Thread(target=work, name="database-copy", daemon=True).start()


class StorageActor(Actor[StorageInbox]):
    """Owns the writable database connection.

    Args:
        start: runs the daily copy beside the actor.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        address: InboxAddress[StorageInbox],
        store: PlayerStore,
        queue: Address[StorageFailed | StorageRecovered | StateSaved],
        telemetry: Telemetry,
        supervisor: Supervisor | None = None,
        start: Callable[[Callable[[], None]], None] = start_thread,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(address, supervisor)
        self._address = address
        self._store = store
        self._queue = queue
        self._telemetry = telemetry
        self._start = start
        self._clock = clock
        self._mode: Saving | Unsaved = Saving()
        self._changes: list[QueueChange] = []
        self._stickers_changed = False  # and not yet durable
        self._waiting: list[Callable[[], None]] = []
        self._commit_at_s: float | None = None
        self._commit_told = False
        self._copy_at_s = clock() + max(FIRST_COPY_S, store.backups.due_in_s())
        self._set_alarm()

    def handle(self, message: StorageInbox) -> object:
        """Act on one message."""
        match message:
            case SaveChange(change=change):
                self._gather(change)
            case SaveMeasured(file):
                self._gather(QueueChange(measured=(file,), relaxed=True))
            case EditSticker(edit=edit):
                return self._edit_sticker(edit)
            case Flush(done):
                self._wait_for_disk(done)
            case Commit():
                self._commit()
            case DeadlineReached():
                self._on_alarm()
            case GiveSignOfLife():
                pass
            case _:
                assert_never(message)
        return None

    def release(self) -> None:
        """Write what has gathered: its ``Commit`` may stand behind the end."""
        try:
            self._commit()
        except Exception:  # noqa: BLE001  (an ending must not fail; the supervisor tells why)
            _log.exception("The last changes could not be written")
            self._let_go()

    def _gather(self, change: QueueChange) -> None:
        if not self._changes:
            if isinstance(self._mode, Unsaved) and not change.whole:
                return  # the whole state, when it comes, holds this too
            self._commit_at_s = self._clock() + GATHER_S
            self._set_alarm()
        self._changes.append(change)

    def _edit_sticker(self, edit: StickerEdit) -> bool:
        try:
            has_changed = self._store.edit_sticker(edit)
        except StorageError as error:
            raise AckError(AckCode.SYSTEM, f"The sticker is not saved: {error}") from error
        self._stickers_changed |= has_changed
        return has_changed

    def _wait_for_disk(self, done: Callable[[], None]) -> None:
        self._waiting.append(done)
        if not self._changes and not self._stickers_changed:
            self._let_go()
        elif not self._commit_told:
            self._commit_told = True
            self._address.tell(Commit())

    def _commit(self) -> None:
        changes, self._changes = self._changes, []
        stickers_changed, self._stickers_changed = self._stickers_changed, False
        self._commit_told = False
        self._commit_at_s = None
        try:
            if changes:
                relaxed = all(change.relaxed for change in changes) and not stickers_changed
                self._store.apply(changes, durable=not relaxed)
                self._rise()
            elif stickers_changed:
                self._store.try_writing()
        except StorageError as error:
            self._fall_unsaved(str(error))
        self._set_alarm()
        self._let_go()

    def _let_go(self) -> None:
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            done()

    def _fall_unsaved(self, why: str) -> None:
        """Say so once per episode, and arrange the next attempt, each twice as late."""
        self._telemetry.count(Count.SAVE_FAILURES)
        match self._mode:
            case Saving():
                _log.warning("Changes are not being saved: %s", why)
                self._queue.tell(StorageFailed(f"changes are not being saved: {why}"))
                delay_s = backoff.FIRST_S
            case Unsaved(delay_s=last_s, asked=asked):
                if asked:  # the cause may be another one now
                    self._queue.tell(StorageFailed(f"changes are not being saved: {why}"))
                delay_s = backoff.longer(last_s)
            case _:
                assert_never(self._mode)
        self._mode = Unsaved(delay_s, self._clock() + delay_s)
        self._set_alarm()

    def _rise(self) -> None:
        match self._mode:
            case Saving():
                return
            case Unsaved():  # in which nothing is gathered but the whole state and what follows
                _log.info("Changes are being saved again")
                self._queue.tell(StateSaved())
        self._mode = Saving()
        self._set_alarm()

    def _on_alarm(self) -> None:
        now_s = self._clock()
        if self._commit_at_s is not None and now_s >= self._commit_at_s:
            self._commit()
        if isinstance(self._mode, Unsaved) and now_s >= self._mode.retry_at_s:
            self._retry(self._mode)
        if now_s >= self._copy_at_s:
            self._look_after_copy(now_s)
        self._set_alarm()

    def _look_after_copy(self, now_s: float) -> None:
        due_in_s = self._store.backups.due_in_s()
        if due_in_s == 0.0:
            self._start(self._copy)
        self._copy_at_s = now_s + (due_in_s or LOOK_AGAIN_S)

    def _retry(self, mode: Unsaved) -> None:
        """Find out whether writing works; if so, ask for the state, and again if it stays away."""
        try:
            self._store.try_writing()
        except StorageError as error:
            self._fall_unsaved(str(error))
        else:
            self._queue.tell(StorageRecovered())
            self._mode = replace(mode, retry_at_s=self._clock() + backoff.MOST_S, asked=True)

    def _copy(self) -> None:
        """Make the daily copy; runs beside the actor, touches nothing of it."""
        try:
            self._store.backups.take()
        except StorageError as error:
            _log.warning("The daily copy of the database failed: %s", error)

    def _set_alarm(self) -> None:
        retry_s = [self._mode.retry_at_s] if isinstance(self._mode, Unsaved) else []
        commit_s = [self._commit_at_s] if self._commit_at_s is not None else []
        self.inbox.deadline_s = min([self._copy_at_s, *retry_s, *commit_s])
