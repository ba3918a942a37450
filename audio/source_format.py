"""How a source is described to clients: MPD's ``rate:bits:channels``, and its exact length."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from playback.units import Frames

_LIKE_MPD: Final = {"mp3": "24", "mp3float": "24", "opus": "16", "libopus": "16"}
"""MPD's own decoders for these deliver whole numbers; clients know their songs by that."""
_LOSSLESS_24: Final = frozenset({"ape", "tta", "tak", "mlp", "truehd", "wmalossless"})
HEADER_BYTES: Final = 32
"""How much of a packet tells what is in it."""
_WAVPACK_FLAGS: Final = slice(24, 28)
_DSD_RATE_HZ: Final = 44_100
_DSF_SAMPLES: Final = slice(64, 72)
_COARSE_TIMESCALES: Final = (600, 1000)
_VALID_FRAMES_FIELD: Final = 3


def bits_of(codec: str, sample_format: str, extradata: bytes | None) -> str:
    """Return the bits of a sample as MPD shows them: ``16``, ``24``, ``f``, and so on.

    Args:
        codec: FFmpeg's name of the decoder.
        sample_format: FFmpeg's name of what it delivers, for example ``s16`` or ``fltp``.
        extradata: the codec's own header; of WavPack, its first block.
    """
    if codec in _LIKE_MPD:
        return _LIKE_MPD[codec]
    if codec.startswith("dsd_"):
        return "dsd"
    kind = sample_format.removesuffix("p")
    if kind in {"flt", "dbl"}:
        return "f"
    if pcm := re.fullmatch(r"pcm_[su](\d+)\w*", codec):
        return pcm[1]
    header = extradata or b""
    if codec == "flac" and len(header) >= 14:
        return str(((header[12] & 1) << 4 | header[13] >> 4) + 1)
    if codec == "alac" and len(header) >= 18:
        return str(header[17])
    if codec == "wavpack" and header.startswith(b"wvpk"):
        return str(8 * (1 + int.from_bytes(header[_WAVPACK_FLAGS], "little") % 4))
    return "24" if codec in _LOSSLESS_24 and kind == "s32" else kind[1:]


def format_of(rate_hz: int, bits: str, channels: int) -> str:
    """Return MPD's text for a format: ``44100:16:2``, or ``dsd64:2``.

    Args:
        rate_hz: frames per second; of DSD, bytes per second and channel.
        bits: as ``bits_of`` says.
        channels: of the source.
    """
    times, rest = divmod(rate_hz * 8, _DSD_RATE_HZ)
    if bits == "dsd" and not rest:
        return f"dsd{times}:{channels}"
    return f"{rate_hz}:{bits}:{channels}"


def exact_bits_of(bits: str, sample_format: str) -> int:
    """Return in how many bits a decoder's samples are exact; 32 if it computes with floats.

    Args:
        bits: as ``bits_of`` says.
        sample_format: FFmpeg's name of what the decoder delivers.
    """
    computed = sample_format.removesuffix("p") in {"flt", "dbl"}
    return 32 if computed or not bits.isdecimal() else int(bits)


def mp4_length(
    packets_end: int, declared: int | None, rate_hz: int, itunes_tag: str | None
) -> Frames:
    """Return how many frames of an MP4 file are music; the codec pads the last packet.

    Apple's tag says it outright. Otherwise it is where the last packet ends by the sample
    table, unless the edit list ends earlier. Edit lists are often kept in milliseconds or
    1/600 s: one that is merely the rounded end of the packets says nothing new.

    Args:
        packets_end: end of the last packet in frames since the first one heard.
        declared: length by the edit list in frames.
        rate_hz: frames per second.
        itunes_tag: text of ``iTunSMPB``.
    """
    if itunes_tag and (tagged := _itunes_length(itunes_tag)) and tagged <= packets_end:
        return Frames(tagged)
    if declared is None or declared >= packets_end:
        return Frames(packets_end)
    rounded = any(
        abs(packets_end - declared) <= rate_hz / scale and _is_multiple(declared, rate_hz, scale)
        for scale in _COARSE_TIMESCALES
    )
    return Frames(packets_end if rounded else declared)


def flac_length(header: bytes | None) -> int | None:
    """Return the frames that FLAC's ``STREAMINFO`` counts; None if it does not."""
    if header is None or len(header) < 18:
        return None
    return int.from_bytes(header[13:18]) & ((1 << 36) - 1) or None


def dsf_length(path: str) -> int | None:
    """Return the frames (of 8 bits) that a DSF file's header counts: its last block is padded."""
    with Path(path).open("rb") as file:
        head = file.read(_DSF_SAMPLES.stop)
    return int.from_bytes(head[_DSF_SAMPLES], "little") // 8 or None


def opus_pre_skip(header: bytes | None) -> int:
    """Return the frames at 48 kHz that an Opus decoder drops, from its ``OpusHead``.

    Ogg counts them in the length of the file.
    """
    if header is None or not header.startswith(b"OpusHead"):
        return 0
    return int.from_bytes(header[10:12], "little")


def _itunes_length(tag: str) -> int | None:
    """Read the count of valid frames: the fourth hexadecimal field."""
    fields = tag.split()
    try:
        return int(fields[_VALID_FRAMES_FIELD], 16)
    except (IndexError, ValueError):
        return None


def _is_multiple(frames: int, rate_hz: int, scale: int) -> bool:
    """Tell whether ``frames`` is what a whole number of 1/``scale`` s comes to."""
    return round(round(frames * scale / rate_hz) * rate_hz / scale) == frames
