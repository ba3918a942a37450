"""Who replaces an actor that died.

Dead is not hung: a handler that raises ends its actor, and a new instance takes over address
and inbox at once, from the dying actor's own thread. A silent actor is the WatchdogActor's
business, and never gets a second instance beside it.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import pykka

from actors.actor import Actor
from actors.address import InboxAddress, Reply
from actors.telemetry import Telemetry

LIMIT: Final = 3
WINDOW_S: Final = 60.0

_log = logging.getLogger(__name__)


class Deaths:
    """All deaths of one engine: too many in a minute mean that restarting does not help."""

    def __init__(
        self, give_up: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._times: deque[float] = deque(maxlen=LIMIT)
        self._give_up = give_up
        self._clock = clock

    def note(self) -> bool:
        """Count one; the third within a minute ends the process through ``give_up``.

        Returns whether there is hope left.
        """
        now = self._clock()
        self._times.append(now)
        hopeless = len(self._times) == LIMIT and now - self._times[0] < WINDOW_S
        if hopeless:
            self._give_up()
        return not hopeless


class Place:
    """One actor's place: builds it, starts it, and builds it again when it dies.

    Args:
        address: whose inbox every instance takes over.
        build: makes an instance; gets this place as its supervisor.
        on_restart: called with the name just before a successor starts. What it tells QueueActor
            then stands in that inbox before the successor can answer anybody.
    """

    def __init__(
        self,
        address: InboxAddress[Any],
        build: Callable[[Place], Actor[Any]],
        *,
        deaths: Deaths,
        telemetry: Telemetry,
        on_restart: Callable[[str], None],
    ) -> None:
        self._address = address
        self._build = build
        self._deaths = deaths
        self._telemetry = telemetry
        self._on_restart = on_restart
        self._started = False
        self._stopped = False
        self._stop_request: Reply[None] | None = None

    @property
    def name(self) -> str:
        """The actor's name in log and metrics."""
        return self._address.name

    def start(self) -> None:
        """Start an instance; whether it answers is asked with a message."""
        actor = self._build(self)
        self._started = True
        pykka.ActorRegistry.register(actor.actor_ref)
        actor._start_actor_loop()  # noqa: SLF001  (start() builds the instance itself)

    def actor_died(self, error: Exception) -> None:
        """Log, count, and start a successor on the same inbox, also while stopping.

        What waits in the inbox is still to be handled then, and the request to stop is in it.
        """
        _log.error("%s died and is replaced: %r", self.name, error, exc_info=error)
        self._telemetry.actor_restarted(self.name)
        hope = self._deaths.note()
        self._on_restart(self.name)
        try:
            self.start()
        except Exception as again:  # noqa: BLE001  (building anew may fail in any way)
            if hope:
                self.actor_died(again)

    def stop(self, timeout_s: float) -> bool:
        """Let it handle what waits, then end it; returns False if it did not in time.

        The request goes through the inbox, so that a successor obeys it as well. It is made once:
        whoever stops again after a timeout waits for the same end. A stopped place stays empty.
        """
        if self._stopped or not self._started:
            return True
        if self._stop_request is None:
            self._stop_request = self._address.request_stop()
        try:
            self._stop_request.get(timeout_s)
        except queue.Empty:
            _log.warning("%s did not stop within %g s", self.name, timeout_s)
            return False
        self._stopped = True
        return True
