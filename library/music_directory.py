"""The music directory as clients see it: songs, playlists and directories under safe names.

A URI is a path relative to the root, with ``/`` between its parts, without empty parts, ``.``
and ``..``. Everything here reads the disk, so it is called from threads, never from an event
loop. Symbolic links are followed, wherever they lead, as MPD does by default.
"""

from __future__ import annotations

import errno
import fnmatch
import functools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from library.collation import CollationKey, collation_key
from library.tags import NotMusicError, is_song_name, read_song
from playback.song import Song

PLAYLIST_SUFFIXES: Final = frozenset({"m3u", "m3u8", "pls", "xspf", "asx", "cue"})
IGNORE_FILE: Final = ".mpdignore"


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory, by its URI."""

    uri: str
    last_modified: int


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """A playlist in the music directory, by its URI."""

    uri: str
    last_modified: int


@dataclass(frozen=True, slots=True)
class PlainFile:
    """Any file, by its name alone."""

    name: str
    size_bytes: int
    last_modified: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much music there is.

    Attributes:
        fingerprint: differs if any song does.
    """

    songs: int
    artists: int
    albums: int
    duration_s: float
    fingerprint: int = 0


Item: TypeAlias = Song | PlaylistFile | Folder


class MusicDirectory:
    """Reads songs and lists directories below ``root``.

    Args:
        root: the music directory; it may be absent for a while.
        cached_songs: how many songs' tags are remembered while their files do not change.
    """

    def __init__(self, root: Path, cached_songs: int = 100_000) -> None:
        self.root = root
        self.known: tuple[Song, ...] = ()
        """All songs in their order, as the latest count found them."""
        self._read = functools.lru_cache(maxsize=cached_songs)(
            functools.partial(_read_version, root)
        )

    def absence(self) -> str | None:
        """Say that the directory is not there; None if it is.

        One that is empty is a mount point whose disk has not been mounted.
        """
        advice = "mount its disk, or change [paths] music_directory in wkmp.ini"
        try:
            with os.scandir(self.root) as entries:
                if next(entries, None) is not None:
                    return None
        except OSError as error:
            return f"The music directory {self.root} cannot be read ({error.strerror}); {advice}"
        return f"The music directory {self.root} is empty; {advice}"

    def path_of(self, uri: str) -> Path | None:
        """Return where a URI leads, or None if it is no proper URI."""
        if not uri:
            return self.root
        parts = uri.split("/")
        if any(part in {"", ".", ".."} for part in parts) or "\0" in uri:
            return None
        return self.root / uri

    def uri_of(self, path: str) -> str | None:
        """Return the URI of an absolute path inside the root, or None if it is outside."""
        prefix = f"{self.root}/"
        uri = path[len(prefix) :] if path.startswith(prefix) else ""
        return uri if uri and self.path_of(uri) is not None else None

    def song(self, uri: str) -> Song | None:
        """Return one song, or None if there is no such song."""
        path = self.path_of(uri)
        if path is None or not is_song_name(path.name):
            return None
        if _matches(path.name, self._ignore_patterns(path.parent)):
            return None
        return self._song_at(path, uri)

    def file_outside(self, path: Path) -> Song | None:
        """Return a song anywhere on the disk, called by its absolute path; None if it is none."""
        return self._song_at(path, str(path)) if is_song_name(path.name) else None

    def folder(self, uri: str) -> Folder | None:
        """Return a directory, or None if there is no such directory."""
        path = self.path_of(uri)
        try:
            status = path.stat() if path is not None else None
        except OSError:
            return None
        if status is None or not stat.S_ISDIR(status.st_mode):
            return None
        return Folder(uri, int(status.st_mtime))

    def listing(self, uri: str) -> tuple[Item, ...] | None:
        """Return what a directory holds: songs, playlists, directories, each sorted.

        Returns:
            None if there is no such directory.
        """
        path = self.path_of(uri)
        if path is None or not path.is_dir():
            return None
        songs: list[Song] = []
        playlists: list[PlaylistFile] = []
        folders: list[Folder] = []
        for entry in self._entries(path):
            entry_uri = f"{uri}/{entry.name}" if uri else entry.name
            if entry.is_dir():
                if self._has_music(path / entry.name, frozenset()):
                    folders.append(Folder(entry_uri, int(entry.stat().st_mtime)))
            elif entry.name.rpartition(".")[2].lower() in PLAYLIST_SUFFIXES:
                playlists.append(PlaylistFile(entry_uri, int(entry.stat().st_mtime)))
            elif song := self._song_at(path / entry.name, entry_uri):
                songs.append(song)
        return (
            *sorted(songs, key=_song_order),
            *sorted(playlists, key=lambda playlist: collation_key(playlist.uri)),
            *sorted(folders, key=lambda folder: collation_key(folder.uri)),
        )

    def walk(self, uri: str, above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Item]:
        """Yield everything below a directory: its songs and playlists, then each directory.

        Args:
            uri: a directory; nothing is yielded if it is none.
            above: device and inode of the directories on the way, so that no link leads back.
        """
        path = self.path_of(uri)
        try:
            identity = _identity(path) if path is not None else None
        except OSError:
            return
        if identity is None or identity in above:
            return
        for item in self.listing(uri) or ():
            yield item
            if isinstance(item, Folder):
                yield from self.walk(item.uri, above | {identity})

    def songs_below(self, uri: str) -> tuple[Song, ...] | None:
        """Return all songs below a directory in its order; None if there is no such directory."""
        path = self.path_of(uri)
        if path is None or not path.is_dir():
            return None
        return tuple(item for item in self.walk(uri) if isinstance(item, Song))

    def statistics(self) -> Statistics:
        """Read everything, note it as ``known``, and count it."""
        songs = self.songs_below("") or ()
        self.known = songs
        return Statistics(
            songs=len(songs),
            artists=len({value for song in songs for value in song.values("Artist")}),
            albums=len({value for song in songs for value in song.values("Album")}),
            duration_s=sum(song.duration_s or 0.0 for song in songs),
            fingerprint=hash(songs),
        )

    def forget(self) -> None:
        """Read all songs anew from now on."""
        self._read.cache_clear()

    def files(self, uri: str) -> tuple[Folder | PlainFile, ...]:
        """Return all files and directories of a directory, by name, in the disk's order.

        Raises:
            OSError: it cannot be read.
        """
        path = self.path_of(uri)
        if path is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with os.scandir(path) as entries:
            found = (_described(entry) for entry in entries if _clean_name(entry.name))
            return tuple(item for item in found if item is not None)

    def _song_at(self, path: Path, uri: str) -> Song | None:
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None
            return self._read(uri, status.st_mtime_ns, status.st_size)
        except (OSError, NotMusicError):
            return None

    def _entries(self, path: Path) -> list[os.DirEntry[str]]:
        """Return a directory's music, playlists and directories, without those to be ignored."""
        patterns = self._ignore_patterns(path)
        try:
            with os.scandir(path) as entries:
                return [
                    entry
                    for entry in entries
                    if _clean_name(entry.name)
                    and _is_wanted(entry)
                    and not _matches(entry.name, patterns)
                ]
        except OSError:
            return []

    def _has_music(self, path: Path, above: frozenset[tuple[int, int]]) -> bool:
        try:
            identity = _identity(path)
        except OSError:
            return False
        if identity in above:
            return False
        entries = self._entries(path)
        return any(not entry.is_dir() for entry in entries) or any(
            self._has_music(path / entry.name, above | {identity}) for entry in entries
        )

    def _ignore_patterns(self, path: Path) -> list[str]:
        """Return what the ignore files of this directory and of those above it say."""
        directories = [path, *path.parents]
        if self.root in directories:
            directories = directories[: directories.index(self.root) + 1]
        return [pattern for directory in directories for pattern in _patterns(directory)]


