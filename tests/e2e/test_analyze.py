"""``wkmp analyze`` as a user meets it: with a daemon, without one, in a terminal, interrupted."""

from __future__ import annotations

import os
import shlex
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.daemon import Daemon, running_daemon
from tests.sounds import Codec, Signal, make, sine
from tests.terminal import terminal
from tests.waiting import until


def tone(lufs: float, seconds: float) -> Signal:
    """1 kHz in both channels: as loud in LUFS as its peak is in dB."""
    one = sine(round(seconds * 44_100), hz=1000.0, level=10 ** (lufs / 20), channels=1)
    return np.repeat(one, 2, axis=1)


def songs(music: Path) -> None:
    """A loud one, a quiet one in a directory, and one that is none."""
    (music / "a").mkdir(parents=True)
    make(music / "loud.flac", tone(-8.0, 3), Codec.FLAC16)
    make(music / "a" / "quiet.flac", tone(-28.0, 3), Codec.FLAC16)
    (music / "broken.mp3").write_bytes(b"nothing" * 1000)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    songs(tmp_path / "music")
    return tmp_path / "music"


@pytest.fixture
def daemon(tmp_path: Path, music: Path) -> Iterator[Daemon]:
    with running_daemon(tmp_path, music=music) as daemon:
        yield daemon


def said(daemon: Daemon, *words: str) -> list[str]:
    answer = daemon.command("analyze", *words)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_with_a_daemon_it_is_done_in_its_background(daemon: Daemon) -> None:
    lines = said(daemon)
    assert lines[-1] == "2 files measured, 1 could not be; 0 were known already"
    assert any(line.startswith("cannot be measured: broken.mp3: ") for line in lines)
    assert "broken.mp3 cannot be measured: " in daemon.log
    assert daemon.metric('wkmp_analysis_files{state="measured"}') == 2.0
    assert daemon.metric('wkmp_analysis_files{state="failed"}') == 1.0
    assert daemon.metric('wkmp_analysis_files{state="waiting"}') == 0.0
    status = said(daemon, "--status")
    assert status[0] == "no analysis is running"
    assert status[1] == "3 files are known; 1 of them could not be measured"
    assert status[2].startswith("  broken.mp3: ")
    assert said(daemon)[-1] == "0 files measured, 0 could not be; 3 were known already"


def test_it_is_restricted_to_a_path(daemon: Daemon) -> None:
    assert said(daemon, "a")[-1] == "1 files measured, 0 could not be; 0 were known already"
    path = str(daemon.music / "loud.flac")
    assert said(daemon, path)[-1] == "1 files measured, 0 could not be; 0 were known already"
    assert said(daemon, "--status")[-1] == "2 files are known; 0 of them could not be measured"


@pytest.mark.parametrize("path", ["/etc", "../elsewhere"])
def test_a_path_elsewhere_is_refused(daemon: Daemon, path: str) -> None:
    answer = daemon.command("analyze", path)
    assert answer.returncode == 1
    assert "is not in the music directory" in answer.stderr


def test_where_there_are_no_songs_it_says_so(daemon: Daemon) -> None:
    answer = daemon.command("analyze", "nowhere")
    assert answer.returncode == 1
    assert answer.stderr == f"wkmp: there are no songs in {daemon.music}/nowhere\n"


def test_without_a_daemon_it_is_done_by_the_command_itself(tmp_path: Path, music: Path) -> None:
    daemon = Daemon(tmp_path, music=music)
    assert said(daemon)[-1] == "2 files measured, 1 could not be; 0 were known already"
    assert said(daemon)[-1] == "0 files measured, 0 could not be; 3 were known already"
    status = said(daemon, "--status")
    assert status[:2] == [
        "no analysis is running",
        "3 files are known; 1 of them could not be measured",
    ]
    for words in (("--stop",), ("--background",)):
        answer = daemon.command("analyze", *words)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr.startswith("wkmp: no daemon runs")
    daemon.close()


def test_wkmp_ini_has_it_done_at_the_start_and_after_an_update(tmp_path: Path, music: Path) -> None:
    with running_daemon(
        tmp_path, music=music, settings={"analysis": {"background": "yes"}}
    ) as daemon:
        until(lambda: "Measuring has ended: 2 files measured" in daemon.log, "all is measured")
        make(music / "new.flac", tone(-20.0, 1), Codec.FLAC16)
        daemon.connect().send("update")
        until(lambda: "Measuring has ended: 1 files measured" in daemon.log, "the new one as well")


