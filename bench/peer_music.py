"""What both players play: songs of 4 minutes in every format, and a library of small files."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.sounds import make_flac

SONG_S: Final = 240
HALF_S: Final = SONG_S // 2
FIRST_HZ, SECOND_HZ = (400.0, 1_500.0), (1_000.0, 2_400.0)
"""The tones of the two halves of the first song, and of the song that follows it.

Whole waves in 10 ms, in which they are looked for: so none is taken for another.
"""
LIBRARY: Final = "library"
ALBUM: Final = 20


@dataclass(frozen=True, slots=True)
class Format:
    """One way to encode a song."""

    name: str
    suffix: str
    rate_hz: int
    arguments: tuple[str, ...]


FORMATS: Final = (
    Format("FLAC", "flac", 44_100, ("-c:a", "flac", "-sample_fmt", "s16")),
    Format("WAV", "wav", 44_100, ("-c:a", "pcm_s16le")),
    Format("MP3", "mp3", 44_100, ("-c:a", "libmp3lame", "-b:a", "320k")),
    Format("AAC", "m4a", 44_100, ("-c:a", "aac", "-b:a", "256k")),
    Format("Opus", "opus", 48_000, ("-c:a", "libopus", "-b:a", "192k")),
    Format("FLAC 96", "96.flac", 96_000, ("-c:a", "flac", "-sample_fmt", "s32")),
)


@dataclass(frozen=True, slots=True)
class PeerMusic:
    """A music directory; a folder that holds one already is used as it is."""

    folder: Path

    def pair(self, kind: Format) -> tuple[str, str]:
        """Return the URIs of two songs of tones in one format."""
        for name, tones_hz in (("first", FIRST_HZ), ("second", SECOND_HZ)):
            path = self.folder / f"{name}.{kind.suffix}"
            if not path.exists():
                _make_tones(path, kind, tones_hz)
        return f"first.{kind.suffix}", f"second.{kind.suffix}"

    def noise(self, suffix: str) -> str:
        """Return the URI of 4 minutes of pink noise: flac, mp3, or 96.flac."""
        path = self.folder / f"noise.{suffix}"
        if not path.exists():
            flac = make_flac(self.folder / "noise.flac", SONG_S)
            if path != flac:
                kind = next(kind for kind in FORMATS if kind.suffix == suffix)
                _run("-i", flac, "-ar", str(kind.rate_hz), *kind.arguments, path)
        return path.name

    def library(self, count: int) -> None:
        """Let there be so many small songs, in albums."""
        seed = self.folder / "seed.flac"
        if not seed.exists():
            _run("-f", "lavfi", "-i", "sine=f=330:d=1", "-metadata", "artist=A", seed)
        for number in range(count):
            path = self.folder / LIBRARY / f"{number // ALBUM:04}" / f"{number:05}.flac"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(seed, path)

    def small_songs(self, count: int) -> list[str]:
        """Return the URIs of the library's first songs."""
        return [f"{LIBRARY}/{number // ALBUM:04}/{number:05}.flac" for number in range(count)]


def _make_tones(path: Path, kind: Format, tones_hz: tuple[float, float]) -> None:
    first, second = tones_hz
    tone = f"0.5*sin(2*PI*t*if(lt(t\\,{HALF_S})\\,{first:g}\\,{second:g}))"
    source = f"aevalsrc={tone}|{tone}:s={kind.rate_hz}:d={SONG_S}"
    _run("-f", "lavfi", "-i", source, *kind.arguments, path)


def _run(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)
