from __future__ import annotations

from pathlib import Path

import pytest

from playback.errors import ConfigError
from playback.levels import Levelling
from wkmp import ini_file
from wkmp.config import KEYS, Config, Key
from wkmp.ini_kinds import Password

SHIPPED = Path(__file__).parents[2] / "wkmp.ini"


def written(folder: Path, text: str) -> Path:
    file = folder / "wkmp.ini"
    file.write_text(text, "utf-8")
    return file


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        ini_file.load(written(folder, text), {})
    return str(refused.value).splitlines()


def test_no_file_means_the_defaults() -> None:
    config = ini_file.load(None, {})
    assert config.network.address == ("127.0.0.1",)
    assert config.network.port == 6600
    assert (config.output.rate, config.output.period, config.output.periods) == (44100, 2048, 3)
    assert config.storage.durability == "power"
    assert config.playback.resume_fade_ms == 20
    assert config.playback.levelling == Levelling()


def test_an_empty_file_of_an_older_release_means_the_defaults(tmp_path: Path) -> None:
    assert ini_file.load(written(tmp_path, ""), {}) == Config()


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    text = """
[paths]
music_directory = /srv/music
[network]
address = 0.0.0.0, ::1
port = 0
socket = none
passwords =
    s3%cret@x@read,control
    root@admin
default_permissions = read
[output]
plugin = NULL
rate = 192000
[playback]
restore_paused = Yes
replaygain_preamp = -2.5
replaygain_missing_preamp = +6
replaygain_limit = no
[defaults]
watchdog_interval_ms = 50
"""
    config = ini_file.load(written(tmp_path, text), {})
    assert config.paths.music_directory == Path("/srv/music")
    assert config.network.address == ("0.0.0.0", "::1")
    assert config.network.port == 0
    assert config.network.socket is None
    assert config.network.passwords == (
        Password("s3%cret@x", frozenset({"read", "control", "player"})),
        Password("root", frozenset({"admin"})),
    )
    assert config.network.open_permissions == {"read"}
    assert config.output.plugin == "null"
    assert config.output.rate == 192000
    assert config.playback.restore_paused is True
    assert config.playback.levelling == Levelling(
        preamp_db=-2.5, missing_preamp_db=6.0, limit=False
    )
    assert config.defaults == {"watchdog_interval_ms": 50}


def test_all_faults_are_named_at_once_with_file_section_key_value_and_range(
    tmp_path: Path,
) -> None:
    text = """
[network]
port = 70000
prot = 6600
[output]
rate = 44101
[metriks]
port = 1
[defaults]
watchdog_interval_ms = 5
"""
    faults = faults_of(tmp_path, text)
    where = str(tmp_path / "wkmp.ini")
    assert len(faults) == 5
    assert all(fault.startswith(where) for fault in faults)
    assert "[network] port = 70000" in faults[0]
    assert "0 to 65535" in faults[0]
    assert "[network] prot = 6600" in faults[1]
    assert 'did you mean "port"?' in faults[1]
    assert "[output] rate = 44101" in faults[2]
    assert "44100, 48000, 88200, 96000, 176400, 192000" in faults[2]
    assert "[defaults] watchdog_interval_ms = 5" in faults[3]
    assert "10 to 2000" in faults[3]
    assert "[metriks]" in faults[4]
    assert 'did you mean "metrics"?' in faults[4]


@pytest.mark.parametrize(
    "line",
    [
        "[network]\nport = many",
        "[network]\nport =",
        "[network]\nport = -1",
        "[network]\naddress = ,",
        "[network]\npasswords = nothing-behind-it",
        "[network]\npasswords =\n  x@flying",
        "[network]\ndefault_permissions = flying",
        "[paths]\nmusic_directory = Music",
        "[paths]\nmusic_directory =",
        "[output]\nplugin = jack",
        "[output]\nname =",
        "[playback]\nrestore_paused = perhaps",
        "[playback]\nreplaygain_preamp = 15.1",
        "[playback]\nreplaygain_preamp = -16",
        "[playback]\nreplaygain_preamp = nan",
        "[playback]\nreplaygain_preamp = loud",
        "[playback]\nreplaygain_missing_preamp = 3 dB",
        "[DEFAULT]\nport = 1",
        "[defaults]\nwatchdog_enabled = on",
    ],
)
def test_a_bad_value_is_refused(tmp_path: Path, line: str) -> None:
    assert len(faults_of(tmp_path, line)) == 1


@pytest.mark.parametrize(
    "text", ["port = 1", "[network]\nport = 1\nport = 2", "[network]\n[network]", "[network\n"]
)
def test_what_is_no_ini_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of(tmp_path, text)
    assert str(tmp_path / "wkmp.ini") in fault


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wkmp.ini"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        ini_file.load(file, {})


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[network]\nport = 6601\nmax_connections = 7\n")
    config = ini_file.load(file, {"WKMP_NETWORK_PORT": "6602", "WKMP_ELSE": "ignored"})
    assert config.network.port == 6602
    assert config.network.max_connections == 7


def test_a_fault_in_the_environment_names_the_variable() -> None:
    with pytest.raises(ConfigError, match=r"^WKMP_NETWORK_PORT: \[network\] port = x: not allowed"):
        ini_file.load(None, {"WKMP_NETWORK_PORT": "x"})


def test_with_passwords_nothing_is_permitted_without_one(tmp_path: Path) -> None:
    guarded = ini_file.load(written(tmp_path, "[network]\npasswords = pw@read\n"), {})
    assert guarded.network.open_permissions == frozenset()
    assert ini_file.load(None, {}).network.open_permissions == {
        "read", "add", "player", "control", "admin",
    }  # fmt: skip


def test_the_shipped_file_names_every_key_with_its_default() -> None:
    assert SHIPPED.read_text("utf-8") == ini_file.template()


def test_the_shipped_file_changes_nothing() -> None:
    assert ini_file.load(SHIPPED, {}) == Config()


@pytest.mark.parametrize(
    "key", [key for key in KEYS if "$" not in key.default], ids=lambda k: f"{k.section}.{k.name}"
)
def test_every_shown_default_can_be_written(tmp_path: Path, key: Key) -> None:
    text = f"[{key.section}]\n{key.name} = {key.default}\n"
    loaded = ini_file.load(written(tmp_path, text), {})
    if key.section == "defaults":
        assert loaded.defaults == {key.name: int(key.default)}
    elif key.section != "paths":
        assert loaded == Config()


def test_a_template_with_overrides_puts_them_in_force(tmp_path: Path) -> None:
    text = ini_file.template({("paths", "music_directory"): "/srv/music"})
    assert ini_file.load(written(tmp_path, text), {}).paths.music_directory == Path("/srv/music")
