"""The outputs as clients know them: which there are, whether they are on, which device they use."""

from __future__ import annotations

from dataclasses import replace

from actors.address import Address
from actors.messages import ChooseDevice, EnableOutput
from playback.errors import AckCode, AckError
from playback.status import OutputStatus


class PlayerOutputs:
    """The one owner of the outputs' public state; MixerActor is told what follows from it."""

    def __init__(
        self, statuses: tuple[OutputStatus, ...], mixer: Address[ChooseDevice | EnableOutput]
    ) -> None:
        self.statuses = statuses
        self._mixer = mixer

    def switch(self, number: int, enabled: bool | None) -> bool:
        """Switch an output on or off, or toggle it; returns whether it is on then.

        Raises:
            AckError: there is no such output.
        """
        if not 0 <= number < len(self.statuses):
            raise AckError(AckCode.NO_EXIST, "No such audio output")
        old = self.statuses[number]
        wanted = not old.enabled if enabled is None else enabled
        if wanted != old.enabled:
            self._replace(replace(old, enabled=wanted), number)
            self._mixer.tell(EnableOutput(wanted))
        return wanted

    def use(self, plugin: str, device: str) -> None:
        """Play to another device from now on."""
        self._replace(replace(self.statuses[0], plugin=plugin, device=device, chosen=True), 0)
        self._mixer.tell(ChooseDevice(plugin, device))

    def tell_again(self) -> None:
        """Tell a mixer that has just begun what differs from what it was built with."""
        for status in self.statuses:
            if not status.enabled:
                self._mixer.tell(EnableOutput(False))
            if status.chosen:
                self._mixer.tell(ChooseDevice(status.plugin, status.device))

    def _replace(self, status: OutputStatus, number: int) -> None:
        self.statuses = (*self.statuses[:number], status, *self.statuses[number + 1 :])
