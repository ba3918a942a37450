"""The outputs as clients know them: which there are, whether they are on, which device they use."""

from __future__ import annotations

from dataclasses import replace

from actors.address import Address
from actors.messages import ChooseDevice, EnableOutput
from playback.errors import AckCode, AckError
from playback.status import OutputStatus


class PlayerOutputs:
    """The one owner of the outputs' public state; MixerActor is told what follows from it.

    Args:
        statuses: by their ids.
        main_id: the output that can be a sound device; None = there is none.
    """

    def __init__(
        self,
        statuses: tuple[OutputStatus, ...],
        mixer: Address[ChooseDevice | EnableOutput],
        main_id: int | None = 0,
    ) -> None:
        self.statuses = statuses
        self.main_id = main_id
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
            self._mixer.tell(EnableOutput(number, wanted))
        return wanted

    def is_on(self, number: int) -> bool:
        """Return whether an output is switched on."""
        return self.statuses[number].enabled

    def use(self, plugin: str, device: str) -> None:
        """Play to another device from now on.

        Raises:
            AckError: only files and pipes are configured.
        """
        if self.main_id is None:
            raise AckError(
                AckCode.NO_EXIST,
                "No output can play to a sound device: wkmp.ini names only files and pipes",
            )
        old = self.statuses[self.main_id]
        self._replace(replace(old, plugin=plugin, device=device, chosen=True), self.main_id)
        self._mixer.tell(ChooseDevice(plugin, device))

    def tell_again(self) -> None:
        """Tell a mixer that has just begun what differs from what it was built with."""
        for status in self.statuses:
            if status.enabled and status.id != self.main_id:
                self._mixer.tell(EnableOutput(status.id, True))
        if self.main_id is None:
            return
        main = self.statuses[self.main_id]
        if not main.enabled:
            self._mixer.tell(EnableOutput(main.id, False))
        if main.chosen:
            self._mixer.tell(ChooseDevice(main.plugin, main.device))

    def _replace(self, status: OutputStatus, number: int) -> None:
        self.statuses = (*self.statuses[:number], status, *self.statuses[number + 1 :])
