"""Which message brings a plan to whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actors.engine_news import Added, Advanced, EngineNews
from actors.messages import (
    Enqueued,
    Pause,
    PlanChanged,
    PlayerStateChanged,
    QueueAdvanced,
    SettingChanged,
    StartCurrent,
    Stop,
)
from playback.levels import Levelling
from playback.options import ReplayGainMode
from playback.plan import EnginePlan, Slot
from playback.player import PlayerState
from playback.transport import Cue
from playback.units import EntryId
from tests.actors.mixer_bench import slot
from tests.actors.queue_bench import Noted

A, B = slot(1), slot(2)


def plan(version: int, *slots: Slot, state: PlayerState = PlayerState.STOP) -> EnginePlan:
    return EnginePlan(version, state, slots)


class Bench:
    def __init__(self) -> None:
        self.order: list[str] = []
        names = ("decoder", "buffer", "mixer", "watchdog")
        self.all = [Noted(name, self.order) for name in names]
        self.decoder, self.buffer, self.mixer, self.watchdog = self.all
        self.news = EngineNews(
            decoder=self.decoder, buffer=self.buffer, mixer=self.mixer, watchdog=self.watchdog
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_plan_without_news_is_a_changed_plan_for_both(bench: Bench) -> None:
    new = plan(1, A)
    bench.news.tell(new, None, None)
    assert bench.decoder.received == bench.mixer.received == [PlanChanged(new)]
    assert bench.order == ["decoder", "mixer"]


@pytest.mark.parametrize("difference", ["slots", "state", "volume", "levelling"])
def test_only_a_plan_that_differs_is_told(bench: Bench, difference: str) -> None:
    first = plan(1, A, state=PlayerState.PLAY)
    bench.news.tell(first, Cue.START, None)
    bench.order.clear()
    bench.news.tell(replace(first, version=2), None, None)
    assert bench.order == []
    other: dict[str, Any] = {
        "slots": (A, B),
        "state": PlayerState.PAUSE,
        "volume": 3,
        "levelling": Levelling(ReplayGainMode.TRACK),
    }
    changed = replace(first, version=3, **{difference: other[difference]})
    bench.news.tell(changed, None, None)
    assert bench.mixer.received[-1] == PlanChanged(changed)


@pytest.mark.parametrize(
    ("cue", "kind"), [(Cue.START, StartCurrent), (Cue.PAUSE, Pause), (Cue.STOP, Stop)]
)
def test_a_cue_is_told_even_if_the_plan_is_the_same_and_to_the_mixer_first(
    bench: Bench, cue: Cue, kind: type[StartCurrent | Pause | Stop]
) -> None:
    bench.news.tell(plan(1, A), None, None)
    bench.order.clear()
    bench.news.tell(plan(2, A), cue, None)
    assert bench.order == ["mixer", "decoder"]
    told = bench.mixer.received[-1]
    assert type(told) is kind
    assert told.plan == plan(2, A)


def test_an_added_entry_is_told_to_the_decoder_wherever_it_stands(bench: Bench) -> None:
    new = plan(1, A, B)
    bench.news.tell(new, None, Added(B.entry, 1))
    (told,) = bench.decoder.received
    assert isinstance(told, Enqueued)
    assert (told.queue_entry_id, told.position, told.plan) == (B.entry, 1, new)
    bench.news.tell(replace(new, version=2), None, Added(EntryId(99), 70))
    assert bench.decoder.received[-1].queue_entry_id == 99
    assert bench.decoder.received[-1].passage_id is None


def test_an_advance_names_who_was_who_is_and_who_follows(bench: Bench) -> None:
    bench.news.tell(plan(1, A, B), Cue.START, Advanced(EntryId(5)))
    (told,) = bench.decoder.received
    assert isinstance(told, QueueAdvanced)
    assert (told.previous_current, told.new_current, told.new_next) == (
        EntryId(5),
        A.entry,
        B.entry,
    )
    bench.news.tell(plan(2), Cue.STOP, Advanced(A.entry))
    assert bench.decoder.received[-1].new_current is None
    assert bench.decoder.received[-1].new_next is None


def test_the_watchdog_is_told_when_the_state_changes(bench: Bench) -> None:
    bench.news.tell(plan(1, A), None, None)
    bench.news.tell(plan(2, A, state=PlayerState.PLAY), Cue.START, None)
    bench.news.tell(plan(3, A, B, state=PlayerState.PLAY), None, None)
    bench.news.tell(plan(4, A, B, state=PlayerState.PAUSE), Cue.PAUSE, None)
    states = [PlayerState.PLAY, PlayerState.PAUSE]
    assert bench.watchdog.received == [PlayerStateChanged(state) for state in states]
    bench.news.tell_watchdog_again(PlayerState.PAUSE)
    assert bench.watchdog.received[-1] == PlayerStateChanged(PlayerState.PAUSE)


def test_a_setting_is_told_to_everybody(bench: Bench) -> None:
    message = SettingChanged("watchdog_enabled", 1, 0)
    bench.news.setting_changed(message)
    assert all(spy.received == [message] for spy in bench.all)
