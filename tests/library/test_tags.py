"""What is read from files: tags with MPD's names, lengths, and sound formats as MPD prints them."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import mutagen
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import pytest

from library.tag_names import TAG_NAMES, canonical_tag
from library.tags import NotMusicError, is_song_name, read_song
from playback.song import Song
from tests.sounds import Codec, make, noise

formats: Any = mutagen  # its modules are typed in part only


def sound(path: Path, codec: Codec, rate_hz: int | None = None, **tags: str) -> Path:
    """Make a second of noise."""
    frames = rate_hz or codec.rate_hz
    return make(path.with_suffix(codec.suffix), noise(frames), codec, rate_hz, **tags)


def read(path: Path) -> Song:
    return read_song(path, "dir/song")


def flac_with(path: Path, **comments: Any) -> Song:
    """Return a FLAC file as read, with these Vorbis comments."""
    sound(path, Codec.FLAC16)
    file = formats.flac.FLAC(path.with_suffix(".flac"))
    for key, value in comments.items():
        file[key.replace("__", " ")] = value
    file.save()
    return read(path.with_suffix(".flac"))


@pytest.mark.parametrize(
    ("codec", "rate_hz", "audio_format"),
    [
        (Codec.FLAC16, None, "44100:16:2"),
        (Codec.FLAC24, 96_000, "96000:24:2"),
        (Codec.WAV16, 8000, "8000:16:2"),
        (Codec.WAV24, 48_000, "48000:32:2"),
        (Codec.MP3_LAME, None, "44100:24:2"),
        (Codec.VORBIS, None, "44100:f:2"),
        (Codec.OPUS, None, "48000:16:2"),
        (Codec.AAC, None, "44100:f:2"),
        (Codec.ALAC16, None, "44100:16:2"),
        (Codec.ALAC24, None, "44100:32:2"),
    ],
)
def test_formats_are_told_as_mpd_does(
    codec: Codec, rate_hz: int | None, audio_format: str, tmp_path: Path
) -> None:
    song = read(sound(tmp_path / "x", codec, rate_hz, title="T", artist="A", album="B"))
    assert song.audio_format == audio_format
    assert song.duration_s == pytest.approx(1.0, abs=0.07)
    assert song.uri == "dir/song"
    if not codec.name.startswith("WAV"):
        assert (song.values("Title"), song.values("Artist"), song.values("Album")) == (
            ("T",), ("A",), ("B",)
        )  # fmt: skip


def test_the_time_of_the_file_is_told(tmp_path: Path) -> None:
    path = sound(tmp_path / "x", Codec.WAV16)
    os.utime(path, (5, 1_577_836_800))
    assert read(path).last_modified == 1_577_836_800


def test_vorbis_comments_keep_the_order_of_the_file(tmp_path: Path) -> None:
    song = flac_with(
        tmp_path / "x",
        title="T", ARTIST=["One", "Two"], tracknumber="03/12", discnumber="1", movement="3",
        movementname="M", musicbrainz_albumid="id",
    )  # fmt: skip
    assert song.tags == (
        ("Title", "T"),
        ("Artist", "One"),
        ("Artist", "Two"),
        ("Track", "3"),
        ("Disc", "1"),
        ("MovementNumber", "3"),
        ("Movement", "M"),
        ("MUSICBRAINZ_ALBUMID", "id"),
    )


def test_id3_values_lose_the_blanks_around_them(tmp_path: Path) -> None:
    path = make(tmp_path / "x.mp3", noise(8_820), Codec.MP3_LAME, title="  a b  ", artist=" ")
    assert read_song(path, "x.mp3").tags == (("Title", "a b"),)


def test_what_mpd_does_not_know_is_left_out(tmp_path: Path) -> None:
    song = flac_with(
        tmp_path / "x", year="1999", album__artist="AA", publisher="P", comment="C", encoder="E"
    )
    assert song.tags == ()


@pytest.mark.parametrize(
    ("key", "written", "read_as"),
    [
        ("title", "two\nlines", "two lines"),
        ("title", "a\tb\x7f", "a b "),
        ("title", "  before", "  before"),
        ("title", "behind  ", "behind  "),
        ("title", "", None),
        ("title", "   ", "   "),
        ("tracknumber", "7/9", "7"),
        ("tracknumber", "007", "7"),
        ("tracknumber", "x", None),
        ("tracknumber", "0", "0"),
        ("discnumber", "2/3", "2"),
        ("date", "2001-02-03", "2001-02-03"),
    ],
)
def test_values_are_cleaned(key: str, written: str, read_as: str | None, tmp_path: Path) -> None:
    song = flac_with(tmp_path / "x", **{key: written})
    assert [value for _, value in song.tags] == ([] if read_as is None else [read_as])


def test_id3_frames_have_mpds_names(tmp_path: Path) -> None:
    path = sound(tmp_path / "x", Codec.MP3_LAME)
    id3 = formats.id3
    tags = id3.ID3()
    for frame, text in {
        "TPE1": ["One", "Two"], "TPE2": "AA", "TIT2": "T", "TALB": "B", "TRCK": "7/9",
        "TPOS": "2/3", "TCON": "(17)", "TDRC": "2011-05", "TPUB": "L", "TSO2": "AAS",
        "TMOO": "Calm",
    }.items():  # fmt: skip
        tags.add(getattr(id3, frame)(encoding=3, text=text))
    tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Album Id", text=["album-id"]))
    tags.add(id3.TXXX(encoding=3, desc="unknown", text=["x"]))
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=b"track-id"))
    tags.add(id3.UFID(owner="http://else.where", data=b"x"))
    tags.save(path)
    assert set(read(path).tags) == {
        ("Artist", "One"), ("Artist", "Two"), ("AlbumArtist", "AA"), ("Title", "T"),
        ("Album", "B"), ("Track", "7"), ("Disc", "2"), ("Genre", "Rock"), ("Date", "2011-05"),
        ("Label", "L"), ("AlbumArtistSort", "AAS"), ("Mood", "Calm"),
        ("MUSICBRAINZ_ALBUMID", "album-id"), ("MUSICBRAINZ_TRACKID", "track-id"),
    }  # fmt: skip


def test_mp4_atoms_have_mpds_names(tmp_path: Path) -> None:
    path = sound(tmp_path / "x", Codec.AAC)
    file = formats.mp4.MP4(path)
    file["trkn"], file["disk"], file["aART"] = [(3, 12)], [(1, 2)], ["AA"]
    file["----:com.apple.iTunes:MusicBrainz Artist Id"] = [b"artist-id"]
    file.save()
    tags = read(path).tags
    assert {
        ("Track", "3"), ("Disc", "1"), ("AlbumArtist", "AA"), ("MUSICBRAINZ_ARTISTID", "artist-id"),
    } <= set(tags)  # fmt: skip


def test_a_flac_file_without_a_readable_head_is_a_song_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "garbage.flac"
    path.write_bytes(bytes((i * 37 + 11) % 256 for i in range(4096)))
    os.utime(path, (5, 5))
    assert read(path) == Song("dir/song", last_modified=5)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.mp3", b""), ("text.ogg", b"no ogg\n" * 99), ("text.mp3", b"no mp3\n" * 99)],
)
def test_a_file_without_music_is_no_song(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotMusicError):
        read(path)


def test_a_truncated_file_still_has_its_tags(tmp_path: Path) -> None:
    path = sound(tmp_path / "x", Codec.FLAC16, title="T")
    path.write_bytes(path.read_bytes()[:-20_000])
    assert read(path).values("Title") == ("T",)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "no.flac")


def test_a_wav_file_may_have_an_odd_width(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    data = bytes(8000)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 28 + len(head) + len(data)) + b"WAVE" + head
        + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip
    assert read(path).audio_format == "8000:16:1"


@pytest.mark.parametrize(
    ("name", "is_song"),
    [
        ("a.flac", True), ("a.FLAC", True), ("a.b.mp3", True), (".mp3", True), ("mp3", False),
        ("a.txt", False), ("a.flac.part", False), ("flac.", False),
    ],
)  # fmt: skip
def test_songs_are_known_by_their_suffix(name: str, is_song: bool) -> None:
    assert is_song_name(name) is is_song


def test_tag_names_are_found_in_any_case() -> None:
    assert canonical_tag("MUSICBRAINZ_albumid") == "MUSICBRAINZ_ALBUMID"
    assert canonical_tag("albumartist") == "AlbumArtist"
    assert canonical_tag("nosuch") is None
    assert canonical_tag("comment") == "Comment"
    assert "Comment" not in TAG_NAMES  # it may be asked for, but no song has it
    assert len(set(map(str.lower, TAG_NAMES))) == len(TAG_NAMES)
