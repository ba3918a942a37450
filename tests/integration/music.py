"""Songs of noise whose every frame can be told from every other, and an engine that plays them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from actors.address import Request
from actors.messages import ChangeOptions, Done, PlayPosition
from playback.units import EntryId
from tests import sounds
from tests.engine_rig import RATE_HZ, Rig
from tests.sounds import Codec

Frames = npt.NDArray[np.float32]
DECLICK = 220  # 5 ms at 44.1 kHz, rounded
RESUME = 882  # 20 ms
SLEW = 2205  # 50 ms


class Music:
    """Files of noise, each as long as it is asked for."""

    def __init__(self, directory: Path, *seconds: float) -> None:
        self.paths: list[Path] = []
        self.songs: list[Frames] = []
        for seed, length in enumerate(seconds, start=1):
            signal = sounds.noise(round(length * RATE_HZ), seed=seed, level=0.1)
            path = directory / f"{seed}.flac"
            self.paths.append(sounds.make(path, signal, Codec.FLAC16))
            self.songs.append(sounds.as_decoded(signal, Codec.FLAC16))

    def play(self, rig: Rig, *, crossfade_s: int = 0) -> tuple[EntryId, ...]:
        """Queue all files, play the first, and wait until the first two are decoded."""
        rig.do(ChangeOptions(crossfade_s=crossfade_s))
        entries = rig.add(*self.paths)
        rig.do(PlayPosition(0))
        rig.wait_decoded()
        rig.until(lambda status: status.advancing)
        return entries


def cut(rig: Rig, request: Request[Done[None]]) -> None:
    """Give a command, and wait until what was mixed ahead has been thrown away."""
    rig.device.wait_filled()
    drops = rig.device.drops
    rig.do(request)
    rig.device.wait_drops(drops + 1)


def rising(frames: int) -> npt.NDArray[np.float64]:
    """The gains of an equal-power fade-in of so many frames, by the formula: (frames, 1)."""
    return np.sin(np.pi / 2 * (np.arange(frames) + 0.5) / frames)[:, None]


def falling(frames: int) -> npt.NDArray[np.float64]:
    """The gains of an equal-power fade-out of so many frames."""
    return np.cos(np.pi / 2 * (np.arange(frames) + 0.5) / frames)[:, None]


def leaving(ramp: int = DECLICK) -> npt.NDArray[np.float64]:
    """The gains of what falls silent from full level."""
    return (1 - np.arange(1, ramp + 1) / ramp)[:, None]


def resuming() -> npt.NDArray[np.float64]:
    """The gains of a resume."""
    return (np.arange(1, RESUME + 1) / RESUME)[:, None]
