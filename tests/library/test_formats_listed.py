"""What is said of files in all formats before they are played; a real MPD says the same."""

from __future__ import annotations

import io
import random
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import mutagen.id3
import pytest

from library.sound_header import read_header
from library.tags import MIME_TYPES, SUFFIXES, NotMusicError, is_song_name, read_song
from tests.chains import decoded
from tests.dsd import DSD64_HZ, write_dff, write_dsf
from tests.formats import LOSSLESS, LOSSY, Format, encode, music
from tests.mpd_server import MpdClient, running_mpd
from tests.sounds import Codec, make, noise, sine

FRAMES = 77_777
LISTED = [each for each in (*LOSSLESS, *LOSSY) if each.suffix != "dts"]
EVERYDAY = [codec for codec in Codec if codec is not Codec.OPUS]
ESTIMATED_S = {".aac": 0.2, ".oga": 99.0, ".mp3": 0.05}
LAYOUTS = ["mono", "2.1", "quad", "5.1", "7.1"]
LAYOUT_CODECS = {
    ".wav": ("-c:a", "pcm_s16le"),
    ".flac": ("-c:a", "flac", "-sample_fmt", "s16"),
    ".wv": ("-c:a", "wavpack", "-sample_fmt", "s16p"),
    ".aiff": ("-c:a", "pcm_s16be"),
    ".ac3": ("-c:a", "ac3", "-b:a", "640k"),
    ".eac3": ("-c:a", "eac3", "-b:a", "640k"),
}


def by(each: Format) -> str:
    return each.file_name


@pytest.mark.parametrize("each", LISTED, ids=by)
def test_format_and_length_are_those_of_the_file(each: Format, tmp_path: Path) -> None:
    path = each.make(tmp_path, music(FRAMES, each.rate_hz))
    assert is_song_name(path.name)
    song = read_song(path, path.name)
    assert song.audio_format == f"{each.rate_hz}:{each.listed}:2"
    assert song.duration_s is not None
    if "xingless" not in each.file_name:  # what has no length of its own is estimated
        off_s = 0.2 if each.suffix in {"aac", "mp2", "wma"} else 0.01
        assert abs(song.duration_s - len(decoded(path, each.rate_hz)) / each.rate_hz) <= off_s


@pytest.fixture(name="known", scope="module")
def fixture_known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, str]]]:
    """What MPD says of all the files, by their names."""
    folder = tmp_path_factory.mktemp("mpd")
    (folder / "files").mkdir()
    files = folder / "files"
    for each in LISTED:
        each.make(files, music(FRAMES, each.rate_hz))
    for layout in LAYOUTS:
        for suffix, arguments in LAYOUT_CODECS.items():
            if (suffix, layout) not in {(".ac3", "7.1"), (".eac3", "7.1")}:
                channels = {"mono": 1, "2.1": 3, "quad": 4, "5.1": 6, "7.1": 8}[layout]
                path = files / f"{layout}{suffix}"
                encode(path, noise(44_100, channels=channels), arguments, layout=layout)
    for codec in EVERYDAY:
        make(files / f"{codec.name}{codec.suffix}", noise(44_100), codec)
    with running_mpd(folder, ()) as client:
        for file in files.iterdir():
            shutil.copy(file, folder / "music" / file.name)
        yield {"": {"": str(files)}} | said_by(client)


def said_by(client: MpdClient) -> dict[str, dict[str, str]]:
    client.send("update")
    while "updating_db" in client.status():
        client.send("idle update")
    songs: dict[str, dict[str, str]] = {}
    for key, value in client.send("lsinfo")[0]:
        if key == "file":
            current = songs[value] = {}
        else:
            current[key] = value
    return songs


def test_a_real_mpd_lists_the_same(known: dict[str, dict[str, str]]) -> None:
    files = Path(known.pop("")[""])
    assert known.keys() == {path.name for path in files.iterdir()}
    different = []
    for name, mpd in known.items():
        song = read_song(files / name, name)
        if mpd.get("Format", song.audio_format) != song.audio_format:
            different.append((name, mpd["Format"], song.audio_format))
        # MPD does not know how long FLAC in Ogg is, reads the whole of bare AAC, and counts what
        # is trimmed from an MP3.
        off_s = abs(float(mpd["duration"]) - (song.duration_s or 0))
        if off_s > ESTIMATED_S.get(Path(name).suffix, 0.002):
            different.append((name, mpd["duration"], str(song.duration_s)))
    assert different == []


