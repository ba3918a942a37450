"""What is typed into a shell while the daemon runs, and before it may."""

from __future__ import annotations

import re

import pytest

from tests.daemon import Daemon
from tests.sounds import Codec, make, sine
from tests.waiting import until
from wkmp import VERSION


def plays(daemon: Daemon) -> None:
    make(daemon.music / "song.flac", sine(60 * 8_000, 8_000, channels=1), Codec.FLAC16, 8_000)
    client = daemon.connect()
    client.send("add song.flac")
    client.send("play")
    until(lambda: float(client.status()["elapsed"]) > 0, "it plays")


def rounds_per_second(daemon: Daemon) -> float:
    """Measure over a second of what is heard how often the watchdog looked."""
    client = daemon.connect()

    def now() -> tuple[float, float]:
        return float(client.status()["elapsed"]), daemon.metric("wkmp_watchdog_round_seconds_count")

    began_s, before = now()
    until(lambda: float(client.status()["elapsed"]) >= began_s + 1, "a second was heard")
    ended_s, after = now()
    return (after - before) / (ended_s - began_s)


def test_the_watchdogs_interval_changes_while_it_plays(daemon: Daemon) -> None:
    plays(daemon)
    done = daemon.command("settings", "set", "watchdog_interval_ms", "50")
    assert (done.returncode, done.stdout) == (0, "watchdog_interval_ms = 50\n")
    assert 16 <= rounds_per_second(daemon) <= 22
    done = daemon.command("settings", "set", "watchdog_enabled", "0")
    assert done.returncode == 0
    assert rounds_per_second(daemon) <= 1
    listed = daemon.command("settings", "list").stdout.splitlines()
    assert {"watchdog_interval_ms = 50", "watchdog_enabled = 0"} < set(listed)
    daemon.kill()
    daemon.start()
    assert daemon.command("settings", "get", "watchdog_interval_ms").stdout == "50\n"


@pytest.mark.parametrize(("given", "used"), [("5", "10"), ("999999", "2000")])
def test_a_setting_out_of_range_is_clamped_and_logged(
    daemon: Daemon, given: str, used: str
) -> None:
    done = daemon.command("settings", "set", "watchdog_interval_ms", given)
    assert done.returncode == 0
    assert done.stdout == f"watchdog_interval_ms = {used} (allowed: 10 to 2000)\n"
    [line] = [line for line in daemon.log.splitlines() if "WARNING" in line]
    assert given in line
    assert used in line


def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(
    shared_daemon: Daemon,
) -> None:
    before = shared_daemon.command("settings", "list").stdout
    for words in (
        ("set", "watchdog_interval_ms", "soon"), ("set", "nonsense", "1"), ("get", "nonsense"),
    ):  # fmt: skip
        refused = shared_daemon.command("settings", *words)
        assert refused.returncode == 2, words
        assert refused.stderr.startswith("wkmp: setting "), refused.stderr
        assert "\n" not in refused.stderr.strip()
    assert shared_daemon.command("settings", "list").stdout == before


def test_the_buffer_threshold_changes_while_it_plays(daemon: Daemon) -> None:
    plays(daemon)
    assert daemon.command("settings", "set", "minimum_playback_buffer_ms", "500").returncode == 0
    client = daemon.connect()
    for name in ("a", "b", "c"):
        make(daemon.music / f"{name}.flac", sine(60 * 8_000, 8_000), Codec.FLAC16, 8_000)
        client.send(f"add {name}.flac")
    # Current and next fill their rings; those behind hold the threshold.
    until(lambda: 0.5 <= ring_s(daemon, 3) < 1.5, "the third is prepared as far as it should")
    daemon.command("settings", "set", "minimum_playback_buffer_ms", "2000")
    until(lambda: 2.0 <= ring_s(daemon, 3) < 3.0, "the third is prepared further")


def ring_s(daemon: Daemon, place: int) -> float:
    return daemon.metric(f'wkmp_ring_level_seconds{{place="{place}"}}')


def test_a_port_in_use_is_told_with_its_holder(shared_daemon: Daemon) -> None:
    other = shared_daemon.command(
        "run",
        "--port",
        str(shared_daemon.port),
        WKMP_PATHS_DATA_DIRECTORY=str(shared_daemon.home / "other"),
    )
    assert other.returncode == 1
    assert re.search(
        rf"127\.0\.0\.1:{shared_daemon.port} is in use by \S+ \(process {shared_daemon.pid}\)",
        other.stderr,
    )
    assert "--port" in other.stderr
    assert "Traceback" not in other.stderr


def test_a_second_daemon_with_the_same_data_is_refused(shared_daemon: Daemon) -> None:
    other = shared_daemon.command("run", "--port", "0")
    assert other.returncode == 1
    assert (
        f"already running with the data in {shared_daemon.data} (process {shared_daemon.pid})"
        in other.stderr
    )


def test_several_faults_of_the_configuration_are_told_at_once(daemon: Daemon) -> None:
    with daemon.ini.open("a") as ini:
        ini.write("[playback]\nresume_fade_ms = long\nnonsense = 1\n[nowhere]\nx = 1\n")
        ini.write("[storage]\ndurability = hope\n[defaults]\nwatchdog_interval_ms = 0\n")
    checked = daemon.command("check-config")
    assert checked.returncode == 2
    faults = checked.stderr.splitlines()
    assert len(faults) == 5
    for fault, allowed in (
        ("[playback] resume_fade_ms = long: ", "0 to 1000"),
        ("[playback] nonsense = 1: ", "restore_paused"),
        ("[nowhere]: ", "playback"),
        ("[storage] durability = hope: ", "power, process"),
        ("[defaults] watchdog_interval_ms = 0: ", "10 to 2000"),
    ):
        [told] = [line for line in faults if line.startswith(f"wkmp: {daemon.ini}: {fault}")]
        assert allowed in told


def test_version_and_help_are_the_same_while_it_runs(shared_daemon: Daemon) -> None:
    assert shared_daemon.command("--version").stdout == f"wkmp {VERSION}\n"
    assert "COMMAND" in shared_daemon.command("--help").stdout


def test_health_and_metrics_are_served(shared_daemon: Daemon) -> None:
    assert shared_daemon.page("/healthz") == "ok\n"
    page = shared_daemon.page("/metrics")
    assert f'wkmp_info{{version="{VERSION}"}} 1.0' in page
    for name in (
        "wkmp_event_latency_seconds histogram", "wkmp_xruns_total counter",
        "wkmp_underruns_total counter", "wkmp_decode_speed histogram",
        "actor_restarts_total counter", "watchdog_interventions_total counter",
        "wkmp_clients gauge",
    ):  # fmt: skip
        assert f"# TYPE {name}\n" in page
