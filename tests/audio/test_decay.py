"""How a mix that has run dry falls silent."""

from __future__ import annotations

import numpy as np
import pytest

from audio.decay import Decay


def test_it_goes_from_its_frame_to_zero_in_equal_steps() -> None:
    out = np.zeros((6, 2), dtype=np.float32)
    left = Decay(4, (0.8, -0.4)).add_to(out)
    assert left.over
    assert out[:, 0] == pytest.approx([0.6, 0.4, 0.2, 0.0, 0.0, 0.0])
    assert out[:, 1] == pytest.approx([-0.3, -0.2, -0.1, 0.0, 0.0, 0.0])


def test_it_goes_on_from_block_to_block() -> None:
    whole, parts = np.zeros((8, 2), dtype=np.float32), np.zeros((8, 2), dtype=np.float32)
    Decay(7, (1.0, 1.0)).add_to(whole)
    decay = Decay(7, (1.0, 1.0))
    for at in (0, 3, 6):
        assert not decay.over
        decay = decay.add_to(parts[at : min(at + 3, 8)])
    assert decay.over
    assert np.array_equal(parts, whole)


def test_it_is_added_to_what_sounds() -> None:
    out = np.full((2, 2), 0.5, dtype=np.float32)
    Decay(2, (0.2, 0.2)).add_to(out)
    assert out[:, 0] == pytest.approx([0.6, 0.5])


def test_silence_needs_no_decay() -> None:
    assert Decay(240).over
    assert not Decay(240, (0.0, 1e-6)).over
