"""The daemon's frame around parts that only answer; the real ones are tests/e2e's."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wkmp.instance import Whereabouts, find

ROOT = Path(__file__).parents[2]

PARTS = """
import os
import sys
import warnings
from pathlib import Path
from wkmp import daemon, ini_file

class Parts:
    addresses = (("127.0.0.1", 6611),)
    local_socket = None
    output = "nothing (a test)"
    def __init__(self, ground):
        self.ground = ground
        ground.notifier.alive()
    def ailment(self):
        return None
    def stop(self):
        print("parts stopped", flush=True)

def gives_up(ground):
    ground.give_up()
    return Parts(ground)

def breaks(ground):
    warnings.warn("getting old")
    os.close(-1)

chosen = {"works": Parts, "gives_up": gives_up, "breaks": breaks}[sys.argv[2]]
sys.exit(daemon.run(ini_file.load(Path(sys.argv[1])), chosen))
"""


@pytest.fixture
def metrics_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
def ini(tmp_path: Path, metrics_port: int) -> Path:
    file = tmp_path / "wkmp.ini"
    file.write_text(
        f"[paths]\ndata_directory = {tmp_path}/data\n[metrics]\nport = {metrics_port}\n", "utf-8"
    )
    return file


def process(ini: Path, how: str = "works", **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PARTS, str(ini), how],
        cwd=ROOT, env=os.environ | variables,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def running(ini: Path) -> Iterator[subprocess.Popen[str]]:
    with process(ini) as daemon:
        yield daemon
        daemon.kill()


def banner_of(daemon: subprocess.Popen[str]) -> str:
    assert daemon.stdout is not None
    text = ""
    while "  Try" not in text:
        line = daemon.stdout.readline()
        assert line, daemon.stderr and daemon.stderr.read()
        text += line
    return text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_at_once(
    running: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert "nothing (a test)" in banner_of(running)
    began_s = time.monotonic()
    running.send_signal(number)
    out, err = running.communicate(timeout=10)
    assert time.monotonic() - began_s < 2.0
    assert running.returncode == 0
    assert out.endswith("parts stopped\n")
    assert "Traceback" not in err


def test_it_can_be_found_while_it_runs(running: subprocess.Popen[str], tmp_path: Path) -> None:
    banner_of(running)
    assert find(tmp_path / "data") == Whereabouts(running.pid, None, ("127.0.0.1", 6611))
    running.terminate()
    running.wait(10)
    assert find(tmp_path / "data") is None


def test_metrics_and_health_are_served(running: subprocess.Popen[str], metrics_port: int) -> None:
    banner_of(running)
    for path, expected in (("/metrics", b"actor_restarts_total"), ("/healthz", b"ok")):
        client = http.client.HTTPConnection("127.0.0.1", metrics_port, timeout=5)
        client.request("GET", path)
        assert expected in client.getresponse().read()
        client.close()


def test_idle_it_does_not_wake_up(running: subprocess.Popen[str]) -> None:
    banner_of(running)
    before = switches(running.pid)
    time.sleep(1.0)  # the time is what is measured
    # One, if the main thread was still on its way from the banner to its wait.
    assert switches(running.pid) - before <= 1


def switches(pid: int) -> int:
    """Count how often any of the process's threads went to sleep."""
    statuses = Path(f"/proc/{pid}/task").glob("*/status")
    texts = [status.read_text("ascii") for status in statuses]
    return sum(
        int(n) for text in texts for n in re.findall(r"\nvoluntary_ctxt_switches:\t(\d+)", text)
    )


def test_a_second_daemon_with_the_same_data_is_refused(
    running: subprocess.Popen[str], ini: Path
) -> None:
    banner_of(running)
    with process(ini) as second:
        _, err = second.communicate(timeout=10)
    assert second.returncode == 1
    assert f"already running with the data in {ini.parent}/data (process {running.pid})" in err


def test_metrics_that_cannot_be_served_do_not_stop_it(ini: Path, metrics_port: int) -> None:
    with socket.create_server(("127.0.0.1", metrics_port)), process(ini) as daemon:
        banner_of(daemon)
        daemon.terminate()
        _, err = daemon.communicate(timeout=10)
    assert daemon.returncode == 0
    assert f"Metrics cannot be served at 127.0.0.1:{metrics_port}" in err


def test_a_part_that_gives_up_ends_it_with_a_failure(ini: Path) -> None:
    with process(ini, "gives_up") as daemon:
        out, _ = daemon.communicate(timeout=10)
    assert daemon.returncode == 1
    assert out.endswith("parts stopped\n")


def test_systemd_hears_when_it_is_ready_and_when_it_stops(ini: Path, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(10)
        with process(ini, NOTIFY_SOCKET=address) as daemon:
            assert systemd.recv(1000) == b"WATCHDOG=1"
            assert systemd.recv(1000).startswith(b"READY=1\n")
            daemon.terminate()
            assert systemd.recv(1000) == b"STOPPING=1"
            daemon.communicate(timeout=10)


def test_what_python_says_itself_is_logged_like_everything_else(ini: Path) -> None:
    with process(ini, "breaks", WKMP_LOGGING_FORMAT="json") as daemon:
        _, err = daemon.communicate(timeout=10)
    warned, ended = (json.loads(line) for line in err.splitlines())
    assert daemon.returncode == 1
    assert (warned["level"], warned["logger"]) == ("WARNING", "py.warnings")
    assert "UserWarning: getting old" in warned["message"]
    assert ended["level"] == "CRITICAL"
    assert ended["exception"].endswith("Bad file descriptor")
