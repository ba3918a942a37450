from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from playback.errors import ConfigError
from wkmp.instance import AlreadyRunningError, Claim, Whereabouts, find

HOLD = """
import sys
from pathlib import Path
from wkmp.instance import Claim, Whereabouts
import os
claim = Claim(Path(sys.argv[1]))
claim.tell(Whereabouts(os.getpid(), "/run/s", ("127.0.0.1", 6611)))
print("held", flush=True)
sys.stdin.read()
"""


def test_nobody_is_found_where_nobody_runs(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    with Claim(tmp_path / "data"):
        pass
    assert find(tmp_path / "data") is None


def test_a_running_daemon_is_found_until_it_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert find(tmp_path) == Whereabouts(holder.pid, "/run/s", ("127.0.0.1", 6611))
        with pytest.raises(AlreadyRunningError, match=f"process {holder.pid}"):
            Claim(tmp_path)
        holder.kill()
        holder.wait(10)
    assert find(tmp_path) is None
    with Claim(tmp_path):
        found = find(tmp_path)
    assert found == Whereabouts(os.getpid())


def test_a_shorter_word_replaces_a_longer_one(tmp_path: Path) -> None:
    with Claim(tmp_path) as claim:
        claim.tell(Whereabouts(1, "/a/very/long/path/to/a/socket", ("localhost", 1)))
        claim.tell(Whereabouts(2))
        assert find(tmp_path) == Whereabouts(2)


def test_a_directory_that_cannot_be_made_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(ConfigError, match="data_directory"):
        Claim(tmp_path / "file" / "data")


def test_looking_while_a_daemon_starts_does_not_stop_it(tmp_path: Path) -> None:
    with Claim(tmp_path):
        pass
    look = (
        "import fcntl, sys, threading\n"
        "file = open(sys.argv[1], 'r+')\n"
        "fcntl.flock(file, fcntl.LOCK_SH)\n"
        "print('looking', flush=True)\n"
        "threading.Timer(0.03, file.close).start()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", look, str(tmp_path / "daemon.lock")],
        stdout=subprocess.PIPE,
        text=True,
    ) as looker:
        assert looker.stdout is not None
        looker.stdout.readline()
        with Claim(tmp_path):
            pass
