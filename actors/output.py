"""The MixerActor's end of the output: a session with a sink thread, and what has been heard.

The mixer counts output frames for ever and can go back; a device counts what was heard since it
was opened. ``heard`` translates: both counts were noted together at the last opening or drop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from actors.address import Address
from actors.sink_thread import SinkEvent, SinkThread
from audio.convert import SampleConverter
from audio.device import Device, OutputFormat, SampleFormat
from audio.ring import Block
from playback.units import Frames

_BITS: Final = {
    SampleFormat.S16: 16,
    SampleFormat.S24_3: 24,
    SampleFormat.S24: 24,
    SampleFormat.S32: 32,
    SampleFormat.FLOAT: 32,
}


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """Which device to play to.

    Attributes:
        name: what users and clients call the output.
        plugin: ``alsa`` or ``null``.
        device: the plugin's own name for it, for example an ALSA PCM.
    """

    name: str
    plugin: str
    device: str = ""


MakeDevice = Callable[[OutputChoice], Device]


class Output:
    """Opens, feeds, drops and closes the device of one output."""

    def __init__(
        self,
        choice: OutputChoice,
        wanted: OutputFormat,
        make_device: MakeDevice,
        listener: Address[SinkEvent],
    ) -> None:
        self.choice = choice
        self.wanted = wanted
        self._make_device = make_device
        self._listener = listener
        self._sessions = 0
        self._sink: SinkThread | None = None
        self._closing: SinkThread | None = None
        self._format: OutputFormat | None = None
        self._converter: SampleConverter | None = None
        self._frame = 0  # the mixer's count …
        self._heard = Frames(0)  # … when the device's was this
        self.in_flight = 0
        """Periods posted and not yet taken."""

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
        if self._sink is not None:
            return False
        self._sessions += 1
        device = self._make_device(self.choice)
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
        dither = altered or source_bits > _BITS[self.format.sample]
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
        return self._frame + self._sink.heard_frames() - self._heard

    def cut(self) -> int:
        """Throw away what was not heard; returns the mixer's frame from which to go on."""
        if self._sink is None or self._format is None:
            return self._frame
        dropped_at = self._sink.drop()
        self._note(self._frame + dropped_at - self._heard, dropped_at)
        return self._frame

    def go_on_at(self, frame: int) -> None:
        """Throw away what was not heard, whatever it was; go on at the mixer's ``frame``."""
        if self._sink is not None:
            self._note(frame, self._sink.drop())

    def close(self) -> SinkThread | None:
        """Give the device back; returns the ending thread, for who wants to wait for it."""
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
        self._frame = self.heard()
        sink, self._sink = self._sink, None
        self._format = None
        self.in_flight = 0
        return sink

    def _note(self, frame: int, heard: Frames) -> None:
        self._frame, self._heard = frame, heard
        self.in_flight = 0
