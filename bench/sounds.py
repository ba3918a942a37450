"""The files that benchmarks play, made by ffmpeg: noise, which is hard on a codec."""

from __future__ import annotations

import subprocess
from pathlib import Path

RATE_HZ = 44_100


def make_flac(path: Path, seconds: float, *, seed: int = 1) -> Path:
    """Write a 16-bit stereo FLAC file of pink noise, both channels different, and return it."""
    path.parent.mkdir(exist_ok=True)
    noise = f"anoisesrc=color=pink:amplitude=0.5:sample_rate={RATE_HZ}:duration={seconds}"
    left, right = (("-f", "lavfi", "-i", f"{noise}:seed={2 * seed + side}") for side in (0, 1))
    stereo = ("-filter_complex", "amerge=inputs=2", "-sample_fmt", "s16")
    subprocess.run(["ffmpeg", "-v", "error", "-y", *left, *right, *stereo, path], check=True)
    return path


def make_many(directory: Path, count: int, seconds: float) -> tuple[Path, ...]:
    """Write ``count`` different files of the same length."""
    return tuple(
        make_flac(directory / f"{seconds:g}s-{number}.flac", seconds, seed=number)
        for number in range(count)
    )
