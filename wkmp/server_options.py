"""What wkmp.ini says about the network, in the server's own terms."""

from __future__ import annotations

from protocol.permissions import permissions_of
from protocol.services import Access, Limits, Listen
from wkmp.config import Network


def access(network: Network) -> Access:
    """Return who may do what."""
    return Access(
        unasked=permissions_of(network.open_permissions),
        passwords={each.text: permissions_of(each.permissions) for each in network.passwords},
    )


def limits(network: Network) -> Limits:
    """Return what no client gets past."""
    return Limits(
        connections=network.max_connections,
        timeout_s=float(network.connection_timeout),
        command_list_bytes=network.max_command_list_size * 1024,
        binary_bytes=network.max_output_buffer_size * 1024,
    )


def listen(network: Network) -> Listen:
    """Return where to listen."""
    return Listen(addresses=network.address, port=network.port, socket=network.socket)
