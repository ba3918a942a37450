"""The commands of README.md do what it says: from this checkout, and (long) from a fresh clone.

The fresh clone has a new home and a new virtual environment, as a newcomer has.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemon import ROOT
from tests.sounds import Codec, make, sine
from tests.terminal import terminal
from tests.waiting import until

ENOUGH_S = 30.0
INSTALLS_S = 600.0

RUN_HERE = {
    "git clone … wkmp && cd wkmp": "cloned",
    "./run.sh ~/Music": "test_start_add_and_play",
    "mpc add / && mpc play": "test_start_add_and_play",
    "./run.sh --demo": "test_the_demo_shows_what_it_does_until_ctrl_c",
    "./run.sh --lan": "test_open_to_the_network_it_tells_its_address",
    "./run.sh devices": "test_a_running_daemon_is_talked_to",
    "./run.sh device NAME": "test_a_running_daemon_is_talked_to",
    "./run.sh settings list": "test_a_running_daemon_is_talked_to",
    "./run.sh passage list": "test_a_running_daemon_is_talked_to",
    "./run.sh analyze": "test_what_needs_no_daemon",
    "./run.sh settings …": "test_a_second_one_is_refused_and_names_the_first",
    "./run.sh check-config": "test_what_needs_no_daemon",
    "./run.sh --help": "test_what_needs_no_daemon",
    "./run.sh --port 6601": "test_a_port_in_use_is_told_and_another_one_works",
    "mpc --port=6601": "test_a_port_in_use_is_told_and_another_one_works",
    "./test.sh": "test_the_tests_set_themselves_up",
    "./test.sh --all": "test_the_tests_set_themselves_up",
}
"""Each command, and the function here that runs it with words of its own."""

RUN_ELSEWHERE = {
    "sudo deploy/install.sh /srv/music": "tests/e2e/test_service.py",
    "--uninstall": "tests/e2e/test_service.py",
}
"""What changes the machine, and where it is tried on another one."""


def test_every_command_of_the_readme_is_run_here() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^    (.*)$", text, re.MULTILINE)
    lines = [line.partition(" # ")[0].strip() for line in blocks]
    spans = re.findall(r"`([^`\n]+)`", text)
    commands = {text for text in (*lines, *spans) if re.match(r"(\./|mpc .|git |sudo )", text)}
    assert commands - RUN_ELSEWHERE.keys() == set(RUN_HERE)
    assert all(name in globals() for name in RUN_HERE.values())
    for command, file in RUN_ELSEWHERE.items():
        assert command in text
        assert f'"{command.split()[-1]}"' in (ROOT / file).read_text("utf-8")


@dataclass(slots=True)
class Running:
    """A daemon that has said hello."""

    process: subprocess.Popen[str]
    banner: str

    @property
    def port(self) -> int:
        found = re.search(r"Listening  [\d.]+:(\d+)", self.banner)
        assert found, self.banner
        return int(found[1])

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; returns the exit status and what was logged."""
        self.process.send_signal(signal.SIGINT)
        _, log = self.process.communicate(timeout=ENOUGH_S)
        return self.process.returncode, log


class User:
    """Somebody at a shell, in a checkout.

    Args:
        checkout: where they are.
        command: what they type for ``./run.sh``.
        variables: of their environment, besides a new home.
    """

    def __init__(self, checkout: Path, command: Sequence[str], **variables: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="wkmp-home-"))
        self.checkout = checkout
        self.command = command
        foreign = ("XDG_", "WKMP_", "PULSE_", "MPD_", "ALSA_", "VIRTUAL_ENV", "PYTHON")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        self.environment |= variables | {
            "HOME": str(self.home),
            # So that this machine's own ports do not matter.
            "WKMP_NETWORK_PORT": "0",
            "WKMP_METRICS_PORT": "0",
        }

    def run(self, *words: str, within_s: float = ENOUGH_S) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *words],
            cwd=self.checkout, env=self.environment,
            capture_output=True, text=True, timeout=within_s, check=False,
        )  # fmt: skip

    def open(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *words],
            cwd=self.checkout, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    @contextlib.contextmanager
    def runs(self, *words: str) -> Iterator[Running]:
        """Start the daemon and read what it says."""
        with self.open(*words) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            banner = ""
            while "  Try " not in banner:
                line = process.stdout.readline()
                assert line, banner + process.stderr.read()
                banner += line
            try:
                yield Running(process, banner)
            finally:
                process.terminate()

    def mpc(self, running: Running, *words: str) -> str:
        return subprocess.run(
            ["mpc", f"--port={running.port}", *words],
            env=self.environment, capture_output=True, text=True, timeout=ENOUGH_S, check=True,
        ).stdout  # fmt: skip


