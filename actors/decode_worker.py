"""The thread that decodes one chain. It may block for ever; it decides nothing.

A worker waits for a grant, opens its source with the first one, decodes into the chain's ring
until the grant is used up, revoked, or the ring is full, and reports. A block that does not fit
is kept for the next grant: nothing decoded is dropped, repeated or reordered.

A cancelled worker tells nothing more than ``WorkerExited``, which a hung one may never do. Nobody
joins it.
"""

from __future__ import annotations

import errno
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from actors.address import Address
from actors.crash_marks import CrashMarks, Suspect
from actors.decode_request import DecodeRequest, Grant
from actors.messages import (
    ChainEnded,
    DecodeFailed,
    FramesAdded,
    GrantSpent,
    SourceOpened,
    WorkerExited,
)
from audio.ring import Block, Ring
from playback.errors import DecodeError, FailureKind
from playback.plan import Priority
from playback.profile import Profile
from playback.units import Frames, Ticks, ticks_to_frames

_log = logging.getLogger(__name__)

GONE: Final = frozenset({FailureKind.MISSING, FailureKind.UNREADABLE})
"""Kinds that a file fails with when its whole disk is not there."""
OUT_OF_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class SourceInfo(Protocol):
    """What an open source says about itself."""

    @property
    def end(self) -> Ticks | None:
        """File-absolute end; None if the container does not say."""

    @property
    def audio_format(self) -> str:
        """MPD's ``rate:bits:channels``."""

    @property
    def bitrate_kbps(self) -> int:
        """Of the compressed stream."""

    @property
    def profile(self) -> Profile:
        """What its tags say about loudness and both ends."""


class Source(Protocol):
    """An open file that gives blocks at the working rate."""

    @property
    def info(self) -> SourceInfo:
        """Known once it is open."""

    @property
    def exact_bits(self) -> int:
        """In how many bits the frames are exact; 32 if they were computed."""

    def read(self) -> Block | None:
        """Return the next block (frames, 2), or None after the last one.

        Raises:
            DecodeError: nothing more can be decoded.
        """

    def close(self) -> None:
        """Give the file back."""


class OpenSource(Protocol):
    """Opens a file at an offset; ``audio.chain_source.ChainSource`` is one."""

    def __call__(self, path: str, *, offset: Ticks, end: Ticks | None, rate_hz: int) -> Source:
        """Open ``path``.

        Raises:
            DecodeError: it cannot be decoded.
        """