def long_music(folder: Path) -> None:
    """More than can be measured in a moment."""
    first = make(folder / "0.flac", tone(-20.0, 200), Codec.FLAC16)
    for number in range(1, 20):
        os.link(first, folder / f"{number}.flac")


def test_it_is_stopped_and_what_was_done_is_kept(daemon: Daemon) -> None:
    long_music(daemon.music)
    said(daemon, "--background")
    until(lambda: daemon.metric('wkmp_analysis_files{state="measured"}') >= 2, "some are done")
    assert said(daemon, "--status")[0].startswith("measuring: ")
    assert said(daemon, "--background", "a") == ["an analysis is going on already"]
    assert said(daemon, "--stop") == []
    until(lambda: said(daemon, "--status")[0] == "no analysis is running", "it has stopped")
    until(lambda: not children(daemon.pid), "its processes are gone")
    known = said(daemon, "--status")[1]
    assert 2 <= int(known.split()[0]) < 23


def test_when_the_daemon_is_killed_nothing_goes_on(daemon: Daemon) -> None:
    long_music(daemon.music)
    said(daemon, "--background")
    found = until(
        lambda: [pid for child in children(daemon.pid) for pid in (child, *children(child))][:2],
        "both processes are there",
    )
    until(lambda: daemon.metric('wkmp_analysis_files{state="measured"}') >= 1, "one is done")
    daemon.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in found), "they are gone")


def test_in_a_terminal_there_is_a_bar_and_ctrl_c_keeps_what_is_done(
    tmp_path: Path, music: Path
) -> None:
    long_music(music)
    daemon = Daemon(tmp_path, music=music)
    words = (sys.executable, "-P", "-m", "wkmp", "analyze", "--config", str(daemon.ini))
    with terminal(f"{shlex.join(words)}; cat", daemon._environment, daemon.home) as screen:
        screen.shows("█", "of 23 files", "left")
        screen.press("C-c")
        screen.shows("stopped; the next time goes on from here")
    assert int(said(daemon, "--status")[1].split()[0]) >= 1
    daemon.close()


def test_who_only_watches_stops_nothing(daemon: Daemon) -> None:
    long_music(daemon.music)
    said(daemon, "--background")
    words = (sys.executable, "-P", "-m", "wkmp", "analyze", "--config", str(daemon.ini))
    with terminal(f"{shlex.join(words)}; cat", daemon._environment, daemon.home) as screen:
        screen.shows("another analysis is going on", "█")
        screen.press("C-c")
        screen.shows("it goes on without you")
    assert said(daemon, "--status")[0].startswith("measuring: ")


def test_a_pipe_gets_plain_lines(tmp_path: Path, music: Path) -> None:
    daemon = Daemon(tmp_path, music=music)
    lines = said(daemon)
    assert all("\x1b" not in line and "█" not in line for line in lines)
    daemon.close()


def children(pid: int) -> list[int]:
    """Return the processes that a process, by any of its threads, has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text("ascii").split()]
        except OSError:
            continue
    return found


def test_what_was_measured_is_played_with_from_then_on(tmp_path: Path, music: Path) -> None:
    """Songs of −8 and −28 LUFS, without tags, both sound at ReplayGain's −18."""
    recording = tmp_path / "heard.wav"
    settings = {"output Recorder": {"plugin": "file", "path": recording}}
    with running_daemon(tmp_path, music=music, settings=settings) as daemon:
        said(daemon)
        client = daemon.connect()
        for command in ("replay_gain_mode track", "add loud.flac", "add a/quiet.flac", "play"):
            client.send(command)
        until(lambda: ("state", "stop") in client.send("status")[0], "all is played")
    with wave.open(str(recording)) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32768.0
    assert len(heard) == pytest.approx(6 * 44_100, abs=4410)
    for begin in (1, 4):  # in the middle of each
        peak = np.abs(heard[begin * 44_100 : (begin + 1) * 44_100]).max()
        assert 20 * np.log10(peak) == pytest.approx(-18.0, abs=0.1)
