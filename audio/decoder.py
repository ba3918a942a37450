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
  origin from which a seek counts.
* A seek goes ``PRE_ROLL_S`` further back and drops what is too early by timestamp, so that the
  codec has settled: the samples are those of a decode from the start.
* Packets are decoded one by one: a damaged one costs itself. Timestamps tell how much is
  missing; that much silence keeps everything behind it at its place in time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import audioread

from audio.back_end import BackEnd
from audio.ffmpeg_pipe import PipedFile
from audio.mpeg_grid import MpegGrid, says_constant_rate
from audio.piece import SILENT, Piece
from audio.ring import Block
from audio.samples import coding
from audio.sound_file import SoundFile
from audio.source_file import (
    content_kind,
    failure,
    is_url,
    kind_of,
    reason_of,
    refuse_unless_regular,
)
from audio.source_format import bits_of, exact_bits_of, mp4_length, opus_pre_skip
from audio.timeline import Timeline
from playback.errors import DecodeError, FailureKind
from playback.units import Frames

try:
    import av
except ImportError:  # an installed ffmpeg takes over
    av = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

_log = logging.getLogger(__name__)

PRE_ROLL_S: Final = 1
_FURTHER_BACK_S: Final = 8
_TIMEOUT_S: Final = 5.0
_DEMUX_FAILURES: Final = 100
"""Consecutive failures to read a packet after which nothing can be expected to follow."""
_MP4_TAIL_PACKETS: Final = 64
"""An intact index leads right to the last packet; a fragmented file may not have one."""
_BEFORE_ANYTHING: Final = -(1 << 40)
_WAV_PROBE_BYTES: Final = "32768"
"""Enough to find DTS inside; FFmpeg's own choice costs 20 ms."""
_REMOTE_PROTOCOLS: Final = "http,https,httpproxy,tcp,tls,crypto,data"
_CHECKSUMMED: Final = frozenset({"flac", "wavpack", "ape", "tta"})
"""Codecs whose damaged packets can be told from sound, and are skipped instead of played."""


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
        self.bits = bits_of(context.name, context.format.name, context.extradata)
        self.exact_bits = exact_bits_of(self.bits, context.format.name)
        self.bitrate_kbps = round((self._container.bit_rate or self._stream.bit_rate or 0) / 1000)

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
        self._container = _open_container(self._path, jumps=self._jumps)
        try:
            self._stream = _audio_stream(self._container, self._path)
            self._is_ogg_vorbis = _is_ogg_vorbis(self._stream)
            self._packets_end = _mp4_packets_end(self._container, self._stream)
            packets = self._packets()
            head = next(packets, None)
            self._grid = _mpeg_grid(head, self._stream) if head and self._jumps else None
            frames = self._frames(chain((head,), packets) if head else packets)
            first = next(frames, None)
        except BaseException:
            self._container.close()
            raise
        if first is None:
            self._container.close()
            raise failure(content_kind(self._path), self._path, "no sound can be decoded from it")
        self._adopt(first)
        self._resume(self._place(chain((first,), frames), 0, self._timeline), 0)

    def _adopt(self, first: AudioFrame) -> None:
        """Learn rate and layout from the first frame, and where frame 0 stands in time."""
        self.rate_hz = first.sample_rate
        self.channels = len(first.layout.channels)
        stream = self._stream
        origin = stream.start_time if self.damaged_packets else first.pts
        time_base = stream.time_base or Fraction(1, self.rate_hz)
        ends_count = self._is_ogg_vorbis
        self._timeline = Timeline(self.rate_hz, time_base, origin or 0, ends_count)
        self.length = self._known_length()

    def _resume(self, pieces: Iterator[Piece], at: int) -> None:
        """Go on with pieces of which the first stands at ``at``."""
        self.position = Frames(at)
        self._piece = SILENT
        self._pieces = pieces

    def _jump(self, frame: Frames) -> bool:
        """Seek to shortly before ``frame``; False if it must be reached from the start."""
        for back_s in (PRE_ROLL_S, _FURTHER_BACK_S):
            target = frame - back_s * self.rate_hz
            if target <= 0:
                return False
            packets, timeline = self._packets_from(target)
            frames = self._frames(packets)
            first = next(frames, None)
            at = None if first is None else timeline.begin(first)
            if first is not None and at is not None and at <= frame:
                self._resume(self._place(chain((first,), frames), at, timeline), at)
                return True
        return False

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
            yield _piece(placed.codec_frame, placed.kept)

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
        """Read packets until the end, over what cannot be read."""
        failures = 0
        while failures < _DEMUX_FAILURES:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
            except av.error.ExitError as exc:
                raise failure(FailureKind.HUNG, self._path, f"no data for {_TIMEOUT_S} s") from exc
            except av.error.FFmpegError:
                failures += 1
                self.damaged_packets += 1
            else:
                return

    def _known_length(self) -> Frames | None:
        """Return the frames of the whole file as far as the container knows them."""
        if is_url(self._path):
            return None
        stream, timeline = self._stream, self._timeline
        ticks = stream.duration
        declared = None if ticks is None else timeline.frame(timeline.origin + ticks)
        if self._packets_end is not None:
            tag = self._container.metadata.get("iTunSMPB")
            return mp4_length(timeline.frame(self._packets_end), declared, self.rate_hz, tag)
        if declared is None:
            return None
        ogg = self._container.format.name == "ogg"
        return Frames(declared - (opus_pre_skip(stream.codec_context.extradata) if ogg else 0))


