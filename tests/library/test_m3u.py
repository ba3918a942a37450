"""Playlist files in the music directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from library.m3u import uris_in
from library.music_directory import MusicDirectory


@pytest.mark.parametrize("name", ["lists/mix.m3u", "lists/mix.M3U8"])
def test_entries_are_uris_of_the_music_directory(name: str, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / name).write_text(
        "#EXTM3U\r\n#EXTINF:1,A\r\n../a.flac\r\nsub/b c.flac\n./ä.flac\n\nhttp://radio/x\n"
        f"{tmp_path}/d.flac\n/etc/passwd\n../../outside.flac\n"
    )
    assert uris_in(MusicDirectory(tmp_path), name) == [
        "a.flac",
        "lists/sub/b c.flac",
        "lists/ä.flac",
        "http://radio/x",
        "d.flac",
    ]


@pytest.mark.parametrize("uri", ["absent.m3u", "song.flac", "../x.m3u", "folder.m3u", ""])
def test_what_is_no_playlist_file_is_none(uri: str, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "x.m3u").write_text("a.flac\n")
    (tmp_path / "music" / "song.flac").write_text("a.flac\n")
    (tmp_path / "music" / "folder.m3u").mkdir()
    assert uris_in(MusicDirectory(tmp_path / "music"), uri) is None
