"""A device with a substitute, which is played to when the device is not there."""

from __future__ import annotations

from collections.abc import Callable

from audio.device import Device, OutputFormat, SubstituteReadyError, WriteResult
from playback.errors import SinkError
from playback.units import Frames


class FallbackDevice(Device):
    """Plays to ``chosen``; to ``substitute`` from an opening at which that cannot be had.

    A device is changed at an opening only: what it had not played yet when it was lost is played
    again from there on, which is the caller's business. The chosen one is tried at each opening.

    Args:
        tell: is told, in a sentence, why the substitute is played to.
    """

    def __init__(self, chosen: Device, substitute: Device, tell: Callable[[str], None]) -> None:
        self._chosen = chosen
        self._substitute = substitute
        self._tell = tell
        self._used = chosen

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called."""
        return self._used.epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open the chosen device, or else the substitute.

        Raises:
            SinkError: neither can be opened; the text says why of both.
        """
        self._used = self._chosen
        try:
            return self._chosen.open(wanted)
        except SinkError as why:
            self._chosen.close()
            return self._open_substitute(wanted, why)

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until the device has taken the whole period.

        Raises:
            SubstituteReadyError: the chosen device is lost; the next opening may well succeed.
            SinkError: the substitute is lost.
        """
        used = self._used
        try:
            return used.write(period, epoch)
        except SinkError as error:
            if used is self._chosen:
                raise SubstituteReadyError(str(error)) from error
            raise

    def delay(self) -> Frames:
        """Return how many written frames have not been heard yet."""
        return self._used.delay()

    def heard_frames(self) -> Frames:
        """Return how many frames have been heard since ``open``."""
        return self._used.heard_frames()

    def drop(self) -> Frames:
        """Throw away what is not heard yet; wake a blocked ``write``."""
        return self._used.drop()

    def close(self) -> None:
        """Close without playing what is left. Safe to call twice."""
        self._used.close()

    def _open_substitute(self, wanted: OutputFormat, why: SinkError) -> OutputFormat:
        try:
            taken = self._substitute.open(wanted)
        except SinkError as error:
            raise SinkError(f"{why}; and the fallback: {error}") from error
        self._used = self._substitute
        self._tell(str(why))
        return taken
