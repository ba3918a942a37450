"""The service on a machine that has never seen it: installed, run as its unit says, removed.

No systemd runs there. What it would do is done here, as the unit says: the user, directories,
limits and environment, a root that is read-only but for its directories, and an ear for what
the service tells. The system calls that the unit forbids are not forbidden here.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from actors import realtime
from actors.liveness import BEAT_S
from tests.daemon import free_port
from tests.fresh_root import AS_ROOT, FreshRoot, fresh_root
from tests.mpd_server import MpdClient
from tests.service_unit import command, environment, only, unit
from tests.sounds import Codec, make, sine
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

STARTS_S = 20.0
INSTALL = "/checkout/deploy/install.sh"
WHEELS = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels", "PIP_NO_CACHE_DIR": "1"}
REALTIME = (os.SCHED_RR | os.SCHED_RESET_ON_FORK, realtime.PRIORITY)
ORDINARY = (os.SCHED_OTHER, 0)
STATE = ("/var/lib/wkmp", "/run/wkmp")


@pytest.fixture(scope="module")
def root() -> Iterator[FreshRoot]:
    with fresh_root() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def installed(root: FreshRoot) -> FreshRoot:
    done = root.run(INSTALL, "/srv/music", **WHEELS)
    assert done.returncode == 0, done.stderr
    assert "systemd does not run here" in done.stderr
    return root


class Service:
    """What systemd would start, and what it would hear."""

    def __init__(self, root: FreshRoot, log: Path) -> None:
        self.port = free_port()
        self.pid = 0  # known once it has been heard
        self._root, self._log = root, log
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._ear.settimeout(STARTS_S)
        address = root.file("/run/notify")
        address.unlink(missing_ok=True)
        self._ear.bind(str(address))
        address.chmod(0o666)
        with log.open("ab") as journal:
            self.process = subprocess.Popen(
                root.command(
                    command(), self._variables(journal.fileno()),
                    wrapped=(*_limits(), *_identity()), writable=STATE,
                ),
                stdout=journal, stderr=journal,
            )  # fmt: skip

    def hears(self, within_s: float = STARTS_S) -> tuple[str, int]:
        """Return the next thing it tells systemd, and which process told it."""
        self._ear.settimeout(within_s)
        text, [(_, _, credentials)], _, _ = self._ear.recvmsg(4096, socket.CMSG_SPACE(12))
        self.pid, _, _ = struct.unpack("3i", credentials)
        return text.decode(), self.pid

    def signal(self, name: str) -> None:
        subprocess.run(
            [*AS_ROOT, "kill", f"-{name}", str(self.pid or self.process.pid)], check=True
        )

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def close(self) -> None:
        if self.process.poll() is None:
            self.signal("KILL")
        self.process.wait()
        self._ear.close()

    def _variables(self, journal: int) -> Mapping[str, str]:
        about = os.fstat(journal)
        return environment() | {
            "NOTIFY_SOCKET": "/run/notify",
            "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}",
            # So that this machine's own ports do not matter.
            "WKMP_NETWORK_PORT": str(self.port),
            "WKMP_METRICS_PORT": str(free_port()),
        }


def _limits() -> Sequence[str]:
    """Return what sets the limits; nothing, on a machine whose root may not raise them."""
    milliseconds = re.fullmatch(r"(\d+)ms", only("LimitRTTIME"))
    assert milliseconds
    words = ("prlimit", f"--rtprio={only('LimitRTPRIO')}", f"--rttime={milliseconds[1]}000")
    tried = subprocess.run([*AS_ROOT, *words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else ()


def _identity() -> Sequence[str]:
    assert only("CapabilityBoundingSet") == ""
    assert only("NoNewPrivileges") == "yes"
    names = (f"--reuid={only('User')}", f"--regid={only('Group')}", "--init-groups")
    return ("setpriv", *names, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")


@contextmanager
def running(root: FreshRoot, log: Path) -> Iterator[Service]:
    for key, below in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
        made = root.run("install", "-d", "-o", "wkmp", "-g", "wkmp", f"{below}/{only(key)}")
        assert made.returncode == 0, made.stderr
    service = Service(root, log)
    try:
        yield service
    finally:
        service.close()


def ready(service: Service) -> None:
    """Wait until systemd would call it started."""
    while not service.hears()[0].startswith("READY=1"):
        assert service.process.poll() is None, service.log


def test_systemd_finds_no_fault_with_the_unit(installed: FreshRoot) -> None:
    path = "/etc/systemd/system/wkmp.service"
    verified = installed.run("systemd-analyze", "verify", path)
    assert (verified.returncode, verified.stderr) == (0, "")
    words = ("security", "--offline=true", "--threshold=20", path)
    assert installed.run("systemd-analyze", *words).returncode == 0


def test_the_user_may_reach_sound_devices_and_nothing_is_writable(installed: FreshRoot) -> None:
    groups = installed.run("id", "-Gn", "wkmp").stdout.split()
    assert sorted(groups) == sorted({only("Group"), *unit()["SupplementaryGroups"]})
    shell = installed.run("getent", "passwd", "wkmp").stdout.strip()
    assert shell.endswith(":/var/lib/wkmp:/usr/sbin/nologin")
    found = installed.run("find", "/opt/wkmp", "!", "-type", "l", "-perm", "/022")
    assert (found.returncode, found.stdout) == (0, "")
    assert installed.run("stat", "-c", "%U:%G %a", "/etc/wkmp/wkmp.ini").stdout == (
        "root:wkmp 640\n"
    )


def test_it_tells_systemd_how_it_does_and_ends_in_time(
    installed: FreshRoot, tmp_path: Path
) -> None:
    song = tmp_path / "a.flac"
    make(song, sine(60 * 8_000, 8_000), Codec.FLAC16, 8_000, title="a")
    subprocess.run([*AS_ROOT, "cp", song, installed.file("/srv/music/a.flac")], check=True)
    log = tmp_path / "journal"
    with running(installed, log) as service, ExitStack() as house:
        told = dict(service.hears() for _ in range(2))
        assert {text.partition("\n")[0] for text in told} == {"READY=1", "WATCHDOG=1"}
        assert set(told.values()) == {service.pid}  # NotifyAccess=main
        fed_s = time.monotonic()

        client = house.enter_context(closing(MpdClient(service.port)))
        client.send("add a.flac")
        client.send("play")
        until(lambda: client.status().get("elapsed", "").startswith("1."), "it plays")
        in_realtime = [each for each in policies(service.pid) if each != ORDINARY]
        assert in_realtime == ([REALTIME] * 2 if _limits() else [])  # the mixer and the sink
        shown = installed.run("wkmp", "settings", "get", "watchdog_enabled")
        assert (shown.returncode, shown.stdout) == (0, "1\n"), shown.stderr

        assert service.hears(BEAT_S + 10)[0] == "WATCHDOG=1"
        assert time.monotonic() - fed_s < 60  # WatchdogSec

        began_s = time.monotonic()
        service.signal("TERM")
        assert service.hears()[0] == "STOPPING=1"
        assert service.process.wait(10) == 0
        took_s = time.monotonic() - began_s
    assert took_s < 2.0
    print(f"stopped within {took_s:.3f} s")  # noqa: T201  (a figure of the report)
    lines = service.log.splitlines()
    logged = [line for line in lines if line.startswith("<")]
    assert logged
    assert all(re.match(r"<[2-7]>[\w.]+: ", line) for line in logged), service.log
    assert not any(line.startswith(("<2>", "<3>", "Traceback")) for line in lines), service.log
    with running(installed, log) as again:
        ready(again)
        with closing(MpdClient(again.port)) as client:
            status = client.status()
    assert (status["state"], status["playlistlength"]) == ("play", "1")


def policies(pid: int) -> list[tuple[int, int]]:
    """Return policy and priority of every thread."""
    tasks = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    return [(os.sched_getscheduler(task), os.sched_getparam(task).sched_priority) for task in tasks]


def test_a_wrong_configuration_is_said_as_an_error_and_not_tried_again(
    installed: FreshRoot, tmp_path: Path
) -> None:
    ini = "/etc/wkmp/wkmp.ini"
    assert installed.run("cp", "-p", ini, f"{ini}.good").returncode == 0
    installed.run("sh", "-c", f"echo '[nonsense]' >>{ini}")
    try:
        with running(installed, tmp_path / "journal") as service:
            status = service.process.wait(STARTS_S)
        assert str(status) == only("RestartPreventExitStatus")
        assert service.log.startswith(f"<3>wkmp: {ini}: [nonsense]: no such section")
    finally:
        assert installed.run("mv", f"{ini}.good", ini).returncode == 0


def test_installed_again_nothing_of_the_users_is_touched(installed: FreshRoot) -> None:
    ini = "/etc/wkmp/wkmp.ini"
    installed.run("sh", "-c", f"echo '# mine' >>{ini}; touch /var/lib/wkmp/mine")
    began_s = time.monotonic()
    again = installed.run(INSTALL, "/mnt/other music", **WHEELS)
    assert again.returncode == 0, again.stderr
    assert "installing" not in again.stderr
    assert time.monotonic() - began_s < 20
    assert f"{ini} is left as it is" in again.stderr
    assert installed.run("tail", "-n1", ini).stdout == "# mine\n"
    assert installed.run("wkmp", "check-config").stdout == "wkmp.ini is in order\n"


def test_removed_it_leaves_what_is_the_users_until_purged(installed: FreshRoot) -> None:
    removed = installed.run(INSTALL, "--uninstall")
    assert removed.returncode == 0, removed.stderr
    left = {"/etc/wkmp/wkmp.ini", "/var/lib/wkmp/mine", "/var/lib/wkmp/wkmp.db"}
    for path in left:
        assert installed.run("test", "-e", path).returncode == 0, path
    gone = ("/opt/wkmp", "/usr/local/bin/wkmp", "/etc/systemd/system/wkmp.service")
    for path in gone:
        assert installed.run("test", "-e", path).returncode == 1, path
    for _ in range(2):  # the second time there is nothing to do, and no complaint
        purged = installed.run(INSTALL, "--uninstall", "--purge")
        assert purged.returncode == 0, purged.stderr
        for path in (*gone, "/etc/wkmp", "/var/lib/wkmp"):
            assert installed.run("test", "-e", path).returncode == 1, path
        assert installed.run("getent", "passwd", "wkmp").returncode == 2
    assert installed.run("test", "-e", "/srv/music/a.flac").returncode == 0


@pytest.mark.parametrize("words", [("--purge",), ("--help",), ("/a", "/b"), ("/a", "--uninstall")])
def test_what_makes_no_sense_changes_nothing(root: FreshRoot, words: tuple[str, ...]) -> None:
    refused = root.run(INSTALL, *words)
    assert refused.returncode == 2
    assert "deploy/install.sh [MUSIC_DIR]" in refused.stderr
