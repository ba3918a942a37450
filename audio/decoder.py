"""Opens a sound file through audioread's interface, with PyAV (FFmpeg) behind it.

audioread asks each back-end in turn to open a path; ours is ``AvFile``. audioread's own ffmpeg
back-end is not used: it reads ahead without bound, gives 16 bit only and cannot seek. Where PyAV
cannot be imported, an installed ffmpeg is piped (``audio/ffmpeg_pipe.py``): slower to seek and
without lengths, therefore called degraded in the log.

How a file is kept exact:

* The codec trims what the container tells it to (LAME and Lavc delays, Opus pre-skip, edit
  lists). The end of an MP4 file is trimmed here, since no codec does it, and so is the end of
  Ogg Vorbis, where FFmpeg takes 128 frames too many from a file of one page.
* Frame 0 is the first frame that comes out of a decode from the start. Its timestamp is the
  origin from which a seek counts. What timestamps are worth differs (``audio/landing.py``).
* A seek goes ``PRE_ROLL_S`` further back and drops what is too early by timestamp, so that the
  codec has settled: the samples are those of a decode from the start.
* Packets are decoded one by one: a damaged one costs itself. Timestamps tell how much is
  missing; that much silence keeps everything behind it at its place in time.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import audioread

from audio.ape_tags import ape_tags
from audio.back_end import BackEnd
from audio.channels import named
from audio.ffmpeg_pipe import PipedFile
from audio.landing import Landing, counted_time_base, landing_of
from audio.level_tags import profile_of
from audio.mpeg_grid import says_constant_rate
from audio.packet_grid import PacketGrid
from audio.piece import SILENT, Piece
from audio.ring import Block
from audio.samples import coding
from audio.sound_file import SoundFile
from audio.source_file import (
    content_kind,
    failure,
    is_url,
    refuse_unless_regular,
)
from audio.source_format import (
    HEADER_BYTES,
    bits_of,
    exact_bits_of,
    mp4_length,
    opus_pre_skip,
)
from audio.timeline import Timeline
from playback.errors import DecodeError, FailureKind
from playback.profile import Profile
from playback.units import Frames

try:
    import av
    from av.audio.plane import AudioPlane

    from audio.container import (
        READ_TIMEOUT_S,
        TICKS_PER_S,
        audio_stream,
        counted_length,
        is_chained_ogg,
        is_live,
        is_ogg_vorbis,
        mp4_packets_end,
        mpeg_grid,
        open_container,
        take_layout,
    )
except ImportError:  # an installed ffmpeg takes over
    av = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.packet import Packet

_log = logging.getLogger(__name__)

PRE_ROLL_S: Final = 1
_FURTHER_BACK_S: Final = 8
_DEMUX_FAILURES: Final = 100
"""Consecutive failures to read a packet after which nothing can be expected to follow."""
_LISTEN_AGAIN_AFTER_S: Final = (0.0, 0.5, 1.0, 2.0, 3.0)
"""Pauses before attempts; a decoder that gives nothing for 10 s is given up."""
_GRID_FRAMES: Final = 32
"""Codec frames over which timestamps are compared where they are coarse."""


def open_file(path: str) -> SoundFile:
    """Open a local path or an http(s) URL at its first frame.

    Raises:
        DecodeError: nothing can be decoded from it.
    """
    if not is_url(path):
        refuse_unless_regular(path)
    failures: list[DecodeError] = []

    def back_end(name: str) -> SoundFile:
        try:
            return _back_end(name)
        except DecodeError as exc:
            failures.append(exc)
            raise audioread.DecodeError from exc

    try:
        opened: SoundFile = audioread.audio_open(path, backends=[back_end])
    except audioread.NoBackendError:
        raise failures[-1] from failures[-1].__cause__
    return opened


def _back_end(path: str) -> SoundFile:
    if av is not None:
        return AvFile(path)
    _log.warning("PyAV cannot be imported; decoding %r through ffmpeg, degraded", path)
    return PipedFile(path)


class AvFile(BackEnd):
    """One open file; an audioread back-end that also seeks and keeps every bit.

    Raises:
        DecodeError: it cannot be opened, or not one frame comes out of it.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.damaged_packets = 0
        self.rate_hz = 0  # until the first frame tells
        self.position = Frames(0)
        self._jumps = path.lower().endswith(".mp3") and says_constant_rate(path)
        self._start()
        context = self._stream.codec_context
        header = self._head if context.name == "wavpack" else context.extradata
        self.bits = bits_of(context.name, context.format.name, header)
        self.exact_bits = exact_bits_of(self.bits, context.format.name)
        self.bitrate_kbps = round((self._container.bit_rate or self._stream.bit_rate or 0) / 1000)
        self.profile = self._profile()

    def close(self) -> None:
        """Release file and codec; memory grows with each container left to the collector."""
        self._pieces: Iterator[Piece] = iter(())
        self._piece = SILENT
        self._container.close()

    def read(self, out: Block) -> Frames:
        """Fill ``out`` (frames, 2) as far as the file goes; return how far, 0 at its end."""
        if self._packets_end is not None and self.length is not None:
            out = out[: max(0, self.length - self.position)]
        filled = 0
        while filled < len(out) and self._has_piece():
            filled += self._piece.take(out[filled:])
        self.position = Frames(self.position + filled)
        return Frames(filled)

    def seek(self, frame: Frames) -> None:
        """Go to a frame exactly; beyond the end, ``read`` finds nothing."""
        near = self.position <= frame < self.position + PRE_ROLL_S * self.rate_hz
        if not near and not self._jump(frame):
            self.close()
            self._start()
        while self.position < frame and self._has_piece():
            self.position = Frames(self.position + self._piece.skip(frame - self.position))

    def _has_piece(self) -> bool:
        """Make sure that there is something to take; False at the end of the file."""
        while not self._piece.left:
            following = next(self._pieces, None)
            if following is None:
                return False
            self._piece = following
        return True

    def _start(self) -> None:
        """Open and decode up to the first frame; it tells the rate, and it is frame 0."""
        self._container = open_container(self._path, jumps=self._jumps)
        try:
            self._is_chained = is_chained_ogg(self._container, self._path)
            self._stream = audio_stream(self._container, self._path)
            self._names = take_layout(self._stream)
            self._is_ogg_vorbis = is_ogg_vorbis(self._stream) and not self._is_chained
            if self._is_ogg_vorbis:
                self._stream.codec_context.flags2 |= av.codec.context.Flags2.skip_manual
            self._packets_end = mp4_packets_end(self._container, self._stream)
            packets = self._packets()
            head = next(packets, None)
            self._head = bytes(head)[:HEADER_BYTES] if head else b""
            self._grid = mpeg_grid(head, self._stream) if head and self._jumps else None
            frames = self._frames(chain((head,), packets) if head else packets)
            first = next(frames, None)
        except BaseException:
            self._container.close()
            raise
        if first is None:
            self._container.close()
            raise failure(content_kind(self._path), self._path, "no sound can be decoded from it")
        self._adopt(first)
        opening = self._open_grid(first, frames)
        self._resume(self._place(chain(opening, frames), 0, self._timeline), 0)

    def _adopt(self, first: AudioFrame) -> None:
        """Learn rate and layout from the first frame, and where frame 0 stands in time."""
        self.rate_hz = first.sample_rate
        self.channels = len(first.layout.channels)
        stream = self._stream
        origin = stream.start_time if self.damaged_packets else first.pts
        time_base = stream.time_base or Fraction(1, self.rate_hz)
        codec, container = stream.codec_context.name, self._container.format.name
        self._landing = landing_of(container, codec, time_base, self.rate_hz)
        if self._is_chained:
            self._landing = Landing.NOWHERE
        elif self._landing is Landing.COUNTED and first.duration:
            time_base = counted_time_base(first.samples, first.duration, self.rate_hz)
        ends_count = self._is_ogg_vorbis
        self._timeline = Timeline(self.rate_hz, time_base, origin or 0, ends_count)
        self.length = self._known_length()

    def _open_grid(self, first: AudioFrame, following: Iterator[AudioFrame]) -> list[AudioFrame]:
        """Learn where packets may begin if that is needed; return the frames looked at."""
        self._packet_grid: PacketGrid | None = None
        if self._landing is not Landing.COARSE:
            return [first]
        opening = [first, *islice(following, _GRID_FRAMES)]
        context = self._stream.codec_context
        scale = self._timeline.time_base * self.rate_hz
        self._packet_grid = PacketGrid.learn(opening, scale, context.name, context.extradata)
        if self._packet_grid is None:
            self._landing = Landing.NOWHERE
        return opening

    def _resume(self, pieces: Iterator[Piece], at: int) -> None:
        """Go on with pieces of which the first stands at ``at``."""
        self.position = Frames(at)
        self._piece = SILENT
        self._pieces = pieces

    def _jump(self, frame: Frames) -> bool:
        """Seek to shortly before ``frame``; False if it must be reached from the start."""
        for back_s in (PRE_ROLL_S, _FURTHER_BACK_S):
            target = frame - back_s * self.rate_hz
            if target <= 0 or self._landing is Landing.NOWHERE:
                return False
            packets, timeline = self._packets_from(target)
            frames = self._frames(packets)
            landed, at = self._landed(frames, timeline)
            if at is not None and at <= frame:
                self._resume(self._place(chain(landed, frames), at, timeline), at)
                return True
        return False

    def _landed(
        self, frames: Iterator[AudioFrame], timeline: Timeline
    ) -> tuple[list[AudioFrame], int | None]:
        """Take as many codec frames as tell which frame of the file the first begins with."""
        if self._packet_grid is None:
            landed = list(islice(frames, 1))
            return landed, timeline.begin(landed[0]) if landed else None
        next(frames, None)  # made without the packet before it: some codecs cut it short
        landed = list(islice(frames, _GRID_FRAMES))
        return landed, self._packet_grid.begin(landed)

    def _packets_from(self, target: int) -> tuple[Iterator[Packet[AudioStream]], Timeline]:
        """Read from near a frame; where exactly, the timestamps tell, by the timeline returned."""
        try:
            self._container.seek(self._timeline.pts(target), stream=self._stream)
        except av.error.FFmpegError:
            return iter(()), self._timeline
        packets = self._packets()
        head = next(packets, None) if self._grid else None
        if self._grid is None or head is None:
            return packets, self._timeline
        true_pts = self._grid.pts_at(head.pos or 0)
        if true_pts is None or head.pts is None:
            self._jumps = False
            self.close()
            self._start()
            return self._packets_from(target)
        origin = self._timeline.origin + head.pts - true_pts
        return chain((head,), packets), replace(self._timeline, origin=origin)

    def _place(
        self, frames: Iterable[AudioFrame], expected: int, timeline: Timeline
    ) -> Iterator[Piece]:
        """Turn codec frames into pieces, with silence where some are missing."""
        length = self.length if self._is_ogg_vorbis else None
        for placed in timeline.place(frames, expected, length):
            if placed.lost:
                self.damaged_packets += 1
                yield Piece(placed.lost)
            yield self._piece_of(placed.codec_frame, placed.kept)

    def _piece_of(self, frame: AudioFrame, kept: int) -> Piece:
        """View the first ``kept`` samples of a codec frame; they stay where the codec put them."""
        names = named((channel.name for channel in frame.layout.channels), self._names)
        count = len(names) if frame.format.is_planar else 1
        planes = [memoryview(AudioPlane(frame, number)) for number in range(count)]
        return Piece.of(planes, coding(frame.format.name), kept, names)

    def _frames(self, packets: Iterable[Packet[AudioStream]]) -> Iterator[AudioFrame]:
        """Decode packet by packet; count the damaged ones and go on behind them."""
        starting = self._is_ogg_vorbis
        for packet in packets:
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.damaged_packets += 1
                continue
            if starting:  # half a window: not sound yet, whether the codec hands it out or not
                starting = False
                continue
            for frame in frames:
                if self.rate_hz in {0, frame.sample_rate}:
                    yield frame
                else:
                    self.damaged_packets += 1

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        """Read packets until the end; a radio station has none, and is listened to again."""
        yield from self._packets_of_one()
        while is_live(self._container):
            self._listen_again()
            yield from self._packets_of_one()

    def _packets_of_one(self) -> Iterator[Packet[AudioStream]]:
        """Read packets until the end of a connection or file, over what cannot be read."""
        failures = 0
        while failures < _DEMUX_FAILURES:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
            except av.error.ExitError as exc:
                if is_live(self._container):
                    return
                raise self._hung(f"no data for {READ_TIMEOUT_S:g} s") from exc
            except av.error.FFmpegError:
                failures += 1
                self.damaged_packets += 1
            else:
                return

    def _listen_again(self) -> None:
        """Connect to a radio station once more; it goes on with what is on the air now."""
        for pause_s in _LISTEN_AGAIN_AFTER_S:
            time.sleep(pause_s)
            with contextlib.suppress(DecodeError):
                container = open_container(self._path, jumps=False)
                self._container.close()
                self._container = container
                self._stream = audio_stream(container, self._path)
                self._names = take_layout(self._stream)
                return
        raise self._hung("it has broken off and does not come back")

    def _hung(self, reason: str) -> DecodeError:
        return failure(FailureKind.HUNG, self._path, reason)

    def _known_length(self) -> Frames | None:
        """Return the frames of the whole file as far as the container knows them."""
        if is_url(self._path) or self._is_chained:
            return None
        stream, timeline, rate_hz = self._stream, self._timeline, self.rate_hz
        header, container = stream.codec_context.extradata, self._container
        ticks = stream.duration
        declared = None if ticks is None else timeline.frame(timeline.origin + ticks)
        if self._packets_end is not None:
            tag = container.metadata.get("iTunSMPB")
            return mp4_length(timeline.frame(self._packets_end), declared, rate_hz, tag)
        if (counted := counted_length(container, stream, self._path)) is not None:
            return Frames(counted)
        if declared is not None:
            ogg = container.format.name == "ogg"
            return Frames(declared - (opus_pre_skip(header) if ogg else 0))
        overall = container.duration
        return None if overall is None else Frames(overall * rate_hz // TICKS_PER_S)

    def _profile(self) -> Profile:
        """Return what the tags say, those that FFmpeg does not look for last."""
        container, path = self._container, self._path
        profile = profile_of({**container.metadata, **self._stream.metadata})
        if container.format.name == "mp3" and not is_url(path) and not profile.levels.has_gain:
            profile = profile_of(ape_tags(path)).completed_by(profile)
        return profile
