"""Files in all the formats that are not everyday ones, made by ffmpeg from known signals.

The everyday ones, and the signals, are in ``tests/sounds.py``. Encoding is slow, so each distinct
file is made once per session and then copied.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.sounds import Signal, impulses, noise, sweep

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is asked of ffmpeg, and what should be said of it.

    Attributes:
        file_name: with the suffix.
        arguments: for ffmpeg, behind its input.
        bits: that reach the encoder; 0 = float.
        playing: bits in ``status``.
        listed: bits in ``lsinfo``, which are those of MPD's decoder.
        rate_hz: of the file.
        delay: of the signal, in frames, by FFmpeg's decoder, where it cannot know what to trim.
        tolerance: by how much samples after a seek may differ.
    """

    file_name: str
    arguments: tuple[str, ...]
    bits: int = 16
    playing: str = "f"
    listed: str = "f"
    rate_hz: int = 44_100
    delay: int = 0
    tolerance: float = 1e-6

    @property
    def suffix(self) -> str:
        """The end of the name, without the dot."""
        return self.file_name.rpartition(".")[2]

    def make(self, folder: Path, signal: Signal) -> Path:
        """Encode a signal of shape (frames, channels) into the folder."""
        return encode(folder / self.file_name, signal, self.arguments, self.rate_hz, self.bits)


LOSSLESS = (
    Format("aiff-16.aiff", ("-c:a", "pcm_s16be"), 16, "16", "16"),
    Format("aiff-24.aif", ("-c:a", "pcm_s24be"), 24, "24", "32"),
    Format("aiff-32.aiff", ("-c:a", "pcm_s32be"), 32, "32", "32"),
    Format("aiff-float.aiff", ("-c:a", "pcm_f32be"), 0, "f", "f"),
    Format("aiff-sowt.aifc", ("-c:a", "pcm_s16le", "-f", "aiff"), 16, "16", "16"),
    Format("wav-8.wav", ("-c:a", "pcm_u8"), 8, "8", "16"),
    Format("wav-24.wav", ("-c:a", "pcm_s24le"), 24, "24", "32"),
    Format("wav-32.wav", ("-c:a", "pcm_s32le"), 32, "32", "32"),
    Format("wav-float.wav", ("-c:a", "pcm_f32le"), 0, "f", "f"),
    Format("wav-double.wav", ("-c:a", "pcm_f64le"), 0, "f", "f"),
    Format("wav-rf64.wav", ("-c:a", "pcm_s16le", "-rf64", "always"), 16, "16", "16"),
    Format("wavpack-16.wv", ("-c:a", "wavpack", "-sample_fmt", "s16p"), 16, "16", "16"),
    Format(
        "wavpack-24.wv",
        ("-c:a", "wavpack", "-sample_fmt", "s32p", "-bits_per_raw_sample", "24"),
        24, "24", "24",
    ),
    Format("wavpack-32.wv", ("-c:a", "wavpack", "-sample_fmt", "s32p"), 32, "32", "32"),
    Format("wavpack-float.wv", ("-c:a", "wavpack", "-sample_fmt", "fltp"), 0, "f", "f"),
    Format("tta-16.tta", ("-c:a", "tta", "-sample_fmt", "s16"), 16, "16", "16"),
    Format("flac-in-ogg.oga", ("-c:a", "flac", "-sample_fmt", "s16"), 16, "16", "16"),
    Format("flac-in-matroska.mka", ("-c:a", "flac", "-sample_fmt", "s16"), 16, "16", "16"),
    Format("wav-in-matroska.mka", ("-c:a", "pcm_s16le"), 16, "16", "16"),
    Format(
        "flac-in-mp4.mp4", ("-c:a", "flac", "-sample_fmt", "s16", "-strict", "-2"), 16, "16", "16"
    ),
    Format("sun.au", ("-c:a", "pcm_s16be"), 16, "16", "16"),
)  # fmt: skip

