"""ALSA output.

The PCM is opened non-blocking; ``write`` offers a period, and if there is no room it sleeps in
``poll``, on the PCM's descriptors and one of its own that ``drop`` pokes. So nobody is ever
inside the PCM while waiting, and whoever touches it holds the baton for some microseconds only.
That makes ``drop`` exact: frames written and frames still in the device are read at the same
instant, no period can slip in between, and an ``ALSAAudioError`` means lost, never dropped.

Three properties of pyalsaaudio shape the rest:

* Opening, dropping and closing hold the interpreter lock. A PCM of a sound server (pulse,
  pipewire) waits in there for the server; if that hangs, every thread of the daemon stands
  still. So a PCM that has shown no life for a while is asked after in a child process first
  (``audio.alsa_probe``), and one whose server is silent is never touched again, not even
  to free it. What remains is a server that hangs a moment before it is called: within 0.2 s
  while playing, 5 s while paused (the first write behind a drop goes unasked: resuming is to
  be quick), 30 s while closed.
* ``close`` drains, so ``drop`` comes first.
* ``avail`` after a drop still tells of the frames dropped, and −EPIPE both of a device that ran
  dry and of one that is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import select
import time
from dataclasses import dataclass
from typing import Final, Protocol

import alsaaudio

from audio.alsa_probe import answers, note_alive, note_lost
from audio.alsa_quiet import quieten_libasound
from audio.baton import Baton
from audio.convert import BYTES
from audio.device import Device, OutputFormat, RateRefusedError, SampleFormat, WriteResult
from playback.errors import SinkError
from playback.units import Frames

_PCM_FORMAT: Final = {
    SampleFormat.S16: alsaaudio.PCM_FORMAT_S16_LE,
    SampleFormat.S24_3: alsaaudio.PCM_FORMAT_S24_3LE,
    SampleFormat.S24: alsaaudio.PCM_FORMAT_S24_LE,
    SampleFormat.S32: alsaaudio.PCM_FORMAT_S32_LE,
    SampleFormat.FLOAT: alsaaudio.PCM_FORMAT_FLOAT_LE,
}
_FALLBACKS: Final = (SampleFormat.S32, SampleFormat.S24, SampleFormat.S24_3, SampleFormat.S16)
_ADVICE: Final = {
    "Device or resource busy": "another program is using it",
    "Permission denied": "this user may not use sound devices; add it to the group 'audio'",
    "Connection refused": "its sound server is not running",
    "No such file or directory": "there is no device of that name",
    "No such device": "there is no device of that name, or it is unplugged",
}
_PATIENCE_S: Final = 5.0
"""A server that answers but takes nothing for so long is as good as lost."""

_STUCK_S: Final = 0.5
_LOOK_S: Final = 0.05
"""How long to wait for a write that should leave the PCM at once: to drop, to look."""
_OPEN_UNASKED_S: Final = 30.0
_CLOSE_UNASKED_S: Final = 2.0
"""How long ago a PCM may have shown life to be opened, or closed, without a question."""


class _Pcm(Protocol):
    """What is used of ``alsaaudio.PCM``, which comes without types."""

    def write(self, data: memoryview) -> int: ...
    def avail(self) -> int: ...
    def drop(self) -> int: ...
    def close(self) -> None: ...
    def info(self) -> dict[str, int | str]: ...
    def polldescriptors(self) -> list[tuple[int, int]]: ...
    def polldescriptors_revents(self, seen: list[tuple[int, int]]) -> int: ...


@dataclass(slots=True)
class _Session:
    """An open PCM and how far it has come, in frames since it was opened."""

    pcm: _Pcm
    format: OutputFormat
    wake: int
    written: int = 0
    heard: int = 0
    seen_s: float = 0.0
    """When ``heard`` was last measured to have grown, or had a reason to stand."""
    empty: bool = True
    """Nothing was written since it was opened or dropped, or it is known to have run dry.

    ``avail`` has no meaning then.
    """
    lost: str | None = None
    silent: bool = False

    @property
    def frame_bytes(self) -> int:
        return BYTES[self.format.sample] * self.format.channels

    @property
    def buffer_s(self) -> float:
        return self.format.buffer / self.format.rate_hz


class AlsaDevice(Device):
    """Plays to one ALSA PCM.

    Args:
        name: an ALSA PCM name: ``default``, ``pulse``, ``plughw:CARD=…``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._baton: Final = Baton()
        self._session: _Session | None = None
        self._heard_at_close = 0
        self._epoch = 0

    @property
    def epoch(self) -> int:
        """How often ``drop`` was called."""
        return self._epoch

    def open(self, wanted: OutputFormat) -> OutputFormat:
        """Open; if the sample format is refused, try S32, S24, S16 at the same rate.

        Raises:
            RateRefusedError: it takes none of the formats at that rate; the text says which
                rate it offers.
            SinkError: it cannot be opened.
        """
        quieten_libasound()
        if not answers(self._name, _OPEN_UNASKED_S):
            raise SinkError(f"sound device '{self._name}': its sound server does not answer")
        session = self._open_some_format(wanted)
        note_alive(self._name)
        with self._baton:
            self._session = session
        return session.format

    def write(self, period: bytes | memoryview, epoch: int | None = None) -> WriteResult:
        """Block until the device has taken the whole period.

        Raises:
            SinkError: the device is lost, or takes nothing any more.
        """
        since = self._epoch if epoch is None else epoch
        rest = memoryview(period)
        result = WriteResult.PLAYED
        while rest:
            with self._baton:
                session = self._opened()
                if self._epoch != since:
                    return WriteResult.DROPPED
                count = self._offer(session, rest)
            if count == -errno.EPIPE:
                result = WriteResult.XRUN
            elif count > 0:
                rest = rest[count * session.frame_bytes :]
            else:
                self._wait_for_room(session)
        return result

    def delay(self) -> Frames:
        """Return how many written frames have not been heard yet.

        As exact as the PCM tells: a card to some frames, a sound server to a period.
        """
        written, heard = self._look()
        return Frames(written - heard)

    def heard_frames(self) -> Frames:
        """Return how many frames have been heard since ``open``."""
        _, heard = self._look()
        return Frames(heard)

    def drop(self) -> Frames:
        """Throw away what is not heard yet; wake a blocked ``write``."""
        self._epoch += 1
        with self._baton.within(_STUCK_S) as held:
            session = self._session
            if session is None:
                return Frames(self._heard_at_close)
            if not held:  # a write is caught inside the PCM
                session.silent = True
                self._lose(session, "its sound server does not answer any more")
            self._measure(session)
            if not session.lost and session.heard < session.written:
                self._drop_pcm(session)
            session.empty = True
            session.written = session.heard
            os.eventfd_write(session.wake, 1)
            return Frames(session.heard)

    def close(self) -> None:
        """Close without playing what is left. Safe to call twice."""
        with self._baton:
            session, self._session = self._session, None
            if session is None:
                return
            self._heard_at_close = session.heard
            os.close(session.wake)
            self._close_pcm(session)

    def _look(self) -> tuple[int, int]:
        """Return frames written and heard: now, or lately if a write is caught in the PCM."""
        with self._baton.within(_LOOK_S) as held:
            session = self._session
            if session is None:
                return self._heard_at_close, self._heard_at_close
            if held:
                self._measure(session)
            return session.written, session.heard

    # Opening.

    def _open_some_format(self, wanted: OutputFormat) -> _Session:
        others = (sample for sample in _FALLBACKS if sample is not wanted.sample)
        refusal = ""
        for sample in (wanted.sample, *others):
            pcm = self._open_pcm(wanted, sample)
            if pcm is None:
                continue
            session = _Session(pcm, wanted, os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))
            refusal = _compare(session, wanted, sample)
            if not refusal:
                session.seen_s = time.monotonic()
                return session
            os.close(session.wake)
            pcm.close()
        raise RateRefusedError(
            f"sound device '{self._name}' does not take {wanted.rate_hz} Hz, {wanted.channels} "
            f"channels, {wanted.sample} or another sample format{refusal}",
            "a device name beginning with 'plughw:' converts by itself",
        )

    def _open_pcm(self, wanted: OutputFormat, sample: SampleFormat) -> _Pcm | None:
        """Open the PCM; None if just this sample format is refused."""
        try:
            pcm: _Pcm = alsaaudio.PCM(
                type=alsaaudio.PCM_PLAYBACK,
                mode=alsaaudio.PCM_NONBLOCK,
                device=self._name,
                rate=wanted.rate_hz,
                channels=wanted.channels,
                format=_PCM_FORMAT[sample],
                periodsize=wanted.period,
                periods=max(2, wanted.buffer // wanted.period),
            )
        except alsaaudio.ALSAAudioError as error:
            reason = str(error).partition(" [")[0]
            if reason == os.strerror(errno.EINVAL):
                return None
            raise SinkError(self._cannot_open(reason)) from error
        return pcm

    def _cannot_open(self, reason: str) -> str:
        note_lost(self._name)
        advice = _ADVICE.get(reason, "see which devices there are with: wkmp devices")
        return f"cannot open the sound device '{self._name}': {reason} ({advice})"

    # With the baton held.

    def _opened(self) -> _Session:
        if self._session is None:
            raise SinkError(f"sound device '{self._name}' is not open")
        if self._session.lost:
            raise SinkError(self._session.lost)
        return self._session

    def _offer(self, session: _Session, rest: memoryview) -> int:
        """Write what fits; return frames taken, 0 if there is no room, −EPIPE after an xrun."""
        try:
            count = session.pcm.write(rest)
            if count == -errno.EPIPE and session.empty:  # ran dry when all had been heard
                count = session.pcm.write(rest)
        except alsaaudio.ALSAAudioError as error:
            self._measure(session)
            self._lose(session, str(error))
            raise SinkError(session.lost) from error
        if count == -errno.EPIPE:
            session.heard = session.written
            session.seen_s = time.monotonic()
            session.empty = True
        elif count > 0:
            if session.heard == session.written:
                session.seen_s = time.monotonic()
            session.written += count
            session.empty = False
            self._measure(session)
        return count

    def _measure(self, session: _Session) -> None:
        """Bring ``heard`` up to date; it never goes back."""
        if session.lost or session.empty:
            return
        now = time.monotonic()
        avail = session.pcm.avail()
        if avail >= 0:
            heard = session.written - max(0, session.format.buffer - avail)
        else:  # ran dry or lost; either way it has not played faster than the clock
            passed = int((now - session.seen_s) * session.format.rate_hz)
            heard = min(session.written, session.heard + passed)
        if heard > session.heard:
            session.heard = heard
            session.seen_s = now

    def _drop_pcm(self, session: _Session) -> None:
        """Drop, unless the server would keep us waiting for ever."""
        if not self._is_alive(session, 0.1 + 2 * session.format.period / session.format.rate_hz):
            return
        try:
            session.pcm.drop()
        except alsaaudio.ALSAAudioError as error:
            self._lose(session, str(error))
        session.seen_s = time.monotonic()

    def _close_pcm(self, session: _Session) -> None:
        if not session.lost and not session.empty:
            self._drop_pcm(session)
        if not session.lost and self._is_alive(session, _CLOSE_UNASKED_S):
            note_alive(self._name)
        if session.silent:
            # Freeing it would wait for the server: it keeps a reference nobody gives back.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(session.pcm))
        else:
            session.pcm.close()

    def _lose(self, session: _Session, reason: str) -> None:
        note_lost(self._name)
        session.lost = f"the sound device '{self._name}' was lost: {reason}"

    def _is_alive(self, session: _Session, within_s: float) -> bool:
        """Ask after a PCM that has shown no life for so long; a silent one is lost."""
        if time.monotonic() - session.seen_s < within_s:
            return True
        note_lost(self._name)
        if answers(self._name, 0):
            return True
        session.silent = True
        self._lose(session, "its sound server does not answer any more")
        return False

    # In the writer's thread, without the baton.

    def _wait_for_room(self, session: _Session) -> None:
        """Sleep until the PCM has room, or fails, or a drop wakes us.

        It is given up when it has played nothing for three times its buffer and its sound
        server does not answer, or for five seconds although that does.
        """
        watched = select.poll()
        watched.register(session.wake, select.POLLIN)
        # A PCM that fails here fails again in the next write, which tells.
        with contextlib.suppress(alsaaudio.ALSAAudioError):
            descriptors = session.pcm.polldescriptors()
            for descriptor, events in descriptors:
                watched.register(descriptor, events)
            seen = dict(watched.poll(3 * session.buffer_s * 1000))
            # Some PCMs take their wake-up back only when asked what it meant.
            session.pcm.polldescriptors_revents(
                [(descriptor, seen.get(descriptor, 0)) for descriptor, _ in descriptors]
            )
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(session.wake)
        self._look_for_progress(session)

    def _look_for_progress(self, session: _Session) -> None:
        with self._baton:
            self._measure(session)
            still_s = time.monotonic() - session.seen_s
        if session.empty or not self._is_alive(session, 3 * session.buffer_s):
            return
        if still_s > _PATIENCE_S:
            self._lose(session, f"it has taken no sound for {still_s:.0f} s")


def _compare(session: _Session, wanted: OutputFormat, sample: SampleFormat) -> str:
    """Note what the PCM really took; return what is wrong with it, or nothing."""
    info = session.pcm.info()
    rate_hz, channels = int(info["rate"]), int(info["channels"])
    period, buffer = Frames(int(info["period_size"])), Frames(int(info["buffer_size"]))
    session.format = OutputFormat(rate_hz, sample, channels, period, buffer)
    name = info["format_name"]
    if (rate_hz, channels, name) == (wanted.rate_hz, wanted.channels, sample.value):
        return ""
    return f" (it offers {rate_hz} Hz, {channels} channels, {name}; 'rate' is set in wkmp.ini)"


def pcm_names() -> tuple[str, ...]:
    """Return the names of the PCMs that ALSA's configuration offers for playing."""
    quieten_libasound()
    return tuple(alsaaudio.pcms(alsaaudio.PCM_PLAYBACK))
