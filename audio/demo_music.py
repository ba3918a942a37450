"""The demo's own music: a few short pieces of different length, rate and shape, with passages.

Synthesised, so that the demo needs nobody's files: each piece is an arpeggio over a few chords,
in another register, some of them mono or at another sample rate, since none of that matters to
how they cross into each other.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from playback.passage import Curve, Passage
from playback.units import seconds_to_ticks

Signal = npt.NDArray[np.float64]

_BEAT_S: Final = 0.25
_CHORDS: Final = ((0, 4, 7, 12), (-3, 0, 4, 9), (5, 9, 12, 17), (7, 11, 14, 19))


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece and the passage of it that is played, in seconds of the file."""

    name: str
    seconds: float
    rate_hz: int
    channels: int
    tonic_hz: float
    lead_in_s: float
    lead_out_s: float
    fade_in_s: float
    fade_out_s: float
    curve: Curve

    def passage(self, uri: str) -> Passage:
        """Return the passage with its six points."""
        return Passage(
            uri,
            end=seconds_to_ticks(self.seconds),
            fade_in=seconds_to_ticks(self.fade_in_s),
            fade_out=seconds_to_ticks(self.fade_out_s),
            lead_in=seconds_to_ticks(self.lead_in_s),
            lead_out=seconds_to_ticks(self.lead_out_s),
            fade_in_curve=self.curve,
            fade_out_curve=self.curve,
        )


PIECES: Final = (
    Piece("Dawn", 12.0, 44_100, 2, 220.0, 1.0, 9.0, 1.0, 9.0, Curve.EQUAL_POWER),
    Piece("Tide", 9.0, 48_000, 1, 293.66, 3.0, 7.0, 3.0, 7.0, Curve.COSINE),
    Piece("Mill", 14.0, 22_050, 2, 174.61, 2.0, 13.0, 2.0, 12.0, Curve.EQUAL_POWER),
    Piece("Snow", 8.0, 96_000, 2, 392.0, 1.0, 6.0, 0.5, 6.0, Curve.LINEAR),
    Piece("Dusk", 11.0, 44_100, 1, 146.83, 2.0, 8.0, 2.0, 8.0, Curve.EXPONENTIAL),
)


def write(directory: Path) -> dict[str, Passage]:
    """Write all pieces as WAV files; returns their passages by URI (the absolute path)."""
    passages = {}
    for piece in PIECES:
        path = directory / f"{piece.name}.wav"
        _write(path, _play(piece), piece.rate_hz)
        passages[str(path)] = piece.passage(str(path))
    return passages


def _play(piece: Piece) -> Signal:
    """Return the piece, shape (frames, channels)."""
    frames = round(piece.seconds * piece.rate_hz)
    time_s = np.arange(frames) / piece.rate_hz
    beat = (time_s / _BEAT_S).astype(int)
    chords = np.array(_CHORDS)
    semitone = chords[beat // 8 % len(chords), beat % 4]
    phase = 2 * np.pi * np.cumsum(piece.tonic_hz * 2.0 ** (semitone / 12)) / piece.rate_hz
    pluck = np.exp(-6.0 * (time_s % _BEAT_S)) * np.minimum(1.0, (time_s % _BEAT_S) / 0.005)
    note = 0.25 * pluck * (np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase))
    pan = 0.5 + 0.35 * np.sin(2 * np.pi * time_s / 5.0)
    if piece.channels == 1:
        return note[:, None]
    return np.stack([note * np.sqrt(1.0 - pan), note * np.sqrt(pan)], axis=1)


def _write(path: Path, signal: Signal, rate_hz: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(signal.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.rint(signal * 32767).astype("<i2").tobytes())
