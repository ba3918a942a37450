from __future__ import annotations

from pathlib import Path

import pytest

from wkmp import paths


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "MUSIC_DIR"):
        monkeypatch.delenv(f"XDG_{variable}", raising=False)
    return tmp_path


def test_without_xdg_variables_everything_is_below_home(home: Path) -> None:
    assert paths.config_file() == home / ".config/wkmp/wkmp.ini"
    assert paths.data_directory() == home / ".local/share/wkmp"
    assert paths.music_directory() == home / "Music"
    assert paths.local_socket() == home / ".local/share/wkmp/socket"


def test_xdg_variables_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    monkeypatch.setenv("XDG_DATA_HOME", "/d")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/r")
    monkeypatch.setenv("XDG_MUSIC_DIR", "/m")
    assert paths.config_file() == Path("/c/wkmp/wkmp.ini")
    assert paths.data_directory() == Path("/d/wkmp")
    assert paths.local_socket() == Path("/r/wkmp/socket")
    assert paths.music_directory() == Path("/m")


def test_a_relative_base_directory_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert paths.data_directory() == home / ".local/share/wkmp"


def test_the_desktops_music_directory_is_found(home: Path) -> None:
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text('# x\nXDG_MUSIC_DIR="$HOME/Musik"\n', "utf-8")
    assert paths.music_directory() == home / "Musik"
