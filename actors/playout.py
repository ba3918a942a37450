"""The mix on its way to the output: what is heard of it, going back, standing still, being lost.

MixerActor decides when; what is mixed, what the output has played of it, and who was told, are
brought together here, so that they never disagree.
"""

from __future__ import annotations

import numpy as np

from actors.mix_news import MixNews
from actors.output import Output
from actors.output_care import OutputCare
from actors.telemetry import Count, Telemetry
from audio.period_mixer import PeriodMixer


class Playout:
    """Moves the mix to the output and back.

    Args:
        mixer: makes the mix.
        output: where it goes.
        news: tells what is heard.
        care: knows whether the output is there.
    """

    def __init__(
        self,
        *,
        mixer: PeriodMixer,
        output: Output,
        news: MixNews,
        care: OutputCare,
        telemetry: Telemetry,
    ) -> None:
        self._mixer = mixer
        self._output = output
        self._news = news
        self._care = care
        self._telemetry = telemetry
        self._block = np.zeros((output.wanted.period, 2), dtype=np.float32)
        self.held = False
        """Paused, lost or off: playheads stand, and a start is a resume."""

    @property
    def heard(self) -> int:
        """The output frame that is being heard; a dry device has heard silence beyond."""
        return min(self._output.heard(), self._mixer.frame)

    def tell_position(self, *, advancing: bool) -> None:
        """Tell where the sound is."""
        self._news.position(self.heard, advancing=advancing)

    def fill(self) -> None:
        """Mix one period if the output has credit for it and there is something to hear."""
        if not self._output.ready or self._output.in_flight or self.held:
            return
        if self._mixer.idle and not self._mixer.unheard:
            return
        stood_still = bool(self._mixer.starved)
        self.mix_one()
        self._news.rendered(stood_still=stood_still)

    def mix_one(self) -> None:
        """Mix a period and send it to the output."""
        self._post(altered=self._mixer.render(self._block))

    def fall_silent(self) -> None:
        """Send the few frames in which what is heard falls silent; the playheads stand."""
        self._mixer.tail(self._block)
        self._post(altered=True)

    def cut(self) -> None:
        """Throw away what was mixed but not heard, and go back to what is heard now."""
        heard = self._output.cut()
        if heard > self._mixer.frame:  # it had run dry: nothing is thrown away
            heard = self._mixer.frame
            self._output.go_on_at(heard)
        self._go_back(heard)
        self._care.answered()

    def open(self) -> None:
        """Ask for the device unless it is there; a call that does not return has hung too."""
        self._care.used()
        if self._output.open():
            self._care.asked()

    def give_back(self) -> None:
        """Close the device; what sounds is kept for the next one."""
        if not self.held:
            self.cut()
            self._stand_still()
        self._output.close()
        self._care.forgive()

    def lose(self, text: str, *, substitute: bool) -> bool:
        """Keep position and queue; return whether a substitute is to be opened at once.

        If not, it is tried again with growing patience.
        """
        heard = self.heard
        self._output.abandon()
        self._go_back(heard)
        self._stand_still()
        name = self._output.choice.name
        if substitute and self._care.has_substitute(name, text):
            return True
        self._care.has_failed(name, text)
        return False

    def _post(self, *, altered: bool) -> None:
        bits = self._mixer.source_bits
        if clipped := self._output.post(self._block, altered=altered, source_bits=bits):
            self._telemetry.count(Count.CLIPPED_SAMPLES, clipped)
        self._care.asked()

    def _go_back(self, heard: int) -> None:
        self._news.heard(heard)
        self._mixer.rewind(heard)

    def _stand_still(self) -> None:
        """Keep what sounds for a resume: the device is going, or gone."""
        self._mixer.silence()
        self.held = self.held or not self._mixer.idle
        self.tell_position(advancing=False)
