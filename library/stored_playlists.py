"""Stored playlists: one file ``NAME.m3u`` each, holding a URI a line.

Everything here reads or writes the disk, so it is called from threads. A change is on disk when it
returns, and whole or not at all. Two changes of one playlist at a time would overwrite each other;
the caller makes them one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from library.m3u import entries_of
from playback.errors import AckCode, AckError

SUFFIX: Final = ".m3u"


@dataclass(frozen=True, slots=True)
class StoredPlaylist:
    """A playlist's name, and the Unix seconds of its latest change."""

    name: str
    last_modified: int


def is_playlist_name(name: str) -> bool:
    """Return whether a stored playlist can be called so."""
    return bool(name) and not any(sign in name for sign in "/\n\r\0")


class StoredPlaylists:
    """The playlists in a directory; it is made with the first of them.

    Args:
        longest: how many URIs one may hold.
    """

    def __init__(self, root: Path, longest: int = 16_384) -> None:
        self.root = root
        self._longest = longest

    def all(self) -> tuple[StoredPlaylist, ...]:
        """Return what there is, by name."""
        try:
            with os.scandir(self.root) as entries:
                found = [(entry.name, entry.stat()) for entry in entries if _is_shown(entry)]
        except OSError:
            return ()
        return tuple(
            StoredPlaylist(name.removesuffix(SUFFIX), int(status.st_mtime))
            for name, status in sorted(found)
        )

    def read(self, name: str) -> list[str]:
        """Return a playlist's URIs.

        Raises:
            AckError: the name will not do, or there is none of this name.
        """
        try:
            text = self._path(name).read_text("utf-8", "replace")
        except FileNotFoundError:
            raise _missing() from None
        return entries_of(text)

    def exists(self, name: str) -> bool:
        """Return whether there is one of this name.

        Raises:
            AckError: the name will not do.
        """
        return self._path(name).is_file()

    def write(self, name: str, uris: Sequence[str]) -> None:
        """Make a playlist hold just these URIs; it is made if there is none.

        Raises:
            AckError: the name will not do, or these are too many.
            OSError: it cannot be written.
        """
        if len(uris) > self._longest:
            raise AckError(AckCode.PLAYLIST_MAX, "Stored playlist is too large")
        path = self._path(name)
        self.root.mkdir(parents=True, exist_ok=True)
        new = self.root / f".{path.name}.new"
        with new.open("w", encoding="utf-8") as file:
            file.write("".join(f"{uri}\n" for uri in uris))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        self._sync_names()

    def remove(self, name: str) -> None:
        """Remove a playlist.

        Raises:
            AckError: the name will not do, or there is none of this name.
            OSError: it cannot be removed.
        """
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise _missing() from None
        self._sync_names()

    def rename(self, name: str, new_name: str) -> None:
        """Give a playlist another name that is free.

        Raises:
            AckError: a name will not do, there is none, or the new name is taken.
            OSError: it cannot be renamed.
        """
        path, new_path = self._path(name), self._path(new_name)
        if not path.is_file():
            raise _missing()
        if new_path.exists():
            raise AckError(AckCode.EXIST, "Playlist exists already")
        path.rename(new_path)
        self._sync_names()

    def _path(self, name: str) -> Path:
        if not is_playlist_name(name):
            raise AckError(AckCode.ARG, "Bad playlist name")
        return self.root / f"{name}{SUFFIX}"

    def _sync_names(self) -> None:
        with suppress(OSError):  # not every file system can
            directory = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)


def _is_shown(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    is_text = "\n" not in name and not any("\ud800" <= sign <= "\udfff" for sign in name)
    return is_text and name.endswith(SUFFIX) and not name.startswith(".") and entry.is_file()


def _missing() -> AckError:
    return AckError(AckCode.NO_EXIST, "No such playlist")
