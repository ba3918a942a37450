"""The daemon's frame: what is there before the engine, what is left after it.

Starts from the bottom to the top, waits for a signal in the main thread, and stops in the
reverse order whatever happened. What is started is ``wkmp.assembly``'s business.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from wkmp import VERSION, banner, instance, logs
from wkmp.config import Config
from wkmp.ending import Ending
from wkmp.http import Endpoint
from wkmp.loop_thread import LoopThread
from wkmp.metrics import Metrics
from wkmp.notify import Notifier

# A thread that computes in Python delays the others by this much (the default is 5 ms).
SWITCH_INTERVAL_S: Final = 0.0005
STOP_TIMEOUT_S: Final = 1.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the assembled parts stand on.

    Attributes:
        give_up: ends the process with a failure; from any thread.
        notifier: fed by the liveness beat only.
    """

    config: Config
    metrics: Metrics
    loop: LoopThread
    notifier: Notifier
    give_up: Callable[[], None]


class Assembled(Protocol):
    """Storage, engine and server, built and running."""

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Host and port of every network address that is listened on."""

    @property
    def local_socket(self) -> Path | None:
        """The local socket that is listened on."""

    @property
    def output(self) -> str:
        """What is played to, in plain words."""

    def ailment(self) -> str | None:
        """Return what is wrong, in a line; None = every part gave a sign of life in time."""

    def stop(self) -> None:
        """Stop all, in order, saving the state; within ``STOP_TIMEOUT_S``."""


def run(config: Config, assemble: Callable[[Ground], Assembled]) -> int:
    """Run until SIGTERM, SIGINT or a part gives up; returns the exit status.

    Raises:
        WkmpError: it cannot be started; the text says why and what to do.
    """
    faulthandler.enable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    logs.configure(config.logging.level, config.logging.format)
    logs.listen_to_the_interpreter()
    ending = Ending()
    ending.listen()
    notifier = Notifier()
    with contextlib.ExitStack() as house:
        claim = house.enter_context(instance.Claim(config.paths.data_directory))
        metrics = Metrics(VERSION)
        loop = house.enter_context(LoopThread())
        ground = Ground(config, metrics, loop, notifier, ending.give_up)
        parts = assemble(ground)
        house.callback(_stop, parts)
        _open_endpoint(ground, parts, house)
        claim.tell(_whereabouts(parts))
        # What start-up made lives until the end: no need to look at it in each collection.
        gc.collect()
        gc.freeze()
        notifier.ready(f"sound: {parts.output}")
        _say_hello(config, parts)
        status = ending.wait()
        notifier.stopping()
    return status


def _open_endpoint(ground: Ground, parts: Assembled, house: contextlib.ExitStack) -> None:
    settings = ground.config.metrics
    if settings.port == 0:
        return
    endpoint = Endpoint(ground.metrics.text, parts.ailment)
    try:
        port = ground.loop.run(endpoint.start(settings.address, settings.port), timeout_s=5.0)
    except OSError as error:
        _log.warning(
            "Metrics cannot be served at %s:%d: %s. Everything else works; "
            "choose another [metrics] port in wkmp.ini",
            settings.address,
            settings.port,
            error.strerror,
        )
        return
    _log.info("Metrics at http://%s:%d/metrics", settings.address, port)
    house.callback(lambda: ground.loop.run(endpoint.stop(), timeout_s=1.0))


def _whereabouts(parts: Assembled) -> instance.Whereabouts:
    local = parts.local_socket
    return instance.Whereabouts(
        pid=os.getpid(),
        socket=str(local) if local else None,
        address=banner.reachable(parts.addresses),
    )


def _say_hello(config: Config, parts: Assembled) -> None:
    started = banner.Started(
        addresses=parts.addresses,
        local_socket=parts.local_socket,
        output=parts.output,
        music=config.paths.music_directory,
        data=config.paths.data_directory,
        guarded=bool(config.network.passwords),
    )
    sys.stdout.write("".join(f"{line}\n" for line in banner.lines(started)))
    sys.stdout.flush()


def _stop(parts: Assembled) -> None:
    began_s = time.monotonic()
    parts.stop()
    took_s = time.monotonic() - began_s
    if took_s > STOP_TIMEOUT_S:
        _log.warning("Stopping took %.1f s; something did not answer", took_s)