def _open_container(path: str, *, jumps: bool) -> InputContainer:
    """Open without following references to anywhere else.

    The ``file:`` in front keeps a name with a colon from being taken for a protocol.

    Args:
        path: local, or a URL.
        jumps: seek by arithmetic, not exactly.
    """
    remote = is_url(path)
    options = {"protocol_whitelist": _REMOTE_PROTOCOLS if remote else "file"}
    if jumps:
        options["fflags"] = "fastseek"
    if path.lower().endswith(".wav"):
        options["probesize"] = _WAV_PROBE_BYTES
    try:
        return av.open(
            path if remote else f"file:{path}",
            metadata_errors="replace",
            timeout=_TIMEOUT_S if remote else None,
            options=options,
        )
    except av.error.ExitError as exc:
        raise failure(FailureKind.HUNG, path, f"no answer in {_TIMEOUT_S} s") from exc
    except (av.error.InvalidDataError, av.error.EOFError) as exc:
        raise failure(content_kind(path), path, "no sound format is recognised in it") from exc
    except (av.error.FFmpegError, OSError) as exc:
        raise failure(kind_of(exc), path, reason_of(exc)) from exc


def _audio_stream(container: InputContainer, path: str) -> AudioStream:
    """Choose the first sound stream and prepare its decoder."""
    if not container.streams.audio:
        raise failure(FailureKind.NOT_AUDIO, path, "it holds no sound")
    stream = container.streams.audio[0]
    context = stream.codec_context
    context.thread_count = 1  # each chain has a thread of its own already
    if context.name in _CHECKSUMMED:
        context.options = {"err_detect": "crccheck+explode"}
    if _is_ogg_vorbis(stream):
        context.flags2 |= av.codec.context.Flags2.skip_manual
    return stream


def _mpeg_grid(head: Packet[AudioStream], stream: AudioStream) -> MpegGrid | None:
    """Learn from the first packet where all the others of its size must be."""
    bits_per_s, rate_hz = stream.codec_context.bit_rate, stream.codec_context.sample_rate
    if not (bits_per_s and rate_hz and head.duration and head.time_base) or head.pos is None:
        return None
    frame_bytes = Fraction(head.duration) * head.time_base * bits_per_s / 8
    return MpegGrid(head.pos, head.pts or 0, frame_bytes, head.duration)


def _is_ogg_vorbis(stream: AudioStream) -> bool:
    """Tell the one case in which this module trims instead of the codec."""
    return stream.codec_context.name == "vorbis" and stream.container.format.name == "ogg"


def _mp4_packets_end(container: InputContainer, stream: AudioStream) -> int | None:
    """Return the timestamp at which the last packet of an MP4 file ends; None for other files.

    Reads the last packet and goes back to the first one, whose timestamp is negative.
    """
    if "mp4" not in container.format.name or not stream.duration or is_url(container.name):
        return None
    try:
        container.seek(stream.duration + (stream.start_time or 0), stream=stream)
        tail = list(islice(container.demux(stream), _MP4_TAIL_PACKETS))
        container.seek(_BEFORE_ANYTHING, stream=stream)
    except av.error.FFmpegError:
        return None
    ends = [packet.pts + (packet.duration or 0) for packet in tail if packet.pts is not None]
    return max(ends) if ends and len(tail) < _MP4_TAIL_PACKETS else None


def _piece(frame: AudioFrame, kept: int) -> Piece:
    """View the first ``kept`` of a codec frame's samples; they stay where the codec put them."""
    names = tuple(channel.name for channel in frame.layout.channels)
    planes = [memoryview(plane) for plane in frame.planes]
    return Piece.of(planes, coding(frame.format.name), kept, names)
