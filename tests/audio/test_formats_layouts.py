"""More than two channels, in each container's own order: a tone per channel, found on both sides.

What is expected is ITU-R BS.775 by hand: fronts 1, centre and surrounds −3 dB, a back centre
−6 dB in both, no low-frequency channel; all divided by the larger sum, so that nothing can clip.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from audio.chain_source import ChainSource
from playback.units import ZERO_TICKS
from tests.chains import decoded
from tests.daemon import ROOT
from tests.formats import encode
from tests.sounds import Signal

FRAMES = 44_100
H = 0.5**0.5
LEFT = {
    "FL": 1.0, "FR": 0.0, "FC": H, "LFE": 0.0, "BL": H, "BR": 0.0, "SL": H, "SR": 0.0, "BC": 0.5,
}  # fmt: skip
RIGHT = LEFT | {"FL": 0.0, "FR": 1.0, "BL": 0.0, "BR": H, "SL": 0.0, "SR": H}

LAYOUTS = {
    "2.1": "FL FR LFE",
    "3.0": "FL FR FC",
    "3.1": "FL FR FC LFE",
    "quad": "FL FR BL BR",
    "4.0": "FL FR FC BC",
    "5.0": "FL FR FC BL BR",
    "5.0(side)": "FL FR FC SL SR",
    "5.1": "FL FR FC LFE BL BR",
    "5.1(side)": "FL FR FC LFE SL SR",
    "6.0": "FL FR FC BC SL SR",
    "6.1": "FL FR FC LFE BC SL SR",
    "7.0": "FL FR FC BL BR SL SR",
    "7.1": "FL FR FC LFE BL BR SL SR",
}
"""FFmpeg's names, and the order of channels in which it takes the samples."""

EXACT = {
    ".wav": ("-c:a", "pcm_s16le"),
    ".flac": ("-c:a", "flac", "-sample_fmt", "s16"),
    ".wv": ("-c:a", "wavpack", "-sample_fmt", "s16p"),
    ".aiff": ("-c:a", "pcm_s16be"),
}
CODED = [
    (".ac3", ("-c:a", "ac3", "-b:a", "640k"), "5.1(side)", 256),
    (".ac3", ("-c:a", "ac3", "-b:a", "640k"), "quad", 256),
    (".ogg", ("-c:a", "libvorbis", "-q:a", "9"), "5.1", 0),
    (".ogg", ("-c:a", "libvorbis", "-q:a", "9"), "7.1", 0),
    (".m4a", ("-c:a", "aac", "-aac_pns", "0", "-b:a", "768k"), "5.1", 0),
    (".m4a", ("-c:a", "aac", "-aac_pns", "0", "-b:a", "900k"), "7.1", 0),
    (".m4a", ("-c:a", "alac", "-sample_fmt", "s16p"), "5.1", 0),
    (".mka", ("-c:a", "flac", "-sample_fmt", "s16"), "7.1", 0),
]


def tones(channels: int) -> Signal:
    """A tone of its own for every channel; the low ones come first."""
    hz = 60.0 * 1.6 ** np.arange(channels)
    return 0.4 * np.sin(2 * np.pi * hz * np.arange(FRAMES)[:, None] / FRAMES)


def gains(heard: npt.NDArray[np.floating], played: Signal) -> npt.NDArray[np.float64]:
    """Return how much of each channel is on each side, shape (channels, 2)."""
    part = slice(4_000, -4_000)
    found: npt.NDArray[np.float64] = np.linalg.lstsq(played[part], heard[part], rcond=None)[0]
    return found


def wanted(layout: str) -> npt.NDArray[np.float64]:
    names = LAYOUTS[layout].split()
    table = np.array([[LEFT[name], RIGHT[name]] for name in names])
    return np.asarray(table / table.sum(axis=0).max())


@pytest.mark.parametrize("suffix", EXACT)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_channel_is_heard_where_and_as_loud_as_it_should(
    layout: str, suffix: str, tmp_path: Path
) -> None:
    channels = len(LAYOUTS[layout].split())
    played = tones(channels)
    path = encode(tmp_path / f"a{suffix}", played, EXACT[suffix], layout=layout)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.channels == channels
        assert source.info.audio_format == f"44100:16:{channels}"
    heard = decoded(path)
    assert len(heard) == FRAMES
    assert gains(heard, played) == pytest.approx(wanted(layout), abs=1e-4)
    assert np.abs(heard - played @ wanted(layout)).max() < 1e-4


@pytest.mark.parametrize(("suffix", "arguments", "layout", "delay"), CODED)
def test_other_codecs_orders_of_channels_are_understood_too(
    suffix: str, arguments: tuple[str, ...], layout: str, delay: int, tmp_path: Path
) -> None:
    played = tones(len(LAYOUTS[layout].split()))
    path = encode(tmp_path / f"a{suffix}", played, arguments, layout=layout)
    heard = decoded(path)[delay : delay + FRAMES]
    assert gains(heard, played) == pytest.approx(wanted(layout), abs=0.01)


@pytest.mark.parametrize("suffix", EXACT)
@pytest.mark.parametrize("layout", ["5.1", "7.1"])
def test_full_scale_in_every_channel_does_not_clip(
    layout: str, suffix: str, tmp_path: Path
) -> None:
    loud = np.ones((9_000, len(LAYOUTS[layout].split())))
    heard = decoded(encode(tmp_path / f"a{suffix}", loud, EXACT[suffix], layout=layout))
    assert 0.999 < float(heard.max()) <= 1.0


@pytest.mark.parametrize("suffix", EXACT)
def test_one_channel_is_on_both_sides_at_its_level(suffix: str, tmp_path: Path) -> None:
    played = tones(1)
    heard = decoded(encode(tmp_path / f"a{suffix}", played, EXACT[suffix]))
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert gains(heard, played)[0, 0] == pytest.approx(1.0, abs=1e-4)


PLAY_OFTEN = """
import sys
from tests.chains import decoded
from pathlib import Path
for _ in range(5):
    assert len(decoded(Path(sys.argv[1]))) == 44_100
print("well")
"""


@pytest.mark.parametrize("suffix", [".aiff", ".m4a", ".wv", ".ogg"])
def test_an_order_of_channels_that_is_not_ffmpegs_does_not_end_the_process(
    suffix: str, tmp_path: Path
) -> None:
    """AIFF's 7.1 has its own order, which PyAV would free twice."""
    codecs = EXACT | {".m4a": CODED[5][1], ".ogg": CODED[3][1]}
    path = encode(tmp_path / f"a{suffix}", tones(8), codecs[suffix], layout="7.1")
    done = subprocess.run(
        [sys.executable, "-c", PLAY_OFTEN, path],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr


@pytest.mark.parametrize("channels", [9, 16, 24])
def test_more_channels_than_anybody_has_are_played(channels: int, tmp_path: Path) -> None:
    for suffix, arguments in ((".wav", EXACT[".wav"]), (".ogg", ("-c:a", "libvorbis"))):
        heard = decoded(encode(tmp_path / f"a{suffix}", tones(channels), arguments))
        assert len(heard) == FRAMES
        assert 0.0 < float(np.abs(heard).max()) <= 1.0
