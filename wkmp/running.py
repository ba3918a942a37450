"""The running daemon, for commands that need one."""

from __future__ import annotations

from playback.errors import WkmpError
from wkmp import instance
from wkmp.banner import how_to_call
from wkmp.config import Config
from wkmp.door import Door


class NotRunningError(WkmpError):
    """What was asked for needs a running daemon."""


def door_of(config: Config) -> Door:
    """Return a connection to the daemon that uses this configuration's data.

    Raises:
        NotRunningError: none runs.
        DoorError: it does not answer.
    """
    where = instance.find(config.paths.data_directory)
    if where is None:
        raise NotRunningError(f"no daemon runs; start one with: {how_to_call()}")
    return Door(where, config.network.passwords)
