from __future__ import annotations

from pathlib import Path

import pytest

from playback.errors import ConfigError
from wkmp.first_start import CommandLine, configuration


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "MUSIC_DIR"):
        monkeypatch.delenv(f"XDG_{variable}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_first_start_leaves_a_configuration_and_a_music_directory(home: Path) -> None:
    config = configuration(CommandLine(), create=True)
    assert config.paths.music_directory == home / "Music"
    assert (home / "Music").is_dir()
    assert "#port = 6600" in (home / ".config/wkmp/wkmp.ini").read_text("utf-8")


def test_the_first_music_directory_is_remembered(home: Path) -> None:
    (home / "flac").mkdir()
    configuration(CommandLine(music=home / "flac"), create=True)
    assert configuration(CommandLine()).paths.music_directory == home / "flac"
    assert not (home / "Music").exists()


def test_an_existing_configuration_is_never_written(home: Path) -> None:
    file = home / ".config/wkmp/wkmp.ini"
    file.parent.mkdir(parents=True)
    file.write_text("[network]\nport = 6611\n", "utf-8")
    (home / "flac").mkdir()
    config = configuration(CommandLine(music=home / "flac"), create=True)
    assert config.network.port == 6611
    assert config.paths.music_directory == home / "flac"
    assert file.read_text("utf-8") == "[network]\nport = 6611\n"


def test_a_music_directory_that_is_configured_but_absent_is_not_made(home: Path) -> None:
    file = home / "x.ini"
    file.write_text(f"[paths]\nmusic_directory = {home}/stick\n", "utf-8")
    config = configuration(CommandLine(config=file), create=True)
    assert config.paths.music_directory == home / "stick"
    assert not (home / "stick").exists()


def test_looking_creates_nothing(home: Path) -> None:
    configuration(CommandLine())
    assert list(home.iterdir()) == []


def test_the_command_line_outranks_the_file(home: Path) -> None:
    file = home / "x.ini"
    file.write_text("[network]\nport = 6611\n[output]\nplugin = null\n", "utf-8")
    said = CommandLine(config=file, device="hw:3", port=0, lan=True)
    config = configuration(said)
    assert config.network.port == 0
    assert config.network.address == ("0.0.0.0",)
    assert (config.output.plugin, config.output.device) == ("alsa", "hw:3")


def test_the_device_null_means_no_sound() -> None:
    assert configuration(CommandLine(device="null")).output.plugin == "null"


def test_a_file_that_is_asked_for_must_be_there(home: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        configuration(CommandLine(config=home / "absent.ini"))


def test_a_music_directory_that_is_asked_for_must_be_there(home: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such music directory"):
        configuration(CommandLine(music=home / "absent"))