@pytest.fixture(scope="module")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clone what is committed, as ``git clone`` of the project would."""
    checkout = tmp_path_factory.mktemp("clone") / "wkmp"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True, timeout=60)
    return checkout


@pytest.fixture(scope="module")
def newcomer(cloned: Path) -> Iterator[User]:
    user = User(cloned, ["./run.sh"], WKMP_VENV=str(cloned.parent / "venv"))
    installed = user.run("--version", within_s=INSTALLS_S)
    assert installed.returncode == 0, installed.stderr
    assert "installing Python packages" in installed.stderr
    yield user
    shutil.rmtree(user.home)


FROM_CLONE = pytest.param("clone", marks=[pytest.mark.long, pytest.mark.timeout(INSTALLS_S)])


@pytest.fixture(params=["checkout", FROM_CLONE])
def user(request: pytest.FixtureRequest) -> Iterator[User]:
    if request.param == "clone":
        yield request.getfixturevalue("newcomer")
        return
    command = [sys.executable, "-P", "-m", "wkmp"]
    person = User(ROOT, command, PYTHONPATH=str(ROOT), WKMP_COMMAND="./run.sh")
    yield person
    shutil.rmtree(person.home)


@pytest.fixture
def music(user: User) -> Path:
    folder = user.home / "Music"
    folder.mkdir(exist_ok=True)
    for name in ("a", "b"):
        make(folder / f"{name}.flac", sine(20 * 8_000, 8_000), Codec.FLAC16, 8_000, title=name)
    return folder


def test_start_add_and_play(user: User, music: Path) -> None:
    with user.runs(str(music)) as running:
        for text in ("Ctrl-C ends it", "no sound card found", f"Music      {music}"):
            assert text in running.banner
        assert f"Data       {user.home}/.local/share/wkmp" in running.banner
        assert f"Try        mpc --port={running.port} add / && mpc --port={running.port} play" in (
            running.banner
        )
        assert (user.home / ".config/wkmp/wkmp.ini").is_file()
        assert (user.home / ".local/share/wkmp/wkmp.db").is_file()
        user.mpc(running, "add", "/")
        user.mpc(running, "play")
        assert user.mpc(running, "crossfade", "5") == ""
        assert user.mpc(running, "crossfade") == "crossfade: 5\n"
        until(lambda: "0:01/0:20" in user.mpc(running, "status"), "it plays")
        status, log = running.stop()
    assert status == 0
    assert "Traceback" not in log
    began_s = time.monotonic()
    with user.runs() as again:  # the music directory stands in wkmp.ini now
        assert time.monotonic() - began_s < 2.0
        assert f"Music      {music}" in again.banner
        assert "[playing] #1/2" in user.mpc(again, "status")
        user.mpc(again, "clear")


def test_the_demo_shows_what_it_does_until_ctrl_c(user: User) -> None:
    demo = shlex.join([*user.command, "--demo", "--device", "null"])
    shell = f"{demo}; echo ended with $?; read line"
    with terminal(shell, user.environment, user.checkout) as screen:
        screen.shows("Playing to: none", "position", "overlap", "level", "ring", "dB", "play")
        first = screen.screen()
        until(lambda: screen.screen() != first, "it is live")
        screen.press("C-c")
        assert "Traceback" not in screen.shows("ended with 0")


def test_open_to_the_network_it_tells_its_address(user: User, music: Path) -> None:
    with user.runs("--lan", str(music)) as running:
        assert f"0.0.0.0:{running.port}" in running.banner
        assert re.search(r"Phones     (\d+\.\d+\.\d+\.\d+:\d+|no network found)", running.banner)
        assert "password" in running.banner


def test_a_running_daemon_is_talked_to(user: User, music: Path) -> None:
    absent = user.run("devices")
    assert absent.returncode == 1
    assert absent.stderr == "wkmp: no daemon runs; start one with: ./run.sh\n"
    with user.runs(str(music)):
        assert user.run("devices").returncode == 0
        assert user.run("device", "null").stdout == "nothing (no sound)\n"
        nothing = user.run("passage", "list")
        assert (nothing.returncode, nothing.stdout) == (0, "")
        listed = user.run("settings", "list").stdout
        assert "watchdog_interval_ms = 100\n" in listed
        changed = user.run("settings", "set", "watchdog_interval_ms", "50")
        assert changed.stdout == "watchdog_interval_ms = 50\n"
        user.run("settings", "set", "watchdog_interval_ms", "100")


def test_what_needs_no_daemon(user: User) -> None:
    assert user.run("check-config").stdout == "wkmp.ini is in order\n"
    (user.home / "Music").mkdir()
    make(user.home / "Music" / "a.flac", sine(44_100), Codec.FLAC16)
    measured = user.run("analyze").stdout.splitlines()
    assert measured[-1] == "1 files measured, 0 could not be; 0 were known already"
    help_text = user.run("--help")
    assert help_text.returncode == 0
    assert help_text.stdout.startswith("usage: ./run.sh ")
    assert re.fullmatch(r"wkmp \d+\.\d+\.\d+\n", user.run("--version").stdout)


def test_a_port_in_use_is_told_and_another_one_works(user: User, music: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        refused = user.run("--port", str(port), str(music))
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    holder = f"{Path('/proc/self/comm').read_text().strip()} (process {os.getpid()})"
    assert line.startswith(f"wkmp: 127.0.0.1:{port} is in use by {holder}: ")
    assert line.endswith(f"./run.sh --port {port + 1}")
    with user.runs("--port", str(port), str(music)) as running:
        assert running.port == port
        assert "volume" in user.mpc(running, "status")


def test_a_second_one_is_refused_and_names_the_first(user: User, music: Path) -> None:
    with user.runs(str(music)) as running:
        second = user.run(str(music))
        assert second.returncode == 1
        assert "wkmp is already running" in second.stderr
        assert f"(process {running.process.pid})" in second.stderr
        assert user.run("settings", "get", "watchdog_enabled").stdout == "1\n"


@pytest.mark.long
@pytest.mark.timeout(INSTALLS_S)
def test_the_tests_set_themselves_up(newcomer: User, cloned: Path) -> None:
    """With words of their own: all of them are what this test is one of."""
    done = subprocess.run(
        ["./test.sh", "-q", "tests/wkmp/test_cli.py"],
        cwd=cloned, env=newcomer.environment,
        capture_output=True, text=True, timeout=INSTALLS_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
