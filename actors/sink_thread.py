"""The thread that writes to the device: one of the two places where anything blocks.

It decides nothing: opens, writes the next period, reports, closes. One thread is one session
with the device; a session whose device hangs is abandoned, and the next one gets a new device.

A drop comes from the MixerActor's thread, possibly while ``write`` blocks. Periods carry the
device's epoch in which they were rendered, so that the device refuses what a drop overtook.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from typing import Final, TypeAlias

from actors import realtime
from actors.address import Address
from actors.messages import DeviceLost, DeviceStumbled, OutputOpened, PeriodPlayed
from audio.device import Device, OutputFormat, SubstituteReadyError, WriteResult
from playback.errors import SinkError
from playback.units import Frames

CLOSES_S: Final = 2.0
"""How long a session waits for the one before it to close the device."""

_log = logging.getLogger(__name__)

SinkEvent: TypeAlias = OutputOpened | PeriodPlayed | DeviceStumbled | DeviceLost


@dataclass(frozen=True, slots=True)
class _Period:
    epoch: int
    samples: bytes
    frames: Frames


class SinkThread:
    """One session with an output device."""

    def __init__(
        self, device: Device, wanted: OutputFormat, session: int, listener: Address[SinkEvent]
    ) -> None:
        self.session = session
        self._device = device
        self._wanted = wanted
        self._listener = listener
        self._periods: queue.SimpleQueue[_Period | None] = queue.SimpleQueue()
        self._before: SinkThread | None = None
        self._thread = threading.Thread(target=self._run, name=f"sink-{session}", daemon=True)

    # The MixerActor's side.

    @property
    def epoch(self) -> int:
        """Grows with each drop; a report of an older epoch is stale."""
        return self._device.epoch

    def start(self, after: SinkThread | None = None) -> None:
        """Open the device in the thread; ``OutputOpened`` or ``DeviceLost`` follows.

        Args:
            after: a session that is closing; it may be the same device, which can be open once.
        """
        self._before = after
        self._thread.start()

    def post(self, samples: bytes, frames: Frames) -> None:
        """Have a period written; ``PeriodPlayed`` follows."""
        self._periods.put(_Period(self._device.epoch, samples, frames))

    def heard_frames(self) -> Frames:
        """Return how many frames have been heard in this session."""
        return self._device.heard_frames()

    def drop(self) -> Frames:
        """Throw away what was not heard; returns ``heard_frames`` of that instant."""
        return self._device.drop()

    def close(self) -> None:
        """End the session; what has not been heard is lost. Returns at once."""
        self.end()
        self._device.drop()

    def end(self) -> None:
        """End the session when what it is at is done; the device may hang, and is not asked."""
        self._periods.put(None)

    def join(self, timeout_s: float) -> None:
        """Wait until the device is closed; for the end of the process."""
        self._thread.join(timeout_s)

    # The thread's side.

    def _run(self) -> None:
        priority = realtime.ask_for()
        _log.debug("Sink session %d has realtime priority %d", self.session, priority)
        if self._before is not None:
            self._before.join(CLOSES_S)
            self._before = None
        try:
            taken = self._device.open(self._wanted)
            self._listener.tell(OutputOpened(self.session, taken))
            self._write_all()
        except SinkError as error:
            substitute = isinstance(error, SubstituteReadyError)
            self._listener.tell(DeviceLost(self.session, str(error), substitute))
        except Exception as error:  # noqa: BLE001  (whatever a driver raises, the output is lost)
            self._listener.tell(DeviceLost(self.session, f"the output failed: {error!r}"))
        finally:
            self._device.close()

    def _write_all(self) -> None:
        while (period := self._periods.get()) is not None:
            result = self._device.write(period.samples, period.epoch)
            if result is WriteResult.XRUN:
                self._listener.tell(DeviceStumbled(self.session))
            if result is not WriteResult.DROPPED:
                self._listener.tell(PeriodPlayed(self.session, period.epoch, period.frames))
