"""The music directory: safe names, sorted listings, songs below, and what is left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen.flac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.music_directory import Folder, Item, MusicDirectory, PlainFile, PlaylistFile
from playback.song import Song
from tests.sounds import Codec, make, noise

Put = Callable[..., Path]
open_flac: Any = mutagen.flac.FLAC


@pytest.fixture(name="root")
def fixture_root(tmp_path: Path) -> Path:
    root = tmp_path / "music"
    root.mkdir()
    return root


@pytest.fixture(name="music")
def fixture_music(root: Path) -> MusicDirectory:
    return MusicDirectory(root)


@pytest.fixture(name="put")
def fixture_put(root: Path, tmp_path: Path) -> Put:
    """Puts a song there, with these Vorbis comments."""
    model = make(tmp_path / "model.flac", noise(4410), Codec.FLAC16)

    def put(uri: str, **comments: str) -> Path:
        path = root / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(model, path)
        file = open_flac(path)
        file.delete()
        for key, value in comments.items():
            file[key] = value
        file.save()
        return path

    return put


def names(items: Any) -> list[str]:
    return [item.uri for item in items]


@pytest.mark.parametrize(
    "uri", ["..", "../x", "a/..", "a/../b", "/", "/etc", "a//b", "a/", "./a", "a/.", ".", "a\0b"]
)
def test_a_uri_that_is_no_proper_one_leads_nowhere(uri: str, music: MusicDirectory) -> None:
    assert music.path_of(uri) is None
    assert music.song(uri) is None
    assert music.listing(uri) is None
    assert music.folder(uri) is None
    assert music.songs_below(uri) is None
    assert list(music.walk(uri)) == []
    with pytest.raises(FileNotFoundError):
        music.files(uri)


@given(st.text(st.sampled_from("ab./\\~\0 "), max_size=12))
def test_no_uri_leads_out_of_the_directory(uri: str) -> None:
    root = Path("/srv/music")
    path = MusicDirectory(root).path_of(uri)
    if path is not None:
        assert Path(os.path.normpath(path)).is_relative_to(root)


def test_absolute_paths_inside_have_a_uri(music: MusicDirectory, root: Path) -> None:
    assert music.uri_of(f"{root}/a/b.flac") == "a/b.flac"
    for outside in ("/etc/passwd", f"{root}", f"{root}/", f"{root}x/a", f"{root}/../a", "a/b"):
        assert music.uri_of(outside) is None


def test_a_song_is_read(music: MusicDirectory, put: Put) -> None:
    put("a/b.flac", title="T")
    song = music.song("a/b.flac")
    assert song is not None
    assert (song.uri, song.values("Title"), song.audio_format) == ("a/b.flac", ("T",), "44100:16:2")
    assert music.song("a/c.flac") is None
    assert music.song("a") is None


def test_a_changed_file_is_read_anew(music: MusicDirectory, put: Put) -> None:
    put("a.flac", title="Old")
    assert music.song("a.flac") == music.song("a.flac")
    put("a.flac", title="Newer than that")
    song = music.song("a.flac")
    assert song is not None
    assert song.values("Title") == ("Newer than that",)


def test_songs_are_sorted_by_album_disc_track_and_name(music: MusicDirectory, put: Put) -> None:
    put("1.flac", album="B", tracknumber="1", discnumber="2")
    put("2.flac", album="B", tracknumber="10", discnumber="1")
    put("3.flac", album="B", tracknumber="9", discnumber="1")
    put("4.flac", album="a", tracknumber="2")
    put("5.flac", album="b", tracknumber="02/10")
    put("6.flac", album="b", tracknumber="1/10", discnumber="01/02")
    put("7.flac", album="b", tracknumber="x")
    put("8.flac", tracknumber="3")
    put("9.flac", tracknumber="03")
    put("91.flac")
    in_order = ["91", "8", "9", "4", "7", "5", "6", "3", "2", "1"]  # as MPD does
    assert names(music.listing("") or ()) == [f"{name}.flac" for name in in_order]


def kinds(items: tuple[Item, ...] | None) -> list[tuple[type, str]]:
    return [(type(item), item.uri) for item in items or ()]


def test_a_listing_holds_songs_then_playlists_then_directories(
    music: MusicDirectory, root: Path, put: Put
) -> None:
    put("song.flac")
    put("ä dir/x.flac")
    put("B dir/x.flac")
    (root / "list.m3u").touch()
    (root / "album.cue").touch()
    (root / "cover.jpg").touch()
    (root / "no music").mkdir()
    (root / "no music/text.txt").touch()
    (root / "deep/er").mkdir(parents=True)
    put("deep/er/x.flac")
    assert kinds(music.listing("")) == [
        (Song, "song.flac"),
        (PlaylistFile, "album.cue"),
        (PlaylistFile, "list.m3u"),
        (Folder, "ä dir"),
        (Folder, "B dir"),
        (Folder, "deep"),
    ]
    assert music.listing("no music") == ()
    assert music.listing("song.flac") is None


def test_walking_yields_a_directorys_songs_before_what_is_below(
    music: MusicDirectory, put: Put
) -> None:
    for uri in ("z.flac", "b/1.flac", "a/2.flac", "a/b/3.flac"):
        put(uri)
    assert names(music.walk("")) == [
        "z.flac", "a", "a/2.flac", "a/b", "a/b/3.flac", "b", "b/1.flac",
    ]  # fmt: skip
    assert names(music.songs_below("a") or ()) == ["a/2.flac", "a/b/3.flac"]
    assert music.songs_below("nope") is None


def test_links_are_followed_but_not_in_circles(
    music: MusicDirectory, root: Path, put: Put, tmp_path: Path
) -> None:
    put("a/1.flac")
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(root / "a/1.flac", tmp_path / "elsewhere/2.flac")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "a/up").symlink_to(root)
    (root / "broken").symlink_to(tmp_path / "nowhere")
    (root / "broken.flac").symlink_to(tmp_path / "nowhere.flac")
    songs = names(music.songs_below("") or ())
    assert songs[:1] == ["a/1.flac"]
    assert "link/2.flac" in songs
    assert all(uri.count("up") <= 1 for uri in songs)


def test_what_is_no_regular_file_is_not_opened(music: MusicDirectory, root: Path, put: Put) -> None:
    put("a.flac")
    os.mkfifo(root / "pipe.flac")
    assert names(music.listing("") or ()) == ["a.flac"]
    assert music.song("pipe.flac") is None


def test_names_that_no_client_could_be_told_are_left_out(
    music: MusicDirectory, root: Path, put: Put
) -> None:
    good = put("ünïcödé 日本.flac")
    for name in (b"line\nend.flac", b"latin \xe9.flac"):
        shutil.copy(good, root / os.fsdecode(name))
    assert names(music.listing("") or ()) == ["ünïcödé 日本.flac"]
    assert list(music.files("")) == [
        PlainFile("ünïcödé 日本.flac", good.stat().st_size, int(good.stat().st_mtime))
    ]


def test_hidden_files_are_songs_too(music: MusicDirectory, put: Put) -> None:
    put(".hidden/x.flac")
    assert names(music.listing("") or ()) == [".hidden"]


def test_an_ignore_file_counts_for_all_below_it(
    music: MusicDirectory, root: Path, put: Put
) -> None:
    for uri in ("keep.flac", "skip1.flac", "sub/skip2.flac", "sub/keep2.flac", "off/x.flac"):
        put(uri)
    (root / ".mpdignore").write_text("# a comment\nskip*  # another\n\noff\n")
    assert names(music.walk("")) == ["keep.flac", "sub", "sub/keep2.flac"]
    assert music.song("sub/skip2.flac") is None
    assert music.song("keep.flac") is not None


def test_files_are_named_with_their_size(music: MusicDirectory, root: Path) -> None:
    (root / "text.txt").write_bytes(b"12345")
    (root / "dir").mkdir()
    os.utime(root / "text.txt", (7, 7))
    os.utime(root / "dir", (8, 8))
    assert set(music.files("")) == {PlainFile("text.txt", 5, 7), Folder("dir", 8)}
    with pytest.raises(NotADirectoryError):
        music.files("text.txt")


def test_a_file_outside_is_called_by_its_path(tmp_path: Path, music: MusicDirectory) -> None:
    path = make(tmp_path / "out.flac", noise(4410), Codec.FLAC16, title="Out")
    song = music.file_outside(path)
    assert song is not None
    assert (song.uri, song.values("Title")) == (str(path), ("Out",))
    assert music.file_outside(Path("/etc/passwd")) is None
    assert music.file_outside(tmp_path / "no.flac") is None


def test_statistics_count_and_tell_changes(music: MusicDirectory, put: Put) -> None:
    put("1.flac", artist="A", album="X")
    put("2.flac", artist="A", album="Y")
    first = music.statistics()
    assert (first.songs, first.artists, first.albums) == (2, 1, 2)
    assert first.duration_s == pytest.approx(0.2)
    assert music.statistics() == first
    put("2.flac", artist="A", album="Z")
    assert (music.statistics().albums, music.statistics() == first) == (2, False)


def test_a_directory_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    music = MusicDirectory(tmp_path / "not mounted")
    assert music.listing("") is None
    assert music.songs_below("") is None
    assert music.statistics().songs == 0