LOSSY = (
    Format("wma-2.wma", ("-c:a", "wmav2", "-b:a", "192k"), delay=-2048),
    Format("wma-1.wma", ("-c:a", "wmav1", "-b:a", "128k"), delay=-2048),
    Format("aac-bare.aac", ("-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"), delay=1024),
    Format(
        "aac-in-matroska.mka", ("-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"), delay=1024
    ),
    Format(
        "mp3-in-matroska.mka", ("-c:a", "libmp3lame", "-b:a", "256k"), 16, "24", "f", delay=1105
    ),
    Format("vorbis-in-matroska.mka", ("-c:a", "libvorbis", "-q:a", "7")),
    Format("vorbis-in-webm.webm", ("-c:a", "libvorbis", "-q:a", "7")),
    Format("opus-in-webm.webm", ("-c:a", "libopus", "-b:a", "256k"), 16, "16", "f", 48_000),
    # These two are filled up with noise, at -50 dBFS, which is another one after a seek.
    Format("ac3.ac3", ("-c:a", "ac3", "-b:a", "640k"), delay=256, tolerance=6e-3),
    Format("eac3.eac3", ("-c:a", "eac3", "-b:a", "640k"), delay=256, tolerance=6e-3),
    Format("dts.dts", ("-c:a", "dca", "-strict", "-2", "-b:a", "1536k"), rate_hz=48_000, delay=512),
    # FFmpeg's decoder of this one dithers its last bit.
    Format("mp2.mp2", ("-c:a", "mp2", "-b:a", "384k"), 16, "16", "24", delay=481, tolerance=4e-5),
    Format("mp3-xingless-vbr.mp3", ("-c:a", "libmp3lame", "-q:a", "0", "-write_xing", "0"),
        16, "24", "24", delay=1105),
    Format("adpcm.wav", ("-c:a", "adpcm_ms"), 16, "16", "32"),
    Format("a-law.wav", ("-c:a", "pcm_alaw"), 16, "16", "32"),
)  # fmt: skip


def encode(
    path: Path, signal: Signal, arguments: Sequence[str], rate_hz: int = 44_100, bits: int = 16,
    layout: str | None = None,
) -> Path:  # fmt: skip
    """Have ffmpeg make a file.

    Args:
        path: where to.
        signal: shape (frames, channels), within ±1.
        arguments: for ffmpeg, behind its input.
        rate_hz: of the signal.
        bits: that reach the encoder; 0 = float.
        layout: FFmpeg's name of the order of channels; None = the usual one.
    """
    raw = _raw(signal, bits)
    key = hashlib.sha256(raw)
    key.update(repr((signal.shape, arguments, rate_hz, bits, layout)).encode())
    cached = _cache() / (key.hexdigest() + path.suffix)
    if not cached.exists():
        kind = ["-f", "s32le" if bits else "f32le", "-ar", str(rate_hz)]
        shape = ["-ac", str(signal.shape[1]), *(["-channel_layout", layout] if layout else [])]
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", *kind, *shape, "-i", "-", *arguments, cached],
            input=raw, check=True,
        )  # fmt: skip
    shutil.copyfile(cached, path)
    return path


def as_decoded(signal: Signal, bits: int) -> Samples:
    """Return what a lossless decoder gives: whole numbers divided by the full scale."""
    if not bits:
        return signal.astype(np.float32)
    return np.asarray(_integers(signal, bits) / float(1 << (bits - 1)), dtype=np.float32)


def decoded_by_ffmpeg(path: Path, channels: int = 2) -> Samples:
    """Have ffmpeg decode a file; shape (frames, channels)."""
    done = subprocess.run(
        ["ffmpeg", "-v", "quiet", "-i", path, "-map", "0:a:0", "-f", "f32le", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels)


@lru_cache(maxsize=4)
def music(frames: int, rate_hz: int) -> Signal:
    """Loud and soft by turns, tones, noise and clicks: codecs have to change block sizes."""
    gate = 0.2 + 0.8 * (np.sin(np.arange(frames) / rate_hz * 7.0) > 0)
    mixed = 0.4 * sweep(frames, rate_hz) + 0.3 * noise(frames) + impulses(frames, every=7919)
    signal = np.clip(0.5 * gate[:, None] * mixed, -1.0, 1.0)
    signal.setflags(write=False)
    return signal


def _raw(signal: Signal, bits: int) -> bytes:
    if not bits:
        return signal.astype("<f4").tobytes()
    return (_integers(signal, bits) << (32 - bits)).astype("<i4").tobytes()


def _integers(signal: Signal, bits: int) -> npt.NDArray[np.int64]:
    """Quantise without dither."""
    return np.rint(signal * ((1 << (bits - 1)) - 1)).astype(np.int64)


_folder: list[Path] = []


def _cache() -> Path:
    """Return the session's folder of encoded files, removed when the interpreter ends."""
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="wkmp-formats-")))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    return _folder[0]
