"""Where a user's files are: the XDG base directories."""

from __future__ import annotations

import os
import re
from pathlib import Path

_USER_DIRS_LINE = re.compile(r'^\s*XDG_MUSIC_DIR="(?P<path>[^"]+)"')


def config_file() -> Path:
    """Return where wkmp.ini is looked for when ``--config`` does not say."""
    return _base("XDG_CONFIG_HOME", ".config") / "wkmp" / "wkmp.ini"


def data_directory() -> Path:
    """Return where the database is."""
    return _base("XDG_DATA_HOME", ".local/share") / "wkmp"


def music_directory() -> Path:
    """Return the user's music directory: as the desktop says, else ``~/Music``."""
    given = os.environ.get("XDG_MUSIC_DIR") or _music_directory_of_desktop()
    return Path(given).expanduser() if given else Path.home() / "Music"


def local_socket() -> Path:
    """Return where local clients connect; beside the data where there is no runtime directory."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "wkmp" / "socket" if runtime else data_directory() / "socket"


def _base(variable: str, below_home: str) -> Path:
    given = os.environ.get(variable, "")
    # The XDG specification: a relative path is to be ignored.
    return Path(given) if Path(given).is_absolute() else Path.home() / below_home


def _music_directory_of_desktop() -> str | None:
    try:
        lines = (_base("XDG_CONFIG_HOME", ".config") / "user-dirs.dirs").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines.splitlines():
        if match := _USER_DIRS_LINE.match(line):
            return match["path"].replace("$HOME", str(Path.home()))
    return None
