from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from wkmp import banner


def started(
    addresses: tuple[tuple[str, int], ...] = (("127.0.0.1", 6600),), *, guarded: bool = False
) -> banner.Started:
    return banner.Started(
        addresses=addresses,
        local_socket=Path("/run/user/1/wkmp/socket"),
        output="USB DAC (hw:1)",
        music=Path("/m"),
        data=Path("/d"),
        guarded=guarded,
    )


def test_the_start_says_where_what_and_what_next() -> None:
    text = "\n".join(banner.lines(started()))
    for part in ("127.0.0.1:6600", "/run/user/1/wkmp/socket", "USB DAC (hw:1)", "/m", "/d"):
        assert part in text
    assert text.endswith("mpc add / && mpc play")
    assert "Phones" not in text


def test_another_port_stands_in_what_to_type_next() -> None:
    text = "\n".join(banner.lines(started((("127.0.0.1", 6611),))))
    assert text.endswith("mpc --port=6611 add / && mpc --port=6611 play")


def test_with_only_a_socket_mpc_is_told_the_socket() -> None:
    text = "\n".join(banner.lines(started(())))
    assert "mpc --host=/run/user/1/wkmp/socket play" in text


@pytest.mark.parametrize("guarded", [False, True])
def test_open_to_the_network_a_password_is_suggested_unless_there_is_one(guarded: bool) -> None:
    text = "\n".join(banner.lines(started((("0.0.0.0", 6600),), guarded=guarded)))
    assert "Phones" in text
    assert ("[network] passwords" in text) is not guarded


def test_a_port_in_use_is_told_with_its_holder_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WKMP_COMMAND", "./run.sh")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        text = banner.port_in_use("127.0.0.1", port)
    assert f"127.0.0.1:{port} is in use by" in text
    assert f"(process {os.getpid()})" in text
    assert "./run.sh --port" in text


@pytest.mark.parametrize(
    ("bound", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.7", "192.0.2.7")],
)
def test_programs_on_this_machine_know_where_to_connect(bound: str, reached: str) -> None:
    assert banner.reachable([(bound, 6600)]) == (reached, 6600)
    assert banner.reachable([]) is None
