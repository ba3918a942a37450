"""What a directory of music holds, before anything is read: names that clients can be told.

``.mpdignore`` files leave names out, in their directory and below.
"""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import Final

from library.tags import is_song_name

PLAYLIST_SUFFIXES: Final = frozenset({"m3u", "m3u8", "pls", "xspf", "asx", "cue"})
IGNORE_FILE: Final = ".mpdignore"


def music_entries(path: Path, root: Path) -> list[os.DirEntry[str]]:
    """Return a directory's music, playlists and directories; none if it cannot be read."""
    patterns = _ignore_patterns(path, root)
    try:
        with os.scandir(path) as entries:
            return [
                entry
                for entry in entries
                if is_clean_name(entry.name)
                and _is_wanted(entry)
                and not _matches(entry.name, patterns)
            ]
    except OSError:
        return []


def is_ignored(path: Path, root: Path) -> bool:
    """Return whether a file is to be left out."""
    return _matches(path.name, _ignore_patterns(path.parent, root))


def is_clean_name(name: str) -> bool:
    """Return whether a client could be told this name: one line of valid UTF-8."""
    return "\n" not in name and not any("\ud800" <= character <= "\udfff" for character in name)


def identity_of(path: Path) -> tuple[int, int]:
    """Return device and inode, so that a link that leads back can be told.

    Raises:
        OSError: it cannot be asked after.
    """
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    try:
        if entry.is_dir():
            return True
        suffix = entry.name.rpartition(".")[2].lower()
        return entry.is_file() and (is_song_name(entry.name) or suffix in PLAYLIST_SUFFIXES)
    except OSError:
        return False


def _ignore_patterns(path: Path, root: Path) -> list[str]:
    """Return what the ignore files of this directory and of those above it say."""
    directories = [path, *path.parents]
    if root in directories:
        directories = directories[: directories.index(root) + 1]
    return [pattern for directory in directories for pattern in _patterns(directory)]


def _patterns(directory: Path) -> list[str]:
    try:
        text = (directory / IGNORE_FILE).read_text("utf-8", "replace")
    except OSError:
        return []
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
