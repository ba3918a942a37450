"""How a recording is judged beside what should be heard.

A recording is int16 of shape (frames, 2); a reference has full scale 1. Both begin at the same
frame and are of the same length.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.e2e.reference_mix import Stereo

Recording = npt.NDArray[np.int16]

_FULL_SCALE = 32_768
_LEVEL_WINDOW = 2_205  # 50 ms


def where(recording: Recording, excerpt: Recording) -> int:
    """Return the frame at which exactly this excerpt stands in the recording."""
    data, wanted = recording.tobytes(), excerpt.tobytes()
    at = data.find(wanted)
    while at > 0 and at % 4:  # found across a frame's border
        at = data.find(wanted, at + 1)
    assert at >= 0, "the excerpt is not in the recording"
    assert data.find(wanted, at + 1) < 0, "the excerpt is there twice"
    return at // 4


def longest_silence(recording: Recording) -> int:
    """Return the most frames in a row in which neither channel leaves ±1 bit."""
    loud = np.flatnonzero((np.abs(recording.astype(np.int32)) > 1).any(axis=1))
    edges = np.concatenate(([-1], loud, [len(recording)]))
    return int(np.diff(edges).max()) - 1


def largest_error(recording: Recording, reference: Stereo) -> float:
    """Return by how much any sample is off."""
    return float(np.abs(recording / _FULL_SCALE - reference).max())


def largest_step(recording: Recording, reference: Stereo) -> float:
    """Return the largest jump from one frame to the next that the reference does not make.

    That is what a click is: slow differences, such as a codec's, do not count.
    """
    return float(np.abs(np.diff(recording / _FULL_SCALE - reference, axis=0)).max())


def level_difference_db(recording: Recording, reference: Stereo) -> float:
    """Return by how much the level of any 50 ms is off, where there is something to hear."""
    heard, wanted = _levels(recording / _FULL_SCALE), _levels(reference)
    loud = wanted > 0.01
    return float(np.abs(20 * np.log10(heard[loud] / wanted[loud])).max())


def _levels(sound: Stereo) -> Stereo:
    whole = sound[: len(sound) // _LEVEL_WINDOW * _LEVEL_WINDOW]
    windows: Stereo = np.sqrt((whole.reshape(-1, _LEVEL_WINDOW, 2) ** 2).mean(axis=1))
    return windows
