"""Playlist files of the M3U kind: an entry a line, comments behind ``#``."""

from __future__ import annotations

import posixpath
from typing import Final

from library.music_directory import MusicDirectory

SUFFIXES: Final = (".m3u", ".m3u8")


def entries_of(text: str) -> list[str]:
    """Return what a file lists, as it is written there."""
    lines = (line.rstrip() for line in text.removeprefix("\ufeff").split("\n"))
    return [line for line in lines if line and not line.startswith("#")]


def uris_in(music: MusicDirectory, uri: str) -> list[str] | None:
    """Read a playlist file in the music directory; it reads the disk.

    Returns:
        The URIs of what it lists, whether that is there or not, without what is outside the music
        directory; None if there is no such file.
    """
    path = music.path_of(uri) if uri.lower().endswith(SUFFIXES) else None
    try:
        text = path.read_text("utf-8", "replace") if path is not None else None
    except OSError:
        return None
    if text is None:
        return None
    found = (_uri(music, posixpath.dirname(uri), entry) for entry in entries_of(text))
    return [each for each in found if each is not None]


def _uri(music: MusicDirectory, folder: str, entry: str) -> str | None:
    if "://" in entry:
        return entry
    if entry.startswith("/"):
        return music.uri_of(entry)
    uri = posixpath.normpath(posixpath.join(folder, entry))
    return None if music.path_of(uri) is None else uri
