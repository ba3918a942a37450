"""The gain of real files beside a real MPD, whose output is recorded through a pipe.

MPD's volume has steps of 1/1024, so levels agree within 0.05 dB and not to the bit. Left out, since
wkmp differs on purpose: a gain that is no number (MPD takes it for 0 dB, here it is unknown); the
header gain of Opus while ReplayGain is off (MPD leaves it out, against RFC 7845); the gain that
LAME writes into its own header (MPD takes it if it is above 0 dB, even before an APE tag).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from audio.chain_source import ChainSource
from playback.levels import Levelling
from playback.options import Options, ReplayGainMode
from playback.units import ZERO_TICKS
from tests import formats, sounds
from tests.mpd_server import MpdClient, running_mpd
from tests.sounds import Codec
from tests.tagging import write_ape, write_gain, write_header_gain
from tests.waiting import until

RATE_HZ = 44_100
FRAMES = RATE_HZ // 2
EDGE = 6_000  # codecs and resamplers begin and end differently
SIGNAL = sounds.sine(FRAMES, level=0.05)
BOTH = {
    "replaygain_track_gain": "-6.20 dB",
    "replaygain_track_peak": "0.8",
    "replaygain_album_gain": "+1.40 dB",
    "replaygain_album_peak": "0.95",
}
WITH_LIMIT = """
replaygain_preamp "-1.5"
replaygain_missing_preamp "-7"
"""
WITHOUT_LIMIT = """
replaygain_preamp "2.5"
replaygain_missing_preamp "4"
replaygain_limit "no"
"""
LEVELLINGS = {
    WITH_LIMIT: Levelling(preamp_db=-1.5, missing_preamp_db=-7.0),
    WITHOUT_LIMIT: Levelling(preamp_db=2.5, missing_preamp_db=4.0, limit=False),
}
OUTPUT = """
audio_output {{
    type "pipe"
    name "recorder"
    command "cat > {recording}"
    format "44100:f:2"
    mixer_type "none"
}}
"""


def sound(folder: Path, name: str, codec: Codec) -> Path:
    return sounds.make(folder / (name + codec.suffix), SIGNAL, codec, RATE_HZ)


def songs(folder: Path) -> list[Path]:
    """Every kind of tag, and every way in which something can be missing."""
    wavpack = next(each for each in formats.LOSSLESS if each.file_name == "wavpack-16.wv")
    flac = Codec.FLAC16
    return [
        write_gain(sound(folder, "flac", flac), **BOTH),
        write_gain(sound(folder, "id3", Codec.MP3_LAME), **BOTH),
        write_ape(sound(folder, "ape", Codec.MP3_FFMPEG), **BOTH),
        write_gain(sound(folder, "m4a", Codec.AAC), **BOTH),
        write_gain(sound(folder, "vorbis", Codec.VORBIS), **BOTH),
        write_gain(wavpack.make(folder, SIGNAL), **BOTH),
        write_gain(
            sound(folder, "opus", Codec.OPUS), R128_TRACK_GAIN="-512", R128_ALBUM_GAIN="256"
        ),
        write_header_gain(
            write_gain(sound(folder, "header", Codec.OPUS), R128_TRACK_GAIN="-512"), -6.0
        ),
        sound(folder, "plain", flac),
        write_gain(sound(folder, "track", flac), replaygain_track_gain="-4.00 dB"),
        write_gain(sound(folder, "album", flac), replaygain_album_gain="-9.00 dB"),
        write_gain(sound(folder, "peak", flac), replaygain_track_peak="0.5"),
        write_gain(
            sound(folder, "limited", flac),
            replaygain_track_gain="9.00 dB", replaygain_track_peak="0.6",
        ),
        write_gain(
            sound(folder, "bounded", flac),
            replaygain_track_gain="64.82 dB", replaygain_track_peak="0.05",
        ),
        write_gain(sound(folder, "no_limit", flac), replaygain_track_gain="64.82 dB"),
    ]  # fmt: skip


def db(frames: npt.NDArray[np.floating]) -> float:
    """The level of the middle of a recording."""
    return float(20 * np.log10(frames[EDGE : FRAMES - EDGE].std()))


def decoded(path: Path, levelling: Levelling) -> npt.NDArray[np.float64]:
    """What wkmp plays."""
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=RATE_HZ) as source:
        blocks = []
        while (block := source.read()) is not None:
            blocks.append(block)
        return np.concatenate(blocks).astype(np.float64) * levelling.gain(
            source.info.profile.levels
        )


class Recorder:
    """Plays single songs in MPD and returns what came out."""

    def __init__(self, client: MpdClient, recording: Path) -> None:
        self._client = client
        self._recording = recording

    def choose(self, mode: ReplayGainMode, *, random: bool) -> None:
        for command in (f"replay_gain_mode {mode}", f"random {int(random)}"):
            assert self._client.send(command) == ([], "OK")

    def play(self, path: Path) -> npt.NDArray[np.float32]:
        self._recording.unlink(missing_ok=True)
        for command in ("clear", f"add {path.name}", "play"):
            assert self._client.send(command) == ([], "OK")
        until(self._has_ended, f"{path.name} has been played")
        return np.fromfile(self._recording, "<f4").reshape(-1, 2)

    def _has_ended(self) -> bool:
        assert "error" not in self._client.status()
        stopped = self._client.status()["state"] == "stop"
        return stopped and self._recording.stat().st_size >= (FRAMES - 100) * 8


@pytest.fixture(params=[WITH_LIMIT, WITHOUT_LIMIT], ids=["limit", "no limit"])
def settings(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    (tmp_path / "music").mkdir()
    return songs(tmp_path / "music")


@pytest.fixture
def mpd(tmp_path: Path, paths: list[Path], settings: str) -> Iterator[Recorder]:
    recording = tmp_path / "recording"
    with running_mpd(tmp_path, more=settings + OUTPUT.format(recording=recording)) as client:
        assert len(client.send("listall")[0]) == len(paths)
        yield Recorder(client, recording)


@pytest.mark.timeout(60)
def test_every_file_is_as_loud_as_in_mpd_in_every_mode(
    mpd: Recorder, paths: list[Path], settings: str
) -> None:
    different = []
    for mode, random in (
        (ReplayGainMode.TRACK, False),
        (ReplayGainMode.ALBUM, False),
        (ReplayGainMode.AUTO, False),
        (ReplayGainMode.AUTO, True),
    ):
        mpd.choose(mode, random=random)
        options = Options(random=random, replay_gain_mode=mode)
        levelling = LEVELLINGS[settings].following(options)
        for path in paths:
            theirs, ours = db(mpd.play(path)), db(decoded(path, levelling))
            if abs(theirs - ours) > 0.05:
                different.append(f"{path.name} {mode} {random}: {theirs:.2f}, not {ours:.2f}")
    assert not different


@pytest.mark.timeout(60)
@pytest.mark.parametrize("settings", [WITH_LIMIT], indirect=True)
def test_off_is_as_loud_as_in_mpd(mpd: Recorder, paths: list[Path]) -> None:
    mpd.choose(ReplayGainMode.OFF, random=False)
    for path in paths:
        if path.name != "header.opus":
            assert db(mpd.play(path)) == pytest.approx(db(decoded(path, Levelling())), abs=0.05)
