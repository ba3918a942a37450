"""What has been heard comes out once, in order, and nothing else does."""

from __future__ import annotations

import random

import numpy as np

from audio.heard_tap import Heard, HeardTap
from audio.ring import Block


def block(first: int, frames: int) -> Block:
    numbers = np.arange(first, first + frames, dtype=np.float32)
    return np.stack([numbers, -numbers], axis=1)


def frames_of(pieces: list[Heard]) -> list[int]:
    return [int(frame) for piece in pieces for frame in piece.block[:, 0]]


def test_nothing_comes_out_before_it_is_heard() -> None:
    tap = HeardTap()
    tap.post(100, block(100, 10), altered=False, source_bits=16)
    assert tap.heard(100) == []
    assert frames_of(tap.heard(101)) == [100]
    assert frames_of(tap.heard(110)) == list(range(101, 110))
    assert tap.heard(1_000) == []


def test_a_piece_keeps_what_is_known_of_it_when_it_is_split() -> None:
    tap = HeardTap()
    tap.post(0, block(0, 4), altered=True, source_bits=24)
    pieces = [*tap.heard(1), *tap.heard(4)]
    assert [(piece.altered, piece.source_bits) for piece in pieces] == [(True, 24), (True, 24)]


def test_the_caller_may_use_its_block_again() -> None:
    tap = HeardTap()
    mix = block(0, 4)
    tap.post(0, mix, altered=False, source_bits=16)
    mix[:] = 99
    assert frames_of(tap.heard(4)) == [0, 1, 2, 3]


def test_what_is_thrown_away_does_not_come_out() -> None:
    tap = HeardTap()
    tap.post(0, block(0, 10), altered=False, source_bits=16)
    assert frames_of(tap.heard(3)) == [0, 1, 2]
    tap.clear()
    tap.post(3, block(50, 5), altered=False, source_bits=16)
    assert frames_of(tap.heard(8)) == [50, 51, 52, 53, 54]


def test_however_it_is_asked_every_frame_comes_out_once() -> None:
    dice = random.Random(5)
    tap = HeardTap()
    posted, asked, out = 0, 0, []
    while posted < 5_000:
        frames = dice.randrange(1, 60)
        tap.post(posted, block(posted, frames), altered=False, source_bits=16)
        posted += frames
        asked = dice.randrange(asked, posted + 1)
        out += frames_of(tap.heard(asked))
    assert out == list(range(asked))
