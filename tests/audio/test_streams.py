"""Files and radio stations behind http: what breaks off or stalls goes on."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from audio import decoder
from audio.chain_source import ChainSource
from playback.errors import DecodeError, FailureKind
from playback.units import ZERO_TICKS
from tests.chains import read_all
from tests.sounds import Codec, as_decoded, make, noise

FRAMES = 300_000
Answer = Callable[[socket.socket, int, int], None]
"""Answers a request on a connection: its number, and from which byte on."""


@contextmanager
def server(answer: Answer, requests: int) -> Iterator[str]:
    """Answer so many requests, each in a thread of its own, and refuse all further ones."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            wanted = re.search(r"Range: bytes=(\d+)-", connection.recv(4_096).decode())
            answer(connection, number, int(wanted[1]) if wanted else 0)

    def accept() -> None:
        with listener, contextlib.suppress(OSError):
            for number in range(requests):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection, number)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        for thread in (accepting, *threads):
            thread.join(10.0)


def opened(url: str) -> ChainSource:
    return ChainSource(url, offset=ZERO_TICKS, end=None, rate_hz=44_100)


def file_head(size: int, begin: int) -> bytes:
    return (
        f"HTTP/1.1 206 Partial Content\r\nContent-Length: {size - begin}\r\n"
        f"Content-Range: bytes {begin}-{size - 1}/{size}\r\nAccept-Ranges: bytes\r\n\r\n"
    ).encode()


def closed_by_peer(connection: socket.socket) -> None:
    """Say nothing more until the other side has had enough."""
    connection.settimeout(10.0)
    while connection.recv(4_096):
        pass


@pytest.mark.parametrize("stalls", [False, True], ids=["breaks off", "stalls"])
def test_a_file_that_stops_in_its_middle_goes_on_there(stalls: bool, tmp_path: Path) -> None:
    signal = noise(FRAMES)
    body = make(tmp_path / "a.flac", signal, Codec.FLAC16).read_bytes()

    def answer(connection: socket.socket, number: int, begin: int) -> None:
        end = len(body) // 2 if number == 0 else len(body)
        connection.sendall(file_head(len(body), begin) + body[begin:end])
        if stalls and number == 0:
            closed_by_peer(connection)

    with server(answer, 2) as url, opened(url) as source:
        got = read_all(source)
        assert source.damaged_packets == 0
    assert np.array_equal(got, as_decoded(signal, Codec.FLAC16))


def test_a_station_that_breaks_off_is_listened_to_again(tmp_path: Path) -> None:
    body = make(tmp_path / "a.mp3", noise(FRAMES), Codec.MP3_FFMPEG).read_bytes()
    head = b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: Radio\r\n\r\n"

    def answer(connection: socket.socket, number: int, _: int) -> None:
        third = len(body) // 3
        connection.sendall(head + body[number * third : (number + 1) * third])

    with server(answer, 3) as url, opened(url) as source:
        frames = 0
        while frames < FRAMES - 20_000:  # at each new beginning some packets are lost
            block = source.read()
            assert block is not None
            frames += len(block)


def test_a_station_that_does_not_come_back_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "_LISTEN_AGAIN_AFTER_S", (0.0, 0.1, 0.1))
    body = make(tmp_path / "a.mp3", noise(FRAMES), Codec.MP3_FFMPEG).read_bytes()

    def answer(connection: socket.socket, _number: int, _: int) -> None:
        connection.sendall(b"ICY 200 OK\r\nicy-name: Radio\r\n\r\n" + body)

    begun_s = time.monotonic()
    with server(answer, 1) as url, opened(url) as source:
        with pytest.raises(DecodeError) as caught:
            read_all(source)
        assert caught.value.kind is FailureKind.HUNG
        assert "does not come back" in str(caught.value)
    assert time.monotonic() - begun_s < 5.0
