"""Makes the devices that sound goes to, with whatever helps them when they refuse or are lost."""

from __future__ import annotations

import logging

from actors.output import NO_SOUND, OutputChoice
from audio.alsa_sink import AlsaDevice
from audio.device import Device
from audio.fallback import FallbackDevice
from audio.null_sink import NullDevice
from audio.rate_adapter import RateAdapter

_log = logging.getLogger(__name__)


class DeviceMaker:
    """Makes a device for each session with an output.

    Args:
        fallback: an ALSA device, or ``null``, to play to when the chosen one is not there;
            None = wait for the chosen one.
    """

    def __init__(self, fallback: str | None = None) -> None:
        self._fallback = fallback
        self._said: set[str] = set()

    def __call__(self, choice: OutputChoice) -> Device:
        """Make the device that an output has been set to."""
        if choice.plugin == NO_SOUND:
            return NullDevice()
        device = self._alsa(choice.device)
        if self._fallback is None or self._fallback == choice.device:
            return device
        return FallbackDevice(device, self._substitute(self._fallback), self._say_fallback)

    def _substitute(self, name: str) -> Device:
        return NullDevice() if name == NO_SOUND else self._alsa(name)

    def _alsa(self, name: str) -> Device:
        return RateAdapter(AlsaDevice(name), self._say_other_rate)

    def _say_other_rate(self, text: str) -> None:
        """Say it once: it is the same at every opening."""
        if text not in self._said:
            self._said.add(text)
            _log.warning("The sound is resampled: %s", text)

    def _say_fallback(self, why: str) -> None:
        fallback = "silence" if self._fallback == NO_SOUND else f"'{self._fallback}'"
        _log.warning(
            "Playing to the fallback, %s, until the next start of playing: %s", fallback, why
        )


def make_device(choice: OutputChoice) -> Device:
    """Make a device without a fallback."""
    return DeviceMaker()(choice)
