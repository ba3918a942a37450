"""All song files below a directory, without reading any: name, time and size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from library.entries import identity_of, is_ignored, music_entries
from library.tags import is_song_name
from playback.measurement import FileVersion


def song_files(root: Path, uri: str) -> Iterator[tuple[str, FileVersion]]:
    """Yield URI and version of every song file at or below a URI, sorted by name in each directory.

    Nothing is yielded where there is nothing; symbolic links are followed, but never back.

    Args:
        root: the music directory.
        uri: a directory or a song, ``""`` for all.
    """
    path = root / uri
    if path.is_dir():
        yield from _below(path, root, uri, frozenset())
    elif path.is_file() and is_song_name(path.name) and not is_ignored(path, root):
        yield uri, version_of(path)


def version_of(path: Path | os.DirEntry[str]) -> FileVersion:
    """Return what tells this version of a file from others.

    Raises:
        OSError: it cannot be asked after.
    """
    status = path.stat()
    return FileVersion(status.st_mtime_ns, status.st_size)


def _below(
    path: Path, root: Path, uri: str, above: frozenset[tuple[int, int]]
) -> Iterator[tuple[str, FileVersion]]:
    try:
        here = identity_of(path)
    except OSError:
        return
    if here in above:
        return
    for entry in sorted(music_entries(path, root), key=lambda entry: entry.name):
        entry_uri = f"{uri}/{entry.name}" if uri else entry.name
        try:
            if entry.is_dir():
                yield from _below(path / entry.name, root, entry_uri, above | {here})
            elif is_song_name(entry.name):
                yield entry_uri, version_of(entry)
        except OSError:
            continue  # it has gone meanwhile