def test_dsd_is_called_by_its_rate_and_has_its_tags(tmp_path: Path) -> None:
    tags = io.BytesIO()
    id3 = mutagen.id3.ID3()  # type: ignore[no-untyped-call]
    id3.add(mutagen.id3.TIT2(encoding=3, text="T"))  # type: ignore[no-untyped-call]
    id3.save(tags)
    signal = sine(DSD64_HZ + 8 * 1_234, DSD64_HZ)
    dsf = read_song(write_dsf(tmp_path / "a.dsf", signal, id3=tags.getvalue()), "a.dsf")
    dff = read_song(write_dff(tmp_path / "a.dff", signal), "a.dff")
    for song in (dsf, dff):
        assert song.audio_format == "dsd64:2"
        assert song.duration_s == pytest.approx(1 + 8 * 1_234 / DSD64_HZ, abs=1e-5)
    assert dsf.values("Title") == ("T",)


@pytest.mark.parametrize("suffix", ["mka", "webm"])
def test_matroska_has_its_tags_wherever_they_stand(suffix: str, tmp_path: Path) -> None:
    metadata = {"title": "T", "artist": "A", "album": "B", "track": "3/9", "date": "2001"}
    named = [word for item in metadata.items() for word in ("-metadata", "=".join(item))]
    arguments = ("-c:a", "libopus", *named)
    song = read_song(
        encode(tmp_path / f"a.{suffix}", noise(48_000), arguments, 48_000), f"a.{suffix}"
    )
    assert {("Title", "T"), ("Artist", "A"), ("Album", "B"), ("Track", "3")} <= set(song.tags)
    assert ("Date", "2001") in song.tags


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 1_000_000_000])
def test_a_wav_whose_sizes_are_wrong_is_as_long_as_its_file(size: int, tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", noise(FRAMES), Codec.WAV16)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", size)
    path.write_bytes(data)
    song = read_song(path, "a.wav")
    assert song.audio_format == "44100:16:2"
    assert song.duration_s == pytest.approx(FRAMES / 44_100, abs=1e-5)


@pytest.mark.parametrize(
    ("codec", "name", "wanted"),
    [
        (Codec.FLAC16, "wrong.mp3", "44100:16:2"),
        (Codec.FLAC16, "WRONG.WAV", "44100:16:2"),
        (Codec.MP3_LAME, "wrong.flac", "44100:24:2"),
        (Codec.MP3_LAME, "wrong.m4a", "44100:24:2"),
        (Codec.VORBIS, "wrong.mp3", "44100:f:2"),
        (Codec.WAV16, "wrong.flac", "44100:16:2"),
        (Codec.AAC, "wrong.ogg", "44100:f:2"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_a_file_holds_counts_and_not_its_name(
    codec: Codec, name: str, wanted: str, tmp_path: Path
) -> None:
    path = make(tmp_path / name, noise(44_100), codec, title="T")
    song = read_song(path, name)
    assert song.audio_format == wanted
    assert song.duration_s == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("kept", [3, 12, 30, 45, 100, 400])
def test_no_head_that_ends_early_is_more_than_no_music(kept: int, tmp_path: Path) -> None:
    for each in (*LISTED, Format("a.m4a", ("-c:a", "alac"))):
        path = each.make(tmp_path, music(FRAMES, each.rate_hz))
        path.write_bytes(path.read_bytes()[:kept])
        try:
            song = read_song(path, path.name)
        except (NotMusicError, OSError):
            continue
        assert song.duration_s is None or 0 <= song.duration_s < 3


def test_no_spoiled_head_is_more_than_no_music(tmp_path: Path) -> None:
    whole = [each.make(tmp_path, music(FRAMES, each.rate_hz)).read_bytes() for each in LISTED]
    whole += [write_dff(tmp_path / "a", sine(80_000)).read_bytes()]
    whole += [write_dsf(tmp_path / "a", sine(80_000)).read_bytes()]
    drawn = random.Random(1)
    path = tmp_path / "spoiled"
    for _ in range(1_500):
        data = bytearray(drawn.choice(whole)[: drawn.choice((200, 2_000, 20_000))])
        for _ in range(drawn.choice((1, 3, 20))):
            data[drawn.randrange(min(len(data), 500))] = drawn.choice(
                (0, 255, drawn.randrange(256))
            )
        path.write_bytes(data)
        header = read_header(path)
        assert header is None or header.duration_s is None or header.duration_s >= 0


def test_suffixes_and_types_are_lower_case_and_each_is_there_once() -> None:
    assert all(suffix == suffix.lower() and suffix.isalnum() for suffix in SUFFIXES)
    assert sorted(set(MIME_TYPES)) == list(MIME_TYPES)
    assert {each.suffix for each in LISTED} | {"dsf", "dff", "m4a", "opus", "ape"} <= SUFFIXES
