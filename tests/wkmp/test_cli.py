"""The commands as a shell runs them; those of a running daemon are tests/e2e's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wkmp import VERSION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def wkmp(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-P", "-m", "wkmp", *words],
        cwd=home, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_version(home: Path) -> None:
    answer = wkmp(home, "--version")
    assert (answer.returncode, answer.stdout) == (0, f"wkmp {VERSION}\n")


def test_help_names_every_command(home: Path) -> None:
    answer = wkmp(home, "--help")
    assert answer.returncode == 0
    for command in ("run", "demo", "check-config", "settings", "analyze", "devices", "device"):
        assert f"    {command}" in answer.stdout


def test_help_comes_from_how_the_user_called(home: Path) -> None:
    assert "usage: ./run.sh " in wkmp(home, "--help", WKMP_COMMAND="./run.sh").stdout


def test_a_sound_configuration_is_in_order(home: Path) -> None:
    assert wkmp(home, "check-config").returncode == 0
    assert wkmp(home, "check-config", "--config", str(ROOT / "wkmp.ini")).returncode == 0


def test_faults_of_the_configuration_are_told_all_at_once(home: Path) -> None:
    ini = home / "bad.ini"
    ini.write_text("[network]\nport = 70000\n[output]\nrate = 1\n", "utf-8")
    answer = wkmp(home, "check-config", "--config", str(ini))
    assert answer.returncode == 2
    assert answer.stdout == ""
    faults = answer.stderr.splitlines()
    assert len(faults) == 2
    assert all(fault.startswith(f"wkmp: {ini}: [") for fault in faults)


@pytest.mark.parametrize(
    "words",
    [
        ("check-config", "--config", "absent.ini"),
        ("absent-directory",),
        ("--port", "70000"),
        ("--port", "x"),
        ("settings",),
        ("settings", "get"),
        ("settings", "get", "nonsense"),
        ("settings", "set", "nonsense", "1"),
        ("settings", "set", "watchdog_interval_ms", "soon"),
        ("settings", "list", "superfluous"),
    ],
    ids=" ".join,
)
def test_a_fault_of_the_users_is_told_without_a_traceback(
    home: Path, words: tuple[str, ...]
) -> None:
    answer = wkmp(home, *words)
    assert answer.returncode == 2
    assert answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_unknown_setting_names_those_that_are_known(home: Path) -> None:
    assert "minimum_playback_buffer_ms" in wkmp(home, "settings", "get", "nonsense").stderr


def test_without_a_daemon_settings_are_read_and_written_in_the_database(home: Path) -> None:
    assert wkmp(home, "settings", "list").stdout.splitlines() == [
        "watchdog_interval_ms = 100",
        "minimum_playback_buffer_ms = 3000",
        "maximum_decode_streams = 12",
        "watchdog_enabled = 1",
    ]
    changed = wkmp(home, "settings", "set", "watchdog_interval_ms", "50")
    assert (changed.returncode, changed.stdout) == (0, "watchdog_interval_ms = 50\n")
    assert wkmp(home, "settings", "get", "watchdog_interval_ms").stdout == "50\n"


@pytest.mark.parametrize(("given", "used"), [("1", "10"), ("99999", "2000")])
def test_a_setting_out_of_range_is_clamped_and_the_range_told(
    home: Path, given: str, used: str
) -> None:
    answer = wkmp(home, "settings", "set", "watchdog_interval_ms", given)
    assert answer.stdout == f"watchdog_interval_ms = {used} (allowed: 10 to 2000)\n"
    assert wkmp(home, "settings", "get", "watchdog_interval_ms").stdout == f"{used}\n"


def test_wkmp_ini_seeds_a_new_table(home: Path) -> None:
    ini = home / "seed.ini"
    ini.write_text("[defaults]\nmaximum_decode_streams = 4\n", "utf-8")
    answer = wkmp(home, "settings", "get", "maximum_decode_streams", "--config", str(ini))
    assert answer.stdout == "4\n"


def test_devices_need_a_daemon_and_say_how_to_start_one(home: Path) -> None:
    answer = wkmp(home, "devices", WKMP_COMMAND="./run.sh")
    assert answer.returncode == 1
    assert answer.stderr == "wkmp: no daemon runs; start one with: ./run.sh\n"


def test_under_systemd_what_is_wrong_is_an_error_in_the_journal(home: Path) -> None:
    journal = home / "journal"
    with journal.open("w") as stream:
        about = os.fstat(stream.fileno())
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}",
        }
        subprocess.run(
            [sys.executable, "-P", "-m", "wkmp", "run", "--config", str(home / "absent.ini")],
            cwd=home, env=environment, stderr=stream, timeout=30, check=False,
        )  # fmt: skip
    assert journal.read_text() == f"<3>wkmp: {home}/absent.ini: there is no such file\n"
