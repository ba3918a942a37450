"""Files that are not what they seemed: passed over with a reason, and the music goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.daemon import Daemon, running_daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, noise, sine
from tests.waiting import until


def song(folder: Path, name: str, tenths: int = 10, codec: Codec = Codec.FLAC16) -> Path:
    return make(folder / f"{name}{codec.suffix}", noise(tenths * 4_410, level=0.05), codec)


def vanishes(file: Path) -> None:
    file.unlink()


def becomes_text(file: Path) -> None:
    file.write_text("This was music once.\n" * 100)


def becomes_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def becomes_a_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def becomes_empty(file: Path) -> None:
    file.write_bytes(b"")


def ends_in_its_head(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


SPOILED = [
    vanishes,
    becomes_text,
    becomes_a_directory,
    becomes_a_fifo,
    becomes_empty,
    ends_in_its_head,
]


def is_heard(client: MpdClient, file: str, within_s: float = 10) -> None:
    until(
        lambda: (
            dict(client.send("currentsong")[0]).get("file") == file
            and float(client.status().get("elapsed", 0)) > 0
        ),
        f"{file} is heard",
        within_s,
    )


def warnings(daemon: Daemon) -> list[str]:
    return [line for line in daemon.log.splitlines() if " WARNING " in line or " ERROR " in line]


@pytest.mark.parametrize("codec", [Codec.FLAC16, Codec.MP3_LAME], ids=lambda codec: codec.name)
def test_files_that_went_bad_are_passed_over_and_the_queue_keeps_them(
    daemon: Daemon, codec: Codec
) -> None:
    bad = [song(daemon.music, spoil.__name__, codec=codec) for spoil in SPOILED]
    for name in ("good", "one", "two"):
        song(daemon.music, name)
    client = daemon.connect()
    # Stopped, it decodes the first two.
    for name in ("one.flac", "two.flac", *(file.name for file in bad), "good.flac"):
        assert client.send(f"add {name}") == ([], "OK")
    for spoil, file in zip(SPOILED, bad, strict=True):
        spoil(file)
    assert client.send("play 2") == ([], "OK")
    is_heard(client, "good.flac")
    status = client.status()
    assert status["playlistlength"] == str(3 + len(bad))
    told = warnings(daemon)
    assert len(told) == len(bad)
    for file in bad:
        [line] = [line for line in told if file.name in line]
        assert line.count(str(file)) == 1
    assert any(file.name in status["error"] for file in bad)
    client.send("clearerror")
    assert "error" not in client.status()


def queue_of(daemon: Daemon, *names: str) -> MpdClient:
    """Add files and play the first."""
    client = daemon.connect()
    for name in names:
        assert client.send(f"add {name}") == ([], "OK")
    assert client.send("play") == ([], "OK")
    return client


@pytest.mark.parametrize(
    ("codec", "tenths"),
    [
        (Codec.FLAC16, 10),
        (Codec.MP3_LAME, 10),
        pytest.param(Codec.WAV16, 10, marks=pytest.mark.long),
        pytest.param(Codec.VORBIS, 20, marks=pytest.mark.long),
    ],
)
def test_what_is_left_of_a_truncated_file_is_played_and_counts_as_completed(
    daemon: Daemon, codec: Codec, tenths: int
) -> None:
    part = song(daemon.music, "part", tenths, codec)
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) * 3 // 5])
    song(daemon.music, "next")
    began_s = time.monotonic()
    client = queue_of(daemon, part.name, "next.flac")
    is_heard(client, part.name)
    is_heard(client, "next.flac")
    assert 0.5 < (time.monotonic() - began_s) / (tenths / 10) < 0.95
    assert "error" not in client.status()
    assert daemon.metric("wkmp_decode_failures_total") == 0


def test_less_than_half_of_a_file_is_played_and_reported(daemon: Daemon) -> None:
    part = song(daemon.music, "part", 20, Codec.FLAC16)
    part.write_bytes(part.read_bytes()[: part.stat().st_size * 3 // 10])
    for name in ("one", "two", "next"):
        song(daemon.music, name, 3)
    client = queue_of(daemon, "one.flac", "two.flac", part.name, "next.flac")
    is_heard(client, part.name)
    began_s = time.monotonic()
    is_heard(client, "next.flac")
    assert time.monotonic() - began_s > 0.4
    assert "part.flac" in client.status()["error"]
    assert len(warnings(daemon)) == 1


def test_damage_in_the_middle_does_not_end_the_song(daemon: Daemon) -> None:
    damaged = song(daemon.music, "damaged", 10, Codec.MP3_LAME)
    data = bytearray(damaged.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1_000] = b"\xff" * 1_000
    damaged.write_bytes(data)
    song(daemon.music, "next")
    began_s = time.monotonic()
    client = queue_of(daemon, damaged.name, "next.flac")
    is_heard(client, "next.flac")
    assert time.monotonic() - began_s > 0.85
    assert "error" not in client.status()


def test_text_that_is_called_music_cannot_be_added(daemon: Daemon) -> None:
    (daemon.music / "poem.mp3").write_text("Not a song.\n" * 50)
    os.mkfifo(daemon.music / "pipe.mp3")
    client = daemon.connect()
    for name in ("poem.mp3", "pipe.mp3"):
        assert client.send(f"add {name}")[1] == "ACK [50@0] {add} No such directory"
    assert client.send("listall") == ([], "OK")


def test_a_queue_of_nothing_but_bad_files_is_tried_once_and_then_stops(daemon: Daemon) -> None:
    names = [f"bad{number}.flac" for number in range(5)]
    for name in names:
        (daemon.music / name).write_bytes(b"fLaC" + bytes(100))
    client = daemon.connect()
    client.send("repeat 1")
    for name in names:
        assert client.send(f"add {name}") == ([], "OK")
    assert client.send("play") == ([], "OK")
    until(lambda: client.status()["state"] == "stop", "it has given up")
    status = client.status()
    assert "bad" in status["error"]
    assert status["playlistlength"] == "5"
    tried = daemon.metric("wkmp_decode_failures_total")
    assert 5 <= tried <= 20
    used = cpu_s(daemon.pid)
    time.sleep(0.5)  # the time is what is measured
    assert cpu_s(daemon.pid) - used < 0.05
    assert daemon.metric("wkmp_decode_failures_total") == tried
    # The user's controls keep working.
    song(daemon.music, "good")
    client.send("add good.flac")
    assert client.send("play") == ([], "OK")
    is_heard(client, "good.flac")


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_music_directory_goes_and_comes_back(daemon: Daemon, tmp_path: Path) -> None:
    names = ("a.flac", "b.flac", "c.flac", "d.flac")
    for name in names:
        song(daemon.music, Path(name).stem, 20)
    client = daemon.connect()
    for name in names:
        client.send(f"add {name}")
    away = tmp_path / "away"
    shutil.move(daemon.music, away)
    assert client.send("play 2") == ([], "OK")
    told = until(lambda: client.status().get("error", ""), "the user is told")
    assert f"{daemon.music} cannot be read (No such file or directory)" in told
    status = client.status()
    assert (status["state"], status["song"]) == ("play", "2")
    assert [value for key, value in client.send("playlistinfo")[0] if key == "file"] == [*names]
    shutil.move(away, daemon.music)
    is_heard(client, "c.flac")
    assert "error" not in client.status()
    assert daemon.metric("wkmp_decode_failures_total") == 0


CODEC_THAT_CRASHES = """
import os
import av

