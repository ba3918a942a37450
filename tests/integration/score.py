"""What must be heard, summed up from the songs and the ramps that PLAYBACK specifies.

    score = Score(songs, heard=20_000)          # what was heard when the command came
    score.leaves(0, begin=20_000)               # the first song, from that frame on
    score.plays(1, begin=0)
    score.mix(10_000)                           # the 10,000 frames that follow

Nothing here knows the engine: gains are formulas of the frame's place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tests.integration.music import DECLICK, leaving

Mix = npt.NDArray[np.float64]
LENGTH = 3 * 44_100


class Score:
    """Parts of songs, each with its gain per frame, from the moment of a command on.

    Args:
        songs: each of shape (frames, 2).
    """

    def __init__(self, songs: Sequence[npt.NDArray[np.float32]]) -> None:
        self._songs = songs
        self._mix = np.zeros((LENGTH, 2))

    def plays(
        self, song: int, begin: int, *, at: int = 0, gains: Mix | None = None, arrives: bool = False
    ) -> None:
        """A song sounds from its frame ``begin`` to its end.

        Args:
            song: which.
            begin: its first frame that sounds.
            at: frames behind the command.
            gains: of its frames from there on, shape (frames, 1); 1 where they end.
            arrives: begins in its middle, so it rises within the declick ramp.
        """
        part = self._songs[song][begin : begin + LENGTH - at].astype(np.float64)
        if gains is not None:
            count = min(len(gains), len(part))
            part[:count] *= gains[:count]
        if arrives:
            part[:DECLICK] *= 1 - leaving()
        self._mix[at : at + len(part)] += part

    def leaves(self, song: int, begin: int, gains: Mix | None = None) -> None:
        """A song falls silent within the declick ramp."""
        part = self._songs[song][begin : begin + DECLICK] * leaving()
        if gains is not None:
            part *= gains[:DECLICK]
        self._mix[:DECLICK] += part

    def mix(self, frames: int) -> Mix:
        """What is heard in the frames that follow the command."""
        return self._mix[:frames]
