"""The music directory as clients see it: songs, playlists and directories under safe names.

A URI is a path relative to the root, with ``/`` between its parts, without empty parts, ``.``
and ``..``. Everything here reads the disk, so it is called from threads, never from an event
loop. Symbolic links are followed, wherever they lead, as MPD does by default.
"""

from __future__ import annotations

import errno
import functools
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from library.collation import CollationKey, collation_key
from library.cue import CueTrack, tracks_of
from library.entries import (
    PLAYLIST_SUFFIXES,
    identity_of,
    is_clean_name,
    is_ignored,
    music_entries,
)
from library.parts import passage_songs, track_songs
from library.tags import NotMusicError, is_song_name, read_song_and_sheet
from playback.passage import Passage
from playback.song import Song

CUE_SUFFIX: Final = ".cue"
LONGEST_SHEET: Final = 1_000_000
"""Bytes; nothing that is longer is a sheet."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory, by its URI."""

    uri: str
    last_modified: int


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """A playlist in the music directory, by its URI; one inside a song's tags has no time."""

    uri: str
    last_modified: int | None


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


T = TypeVar("T")
Item: TypeAlias = Song | PlaylistFile | Folder


class MusicDirectory:
    """Reads songs and lists directories below ``root``.

    Args:
        root: the music directory; it may be absent for a while.
        cached_songs: how many songs' tags are remembered while their files do not change.
    """

    def __init__(self, root: Path, cached_songs: int = 100_000) -> None:
        self.root = root
        self.stored: Callable[[], Mapping[str, Passage]] = dict
        """The passages that somebody has defined, by URI."""
        self.known: tuple[Song, ...] = ()
        """All songs in their order, as the latest count found them."""
        self._read = functools.lru_cache(maxsize=cached_songs)(
            functools.partial(_read_version, root)
        )
        self._read_sheet = functools.lru_cache(maxsize=cached_songs)(
            functools.partial(_read_sheet, root)
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
        if path is None:
            return None
        if not is_song_name(path.name) or not path.exists():
            whole, _, _ = uri.rpartition("/")
            parts = self.parts(whole) if whole else ()
            return next((part for part in parts if part.uri == uri), None)
        if is_ignored(path, self.root):
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
        if status is None or not (stat.S_ISDIR(status.st_mode) or self.parts(uri)):
            return None
        return Folder(uri, int(status.st_mtime))

    def parts(self, uri: str) -> tuple[Song, ...]:
        """Return what is browsed in a file: the tracks of a CUE sheet, the passages of a song."""
        tracks = self._tracks(uri, lambda track, _: f"{uri}/track{track.number:04}")
        whole = self._whole(uri) if is_song_name(uri) else None
        return (*tracks, *(passage_songs(self.stored(), whole) if whole else ()))

    def tracks(self, uri: str) -> tuple[Song, ...]:
        """Return the tracks of a CUE sheet, or of the one in a song's tags, as parts of their file.

        So they come into the queue with ``load``: under the URI of the file.
        """
        return self._tracks(uri, lambda _, file: file)

    def listing(self, uri: str) -> tuple[Item, ...] | None:
        """Return what a directory holds: songs, playlists, directories, each sorted.

        A CUE sheet is a playlist and a directory, and hides the files that it is about. A song
        with parts is a directory besides.

        Returns:
            None if there is no such directory.
        """
        path = self.path_of(uri)
        if path is None or not path.is_dir():
            return self.parts(uri) or None
        songs: list[Song] = []
        playlists: list[PlaylistFile] = []
        folders: list[Folder] = []
        hidden: set[str] = set()
        for entry in music_entries(path, self.root):
            entry_uri = f"{uri}/{entry.name}" if uri else entry.name
            if entry.is_dir():
                if self._has_music(path / entry.name, frozenset()):
                    folders.append(Folder(entry_uri, int(entry.stat().st_mtime)))
            elif entry.name.rpartition(".")[2].lower() in PLAYLIST_SUFFIXES:
                modified = int(entry.stat().st_mtime)
                playlists.append(PlaylistFile(entry_uri, modified))
                if tracks := self.parts(entry_uri):
                    folders.append(Folder(entry_uri, modified))
                    hidden |= {track.span.file for track in tracks if track.span}
            elif song := self._song_at(path / entry.name, entry_uri):
                songs.append(song)
                if self.parts(entry_uri):
                    folders.append(Folder(entry_uri, song.last_modified or 0))
        return (
            *(
                item
                for song in sorted(songs, key=_song_order)
                if song.uri not in hidden
                for item in self._with_sheet(song)
            ),
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
            identity = identity_of(path) if path is not None else None
        except OSError:
            return
        if identity is None or identity in above:
            return
        for item in self.listing(uri) or ():
            yield item
            if isinstance(item, Folder):
                yield from self.walk(item.uri, above | {identity})

    def songs_below(self, uri: str) -> tuple[Song, ...] | None:
        """Return all songs below a directory in its order; None if there is no such directory.

        Parts of a song that is there itself are left out: nothing is to sound twice.
        """
        if self.listing(uri) is None:
            return None
        songs = [item for item in self.walk(uri) if isinstance(item, Song)]
        whole = {song.uri for song in songs if song.span is None}
        return tuple(song for song in songs if song.span is None or song.span.file not in whole)

    def statistics(self) -> Statistics:
        """Read everything, note it as ``known``, and count it."""
        songs = tuple(item for item in self.walk("") if isinstance(item, Song))
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
        self._read_sheet.cache_clear()

    def files(self, uri: str) -> tuple[Folder | PlainFile, ...]:
        """Return all files and directories of a directory, by name, in the disk's order.

        Raises:
            OSError: it cannot be read.
        """
        path = self.path_of(uri)
        if path is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with os.scandir(path) as entries:
            found = (_described(entry) for entry in entries if is_clean_name(entry.name))
            return tuple(item for item in found if item is not None)

    def _whole(self, uri: str) -> Song | None:
        """Return a song that is a file of its own."""
        path = self.path_of(uri)
        return None if path is None or not is_song_name(path.name) else self._song_at(path, uri)

    def _song_at(self, path: Path, uri: str) -> Song | None:
        read = self._version(self._read, path, uri)
        return None if read is None else read[0]

    def _with_sheet(self, song: Song) -> Iterator[Item]:
        yield song
        if self._tracks(song.uri, lambda _, file: file):
            yield PlaylistFile(song.uri, None)

    def _tracks(self, uri: str, uri_of: Callable[[CueTrack, str], str]) -> tuple[Song, ...]:
        path = self.path_of(uri)
        if path is None:
            return ()
        if uri.lower().endswith(CUE_SUFFIX):
            sheet = self._version(self._read_sheet, path, uri) or ()
            return tuple(track_songs(sheet, posixpath.dirname(uri), self._whole, uri_of))
        read = self._version(self._read, path, uri) if is_song_name(path.name) else None
        if read is None or not read[1]:
            return ()
        # Whatever file it names, a sheet in the tags is about the file that it is in.
        sheet = tuple(replace(track, file=uri) for track in read[1])
        return tuple(track_songs(sheet, "", self._whole, uri_of))

    def _version(self, read: Callable[[str, int, int], T], path: Path, uri: str) -> T | None:
        """Read a file, or remember what was read of this version of it; None if it is none."""
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None
            return read(uri, status.st_mtime_ns, status.st_size)
        except (OSError, NotMusicError):
            return None

    def _has_music(self, path: Path, above: frozenset[tuple[int, int]]) -> bool:
        try:
            identity = identity_of(path)
        except OSError:
            return False
        if identity in above:
            return False
        entries = music_entries(path, self.root)
        return any(not entry.is_dir() for entry in entries) or any(
            self._has_music(path / entry.name, above | {identity}) for entry in entries
        )


def _read_version(
    root: Path, uri: str, _modified_ns: int, _size_bytes: int
) -> tuple[Song, tuple[CueTrack, ...]]:
    """Read a song and its tracks; time and size are there to tell versions of the file apart."""
    song, sheet = read_song_and_sheet(root / uri, uri)
    return song, tracks_of(sheet) if sheet else ()


def _read_sheet(root: Path, uri: str, _modified_ns: int, _size_bytes: int) -> tuple[CueTrack, ...]:
    data = (root / uri).read_bytes()[:LONGEST_SHEET]
    try:
        return tracks_of(data.decode("utf-8"))
    except UnicodeDecodeError:
        return tracks_of(data.decode("latin-1"))


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


def _song_order(song: Song) -> tuple[CollationKey, int, int, CollationKey]:
    """Sort by album, disc, track, then name."""
    return (
        collation_key(next(iter(song.values("Album")), "")),
        int(next(iter(song.values("Disc")), "0")),
        int(next(iter(song.values("Track")), "0")),
        collation_key(song.uri),
    )