DecoderNews: TypeAlias = SourceOpened | GrantSpent | DecodeFailed | WorkerExited
BufferNews: TypeAlias = FramesAdded | ChainEnded


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all workers share.

    Attributes:
        locate: turns a URI into what ``open_source`` takes; raises ``DecodeError``.
        absence: says that the directory a URI leads into is not there at all; None if it is.
        measured: looks up what was measured of a file, for what its tags do not say.
        rate_hz: the working rate, in frames per second.
    """

    locate: Callable[[str], str]
    open_source: OpenSource
    marks: CrashMarks
    decoder: Address[DecoderNews]
    buffers: Address[BufferNews]
    rate_hz: int
    absence: Callable[[str], str | None] = lambda _uri: None
    measured: Callable[[str], Profile | None] = lambda _uri: None


class DecodeWorker:
    """One chain's decoder; ``run`` is its thread's whole life."""

    def __init__(self, request: DecodeRequest, workshop: Workshop) -> None:
        self._request = request
        self._chain = request.chain_id
        self._workshop = workshop
        self._grants: queue.SimpleQueue[Grant | None] = queue.SimpleQueue()
        self._cancelled = False
        self._source: Source | None = None
        self._ring: Ring | None = None
        self._decoded = 0
        self._kept: Block | None = None
        self._untold = 0
        self._marked = False
        self._priority = request.priority
        self._thread: threading.Thread | None = None

    # Called by DecoderActor.

    def grant(self, grant: Grant) -> None:
        """Let it decode; never waits."""
        self._grants.put(grant)

    def set_priority(self, priority: Priority) -> None:
        """Show the chain's rank in the thread's name, for logs and stack dumps."""
        self._priority = priority
        if self._thread is not None:
            self._thread.name = self._name

    @property
    def _name(self) -> str:
        return f"decode-{self._chain}-{self._priority.name.lower()}"

    def cancel(self) -> None:
        """End after the block it is at; never waits."""
        self._cancelled = True
        self._grants.put(None)

    # The thread's side.

    def run(self) -> None:
        """Serve grants until the chain ends, fails or is cancelled."""
        self._thread = threading.current_thread()
        self._thread.name = self._name
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001  (whatever a codec raises must be reported)
            self._fail(error)
        finally:
            self._close()
            self._workshop.decoder.tell(WorkerExited(self._chain))

    def refuse(self, error: DecodeError) -> None:
        """Report that there is no thread to run this in."""
        self._fail(error)
        self._workshop.decoder.tell(WorkerExited(self._chain))

    def _serve(self) -> None:
        ended = False
        while not ended and (grant := self._grants.get()) is not None and not self._cancelled:
            ended = self._spend(grant)

    def _spend(self, grant: Grant) -> bool:
        """Use one grant up and report it; return whether the chain has ended."""
        self._ring = grant.ring
        before = grant.ring.written
        self._mark()
        source = self._source or self._open(grant.ring)
        ended = self._fill(source, grant)
        self._unmark()
        if self._cancelled:
            return False
        self._tell_added()
        if ended:
            self._finish(grant.ring)
        self._workshop.decoder.tell(
            GrantSpent(self._chain, Frames(grant.ring.written - before), ended)
        )
        return ended

    def _open(self, ring: Ring) -> Source:
        workshop = self._workshop
        try:
            self._source = source = self._look_for_source()
        except DecodeError as error:
            if error.kind not in GONE:
                raise
            self._refuse_absence(error)
            self._source = source = self._look_for_source()  # it may just have been mounted
        info = source.info
        ring.source_bits = source.exact_bits
        profile = info.profile.completed_by(workshop.measured(self._request.uri))
        ring.levels = profile.levels
        workshop.decoder.tell(
            SourceOpened(self._chain, info.end, info.audio_format, info.bitrate_kbps, profile)
        )
        return source

    def _look_for_source(self) -> Source:
        request, workshop = self._request, self._workshop
        return workshop.open_source(
            workshop.locate(request.uri),
            offset=request.offset,
            end=request.end,
            rate_hz=workshop.rate_hz,
        )

    def _refuse_absence(self, error: DecodeError | None = None) -> None:
        """Tell a file that is missing, or ends early, from a disk that is not there."""
        text = self._workshop.absence(self._request.uri)
        if text is not None:
            raise DecodeError(FailureKind.NO_MUSIC, text) from error

    def _fill(self, source: Source, grant: Grant) -> bool:
        """Decode block by block; return True once the source has no more."""
        goal = grant.ring.written + grant.frames
        while grant.ring.written < goal and not (grant.revoked or self._cancelled):
            block = self._next_block(source)
            if block is None:
                return True
            if self._cancelled:
                break
            self._put(block, grant)
            if self._kept is not None:
                break
        return False

    def _next_block(self, source: Source) -> Block | None:
        """Return what did not fit last time, or the next block; count what is decoded."""
        if self._kept is not None:
            return self._kept
        block = source.read()
        if block is None:
            if self._is_short(source.info.end):
                self._refuse_absence()
            self._refuse_silence()
            return None
        self._decoded += len(block)
        if self._decoded >= self._workshop.rate_hz:
            self._unmark()
        return block

    def _put(self, block: Block, grant: Grant) -> None:
        """Write what fits, keep the rest; tell at once if the threshold is crossed."""
        ring = grant.ring
        below = ring.level < grant.threshold
        took = ring.write(block)
        self._kept = block[took:] if took < len(block) else None
        self._untold += took
        if below and ring.level >= grant.threshold:
            self._tell_added()

    def _is_short(self, file_end: Ticks | None) -> bool:
        """Return whether the source gave fewer frames than it, or the passage, had promised."""
        ends = [end for end in (file_end, self._request.end) if end is not None]
        rate_hz, offset = self._workshop.rate_hz, self._request.offset
        promised = ticks_to_frames(min(ends), rate_hz) if ends else 0
        return ticks_to_frames(offset, rate_hz) + self._decoded < promised

    def _refuse_silence(self) -> None:
        """A file that opens and gives nothing is an error, unless nothing was asked of it."""
        source = self._source
        end = None if source is None else source.info.end
        total = self._request.before + self._decoded
        if total == 0 and not (end is not None and 0 < end <= self._request.offset):
            raise DecodeError(
                FailureKind.NOT_AUDIO, f"{self._request.uri} holds no frame that can be decoded"
            )

    def _finish(self, ring: Ring) -> None:
        """The last frame is in the ring; the end stands behind it."""
        ring.finish()
        self._workshop.buffers.tell(
            ChainEnded(self._chain, Frames(self._request.before + self._decoded))
        )

    def _tell_added(self) -> None:
        if self._untold:
            self._workshop.buffers.tell(FramesAdded(self._chain, Frames(self._untold)))
            self._untold = 0

    def _fail(self, error: Exception) -> None:
        """Report, after making what was decoded playable to its end."""
        if self._cancelled:
            return
        failed = _failure(error, self._request)
        if failed.kind is FailureKind.NO_MUSIC:
            self._tell_added()  # and leave the ring open: another worker will go on there
        elif self._ring is not None and self._ring.written > 0:
            self._tell_added()
            self._finish(self._ring)
            failed = DecodeFailed(
                failed.queue_entry_id, failed.chain_id, FailureKind.DAMAGED, failed.message
            )
        self._workshop.decoder.tell(failed)

    def _mark(self) -> None:
        if self._decoded < self._workshop.rate_hz:
            suspect = Suspect(self._request.uri, self._request.offset)
            self._workshop.marks.set(self._chain, suspect)
            self._marked = True

    def _unmark(self) -> None:
        if self._marked:
            self._workshop.marks.clear(self._chain)
            self._marked = False

    def _close(self) -> None:
        self._unmark()
        self._kept = None
        source, self._source = self._source, None
        if source is None:
            return
        try:
            source.close()
        except Exception:  # noqa: BLE001  (whatever a codec raises, the thread ends in order)
            _log.exception("Closing %s failed", self._request.uri)


def _failure(error: Exception, request: DecodeRequest) -> DecodeFailed:
    """Put an exception into the words of the engine; a foreign one is logged with its trace."""
    kind, message = FailureKind.UNREADABLE, f"Cannot decode {request.uri}: {error!r}"
    if isinstance(error, DecodeError):
        message = str(error)
        if error.kind is not FailureKind.DAMAGED:  # which means that something can be played
            kind = error.kind
    if _out_of_resources(error):
        kind = FailureKind.RESOURCES
    elif not isinstance(error, DecodeError):
        _log.error("Decoding %s raised an unexpected error", request.uri, exc_info=error)
    return DecodeFailed(request.queue_entry_id, request.chain_id, kind, message)


def _out_of_resources(error: BaseException | None) -> bool:
    """Whether the machine, not the file, is at fault; causes are looked through."""
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) in OUT_OF_RESOURCES:
            return True
        error = error.__cause__
    return False
