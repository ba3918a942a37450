from __future__ import annotations

import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from audio import container
from audio.chain_source import ChainSource
from playback.errors import DecodeError, FailureKind
from playback.units import ZERO_TICKS
from tests.chains import decoded, decoded_frames, open_files, read_all
from tests.sounds import Codec, as_decoded, make, noise

FRAMES = 441_000


def opened(path: Path | str) -> ChainSource:
    return ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100)


def kind_of_failure(path: Path | str) -> FailureKind:
    with pytest.raises(DecodeError) as caught:
        opened(path)
    assert Path(path).name in str(caught.value)
    return caught.value.kind


def cut_in_half(path: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def with_garbage(path: Path, at: float = 0.5, size: int = 3_000) -> Path:
    data = bytearray(path.read_bytes())
    begin = int(len(data) * at)
    data[begin : begin + size] = np.random.default_rng(7).bytes(size)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", [Codec.WAV16, Codec.FLAC16])
def test_half_a_lossless_file_plays_its_half_unharmed(codec: Codec, tmp_path: Path) -> None:
    signal = noise(FRAMES)
    got = decoded(cut_in_half(make(tmp_path / f"a{codec.suffix}", signal, codec)))
    assert abs(len(got) - FRAMES // 2) < 10_000
    assert np.array_equal(got, as_decoded(signal, codec)[: len(got)])


@pytest.mark.parametrize("codec", [Codec.MP3_LAME, Codec.MP3_FFMPEG, Codec.VORBIS])
def test_half_a_lossy_file_plays_its_half(codec: Codec, tmp_path: Path) -> None:
    path = make(tmp_path / f"a{codec.suffix}", noise(FRAMES), codec)
    whole = decoded(path)
    got = decoded(cut_in_half(path))
    assert abs(len(got) - FRAMES // 2) < 50_000  # an Ogg page holds a second
    assert np.array_equal(got[:-2_000], whole[: len(got) - 2_000])


def test_a_seek_in_half_a_file_finds_what_is_left_and_nothing_behind(tmp_path: Path) -> None:
    for codec in (Codec.WAV16, Codec.FLAC16, Codec.MP3_LAME, Codec.VORBIS):
        path = make(tmp_path / f"a{codec.suffix}", noise(FRAMES), codec)
        whole = decoded(path)
        cut_in_half(path)
        assert np.array_equal(decoded_frames(path, 44_100, 90_000, 95_000), whole[90_000:95_000])
        assert len(decoded_frames(path, 44_100, 400_000, 405_000)) == 0


def test_damaged_flac_frames_are_silenced_and_everything_else_stays_in_its_place(
    tmp_path: Path,
) -> None:
    signal = noise(FRAMES, level=0.3)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC16)
    with opened(with_garbage(path)) as source:
        got = read_all(source)
        assert source.damaged_packets > 0
    wanted = as_decoded(signal, Codec.FLAC16)
    assert len(got) == FRAMES
    wrong = np.flatnonzero(np.any(got != wanted, axis=1))
    assert 0 < len(wrong) <= 4 * 4_608
    assert not got[wrong].any()


@pytest.mark.parametrize(
    "codec", [Codec.MP3_LAME, Codec.VORBIS, Codec.OPUS, Codec.AAC, Codec.ALAC16]
)
def test_garbage_in_the_middle_costs_only_its_neighbourhood(codec: Codec, tmp_path: Path) -> None:
    path = make(tmp_path / f"a{codec.suffix}", noise(10 * codec.rate_hz), codec)
    whole = decoded(path, codec.rate_hz)
    with ChainSource(
        str(with_garbage(path)), offset=ZERO_TICKS, end=None, rate_hz=codec.rate_hz
    ) as source:
        got = read_all(source)
        assert source.damaged_packets > 0
    assert len(whole) - 8_000 <= len(got) <= len(whole)
    assert np.allclose(got[: len(whole) // 4], whole[: len(whole) // 4], atol=1e-4)
    tail = len(whole) // 4
    at = len(got) - tail
    last = got[at : at + tail // 2]
    shifts = [
        shift
        for shift in range(8_000)
        if np.allclose(last[:50], whole[at + shift : at + shift + 50], atol=1e-3)
    ]
    assert len(shifts) == 1  # the end sounds as it did, at most a little early
    assert np.allclose(last, whole[at + shifts[0] :][: len(last)], atol=1e-3)


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", np.full((1_000, 2), 0.25), Codec.WAV_FLOAT)
    data = bytearray(path.read_bytes())
    odd = np.array([np.nan, np.inf, -np.inf, 1e-42, 1e30], dtype="<f4").tobytes()
    data[-400 : -400 + len(odd)] = odd
    path.write_bytes(data)
    got = decoded(path).reshape(-1)
    assert not got[-100:-95].any()
    assert np.all(np.delete(got, np.arange(1_900, 1_905)) == 0.25)


def test_what_is_not_sound_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = tmp_path / "text.mp3"
    text.write_text("This is a shopping list.\n" * 300)
    empty = tmp_path / "empty.flac"
    empty.touch()
    zeros = tmp_path / "zeros.mp3"
    zeros.write_bytes(bytes(100_000))
    drawn = tmp_path / "drawn.flac"
    drawn.write_bytes(np.random.default_rng(2).bytes(100_000))
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:10\n/etc/passwd\n")
    for path in (text, empty, zeros, drawn, playlist):
        assert kind_of_failure(path) is FailureKind.NOT_AUDIO


def test_a_sound_file_without_a_decodable_frame_is_called_damaged(tmp_path: Path) -> None:
    for codec, kept in ((Codec.FLAC16, 5_000), (Codec.WAV16, 44), (Codec.AAC, 20_000)):
        path = make(tmp_path / f"a{codec.suffix}", noise(FRAMES), codec)
        path.write_bytes(path.read_bytes()[:kept])
        assert kind_of_failure(path) is FailureKind.DAMAGED


def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.mp3"
    os.mkfifo(fifo)
    link = tmp_path / "link.mp3"
    link.symlink_to(fifo)
    begun = time.monotonic()
    for path in (fifo, link, tmp_path, Path("/dev/zero")):
        assert kind_of_failure(path) is FailureKind.NOT_REGULAR
    assert time.monotonic() - begun < 1.0


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    assert kind_of_failure(tmp_path / "none.flac") is FailureKind.MISSING
    dangling = tmp_path / "dangling.flac"
    dangling.symlink_to(tmp_path / "none.flac")
    assert kind_of_failure(dangling) is FailureKind.MISSING


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may read everything, so give the right up for a moment."""
    before = os.geteuid()
    os.seteuid(before or 65_534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_without_permission_is_called_unreadable(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(1_000), Codec.FLAC16)
    path.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o005)
    with an_ordinary_user():
        assert kind_of_failure(path) is FailureKind.UNREADABLE


def test_too_many_open_files_are_called_a_lack_of_resources(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(1_000), Codec.FLAC16)
    opened(path).close()
    taken = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files() + 8, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        assert taken
        assert kind_of_failure(path) is FailureKind.RESOURCES
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_closing_frees_the_file_and_opening_often_does_not_grow_the_process(
    tmp_path: Path,
) -> None:
    files = [
        make(tmp_path / f"{codec.name}{codec.suffix}", noise(3 * codec.rate_hz), codec)
        for codec in (Codec.FLAC16, Codec.MP3_LAME, Codec.AAC, Codec.OPUS)
    ]

    def play(times: int) -> None:
        for number in range(times):
            with opened(files[number % len(files)]) as source:
                source.read()

    def resident_kb() -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    play(40)
    descriptors, before_kb = open_files(), resident_kb()
    play(200)
    assert open_files() == descriptors
    assert resident_kb() - before_kb < 4_096


def test_a_failure_to_open_frees_the_file_too(tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.mp3"
    zeros.write_bytes(bytes(100_000))
    kind_of_failure(zeros)
    descriptors = open_files()
    for _ in range(5):
        kind_of_failure(zeros)
    assert open_files() == descriptors


def test_reading_after_close_gives_the_end(tmp_path: Path) -> None:
    source = opened(make(tmp_path / "a.flac", noise(100_000), Codec.FLAC16))
    assert source.read() is not None
    source.close()
    source.close()
    assert source.read() is None


def serve_once(reply: bytes) -> tuple[str, threading.Thread, socket.socket]:
    """Answer one HTTP request with ``reply`` and close; no reply at all if it is empty."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4_096)
            if reply:
                connection.sendall(reply)
            else:
                connection.recv(1)  # until the client gives up

    thread = threading.Thread(target=answer)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/live.flac", thread, listener


def test_a_file_behind_http_plays_to_its_end(tmp_path: Path) -> None:
    signal = noise(50_000)
    body = make(tmp_path / "a.flac", signal, Codec.FLAC16).read_bytes()
    url, thread, listener = serve_once(
        b"HTTP/1.0 200 OK\r\nContent-Type: audio/flac\r\n\r\n" + body
    )
    with listener, opened(url) as source:
        assert source.info.end is None
        got = read_all(source)
    thread.join(5.0)
    assert np.array_equal(got, as_decoded(signal, Codec.FLAC16))


def test_a_server_that_says_no_is_reported() -> None:
    url, thread, listener = serve_once(b"HTTP/1.0 404 Not Found\r\n\r\n")
    with listener:
        assert kind_of_failure(url) is FailureKind.UNREADABLE
    thread.join(5.0)


def test_a_server_that_does_not_answer_counts_as_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "TIMEOUT_S", 0.3)
    url, thread, listener = serve_once(b"")
    begun = time.monotonic()
    with listener:
        assert kind_of_failure(url) is FailureKind.HUNG
    assert time.monotonic() - begun < 3.0
    thread.join(5.0)
