"""What is saved, when, and how durably; and what clients are woken for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actors.messages import SaveChange, StorageInbox, Subsystem, SubsystemsChanged
from actors.published import Published
from actors.queue_keeper import POSITION_EVERY_S, QueueKeeper
from playback.options import Options, Switch
from playback.player import PlayerState
from playback.saved import QueueChange, SavedPlayer, SavedState
from playback.song import Song
from playback.status import OutputStatus, PlayerStatus, QueueEntry
from playback.units import EntryId
from tests.playback.passages import ticks
from tests.spies import Spy

ENTRIES = tuple(QueueEntry(EntryId(number), Song(f"{number}.flac")) for number in (1, 2, 3))
PLAYING = SavedState(
    SavedPlayer(PlayerState.PLAY, EntryId(1), ticks(5)), ENTRIES, {"watchdog_enabled": "1"}
)


class Bench:
    """A keeper over what the database holds, at a clock that stands still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, loaded: SavedState = PLAYING) -> None:
        self.now_s = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now_s)
        self.status: Published[PlayerStatus] = Published(PlayerStatus())
        self.memory: Published[SavedState] = Published(SavedState())
        self.storage: Spy[StorageInbox] = Spy()
        self.clients: Spy[SubsystemsChanged] = Spy()
        self.keeper = QueueKeeper(
            status=self.status, memory=self.memory, storage=self.storage, listener=self.clients
        )
        self.keeper.loaded(loaded)
        self.save(replace(loaded, player=replace(loaded.player, elapsed=ticks(5))), position=True)
        self.storage.clear()

    def save(self, state: SavedState, *, position: bool = False) -> int:
        return self.keeper.save(state, self.keeper.change(state, position=position))

    @property
    def saved(self) -> list[QueueChange]:
        return [told.change for told in self.storage.of(SaveChange)]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def at(seconds: float, **more: Any) -> SavedState:
    return replace(PLAYING, player=replace(PLAYING.player, elapsed=ticks(seconds), **more))


def test_what_was_loaded_needs_no_saving(bench: Bench) -> None:
    assert bench.save(PLAYING) == 0
    assert bench.saved == []


def test_a_position_alone_waits_for_its_time_but_a_successor_would_know_it(bench: Bench) -> None:
    bench.now_s += POSITION_EVERY_S - 0.1
    assert bench.save(at(9.5)) == 0
    assert bench.memory.latest == at(9.5)
    bench.now_s += 0.1
    assert bench.save(at(10)) > 0
    assert bench.saved == [QueueChange(player=at(10).player, relaxed=True)]
    assert bench.save(at(10.5)) == 0


@pytest.mark.parametrize("state", [PlayerState.STOP, PlayerState.PAUSE])
def test_while_nothing_plays_no_position_comes_due(
    monkeypatch: pytest.MonkeyPatch, state: PlayerState
) -> None:
    bench = Bench(monkeypatch, at(5, state=state))
    bench.now_s += 100
    assert bench.save(at(6, state=state)) == 0


def test_a_position_that_somebody_waits_for_is_durable(bench: Bench) -> None:
    assert bench.save(at(7), position=True) > 0
    assert bench.saved == [QueueChange(player=at(7).player)]


@pytest.mark.parametrize(
    "more",
    [
        {"state": PlayerState.PAUSE},
        {"current": EntryId(2)},
        {"options": Options(volume=3)},
        {"queue_version": 7},
        {"next_entry_id": 8},
        {"order": (EntryId(2), EntryId(1), EntryId(3))},
        {"outputs": (OutputStatus(0, "x", "null", enabled=False),)},
    ],
    ids=lambda more: next(iter(more)),
)
def test_anything_else_of_the_player_is_saved_at_once_and_durably(
    bench: Bench, more: dict[str, Any]
) -> None:
    assert bench.save(at(5.1, **more)) > 0
    assert bench.saved == [QueueChange(player=at(5.1, **more).player)]


