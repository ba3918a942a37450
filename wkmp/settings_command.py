"""``wkmp settings …``: through the running daemon, or in the database if none runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from playback.errors import ConfigError
from playback.saved import QueueChange
from playback.settings import SPECS, parse
from storage.database import Durability, open_database
from storage.player_store import PlayerStore
from wkmp import instance
from wkmp.config import Config
from wkmp.door import Door


class Settings(Protocol):
    """The settings table, wherever it is reached."""

    def all(self) -> dict[str, str]:
        """Return every setting's value."""

    def set(self, key: str, text: str) -> str:
        """Store a value; returns the one used, which may be clamped."""


def show(config: Config, key: str | None = None) -> Iterator[str]:
    """Yield a line for one setting, or for each.

    Raises:
        ConfigError: there is no such setting.
    """
    if key is not None:
        _check(key)
    with _reached(config) as settings:
        values = settings.all()
    for name in SPECS if key is None else (key,):
        yield values[name] if key else f"{name} = {values[name]}"


def change(config: Config, key: str, text: str) -> Iterator[str]:
    """Set one and yield what there is to say about it.

    Raises:
        ConfigError: there is no such setting, or ``text`` is no number.
    """
    _check(key)
    spec = SPECS[key]
    allowed = f"allowed: {spec.lowest} to {spec.highest}"
    try:
        wanted = int(text)
    except ValueError as error:
        raise ConfigError(f"setting {key} = {text}: not a whole number; {allowed}") from error
    with _reached(config) as settings:
        used = settings.set(key, text)
    yield f"{key} = {used}" if int(used) == wanted else f"{key} = {used} ({allowed})"


def _check(key: str) -> None:
    if key not in SPECS:
        raise ConfigError(f"setting {key}: there is no such setting; there are: {', '.join(SPECS)}")


@contextlib.contextmanager
def _reached(config: Config) -> Iterator[Settings]:
    where = instance.find(config.paths.data_directory)
    if where is not None:
        with contextlib.closing(Door(where, config.network.passwords)) as door:
            yield _InDaemon(door)
        return
    # Holding the claim, nobody else can become the database's writer meanwhile.
    with instance.Claim(config.paths.data_directory):
        database = open_database(
            config.paths.database, durability=Durability(config.storage.durability)
        )
        with contextlib.closing(PlayerStore(database)) as store:
            store.seed_settings(config.defaults)
            yield _InDatabase(store)


class _InDaemon:
    def __init__(self, door: Door) -> None:
        self._door = door

    def all(self) -> dict[str, str]:
        return dict(self._door.ask("wkmp", "settings", "list"))

    def set(self, key: str, text: str) -> str:
        return dict(self._door.ask("wkmp", "settings", "set", key, text))[key]


class _InDatabase:
    def __init__(self, store: PlayerStore) -> None:
        self._store = store

    def all(self) -> dict[str, str]:
        return {
            key: str(parse(key, text, SPECS[key].default).value)
            for key, text in self._store.settings().items()
            if key in SPECS
        }

    def set(self, key: str, text: str) -> str:
        used = str(parse(key, text, SPECS[key].default).value)
        self._store.apply((QueueChange(settings=((key, used),)),), durable=True)
        return used
