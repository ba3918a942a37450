"""Files of all formats with wrong bytes in them: played in part or refused, never anything else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon import ROOT
from tests.dsd import write_dff, write_dsf
from tests.formats import LOSSLESS, LOSSY, encode, music
from tests.sounds import Codec, make, noise, sine

SPOIL_AND_PLAY = """
import random
import sys
from pathlib import Path

import numpy as np

from audio.decoder import open_file
from playback.errors import DecodeError
from playback.units import Frames

drawn = random.Random(int(sys.argv[2]))
files = sorted(Path(sys.argv[1]).iterdir())
block = np.empty((4_096, 2), dtype=np.float32)
played = refused = 0
for _ in range(int(sys.argv[3])):
    file = drawn.choice(files)
    data = bytearray(file.read_bytes()[: drawn.choice((3_000, 60_000, 600_000))])
    for _ in range(drawn.choice((1, 3, 20, 100))):
        within = min(len(data), drawn.choice((64, 1_000, len(data))))
        data[drawn.randrange(within)] = drawn.choice((0, 255, drawn.randrange(256)))
    spoiled = file.parent.with_name("spoiled").with_suffix(file.suffix)
    spoiled.write_bytes(data)
    print(file.name, flush=True)
    try:
        opened = open_file(str(spoiled))
        while (count := opened.read(block)) and opened.position < 400_000:
            assert np.isfinite(block[:count]).all()
        opened.seek(Frames(30_000))
        opened.read(block)
        opened.close()
        played += 1
    except DecodeError:
        refused += 1
assert min(played, refused) > 0.05 * (played + refused), (played, refused)
"""


@pytest.fixture(name="files", scope="module")
def fixture_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoiled") / "files"
    folder.mkdir()
    for each in (*LOSSLESS, *LOSSY):
        each.make(folder, music(each.rate_hz, each.rate_hz))
    for codec in Codec:
        make(folder / f"{codec.name}{codec.suffix}", noise(codec.rate_hz), codec)
    for suffix, arguments in ((".aiff", "pcm_s16be"), (".wv", "wavpack"), (".ogg", "libvorbis")):
        encode(
            folder / f"7.1{suffix}", noise(44_100, channels=8), ("-c:a", arguments), layout="7.1"
        )
    write_dsf(folder / "a.dsf", sine(400_000, 2_822_400))
    write_dff(folder / "a.dff", sine(400_000, 2_822_400))
    return folder


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 250), *(pytest.param(seed, 1_500, marks=pytest.mark.long) for seed in (2, 3, 4))],
)
@pytest.mark.timeout(180)
def test_spoiled_files_are_played_in_part_or_refused(files: Path, seed: int, count: int) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SPOIL_AND_PLAY, files, str(seed), str(count)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, [*done.stdout.splitlines()[-1:], done.stderr]
