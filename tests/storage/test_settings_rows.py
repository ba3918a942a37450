"""Settings: missing rows are written, present ones win."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playback.saved import QueueChange
from storage.database import open_database
from storage.player_store import PlayerStore

DEFAULTS = {
    "watchdog_interval_ms": "100",
    "minimum_playback_buffer_ms": "3000",
    "maximum_decode_streams": "12",
    "watchdog_enabled": "1",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PlayerStore]:
    store = PlayerStore(open_database(tmp_path / "wkmp.db"))
    yield store
    store.close()


def test_a_new_table_gets_every_default(store: PlayerStore) -> None:
    assert store.seed_settings({}) == ()
    assert store.settings() == DEFAULTS


def test_defaults_of_the_ini_seed_a_new_table(store: PlayerStore) -> None:
    assert store.seed_settings({"maximum_decode_streams": 4}) == ()
    assert store.settings() == {**DEFAULTS, "maximum_decode_streams": "4"}


def test_a_row_that_is_there_is_kept_and_the_difference_named(store: PlayerStore) -> None:
    store.apply([QueueChange(settings=(("watchdog_interval_ms", "50"),))], durable=True)
    said = store.seed_settings({"watchdog_interval_ms": 200, "watchdog_enabled": 0})
    assert said == (
        "Setting watchdog_interval_ms is 50 (changed at run time); [defaults] in wkmp.ini says 200",
    )
    assert store.settings() == {
        **DEFAULTS,
        "watchdog_interval_ms": "50",
        "watchdog_enabled": "0",
    }


def test_what_a_user_wrote_is_kept_as_it_was(store: PlayerStore) -> None:
    store.apply([QueueChange(settings=(("watchdog_enabled", " yes\udcff"),))], durable=True)
    store.seed_settings({})
    assert store.settings()["watchdog_enabled"] == " yes\udcff"
