"""What a sweep proves: four ways to be stuck, and everything that is none of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages import RingState, StuckState
from actors.stuck_states import Suspicion, Sweep, confirmed, suspicions
from playback.player import PlayerState
from playback.units import ChainId, EntryId, Frames
from tests.actors.engine_model import EngineModel
from tests.actors.snapshots import (
    THRESHOLD,
    chains,
    plan,
    playing,
    waiting,
    with_decoder,
    with_mixer,
    with_queue,
    with_ring,
    without_rings,
)


def kinds(sweep: Sweep) -> list[StuckState]:
    return [suspicion.kind for suspicion in suspicions(sweep)]


# The four


def test_a_playing_engine_with_all_rings_is_well() -> None:
    assert suspicions(playing()) == ()


def test_a_current_entry_without_a_buffer_is_stuck() -> None:
    sweep = without_rings(waiting(), 1)
    assert suspicions(sweep) == (
        Suspicion(
            StuckState.MISSING_CURRENT_BUFFER,
            EntryId(11),
            ChainId(1),
            "Current passage 11 has no buffer",
            "Requesting immediate decode",
        ),
    )


def test_an_idle_mixer_beside_a_ring_at_the_threshold_is_stuck() -> None:
    assert suspicions(waiting(level=THRESHOLD)) == (
        Suspicion(
            StuckState.MIXER_NOT_STARTED,
            EntryId(11),
            ChainId(1),
            "Current passage 11 is buffered but the mixer is idle",
            "Starting the mixer",
        ),
    )


def test_an_idle_mixer_beside_a_complete_ring_is_stuck_however_short_it_is() -> None:
    sweep = with_ring(waiting(), 1, RingState(Frames(1), True))
    assert kinds(sweep) == [StuckState.MIXER_NOT_STARTED]


def test_a_next_entry_without_a_buffer_is_stuck_while_the_current_one_plays() -> None:
    [suspicion] = suspicions(without_rings(playing(), 2))
    assert (suspicion.kind, suspicion.queue_entry_id) == (StuckState.MISSING_NEXT_BUFFER, 12)
    assert suspicion.reason == "Next passage 12 has no buffer"
    assert suspicion.action == "Requesting next decode"


def test_every_queued_entry_without_a_buffer_is_named() -> None:
    found = suspicions(without_rings(playing(), 3, 5))
    assert [(s.kind, s.chain_id) for s in found] == [
        (StuckState.MISSING_QUEUED_BUFFER, 3),
        (StuckState.MISSING_QUEUED_BUFFER, 5),
    ]
    assert found[0].reason == "Queued passage 13 has no buffer"
    assert found[0].action == "Requesting prefetch decode"


def test_a_playing_entry_whose_buffer_is_gone_is_stuck() -> None:
    assert kinds(without_rings(playing(), 1)) == [StuckState.MISSING_CURRENT_BUFFER]


def test_a_decoder_that_has_lost_the_plan_is_stuck() -> None:
    sweep = with_decoder(without_rings(waiting(), 1), plan_version=6, chains=frozenset())
    assert kinds(sweep) == [StuckState.MISSING_CURRENT_BUFFER]


def test_a_mixer_that_has_lost_the_plan_is_stuck() -> None:
    sweep = with_mixer(waiting(level=THRESHOLD), plan_version=6)
    assert kinds(sweep) == [StuckState.MIXER_NOT_STARTED]


def test_the_same_song_queued_twice_is_told_apart_by_its_chains() -> None:
    twice = (plan().slots[0], replace(plan().slots[1], entry=EntryId(11)))
    sweep = with_queue(playing(2), plan=replace(plan(), slots=twice))
    [suspicion] = suspicions(without_rings(sweep, 2))
    assert (suspicion.queue_entry_id, suspicion.chain_id) == (11, 2)


# Not stuck


@pytest.mark.parametrize("state", [PlayerState.STOP, PlayerState.PAUSE])
def test_nothing_is_stuck_unless_the_player_plays(state: PlayerState) -> None:
    for sweep in (without_rings(waiting(), 1, 2, 3), waiting(level=THRESHOLD)):
        assert suspicions(with_queue(sweep, plan=plan(state=state))) == ()


def test_an_empty_queue_is_not_stuck() -> None:
    assert suspicions(with_queue(waiting(), plan=plan(length=0))) == ()


def test_a_mixer_whose_output_is_lost_or_being_opened_is_not_stuck() -> None:
    assert suspicions(with_mixer(waiting(level=THRESHOLD), output_ready=False)) == ()


def test_a_ring_below_the_threshold_is_not_stuck() -> None:
    assert suspicions(waiting(level=THRESHOLD - 1)) == ()


@pytest.mark.parametrize("chain", [1, 2, 3])
def test_a_chain_that_cannot_be_decoded_is_not_stuck(chain: int) -> None:
    start = without_rings(waiting() if chain == 1 else playing(), chain)
    assert len(suspicions(start)) == 1
    assert suspicions(with_decoder(start, failed=chains(chain))) == ()
    assert suspicions(with_queue(start, failed=frozenset({EntryId(10 + chain)}))) == ()


def test_a_mixer_is_not_stuck_before_an_entry_whose_decode_failed() -> None:
    assert suspicions(with_decoder(waiting(level=THRESHOLD), failed=chains(1))) == ()


@pytest.mark.parametrize("chain", [1, 2, 3])
def test_a_stream_that_is_connecting_is_not_stuck(chain: int) -> None:
    start = without_rings(waiting() if chain == 1 else playing(), chain)
    assert len(suspicions(start)) == 1
    assert suspicions(with_decoder(start, connecting=chains(chain))) == ()


def test_entries_beyond_the_effective_stream_limit_are_not_stuck() -> None:
    start = without_rings(playing(), 4, 5)
    assert suspicions(with_decoder(start, stream_limit=3)) == ()
    assert [s.chain_id for s in suspicions(with_decoder(start, stream_limit=4))] == [4]


def test_the_entries_behind_do_not_matter_while_the_current_one_does_not_sound() -> None:
    assert suspicions(without_rings(waiting(), 2, 3)) == ()


def test_a_decoder_ahead_of_the_queues_answer_is_not_stuck() -> None:
    assert suspicions(with_decoder(without_rings(waiting(), 1), plan_version=8)) == ()


def test_a_mixer_ahead_of_the_queues_answer_is_not_stuck() -> None:
    assert suspicions(with_mixer(waiting(level=THRESHOLD), plan_version=8)) == ()


def test_a_mixer_that_has_completed_the_current_chain_is_not_stuck() -> None:
    assert suspicions(with_mixer(waiting(level=THRESHOLD), completed=chains(1))) == ()


def test_a_starved_overlap_goes_on_only_when_both_rings_are_filled() -> None:
    sweep = with_mixer(waiting(level=THRESHOLD), starved=(ChainId(1), ChainId(2)))
    low = with_ring(sweep, 2, RingState(Frames(THRESHOLD - 1), False))
    assert suspicions(low) == ()
    assert kinds(sweep) == [StuckState.MIXER_NOT_STARTED]


# Two sweeps


def test_a_suspicion_of_both_sweeps_stands() -> None:
    sweep = without_rings(playing(), 2, 4)
    assert confirmed(sweep, sweep) == suspicions(sweep)


def test_a_suspicion_of_one_sweep_alone_does_not_stand() -> None:
    stuck = without_rings(playing(), 2)
    assert confirmed(stuck, playing()) == ()
    assert confirmed(playing(), stuck) == ()


def test_a_plan_that_changed_between_the_sweeps_clears_everybody() -> None:
    stuck = without_rings(playing(), 2)
    later = with_decoder(with_queue(stuck, plan=plan(version=8)), plan_version=8)
    assert suspicions(later) == suspicions(stuck)
    assert confirmed(stuck, later) == ()


def test_a_mixer_that_started_between_the_sweeps_is_not_stuck() -> None:
    stuck = waiting(level=THRESHOLD)
    assert confirmed(stuck, with_mixer(stuck, starts=1)) == ()


def test_another_chain_for_the_same_entry_clears_it() -> None:
    stuck = without_rings(playing(), 2)
    slots = (stuck.queue.plan.slots[0], replace(stuck.queue.plan.slots[1], chain=ChainId(9)))
    assert confirmed(stuck, with_queue(stuck, plan=replace(plan(), slots=slots))) == ()


# The model of the engine


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_an_engine_that_loses_nothing_is_never_stuck_in_whatever_order_things_happen(
    seed: int,
) -> None:
    engine = EngineModel(seed)
    engine.failure_rate = 0.01
    for _ in range(1500):
        engine.step()
    assert [confirmed(*pair) for pair in pairwise(engine.sweeps) if confirmed(*pair)] == []


def test_the_model_gets_into_the_states_that_look_stuck() -> None:
    """Otherwise the property above would prove nothing."""
    seen: Counter[str] = Counter()
    for seed in range(40):
        engine = EngineModel(seed)
        engine.failure_rate = 0.01
        for _ in range(3000):
            engine.step()
        for sweep in engine.sweeps:
            seen["suspected"] += bool(suspicions(sweep))
            seen["sounding"] += bool(sweep.mixer.sounding)
            seen["starved"] += bool(sweep.mixer.starved)
            seen["connecting"] += bool(sweep.decoder.connecting)
            seen["failed"] += bool(sweep.decoder.failed)
            seen["lost"] += not sweep.mixer.output_ready
            seen["ahead"] += sweep.decoder.plan_version > sweep.queue.plan.version
    assert min(seen[what] for what in seen) > 0, seen
    assert len(seen) == 7


Drops = Callable[[str, str, Any], bool]


def of_chain(*numbers: int, kind: str) -> Drops:
    return lambda _, what, about: what == kind and about[0] in numbers


LOSSES: list[tuple[str, Drops, list[StuckState]]] = [
    (
        "the decoder loses every plan",
        lambda to, kind, _: to == "decoder" and kind in {"QueueAdvanced", "PlanChanged"},
        [StuckState.MISSING_CURRENT_BUFFER],
    ),
    (
        "OpenRing of the current chain",
        of_chain(1, kind="OpenRing"),
        [StuckState.MISSING_CURRENT_BUFFER],
    ),
    ("OpenRing of the next chain", of_chain(2, kind="OpenRing"), [StuckState.MISSING_NEXT_BUFFER]),
    (
        "OpenRing of the chains behind",
        of_chain(3, 4, kind="OpenRing"),
        [StuckState.MISSING_QUEUED_BUFFER, StuckState.MISSING_QUEUED_BUFFER],
    ),
    (
        "BufferThresholdReached",
        lambda _, kind, __: kind == "BufferThresholdReached",
        [StuckState.MIXER_NOT_STARTED],
    ),
    (
        "the mixer loses every plan",
        lambda to, kind, _: to == "mixer" and kind in {"StartCurrent", "PlanChanged"},
        [StuckState.MIXER_NOT_STARTED],
    ),
    (
        "RingOpened to the mixer",
        lambda to, kind, _: to == "mixer" and kind == "RingOpened",
        [StuckState.MIXER_NOT_STARTED],
    ),
]


def four_songs_and_play(engine: EngineModel) -> None:
    engine.tell("queue", "play", None)
    for _ in range(4):
        engine.tell("queue", "add", 12)
    engine.tell("queue", "play", None)
    engine.settle(workers=False)  # so that the threshold is the last thing the mixer waits for


@pytest.mark.parametrize(
    ("drops", "expected"), [loss[1:] for loss in LOSSES], ids=[loss[0] for loss in LOSSES]
)
def test_a_lost_message_is_found_whatever_the_order(
    drops: Drops, expected: list[StuckState]
) -> None:
    for seed in range(25):
        engine = EngineModel(seed, drops)
        four_songs_and_play(engine)
        found = confirmed(engine.sweep_again(), engine.sweep_again())
        assert [suspicion.kind for suspicion in found] == expected


def test_without_a_loss_the_same_four_songs_are_well() -> None:
    for seed in range(25):
        engine = EngineModel(seed)
        four_songs_and_play(engine)
        sweep = engine.sweep_again()
        assert sweep.mixer.sounding == (1,)
        assert suspicions(sweep) == ()


# What it costs


def test_the_check_takes_less_than_a_tenth_of_a_millisecond_with_the_longest_window() -> None:
    sweep = without_rings(with_decoder(playing(32), stream_limit=32), *range(20, 33))
    repeats = 500
    began_s = time.thread_time()
    for _ in range(repeats):
        confirmed(sweep, sweep)
    assert (time.thread_time() - began_s) / repeats < 100e-6 * 2  # two sweeps are compared


def test_the_check_stays_below_a_hundred_lines() -> None:
    source = suspicions.__code__.co_filename
    assert len(Path(source).read_text(encoding="utf-8").splitlines()) < 100
