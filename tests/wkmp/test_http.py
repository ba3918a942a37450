from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator

import pytest

from wkmp.http import MAX_CONNECTIONS, MAX_REQUEST_BYTES, Endpoint
from wkmp.loop_thread import LoopThread

HOST = "127.0.0.1"


class Ailing:
    """A daemon's health, as the test wants it."""

    def __init__(self) -> None:
        self.ailment: str | None = None

    def __call__(self) -> str | None:
        return self.ailment


@pytest.fixture
def health() -> Ailing:
    return Ailing()


@pytest.fixture
def port(health: Ailing) -> Iterator[int]:
    endpoint = Endpoint(lambda: b"xruns 0\n", health)
    with LoopThread() as loop:
        yield loop.run(endpoint.start(HOST, 0), timeout_s=5)
        loop.run(endpoint.stop(), timeout_s=5)


def fetched(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    client = http.client.HTTPConnection(HOST, port, timeout=5)
    with contextlib.closing(client):
        client.request(method, path)
        answer = client.getresponse()
        return answer.status, answer.read()


def raw(port: int, request: bytes) -> bytes:
    with socket.create_connection((HOST, port), 5) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_metrics_are_served(port: int) -> None:
    assert fetched(port, "/metrics") == (200, b"xruns 0\n")
    assert fetched(port, "/metrics?x=1") == (200, b"xruns 0\n")


def test_health_follows_the_daemon(port: int, health: Ailing) -> None:
    assert fetched(port, "/healthz") == (200, b"ok\n")
    health.ailment = "mixer is silent\nfor 5 s"
    assert fetched(port, "/healthz") == (503, b"mixer is silent for 5 s\n")
    health.ailment = None
    assert fetched(port, "/healthz") == (200, b"ok\n")


def test_there_is_nothing_else(port: int) -> None:
    assert fetched(port, "/")[0] == 404
    assert fetched(port, "/metrics", method="POST")[0] == 405


def test_head_gives_the_head_only(port: int) -> None:
    answer = raw(port, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 8\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("request_line", [b"nonsense", b"GET /metrics", b"GET / HTTP/9 x"])
def test_what_is_no_http_is_refused(port: int, request_line: bytes) -> None:
    assert raw(port, request_line + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_request_without_end_is_cut_off(port: int) -> None:
    with socket.create_connection((HOST, port), 5) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 2 * MAX_REQUEST_BYTES)
        with contextlib.suppress(ConnectionResetError):  # cut while data was on its way
            assert client.recv(1) == b""
    assert fetched(port, "/healthz")[0] == 200


def test_too_many_connections_are_closed_and_the_rest_served(port: int) -> None:
    held = [socket.create_connection((HOST, port), 5) for _ in range(MAX_CONNECTIONS)]
    with socket.create_connection((HOST, port), 5) as one_too_many:
        assert one_too_many.recv(1) == b""
    held[0].sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
    assert held[0].recv(100).startswith(b"HTTP/1.1 200")
    for client in held:
        client.close()


def test_a_port_in_use_is_an_error(port: int) -> None:
    other = Endpoint(lambda: b"", lambda: None)
    with LoopThread() as loop, pytest.raises(OSError, match="in use"):
        loop.run(other.start(HOST, port), timeout_s=5)
