from __future__ import annotations

from pathlib import Path

from protocol.permissions import EVERYTHING, Permission
from wkmp import server_options
from wkmp.config import Network
from wkmp.ini_kinds import Password


def test_without_passwords_everything_is_allowed() -> None:
    assert server_options.access(Network()).unasked == EVERYTHING


def test_passwords_and_their_permissions_reach_the_server() -> None:
    network = Network(passwords=(Password("pw", frozenset({"read", "add"})),))
    access = server_options.access(network)
    assert access.unasked == Permission.NONE
    assert access.passwords == {"pw": Permission.READ | Permission.ADD}


def test_sizes_are_counted_in_bytes() -> None:
    limits = server_options.limits(
        Network(max_connections=3, connection_timeout=7, max_command_list_size=2)
    )
    assert (limits.connections, limits.timeout_s, limits.command_list_bytes) == (3, 7.0, 2048)


def test_where_to_listen_reaches_the_server() -> None:
    listen = server_options.listen(Network(address=("::1",), port=0, socket=Path("/s")))
    assert (listen.addresses, listen.port, listen.socket) == (("::1",), 0, Path("/s"))
