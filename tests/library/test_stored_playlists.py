"""Stored playlists: files that hold a URI a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from library.stored_playlists import StoredPlaylists
from playback.errors import AckCode, AckError


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    playlists = StoredPlaylists(tmp_path / "lists")
    assert playlists.all() == ()
    playlists.write("a b", ["x.flac", "ä/ü.ogg"])
    assert (tmp_path / "lists" / "a b.m3u").read_text() == "x.flac\nä/ü.ogg\n"
    assert playlists.read("a b") == ["x.flac", "ä/ü.ogg"]
    assert [each.name for each in playlists.all()] == ["a b"]
    assert list((tmp_path / "lists").iterdir()) == [tmp_path / "lists" / "a b.m3u"]


def test_comments_blank_lines_and_foreign_line_ends_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "l.m3u").write_bytes(
        b"\xef\xbb\xbf#EXTM3U\r\n#EXTINF:1,A\r\none.mp3\r\n\r\ntwo.mp3"
    )
    assert StoredPlaylists(tmp_path).read("l") == ["one.mp3", "two.mp3"]


def test_other_files_are_no_playlists(tmp_path: Path) -> None:
    for name in ("z.m3u", "a.m3u", "notes.txt", ".a.m3u.new", ".hidden.m3u"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder.m3u").mkdir()
    assert [each.name for each in StoredPlaylists(tmp_path).all()] == ["a", "z"]


@pytest.mark.parametrize("name", ["", "a/b", "../a", "a\nb", "a\rb", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    playlists = StoredPlaylists(tmp_path / "lists")
    with pytest.raises(AckError) as refusal:
        playlists.write(name, ["x"])
    assert refusal.value.code is AckCode.ARG
    assert not (tmp_path / "lists").exists()


def test_one_that_is_too_long_is_refused_and_the_old_one_kept(tmp_path: Path) -> None:
    playlists = StoredPlaylists(tmp_path, longest=2)
    playlists.write("l", ["1", "2"])
    with pytest.raises(AckError) as refusal:
        playlists.write("l", ["1", "2", "3"])
    assert refusal.value.code is AckCode.PLAYLIST_MAX
    assert playlists.read("l") == ["1", "2"]


def test_what_is_absent_or_taken_is_refused(tmp_path: Path) -> None:
    playlists = StoredPlaylists(tmp_path)
    playlists.write("a", ["1"])
    playlists.write("b", ["2"])
    for act in (
        lambda: playlists.read("c"),
        lambda: playlists.remove("c"),
        lambda: playlists.rename("c", "d"),
    ):
        with pytest.raises(AckError) as refusal:
            act()
        assert refusal.value.code is AckCode.NO_EXIST
    with pytest.raises(AckError) as refusal:
        playlists.rename("a", "b")
    assert refusal.value.code is AckCode.EXIST
    playlists.remove("b")
    playlists.rename("a", "b")
    assert playlists.read("b") == ["1"]
    assert [each.name for each in playlists.all()] == ["b"]
