"""How two songs meet, added up from their frames; and how an engine is asked for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from actors.messages import ChangeOptions
from tests.engine_rig import Rig
from tests.integration.music import falling, rising

Mix = npt.NDArray[np.float32]
THRESHOLD_MS = 200
DELAY_S = 0.5


def ask(rig: Rig, *, db: float = -17.0, delay_s: float = DELAY_S, crossfade_s: int = 0) -> None:
    rig.do(ChangeOptions(mixramp_db=db, mixramp_delay_s=delay_s, crossfade_s=crossfade_s))


def hear(rig: Rig, frames: int) -> Mix:
    """Let so many frames be heard in all."""
    rig.device.run(frames - len(rig.device.heard))
    return rig.device.heard[:frames]


def added(pair: Sequence[Mix], overlap: int) -> Mix:
    """Both as they are, the second one so many frames before the first one's end."""
    a, b = pair
    mix = np.zeros((len(a) + len(b) - overlap, 2), dtype=np.float32)
    mix[: len(a)] = a
    mix[len(a) - overlap :] += b
    return mix


def crossed(pair: Sequence[Mix], overlap: int) -> Mix:
    """With the envelopes of a crossfade."""
    a, b = pair[0].copy(), pair[1].copy()
    a[len(a) - overlap :] *= falling(overlap).astype(np.float32)
    b[:overlap] *= rising(overlap).astype(np.float32)
    return added((a, b), overlap)
