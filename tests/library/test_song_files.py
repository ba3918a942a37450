"""Song files are found by their names alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from library.song_files import song_files
from playback.measurement import FileVersion


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for name in ("b.flac", "a/2.MP3", "a/1.ogg", "a/cover.jpg", "a/list.m3u", "c/d/x.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * len(name))
        os.utime(tmp_path / name, ns=(1, 1_000_000_000 + len(name)))
    return tmp_path


def uris(root: Path, uri: str = "") -> list[str]:
    return [uri for uri, _ in song_files(root, uri)]


def test_all_songs_are_found_with_time_and_size(music: Path) -> None:
    assert list(song_files(music, "")) == [
        (name, FileVersion(1_000_000_000 + len(name), len(name)))
        for name in ("a/1.ogg", "a/2.MP3", "b.flac", "c/d/x.wav")
    ]


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("a", ["a/1.ogg", "a/2.MP3"]),
        ("c", ["c/d/x.wav"]),
        ("b.flac", ["b.flac"]),
        ("a/cover.jpg", []),
        ("nowhere", []),
    ],
)
def test_a_directory_or_a_song_restricts(music: Path, uri: str, found: list[str]) -> None:
    assert uris(music, uri) == found


def test_what_is_to_be_ignored_is_left_out(music: Path) -> None:
    (music / ".mpdignore").write_text("*.MP3\nc\n", "utf-8")
    assert uris(music) == ["a/1.ogg", "b.flac"]
    assert uris(music, "a/2.MP3") == []


def test_links_are_followed_but_never_back(music: Path, tmp_path: Path) -> None:
    (music / "c/d/up").symlink_to(music)
    (music / "z").symlink_to(music / "a")
    (music / "dead.flac").symlink_to(tmp_path / "nothing")
    assert uris(music) == ["a/1.ogg", "a/2.MP3", "b.flac", "c/d/x.wav", "z/1.ogg", "z/2.MP3"]


def test_an_absent_directory_holds_nothing(tmp_path: Path) -> None:
    assert uris(tmp_path / "absent") == []
