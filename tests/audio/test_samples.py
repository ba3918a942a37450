from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from audio.piece import Piece
from audio.samples import coding, sanitise

STEREO = ("FL", "FR")


def taken(piece: Piece, frames: int) -> list[list[float]]:
    out = np.full((frames, 2), 9.0, dtype=np.float32)
    count = piece.take(out)
    assert (out[count:] == 9.0).all()
    return [[float(left), float(right)] for left, right in out[:count]]


@pytest.mark.parametrize(
    ("name", "dtype", "values", "wanted"),
    [
        ("u8", np.uint8, [0, 128, 255], [-1.0, 0.0, 127 / 128]),
        ("s16", np.int16, [-32_768, 1, 32_767], [-1.0, 2.0**-15, 32_767 / 32_768]),
        ("s32", np.int32, [-(2**31), 1 << 8, 0x7FFF_FF00], [-1.0, 2.0**-23, 1 - 2.0**-23]),
        ("s64", np.int64, [-(2**63), 1 << 62, 0], [-1.0, 0.5, 0.0]),
        ("flt", np.float32, [-1.5, 0.25, 0.1], [-1.5, 0.25, float(np.float32(0.1))]),
        ("dbl", np.float64, [-1.5, 0.25, 0.5], [-1.5, 0.25, 0.5]),
    ],
)
def test_each_sample_type_is_divided_by_its_full_scale(
    name: str, dtype: type, values: list[float], wanted: list[float]
) -> None:
    left: npt.NDArray[Any] = np.array(values, dtype=dtype)
    right = left[::-1].copy()
    packed = memoryview(np.stack([left, right], axis=1).tobytes() + b"padding")
    planar = [memoryview(left.tobytes()), memoryview(right.tobytes() + b"padding")]
    pairs = [[a, b] for a, b in zip(wanted, wanted[::-1], strict=True)]
    assert taken(Piece.of([packed], coding(name), 3, STEREO), 5) == pairs
    assert taken(Piece.of(planar, coding(name + "p"), 3, STEREO), 5) == pairs


def test_a_piece_is_taken_bit_by_bit_in_order() -> None:
    samples = np.arange(20, dtype=np.float32).reshape(10, 2)
    piece = Piece.of([memoryview(samples.tobytes())], coding("flt"), 10, STEREO)
    assert piece.skip(3) == 3
    assert taken(piece, 4) == samples[3:7].tolist()
    assert piece.left == 3
    assert taken(piece, 9) == samples[7:].tolist()
    assert taken(piece, 9) == []


def test_a_piece_without_samples_is_silence() -> None:
    assert taken(Piece(3), 2) == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e-40, -1e-45, 64.0, -1e30])
def test_what_cannot_be_a_sample_becomes_zero_and_its_neighbours_stay(bad: float) -> None:
    block = np.array([[1.0, bad], [-0.5, 63.9], [2e-38, -2e-38]], dtype=np.float32)
    wanted = block.copy()
    wanted[0, 1] = 0.0
    sanitise(block)
    assert np.array_equal(block, wanted)
