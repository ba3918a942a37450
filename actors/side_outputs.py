"""The outputs without a clock: each gets what is heard, and none can hold up the music."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from actors.address import Address
from actors.messages import SideOutputFailed, SideOutputRestored
from actors.side_thread import SideThread
from audio.device import OutputFormat
from audio.heard_tap import HeardTap
from audio.ring import Block
from audio.side_sink import SideSink


@dataclass(frozen=True, slots=True)
class SideChoice:
    """One side output.

    Attributes:
        id: MPD's outputid.
        make: makes what it writes to; None = it swallows everything.
    """

    id: int
    name: str
    make: Callable[[], SideSink] | None = None


class SideOutputs:
    """Switches side outputs on and off, and feeds those that are on with what has been heard.

    Frames are counted as the device counts them.

    Args:
        choices: those that are configured.
        listener: hears when one fails, and when it works again.
    """

    def __init__(
        self,
        choices: Iterable[SideChoice] = (),
        listener: Address[SideOutputFailed | SideOutputRestored] | None = None,
    ) -> None:
        self._listener = listener
        self._choices: Mapping[int, SideChoice] = {choice.id: choice for choice in choices}
        self._on: dict[int, SideThread | None] = {}
        self._ending: dict[int, SideThread] = {}
        self._tap = HeardTap()

    @property
    def any_on(self) -> bool:
        """Whether there is one that wants to be fed."""
        return bool(self._on)

    def switch(self, number: int, format_: OutputFormat, *, enabled: bool) -> None:
        """Switch one on or off; unknown ones, and those that are so already, are left alone."""
        choice = self._choices.get(number)
        if choice is None or enabled is (number in self._on):
            return
        if enabled:
            self._on[number] = self._started(choice, format_)
        elif (thread := self._on.pop(number)) is not None:
            thread.end()
            self._ending[number] = thread

    def post(self, at: int, block: Block, *, altered: bool, source_bits: int) -> None:
        """Note what goes to the device as its frame ``at`` and those that follow."""
        if any(self._on.values()):
            self._tap.post(at, block, altered=altered, source_bits=source_bits)

    def heard(self, count: int) -> None:
        """Hand on what has been heard, now that the device has played ``count`` frames."""
        for piece in self._tap.heard(count):
            for thread in self._on.values():
                if thread is not None:
                    thread.give(piece)

    def cut(self, count: int) -> None:
        """Hand on what has been heard; the rest will not be."""
        self.heard(count)
        self.forget()

    def forget(self) -> None:
        """What has not been heard will not be: the device is gone."""
        self._tap.clear()

    def rest(self) -> None:
        """Nothing is played for now."""
        for thread in self._on.values():
            if thread is not None:
                thread.rest()

    def close(self, timeout_s: float) -> None:
        """End them all, within ``timeout_s``; for the end of the process."""
        threads = [thread for thread in self._on.values() if thread is not None]
        self._on.clear()
        for thread in threads:
            thread.end()
        deadline_s = time.monotonic() + timeout_s
        for thread in threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))

    def _started(self, choice: SideChoice, format_: OutputFormat) -> SideThread | None:
        if choice.make is None:
            return None
        thread = SideThread(
            choice.name,
            choice.make(),
            format_.rate_hz,
            format_.period,
            tell=partial(self._tell, choice.id),
        )
        thread.start(after=self._ending.pop(choice.id, None))
        return thread

    def _tell(self, number: int, problem: str | None) -> None:
        if self._listener is None:
            return
        news = SideOutputRestored(number) if problem is None else SideOutputFailed(number, problem)
        self._listener.tell(news)
