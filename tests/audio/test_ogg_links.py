from __future__ import annotations

import subprocess
from pathlib import Path

from audio.ogg_links import is_chained
from tests.sounds import Codec, make, noise


def test_one_file_is_not_chained_and_two_in_one_are(tmp_path: Path) -> None:
    first = make(tmp_path / "a.ogg", noise(44_100), Codec.VORBIS)
    second = make(tmp_path / "b.opus", noise(48_000), Codec.OPUS)
    assert not is_chained(str(first))
    assert not is_chained(str(second))
    both = tmp_path / "c.ogg"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    assert is_chained(str(both))


def test_two_streams_side_by_side_are_not_chained(tmp_path: Path) -> None:
    path = tmp_path / "a.ogv"
    picture = ["-f", "lavfi", "-i", "color=red:size=64x64:rate=5:duration=2"]
    sound = ["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "libvorbis", "-c:v", "libtheora"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, path], check=True)
    assert not is_chained(str(path))


def test_what_is_no_ogg_or_not_there_is_not_chained(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    assert not is_chained(str(path))
    for content in (b"", b"Ogg", b"fLaC" + bytes(100)):
        path.write_bytes(content)
        assert not is_chained(str(path))
