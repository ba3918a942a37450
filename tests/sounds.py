"""Real sound files for tests, made by the encoders people use, from signals known to the sample.

    make(tmp_path / "a.flac", noise(44_100), Codec.FLAC16, title="A")

A signal is float64 of shape (frames, channels) within ±1. What a lossless file must decode to is
``as_decoded(signal, codec)``. Encoding is slow, so each distinct file is made once per session
and then copied: a test may do to its copy what it likes.
"""

from __future__ import annotations

import atexit
import enum
import hashlib
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a codec is asked of ffmpeg, and how many bits reach it (0 = float)."""

    suffix: str
    bits: int
    lossless: bool
    arguments: tuple[str, ...]


class Codec(enum.Enum):
    """What a file can be made as."""

    WAV16 = Encoding(".wav", 16, True, ("-c:a", "pcm_s16le"))
    WAV24 = Encoding(".wav", 24, True, ("-c:a", "pcm_s24le"))
    WAV_FLOAT = Encoding(".wav", 0, True, ("-c:a", "pcm_f32le"))
    FLAC16 = Encoding(".flac", 16, True, ("-c:a", "flac", "-sample_fmt", "s16"))
    FLAC24 = Encoding(".flac", 24, True, ("-c:a", "flac", "-sample_fmt", "s32"))
    ALAC16 = Encoding(".m4a", 16, True, ("-c:a", "alac", "-sample_fmt", "s16p"))
    ALAC24 = Encoding(".m4a", 24, True, ("-c:a", "alac", "-sample_fmt", "s32p"))
    MP3_LAME = Encoding(".mp3", 16, False, ())
    MP3_FFMPEG = Encoding(".mp3", 16, False, ("-c:a", "libmp3lame", "-b:a", "256k"))
    AAC = Encoding(".m4a", 16, False, ("-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"))
    VORBIS = Encoding(".ogg", 16, False, ("-c:a", "libvorbis", "-q:a", "7"))
    OPUS = Encoding(".opus", 16, False, ("-c:a", "libopus", "-b:a", "256k"))

    @property
    def suffix(self) -> str:
        """The usual end of the file's name."""
        return self.value.suffix

    @property
    def lossless(self) -> bool:
        """True if decoding gives the very samples back."""
        return self.value.lossless

    @property
    def rate_hz(self) -> int:
        """The rate at which the codec keeps a signal's length: Opus knows 48 kHz only."""
        return 48_000 if self is Codec.OPUS else 44_100


def sine(
    frames: int, rate_hz: int = 44_100, *, hz: float = 440.0, level: float = 0.5, channels: int = 2
) -> Signal:
    """Return a tone; each further channel is half its frequency higher."""
    time_s = np.arange(frames)[:, None] / rate_hz
    return level * np.sin(2 * np.pi * hz * (1 + np.arange(channels) / 2) * time_s)


def sweep(
    frames: int, rate_hz: int = 44_100, *, low_hz: float = 50.0, high_hz: float = 15_000.0,
    level: float = 0.5, channels: int = 2,
) -> Signal:  # fmt: skip
    """Return a logarithmic sweep; every stretch of it is unlike every other."""
    time_s, length_s = np.arange(frames) / rate_hz, frames / rate_hz
    ratio = np.log(high_hz / low_hz)
    phase = 2 * np.pi * low_hz * length_s / ratio * np.expm1(ratio * time_s / length_s)
    return level * np.stack([np.sin(phase + np.pi / 3 * c) for c in range(channels)], axis=1)


def noise(frames: int, *, seed: int = 1, level: float = 0.1, channels: int = 2) -> Signal:
    """Return white noise of the given RMS, clipped at full scale; the same for the same seed."""
    drawn = np.random.default_rng(seed).standard_normal((frames, channels))
    return np.clip(level * drawn, -1.0, 1.0)


def impulses(frames: int, *, every: int, level: float = 0.8, channels: int = 2) -> Signal:
    """Return silence with a single-frame marker at every ``every``-th frame, the first included."""
    signal = np.zeros((frames, channels))
    signal[::every] = level
    return signal


def as_decoded(signal: Signal, codec: Codec) -> npt.NDArray[np.float32]:
    """Return what a lossless decoder gives: whole numbers divided by the full scale."""
    bits = codec.value.bits
    if not bits:
        return signal.astype(np.float32)
    return (_integers(signal, bits) / float(1 << (bits - 1))).astype(np.float32)


def make(path: Path, signal: Signal, codec: Codec, rate_hz: int | None = None, **tags: str) -> Path:
    """Encode ``signal`` into ``path`` and return it.

    Args:
        path: where to; the suffix should be the codec's.
        signal: shape (frames, channels).
        codec: what to make.
        rate_hz: of the signal; the codec's own if None.
        tags: in ffmpeg's words: ``title``, ``artist``, ``album``, ``track``, ``date`` …
    """
    rate_hz = rate_hz or codec.rate_hz
    key = hashlib.sha256(np.ascontiguousarray(signal).tobytes())
    key.update(repr((signal.shape, codec.name, rate_hz, sorted(tags.items()))).encode())
    cached = _cache() / (key.hexdigest() + codec.suffix)
    if not cached.exists():
        fresh = cached.with_stem("fresh")
        _encode(fresh, signal, codec, rate_hz, tags)
        fresh.rename(cached)
    shutil.copyfile(cached, path)
    return path


def _integers(signal: Signal, bits: int) -> npt.NDArray[np.int64]:
    """Quantise without dither."""
    return np.rint(signal * ((1 << (bits - 1)) - 1)).astype(np.int64)


def _encode(
    path: Path, signal: Signal, codec: Codec, rate_hz: int, tags: Mapping[str, str]
) -> None:
    """Run the encoder; a plain WAV file needs none."""
    if codec is Codec.WAV16 and not tags:
        _write_wav(path, signal, rate_hz)
        return
    if codec is Codec.MP3_LAME:
        wav = path.with_suffix(".wav")
        _encode(wav, signal, Codec.WAV16, rate_hz, {})
        named = [word for name, value in tags.items() for word in (_LAME_SWITCHES[name], value)]
        subprocess.run(["lame", "--quiet", "-V", "0", *named, wav, path], check=True)
        wav.unlink()
        return
    bits = codec.value.bits
    if bits:
        raw = (_integers(signal, bits) << (32 - bits)).astype("<i4").tobytes()
    else:
        raw = signal.astype("<f4").tobytes()
    source = ["-f", "s32le" if bits else "f32le", "-ar", str(rate_hz), "-ac", str(signal.shape[1])]
    named = [word for item in tags.items() for word in ("-metadata", "=".join(item))]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *source, "-i", "-", *codec.value.arguments, *named, path],
        input=raw, check=True,
    )  # fmt: skip


def _write_wav(path: Path, signal: Signal, rate_hz: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(signal.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(_integers(signal, 16).astype("<i2").tobytes())


_LAME_SWITCHES: Final = {
    "title": "--tt", "artist": "--ta", "album": "--tl", "date": "--ty", "track": "--tn",
    "genre": "--tg", "comment": "--tc",
}  # fmt: skip


_folder: list[Path] = []


def _cache() -> Path:
    """Return the session's folder of encoded files, removed when the interpreter ends."""
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="wkmp-sounds-")))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    return _folder[0]
