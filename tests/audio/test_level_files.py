"""The levels of real files, in every kind of tag that people have them in."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import numpy.typing as npt
import pytest

from audio.ape_tags import ape_tags
from audio.chain_source import ChainSource
from audio.ffmpeg_pipe import PipedFile
from playback.levels import UNKNOWN, Levels
from playback.ramp import Ramp
from playback.units import ZERO_TICKS
from tests import formats
from tests.sounds import Codec, make, noise
from tests.tagging import write_ape, write_gain, write_header_gain

FRAMES = 22_050
TAGS = {
    "replaygain_track_gain": "-6.25 dB",
    "replaygain_track_peak": "0.912345",
    "replaygain_album_gain": "+1.50 dB",
    "replaygain_album_peak": "0.990000",
}
LEVELS = Levels(-6.25, 0.912345, 1.5, 0.99)
OTHERS = {"replaygain_track_gain": "-1 dB", "replaygain_track_peak": "0.1"}
EVERYDAY = [
    Codec.FLAC16, Codec.MP3_LAME, Codec.MP3_FFMPEG, Codec.AAC, Codec.ALAC16, Codec.VORBIS,
    Codec.OPUS, Codec.WAV16,
]  # fmt: skip
OTHER = ["wavpack-16.wv", "aiff-16.aiff", "tta-16.tta", "flac-in-ogg.oga", "wma-2.wma"]


def levels(path: Path) -> Levels:
    """What an opened source says."""
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        return source.info.profile.levels


def ends(path: Path) -> tuple[Ramp, Ramp]:
    """What an opened source says of its ends."""
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        return source.info.profile.start, source.info.profile.end


def samples(path: Path) -> npt.NDArray[np.float64]:
    """The whole file at 48 kHz, in float64."""
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=48_000) as source:
        blocks = []
        while (block := source.read()) is not None:
            blocks.append(block)
    return np.concatenate(blocks).astype(np.float64)


def sound(folder: Path, codec: Codec) -> Path:
    return make(folder / f"sound{codec.suffix}", noise(FRAMES), codec)


@pytest.mark.parametrize("codec", EVERYDAY)
@pytest.mark.parametrize("upper", [False, True], ids=["lower", "upper"])
def test_an_everyday_file_says_its_levels(tmp_path: Path, codec: Codec, upper: bool) -> None:
    tags = {name.upper() if upper else name: text for name, text in TAGS.items()}
    assert levels(write_gain(sound(tmp_path, codec), **tags)) == LEVELS


@pytest.mark.parametrize("name", OTHER)
def test_so_does_another_one(tmp_path: Path, name: str) -> None:
    made = next(f for f in (*formats.LOSSLESS, *formats.LOSSY) if f.file_name == name)
    path = made.make(tmp_path, noise(FRAMES))
    if path.suffix == ".tta":
        write_ape(path, **TAGS)
    else:
        write_gain(path, **TAGS)
    assert levels(path) == LEVELS


@pytest.mark.parametrize("codec", EVERYDAY)
@pytest.mark.parametrize("upper", [False, True], ids=["lower", "upper"])
def test_an_everyday_file_says_its_ramps(tmp_path: Path, codec: Codec, upper: bool) -> None:
    texts = {"mixramp_start": "-24.00 0.10;-17.00 0.62;", "mixramp_end": "-30.50 1.00;"}
    tags = {name.upper() if upper else name: text for name, text in texts.items()}
    path = write_gain(sound(tmp_path, codec), **tags)
    assert ends(path) == (((-24.0, 0.1), (-17.0, 0.62)), ((-30.5, 1.0),))


def test_an_mp3_file_may_have_its_ramps_in_an_ape_tag(tmp_path: Path) -> None:
    path = write_ape(sound(tmp_path, Codec.MP3_LAME), MIXRAMP_END="-17 1.25;")
    assert ends(path) == ((), ((-17.0, 1.25),))


@pytest.mark.parametrize("codec", EVERYDAY)
def test_a_file_without_such_tags_says_nothing(tmp_path: Path, codec: Codec) -> None:
    path = make(tmp_path / f"sound{codec.suffix}", noise(FRAMES), codec, title="-6.25 dB")
    assert levels(path) == UNKNOWN


@pytest.mark.parametrize("codec", [Codec.MP3_LAME, Codec.MP3_FFMPEG])
@pytest.mark.parametrize("old", [False, True], ids=["at the end", "before ID3v1"])
def test_an_mp3_file_may_have_them_in_an_ape_tag(tmp_path: Path, codec: Codec, old: bool) -> None:
    path = sound(tmp_path, codec)
    if old:
        with path.open("ab") as file:
            file.write(b"TAG" + bytes(125))
    assert levels(write_ape(path, **TAGS)) == LEVELS


def test_of_id3_and_ape_the_one_that_has_a_gain_counts_and_id3_first(tmp_path: Path) -> None:
    both = write_ape(write_gain(sound(tmp_path, Codec.MP3_LAME), **TAGS), **OTHERS)
    assert levels(both) == LEVELS
    peak_only = write_gain(sound(tmp_path, Codec.MP3_LAME), replaygain_album_peak="0.7")
    assert levels(write_ape(peak_only, **OTHERS)) == Levels(-1.0, 0.1, None, 0.7)


def test_a_free_form_atom_counts_whoever_it_is_by(tmp_path: Path) -> None:
    path = sound(tmp_path, Codec.AAC)
    file = mutagen.File(path)
    for name, text in TAGS.items():
        file[f"----:org.hydrogenaudio.replaygain:{name}"] = text.encode()
    file.save()
    assert levels(path) == LEVELS


def test_the_gains_of_opus_are_for_its_own_reference(tmp_path: Path) -> None:
    path = write_gain(sound(tmp_path, Codec.OPUS), R128_TRACK_GAIN="-1000", R128_ALBUM_GAIN="256")
    assert levels(path) == Levels(-1000 / 256 + 5, None, 6.0, None)


@pytest.mark.parametrize("gain_db", [-6.0, 3.5])
def test_the_gain_in_the_header_of_opus_is_in_the_samples_and_not_in_the_levels(
    tmp_path: Path, gain_db: float
) -> None:
    path = write_gain(sound(tmp_path, Codec.OPUS), R128_TRACK_GAIN="-512")
    before = samples(path)
    write_header_gain(path, gain_db)
    assert levels(path) == Levels(3.0)
    after = samples(path)
    assert np.abs(after - before * 10 ** (gain_db / 20)).max() < 1e-6


@pytest.mark.parametrize("damage", range(-40, 0, 3))
def test_a_damaged_ape_tag_says_nothing_wrong(tmp_path: Path, damage: int) -> None:
    path = write_ape(sound(tmp_path, Codec.MP3_LAME), **TAGS)
    whole = ape_tags(str(path))
    assert whole == TAGS
    data = bytearray(path.read_bytes())
    data[damage] ^= 0xFF
    path.write_bytes(data)
    assert {name: text for name, text in ape_tags(str(path)).items() if name in TAGS}.items() <= (
        TAGS.items()
    )


@pytest.mark.parametrize("data", [b"", b"APETAGEX", bytes(500), b"APETAGEX" * 20])
def test_what_is_no_ape_tag_has_no_texts(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(data)
    assert ape_tags(str(path)) == {}
    assert ape_tags(str(tmp_path / "missing.mp3")) == {}


def test_where_pyav_is_missing_nothing_is_known(tmp_path: Path) -> None:
    path = write_gain(sound(tmp_path, Codec.FLAC16), **TAGS)
    piped = PipedFile(str(path))
    piped.close()
    assert piped.profile.levels == UNKNOWN