def test_an_edit_saves_what_it_changed_and_nothing_of_the_player(bench: Bench) -> None:
    state = replace(at(5.5), entries=ENTRIES[:2])
    assert bench.save(state) > 0
    assert bench.saved == [QueueChange(removed=(EntryId(3),))]


def test_an_edit_for_which_the_position_is_due_is_durable(bench: Bench) -> None:
    bench.now_s += 60
    bench.save(replace(at(9), entries=ENTRIES[:2]))
    assert bench.saved == [QueueChange(removed=(EntryId(3),), player=at(9).player)]


def test_a_setting_for_which_the_position_is_due_is_durable(bench: Bench) -> None:
    bench.now_s += 60
    bench.save(replace(at(9), settings={"watchdog_enabled": "0"}))
    (change,) = bench.saved
    assert change.settings == (("watchdog_enabled", "0"),)
    assert not change.relaxed


def test_numbers_grow_by_one_and_nothing_has_no_number(bench: Bench) -> None:
    first = bench.save(at(5, queue_version=7))
    assert bench.save(at(5, queue_version=7)) == 0
    assert bench.save(at(5, queue_version=8)) == first + 1
    assert bench.keeper.save_whole(PLAYING) == first + 2


def test_the_whole_state_is_everything_there_is(bench: Bench) -> None:
    bench.keeper.save_whole(at(9))
    (change,) = bench.saved
    assert (change.whole, change.removed, len(change.upserts)) == (True, None, 3)
    assert change.settings == (("watchdog_enabled", "1"),)
    assert bench.memory.latest == at(9)


class TestWaking:
    """Compared with the status before."""

    BEFORE = PlayerStatus(entries=ENTRIES, current=0, outputs=(OutputStatus(0, "x", "null", True),))

    def woken(self, bench: Bench, after: PlayerStatus, *, event: bool = False) -> set[Subsystem]:
        bench.keeper.publish(self.BEFORE, player_event=False)
        bench.clients.clear()
        bench.keeper.publish(after, player_event=event)
        assert bench.status.latest is after
        return set().union(*(told.subsystems for told in bench.clients.received))

    @pytest.mark.parametrize(
        ("more", "woken"),
        [
            ({}, set()),
            ({"elapsed_s": 3.0, "elapsed_at_s": 7.0, "advancing": True}, set()),
            ({"play_time_s": 9.0, "duration_s": 60.0, "next": 1}, set()),
            ({"queue_version": 2}, {Subsystem.PLAYLIST}),
            ({"state": PlayerState.PLAY}, {Subsystem.PLAYER}),
            ({"current": 1}, {Subsystem.PLAYER}),
            ({"audio_format": "44100:16:2"}, {Subsystem.PLAYER}),
            ({"error": "no card"}, {Subsystem.PLAYER}),
            ({"options": Options(volume=9)}, {Subsystem.MIXER}),
            ({"options": Options(random=True)}, {Subsystem.OPTIONS}),
            ({"options": Options(consume=Switch.ONESHOT)}, {Subsystem.OPTIONS}),
            ({"options": Options()}, set()),
            ({"outputs": ()}, {Subsystem.OUTPUT}),
        ],
    )
    def test_each_difference_has_its_subsystem(
        self, bench: Bench, more: dict[str, Any], woken: set[Subsystem]
    ) -> None:
        assert self.woken(bench, replace(self.BEFORE, **more)) == woken

    def test_the_same_song_at_another_position_is_no_other_song(self, bench: Bench) -> None:
        after = replace(self.BEFORE, entries=(ENTRIES[1], ENTRIES[0], ENTRIES[2]), current=1)
        assert self.woken(bench, after) == set()

    def test_a_seek_shows_by_its_event_alone(self, bench: Bench) -> None:
        assert self.woken(bench, self.BEFORE, event=True) == {Subsystem.PLAYER}
