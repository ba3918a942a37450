from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np

from audio.decoder import AvFile
from audio.mpeg_grid import MpegGrid, says_constant_rate
from playback.units import Frames
from tests.chains import decoded
from tests.sounds import Codec, make, noise

GRID = MpegGrid(1_000, 500, Fraction(144 * 128_000, 44_100), 10)  # 417.96 bytes a frame


def bytes_read() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("rchar"))


def test_a_frame_is_known_by_its_position() -> None:
    for number in range(5_000):
        assert GRID.pts_at(1_000 + number * 144 * 128_000 // 44_100) == 500 + 10 * number


def test_a_position_between_frames_proves_the_rate_not_constant() -> None:
    assert GRID.pts_at(1_000 + 200) is None
    assert GRID.pts_at(1_000 + 417 + 5) is None


def test_the_mark_of_a_constant_rate_is_found_behind_a_picture(tmp_path: Path) -> None:
    constant = make(tmp_path / "c.mp3", noise(50_000), Codec.MP3_FFMPEG, title="A" * 5_000)
    variable = make(tmp_path / "v.mp3", noise(50_000), Codec.MP3_LAME, title="A" * 5_000)
    assert says_constant_rate(str(constant))
    assert not says_constant_rate(str(variable))
    assert not says_constant_rate(str(tmp_path / "none.mp3"))


def test_a_seek_far_into_a_constant_rate_file_reads_only_a_little(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", noise(120 * 44_100, channels=1), Codec.MP3_FFMPEG)
    block = np.empty((1_000, 2), dtype=np.float32)
    with AvFile(str(path)) as file:
        before = bytes_read()
        file.seek(Frames(100 * 44_100))
        assert file.read(block) == 1_000
        assert bytes_read() - before < path.stat().st_size // 10
    assert np.allclose(block, decoded(path)[100 * 44_100 :][:1_000], atol=1e-4)


def test_a_file_that_was_cut_at_odd_places_is_sought_exactly_all_the_same(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", noise(20 * 44_100), Codec.MP3_FFMPEG)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 4] + data[len(data) // 3 + 123 :])
    assert says_constant_rate(str(path))
    whole = decoded(path)
    drawn = random.Random(1)
    block = np.empty((1_000, 2), dtype=np.float32)
    for _ in range(20):
        begin = drawn.randrange(len(whole) - 1_000)
        with AvFile(str(path)) as file:
            file.seek(Frames(begin))
            file.read(block)
        assert np.allclose(block, whole[begin : begin + 1_000], atol=1e-4)
