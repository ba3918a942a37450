"""Files as they are found: foreign tags, headers that lie, names that lie, pictures, leftovers."""

from __future__ import annotations

import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from audio.chain_source import ChainSource
from audio.decoder import AvFile
from playback.errors import DecodeError, FailureKind
from playback.units import ZERO_TICKS, Frames, frames_to_ticks
from tests.chains import decoded, decoded_frames
from tests.formats import music
from tests.sounds import Codec, as_decoded, make

RATE_HZ = 44_100
FRAMES = 12 * RATE_HZ + 123
SIGNAL = music(FRAMES, RATE_HZ)


def id3v2(size: int) -> bytes:
    """Return a tag of one private frame of so many bytes."""

    def seven_bits(number: int) -> bytes:
        return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))

    frame = b"PRIV" + seven_bits(size) + bytes(2 + size)
    return b"ID3\x04\0\0" + seven_bits(len(frame)) + frame


def ape_tag() -> bytes:
    item = struct.pack("<II", 5, 0) + b"Title\0Hello"
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2_000, len(item) + 32, 1, flags) + bytes(8)
        for flags in (0xA0000000, 0x80000000)
    ]
    return ends[0] + item + ends[1]


def with_wav_sizes(path: Path, size: int) -> Path:
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    return path


def made(folder: Path, codec: Codec, name: str = "") -> Path:
    return make(folder / (name or f"made{codec.suffix}"), SIGNAL, codec)


def assert_plays_exactly(path: Path, wanted: np.ndarray | None = None) -> None:
    """All of it, its length, and the same after seeks."""
    if wanted is None:
        wanted = as_decoded(SIGNAL, Codec.FLAC16)
    assert np.array_equal(decoded(path), wanted)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=RATE_HZ) as source:
        assert source.info.end == frames_to_ticks(len(wanted), RATE_HZ)
        assert source.damaged_packets == 0
    for begin in (len(wanted) // 2, 333_333, len(wanted) - 1_500, 0):
        got = decoded_frames(path, RATE_HZ, begin, begin + 1_500)
        assert np.abs(got - wanted[begin : begin + 1_500]).max() < 1e-6


def test_an_mp3_between_a_huge_id3_tag_and_an_ape_tag(tmp_path: Path) -> None:
    path = made(tmp_path, Codec.MP3_LAME)
    plain = decoded(path)
    assert len(plain) == FRAMES
    path.write_bytes(id3v2(5_000_000) + path.read_bytes() + ape_tag() + b"TAG" + bytes(125))
    assert_plays_exactly(path, plain)


@pytest.mark.parametrize("size", [50_000, 5_000_000])
def test_a_flac_with_an_id3_tag_in_front(size: int, tmp_path: Path) -> None:
    path = made(tmp_path, Codec.FLAC16)
    path.write_bytes(id3v2(size) + path.read_bytes())
    assert_plays_exactly(path)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 1_000_000_000], ids=["zero", "most", "too much"])
def test_a_wav_whose_sizes_are_wrong_is_as_long_as_its_file(size: int, tmp_path: Path) -> None:
    assert_plays_exactly(with_wav_sizes(made(tmp_path, Codec.WAV16), size))


def test_a_wav_with_an_extensible_header_and_other_chunks_around(tmp_path: Path) -> None:
    path = made(tmp_path, Codec.WAV24)
    data = path.read_bytes()
    assert struct.unpack("<H", data[20:22]) == (0xFFFE,)
    junk = b"JUNK" + struct.pack("<I", 27) + bytes(28)
    path.write_bytes(data[:12] + junk + data[12:] + b"LIST" + struct.pack("<I", 4) + b"INFO")
    assert_plays_exactly(path, as_decoded(SIGNAL, Codec.WAV24))


@pytest.mark.parametrize("name", ["A.FLAC", "wrong.mp3", "wrong.wav", "wrong.ogg", "none"])
def test_a_flac_under_another_name(name: str, tmp_path: Path) -> None:
    assert_plays_exactly(made(tmp_path, Codec.FLAC16, name))


@pytest.mark.parametrize("name", ["A.MP3", "wrong.flac", "wrong.wav", "wrong.m4a"])
def test_an_mp3_under_another_name(name: str, tmp_path: Path) -> None:
    plain = decoded(made(tmp_path, Codec.MP3_LAME))
    assert_plays_exactly(made(tmp_path, Codec.MP3_LAME, name), plain)


def test_a_film_is_heard(tmp_path: Path) -> None:
    """The picture may come first; the sound is the same."""
    path = tmp_path / "film.mkv"
    sound = made(tmp_path, Codec.FLAC16)
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=13"]
    streams = ["-map", "1:v", "-map", "0:a", "-c:a", "copy", "-c:v", "mpeg4", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(sound), *picture, *streams], check=True)
    assert_plays_exactly(path)