def _read_version(root: Path, uri: str, _modified_ns: int, _size_bytes: int) -> Song:
    """Read a song; time and size are there to tell versions of the file apart."""
    return read_song(root / uri, uri)


def _patterns(directory: Path) -> list[str]:
    try:
        text = (directory / IGNORE_FILE).read_text("utf-8", "replace")
    except OSError:
        return []
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _clean_name(name: str) -> bool:
    """Return whether a client could be told this name: one line of valid UTF-8."""
    return "\n" not in name and not any("\ud800" <= character <= "\udfff" for character in name)


def _described(entry: os.DirEntry[str]) -> Folder | PlainFile | None:
    """Return a directory or a file by its name, or None if it is neither or gone."""
    try:
        status = entry.stat()
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return Folder(entry.name, int(status.st_mtime))
    if stat.S_ISREG(status.st_mode):
        return PlainFile(entry.name, status.st_size, int(status.st_mtime))
    return None


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    try:
        if entry.is_dir():
            return True
        suffix = entry.name.rpartition(".")[2].lower()
        return entry.is_file() and (is_song_name(entry.name) or suffix in PLAYLIST_SUFFIXES)
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _song_order(song: Song) -> tuple[CollationKey, int, int, CollationKey]:
    """Sort by album, disc, track, then name."""
    return (
        collation_key(next(iter(song.values("Album")), "")),
        int(next(iter(song.values("Disc")), "0")),
        int(next(iter(song.values("Track")), "0")),
        collation_key(song.uri),
    )
