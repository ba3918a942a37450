"""The MixerActor's end of the outputs: a session with a sink thread, and what has been heard.

The mixer counts output frames for ever and can go back; a device counts what was heard since it
was opened. ``heard`` translates: both counts were noted together at the last opening or drop.

One output is the sound device, whose clock paces everything. The others, the side outputs, have
none; they get what has been heard. If the sound device is switched off and one of them is on, a
device without sound gives the pace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from actors.address import Address
from actors.side_outputs import SideOutputs
from actors.sink_thread import SinkEvent, SinkThread
from audio.convert import BITS, SampleConverter
from audio.device import Device, OutputFormat
from audio.ring import Block
from playback.units import Frames

NO_SOUND: Final = "null"
"""The plugin that takes frames at the pace of the clock."""


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """Which device to play to.

    Attributes:
        name: what users and clients call the output.
        plugin: ``alsa`` or ``null`` (``NO_SOUND``).
        device: the plugin's own name for it, for example an ALSA PCM.
    """

    name: str
    plugin: str
    device: str = ""


MakeDevice = Callable[[OutputChoice], Device]


class Output:
    """Opens, feeds, drops and closes the device that paces the outputs.

    Args:
        choice: the sound device.
        main_id: MPD's outputid of the sound device; None = only side outputs are configured.
        sides: those.
    """

    def __init__(
        self,
        choice: OutputChoice,
        wanted: OutputFormat,
        make_device: MakeDevice,
        listener: Address[SinkEvent],
        *,
        main_id: int | None = 0,
        sides: SideOutputs | None = None,
    ) -> None:
        self.choice = choice
        self.wanted = wanted
        self.sides = sides or SideOutputs()
        self._main_id = main_id
        self._main_on = main_id is not None
        self._make_device = make_device
        self._listener = listener
        self._sessions = 0
        self._sink: SinkThread | None = None
        self._closing: SinkThread | None = None
        self._format: OutputFormat | None = None
        self._converter: SampleConverter | None = None
        self._frame = 0  # the mixer's count …
        self._heard = Frames(0)  # … when the device's was this
        self._posted = 0  # the device's count of what it was given
        self.in_flight = 0
        """Periods posted and not yet taken."""

    @property
    def clock(self) -> OutputChoice | None:
        """What gives the pace: the sound device, or none if all outputs are switched off."""
        if self._main_on:
            return self.choice
        return OutputChoice(self.choice.name, NO_SOUND) if self.sides.any_on else None

    def choose(self, plugin: str, device: str) -> bool:
        """Take another sound device; returns whether it gives the pace, or would if it were on."""
        self.choice = OutputChoice(self.choice.name, plugin, device)
        return self._main_on

    def switch(self, number: int, *, enabled: bool) -> None:
        """Switch one of the outputs on or off; ``clock`` may be another one then."""
        if number == self._main_id:
            self._main_on = enabled
        else:
            self.sides.switch(number, self.wanted, enabled=enabled)

    @property
    def ready(self) -> bool:
        """True while the device is open and takes periods."""
        return self._format is not None

    @property
    def opening(self) -> bool:
        """True between asking for the device and its answer."""
        return self._sink is not None and self._format is None

    @property
    def format(self) -> OutputFormat:
        """What the device took, or what it will be asked for."""
        return self._format or self.wanted

    @property
    def stretch(self) -> tuple[int, int] | None:
        """Names what is played without a cut in between; None while the device is not open."""
        if self._sink is None or self._format is None:
            return None
        return self._sink.session, self._sink.epoch

    def open(self) -> bool:
        """Ask for the device; False if it is open or being opened already."""
        clock = self.clock
        if self._sink is not None or clock is None:
            return False
        self._sessions += 1
        device = self._make_device(clock)
        self._sink = SinkThread(device, self.wanted, self._sessions, self._listener)
        self._sink.start(after=self._closing)
        self._closing = None
        return True

    def opened(self, session: int, taken: OutputFormat, frame: int) -> bool:
        """Note that the device is open; playing begins at the mixer's ``frame``."""
        if self._sink is None or not self.is_current(session):
            return False
        self._format = taken
        self._converter = SampleConverter(taken.sample, max_frames=self.wanted.period)
        self._note(frame, self._sink.heard_frames())
        return True

    def is_current(self, session: int) -> bool:
        """Return whether a report is about the present session."""
        return self._sink is not None and session == self._sink.session

    def post(self, block: Block, *, altered: bool, source_bits: int) -> int:
        """Convert a period and have it written; return how many samples clipped."""
        assert self._sink is not None  # noqa: S101  (callers check ``ready``)
        assert self._converter is not None  # noqa: S101
        before = self._converter.clipped
        dither = altered or source_bits > BITS[self.format.sample]
        self.sides.post(self._posted, block, altered=altered, source_bits=source_bits)
        self._posted += len(block)
        samples = self._converter.convert(block, len(block), dither=dither)
        self._sink.post(bytes(samples), Frames(len(block)))
        self.in_flight += 1
        return self._converter.clipped - before

    def took(self, session: int, epoch: int) -> bool:
        """Note that the device has taken a period; False if the news is stale."""
        if self._sink is None or (session, epoch) != (self._sink.session, self._sink.epoch):
            return False
        self.in_flight -= 1
        return True

    def heard(self) -> int:
        """Return the mixer's output frame that is being heard now."""
        if self._sink is None or self._format is None:
            return self._frame
        heard = self._sink.heard_frames()
        self.sides.heard(heard)
        return self._frame + heard - self._heard

    def cut(self) -> int:
        """Throw away what was not heard; returns the mixer's frame from which to go on."""
        if self._sink is None or self._format is None:
            return self._frame
        dropped_at = self._sink.drop()
        self.sides.cut(dropped_at)
        self._note(self._frame + dropped_at - self._heard, dropped_at)
        return self._frame

    def go_on_at(self, frame: int) -> None:
        """Throw away what was not heard, whatever it was; go on at the mixer's ``frame``."""
        if self._sink is not None:
            dropped_at = self._sink.drop()
            self.sides.cut(dropped_at)
            self._note(frame, dropped_at)

    def close(self) -> SinkThread | None:
        """Give the device back; returns the ending thread, for who wants to wait for it."""
        self.cut()
        sink = self._forget()
        if sink is not None:
            sink.close()
            self._closing = sink
        return sink

    def abandon(self) -> None:
        """Forget a session that was lost or hangs; its thread ends when its device lets it."""
        sink = self._forget()
        if sink is not None:
            sink.end()

    def _forget(self) -> SinkThread | None:
        self._note(self.heard(), Frames(0))
        self.sides.forget()
        sink, self._sink = self._sink, None
        self._format = None
        return sink

    def _note(self, frame: int, heard: Frames) -> None:
        self._frame, self._heard, self._posted = frame, heard, heard
        self.in_flight = 0