def test_a_cover_in_an_m4a_is_not_in_the_way(tmp_path: Path) -> None:
    path = made(tmp_path, Codec.ALAC16)
    covered = tmp_path / "covered.m4a"
    picture = ["-f", "lavfi", "-i", "color=red:size=500x500:duration=1", "-frames:v", "1"]
    attached = ["-c:a", "copy", "-c:v", "mjpeg", "-disposition:v", "attached_pic"]
    streams = ["-map", "0:a", "-map", "1:v", *attached, str(covered)]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), *picture, *streams], check=True)
    assert np.array_equal(decoded(covered), as_decoded(SIGNAL, Codec.ALAC16))


@pytest.mark.parametrize("codec", [Codec.VORBIS, Codec.OPUS], ids=lambda codec: codec.name)
def test_a_chained_ogg_plays_all_its_links_and_seeks_into_each(
    codec: Codec, tmp_path: Path
) -> None:
    rate_hz = codec.rate_hz
    links = [
        make(tmp_path / f"{number}{codec.suffix}", music(frames, rate_hz), codec)
        for number, frames in enumerate((5 * rate_hz, 4 * rate_hz + 321))
    ]
    path = tmp_path / f"chained{codec.suffix}"
    path.write_bytes(b"".join(link.read_bytes() for link in links))
    whole = decoded(path, rate_hz)
    # FFmpeg lets Vorbis play in at a link; nothing is missing.
    assert 0 <= len(whole) - 9 * rate_hz - 321 <= 1_024
    second = decoded(links[1], rate_hz)
    assert np.abs(whole[-3 * rate_hz :] - second[-3 * rate_hz :]).max() < 1e-3
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=rate_hz) as source:
        assert source.info.end is None  # nobody knows before it has been read
    for begin in (3 * rate_hz, 5 * rate_hz + 99, 8 * rate_hz):
        got = decoded_frames(path, rate_hz, begin, begin + 1_000)
        assert np.array_equal(got, whole[begin : begin + 1_000])


def test_a_codec_that_nobody_knows_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = made(tmp_path, Codec.WAV16)
    data = bytearray(path.read_bytes())
    data[20:22] = b"\x34\x12"
    path.write_bytes(data)
    with pytest.raises(DecodeError, match="no decoder knows its sound") as caught:
        decoded(path)
    assert caught.value.kind is FailureKind.NOT_AUDIO


def test_junk_before_an_mp3_is_passed_over(tmp_path: Path) -> None:
    path = made(tmp_path, Codec.MP3_LAME)
    plain = decoded(path)
    path.write_bytes(np.random.default_rng(3).bytes(700) + path.read_bytes())
    got = decoded(path)
    assert np.abs(got[-RATE_HZ:] - plain[-len(got) :][-RATE_HZ:]).max() < 1.0
    assert abs(len(got) - FRAMES) <= 4 * 1_152


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "codec",
    [Codec.WAV16, Codec.FLAC16, Codec.MP3_LAME, Codec.MP3_FFMPEG, Codec.OPUS, Codec.AAC],
    ids=lambda codec: codec.name,
)
def test_a_place_in_an_hour_is_found_within_100_ms(codec: Codec, tmp_path: Path) -> None:
    path = an_hour_of(codec, tmp_path)
    block = np.empty((2_048, 2), dtype=np.float32)

    def took_s(second: int) -> float:
        begun = time.perf_counter()
        with AvFile(str(path)) as file:
            file.seek(Frames(second * file.rate_hz))
            assert file.read(block) == len(block)
        return time.perf_counter() - begun

    assert min(took_s(second) for second in (3_333, 1_800, 2_500)) < 0.1


def an_hour_of(codec: Codec, folder: Path) -> Path:
    """Repeat a minute 60 times; the lossy ones, which are slow, without coding it anew."""
    source = Codec.WAV16 if codec.lossless else codec
    minute = np.resize(SIGNAL, (60 * codec.rate_hz, 2))
    listed = folder / "list.txt"
    listed.write_text(f"file '{make(folder / f'minute{source.suffix}', minute, source)}'\n" * 60)
    hour = folder / f"hour{codec.suffix}"
    coding = codec.value.arguments if codec.lossless else ("-c", "copy")
    repeated = ["-f", "concat", "-safe", "0", "-i", str(listed), *coding, str(hour)]
    subprocess.run(["ffmpeg", "-v", "error", *repeated], check=True)
    return hour