opens = av.open

def crashes(file, *words, **more):
    if "evil" in file and os.path.exists("armed"):
        os.abort()
    return opens(file, *words, **more)

av.open = crashes
"""


def test_a_file_that_crashes_its_codec_is_passed_over_at_the_next_start(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(CODEC_THAT_CRASHES)
    with running_daemon(tmp_path, python_path=[str(site)]) as daemon:
        for name in ("one", "two", "evil", "good"):
            song(daemon.music, name, 20)
        client = queue_of(daemon, "one.flac", "two.flac", "evil.flac", "good.flac")
        client.send("play 2")
        is_heard(client, "evil.flac")
        daemon.kill()
        (daemon.home / "armed").touch()
        with contextlib.suppress(AssertionError):  # it may not have time to say hello
            daemon.start()
        assert daemon.crashed() == -signal.SIGABRT
        daemon.start()
        client = daemon.connect()
        is_heard(client, "good.flac")
        assert "evil.flac" in client.status()["error"]
        assert client.status()["playlistlength"] == "4"
        [told] = warnings(daemon)
        assert "evil.flac is passed over" in told


def test_a_file_that_was_being_opened_when_the_daemon_was_killed_is_played_on(
    daemon: Daemon,
) -> None:
    song(daemon.music, "innocent", 200)
    client = queue_of(daemon, "innocent.flac")
    client.send("seekcur 10")
    is_heard(client, "innocent.flac")
    daemon.kill()
    marks = daemon.data / "opening"
    marks.mkdir(exist_ok=True)
    (marks / "chain-1").write_text("282240000 innocent.flac")
    daemon.start()
    client = daemon.connect()
    is_heard(client, "innocent.flac")
    assert float(client.status()["elapsed"]) > 9
    assert warnings(daemon) == []


DECODER_THAT_HANGS = """
import threading
import av

opens = av.open

def hangs(file, *words, **more):
    if "slow" in file:
        threading.Event().wait()
    return opens(file, *words, **more)

av.open = hangs
"""


@pytest.mark.long
def test_a_decoder_that_hangs_is_left_to_itself_and_others_are_not_affected(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(DECODER_THAT_HANGS)
    with running_daemon(tmp_path, python_path=[str(site)]) as daemon:
        for name in ("before", "slow", "after"):
            song(daemon.music, name, 20)
        client = queue_of(daemon, "before.flac", "slow.flac", "after.flac")
        is_heard(client, "before.flac")
        is_heard(client, "after.flac", 15)
        assert "slow.flac" in client.status()["error"]
        [told] = warnings(daemon)
        assert "slow.flac gave nothing for 10 s" in told
        assert daemon.stop() < 2.0


def test_with_too_few_descriptors_less_is_decoded_ahead_and_nothing_is_lost(
    daemon: Daemon,
) -> None:
    tone = sine(30 * 8_000, 8_000, channels=1)
    client = daemon.connect()
    for number in range(12):
        make(daemon.music / f"{number}.flac", tone, Codec.FLAC16, 8_000)
        assert client.send(f"add {number}.flac") == ([], "OK")
    used = max(int(entry.name) for entry in Path(f"/proc/{daemon.pid}/fd").iterdir())
    _, most = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (used + 5, most))
    assert client.send("play") == ([], "OK")
    until(lambda: "decoding at most" in daemon.log, "it decodes fewer files")
    for number in (0, 5, 11):
        client.send(f"play {number}")
        is_heard(client, f"{number}.flac")
    assert daemon.metric("wkmp_decode_failures_total") == 0
    assert "error" not in client.status()
