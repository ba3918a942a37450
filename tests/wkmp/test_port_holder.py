from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from wkmp.port_holder import holder_of


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_process_that_listens_is_named(family: int, host: str) -> None:
    with socket.socket(family) as listening:
        listening.bind((host, 0))
        port = listening.getsockname()[1]
        assert holder_of(port) is None
        listening.listen()
        holder = holder_of(port)
    assert holder is not None
    assert holder.pid == os.getpid()
    assert holder.name == Path("/proc/self/comm").read_text("utf-8").strip()
    assert holder_of(port) is None


def test_a_process_we_may_not_look_into_stays_unnamed(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    row = "   0: 0100007F:19C8 00000000:0000 0A 00000000:00000000 00:00000000 0 0 0 4711 1\n"
    (tmp_path / "net/tcp").write_text(header + row, "ascii")
    (tmp_path / "77").mkdir()
    assert holder_of(6600, tmp_path) is None
    (tmp_path / "77/fd").mkdir()
    (tmp_path / "77/fd/3").symlink_to("socket:[4711]")
    found = holder_of(6600, tmp_path)
    assert found is not None
    assert (found.pid, found.name) == (77, "?")
