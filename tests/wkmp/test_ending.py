"""How the daemon learns that it is to end; each test sends signals to a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import os, signal, sys, threading
from wkmp.ending import Ending

ending = Ending()
ending.listen()

def to_the_process():
    os.kill(os.getpid(), signal.SIGTERM)

def to_another_thread():
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

def gives_up():
    ending.give_up()

def twice():
    os.kill(os.getpid(), signal.SIGTERM)
    ended.wait()
    os.kill(os.getpid(), signal.SIGTERM)

def once_the_main_thread_sleeps():
    while open(f"/proc/self/task/{os.getpid()}/stat").read().rpartition(")")[2].split()[0] != "S":
        pass
    globals()[sys.argv[1]]()

ended = threading.Event()
assert ending.wait_for(0.0) is None
threading.Thread(target=once_the_main_thread_sleeps, daemon=True).start()
status = ending.wait_for(20.0) if "wait_for" in sys.argv else ending.wait()
print(status, flush=True)
ended.set()
if "twice" in sys.argv:
    threading.Event().wait()
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["wait", "wait_for"])
@pytest.mark.parametrize(
    ("what", "status"), [("to_the_process", 0), ("to_another_thread", 0), ("gives_up", 1)]
)
def test_a_signal_ends_the_wait_in_whichever_thread_it_arrives(
    what: str, status: int, how: str
) -> None:
    assert run(what, how).stdout == f"{status}\n"


def test_a_second_signal_ends_the_process_at_once() -> None:
    done = run("twice")
    assert done.stdout == "0\n"
    assert done.returncode == -15
