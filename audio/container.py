"""Opens a file with FFmpeg's demuxers and prepares the decoder of its sound."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from audio.channels import is_usual_order
from audio.mpeg_grid import MpegGrid
from audio.ogg_links import is_chained
from audio.source_file import content_kind, failure, is_url, kind_of, reason_of
from audio.source_format import dsf_length, flac_length
from playback.errors import FailureKind

TIMEOUT_S: Final = 5.0
"""How long a server may take to answer."""
READ_TIMEOUT_S: Final = 8.0
"""How long it may give nothing later, the attempts to connect again included."""
_RECONNECT: Final = {"reconnect": "1", "reconnect_delay_max": "3", "rw_timeout": "2000000"}
"""A file that breaks off, or gives nothing for 2 s, goes on from a new connection."""
TICKS_PER_S: Final = 1_000_000
"""FFmpeg's own clock, for lengths of whole files."""
_MP4_TAIL_PACKETS: Final = 64
"""An intact index leads right to the last packet; a fragmented file may not have one."""
_BEFORE_ANYTHING: Final = -(1 << 40)
_WAV_PROBE_BYTES: Final = "32768"
"""Enough to find DTS inside; FFmpeg's own choice costs 20 ms."""
_REMOTE_PROTOCOLS: Final = "http,https,httpproxy,tcp,tls,crypto,data"
_CHECKSUMMED: Final = frozenset({"flac", "wavpack", "ape", "tta"})
"""Codecs whose damaged packets can be told from sound, and are skipped instead of played."""


def open_container(path: str, *, jumps: bool) -> InputContainer:
    """Open without following references to anywhere else.

    The ``file:`` in front keeps a name with a colon from being taken for a protocol.

    Args:
        path: local, or a URL.
        jumps: seek by arithmetic, not exactly.
    """
    remote = is_url(path)
    options = {"protocol_whitelist": _REMOTE_PROTOCOLS if remote else "file"}
    options |= _RECONNECT if remote else {}
    if jumps:
        options["fflags"] = "fastseek"
    if path.lower().endswith(".wav"):
        options["probesize"] = _WAV_PROBE_BYTES
    try:
        return av.open(
            path if remote else f"file:{path}",
            metadata_errors="replace",
            timeout=(TIMEOUT_S, READ_TIMEOUT_S) if remote else None,
            options=options,
        )
    except av.error.ExitError as exc:
        raise failure(FailureKind.HUNG, path, f"no answer in {TIMEOUT_S} s") from exc
    except (av.error.InvalidDataError, av.error.EOFError) as exc:
        raise failure(content_kind(path), path, "no sound format is recognised in it") from exc
    except (av.error.FFmpegError, OSError) as exc:
        raise failure(kind_of(exc), path, reason_of(exc)) from exc


def audio_stream(container: InputContainer, path: str) -> AudioStream:
    """Choose the first sound stream that can be decoded, and prepare its decoder."""
    streams = container.streams.audio
    if not streams:
        raise failure(FailureKind.NOT_AUDIO, path, "it holds no sound")
    stream = next((each for each in streams if each.codec_context is not None), None)
    if stream is None:
        raise failure(FailureKind.NOT_AUDIO, path, "no decoder knows its sound")
    context = stream.codec_context
    context.thread_count = 1  # each chain has a thread of its own already
    if context.name in _CHECKSUMMED:
        context.options = {"err_detect": "crccheck+explode"}
    return stream


def is_live(container: InputContainer) -> bool:
    """Tell a radio station from a file on a server."""
    return any(key.startswith("icy-") for key in container.metadata)


def take_layout(stream: AudioStream) -> tuple[str, ...]:
    """Return the names of the channels, and give the codec an order that is FFmpeg's own.

    PyAV frees any other order once per codec frame, and the process crashes. Here it is freed
    once, with the object that is then the only one to know it.
    """
    layout = stream.codec_context.layout
    names = tuple(channel.name for channel in layout.channels)
    if is_usual_order(names):
        stream.codec_context.layout = "+".join(names)
    elif names:
        stream.codec_context.layout = f"{len(names)} channels"
    return names


def is_chained_ogg(container: InputContainer, path: str) -> bool:
    """Look for more than one Ogg file in one; a stream is not looked at."""
    return container.format.name == "ogg" and not is_url(path) and is_chained(path)


def is_ogg_vorbis(stream: AudioStream) -> bool:
    """Tell the one case in which this module trims instead of the codec."""
    return stream.codec_context.name == "vorbis" and stream.container.format.name == "ogg"


def mp4_packets_end(container: InputContainer, stream: AudioStream) -> int | None:
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


def counted_length(container: InputContainer, stream: AudioStream, path: str) -> int | None:
    """Return the count of frames that a codec's or a container's own header gives."""
    if container.format.name == "dsf":
        return dsf_length(path)
    context = stream.codec_context
    return flac_length(context.extradata) if context.name == "flac" else None


def mpeg_grid(head: Packet[AudioStream], stream: AudioStream) -> MpegGrid | None:
    """Learn from the first packet where all the others of its size must be."""
    bits_per_s, rate_hz = stream.codec_context.bit_rate, stream.codec_context.sample_rate
    if not (bits_per_s and rate_hz and head.duration and head.time_base) or head.pos is None:
        return None
    frame_bytes = Fraction(head.duration) * head.time_base * bits_per_s / 8
    return MpegGrid(head.pos, head.pts or 0, frame_bytes, head.duration)
