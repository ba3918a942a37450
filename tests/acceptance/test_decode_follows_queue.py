"""FR-001: decoding follows the play order through every edit, in every state of the player."""

from __future__ import annotations

from random import Random

import pytest

from actors.messages import (
    AddSongs,
    ChangeOptions,
    DeleteId,
    MoveId,
    MoveRange,
    PlayPosition,
    QueueCommand,
    SetPause,
    SetPriorityOfIds,
    ShuffleRange,
    SkipNext,
    StopPlaying,
    SwapIds,
)
from playback.insertion import InsertAt
from playback.plan import Priority
from playback.player import PlayerState
from playback.song import Song
from playback.units import EntryId
from tests.acceptance.stage import THRESHOLD, Stage, Stages
from tests.engine_rig import RATE_HZ

IMMEDIATE, NEXT, PREFETCH = Priority.IMMEDIATE, Priority.NEXT, Priority.PREFETCH
WINDOW = 4


def decoded(stage: Stage) -> list[tuple[EntryId, Priority]]:
    """Return which entries DecoderActor has at work with which priority, in the order of these."""
    stage.settle()
    entries = {made.chain: made.entry for made in stage.workers.requested}
    at_work = [(entries[chain], priority) for chain, priority in stage.decoder().priorities]
    return sorted(at_work, key=lambda pair: (pair[1], pair[0]))


def in_order(*entries: EntryId) -> list[tuple[EntryId, Priority]]:
    """Return what play order asks for, as ``decoded`` does."""
    ranks = [IMMEDIATE, NEXT, *[PREFETCH] * len(entries)]
    return sorted(zip(entries, ranks, strict=False), key=lambda pair: (pair[1], pair[0]))


def test_fr_001_an_entry_that_is_moved_takes_its_priority_with_its_place(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, b, c, d, e = stage.begin("a", "b", "c", "d", "e")
    assert decoded(stage) == in_order(a, b, c, d)
    stage.do(MoveId(d, InsertAt(1)))
    assert decoded(stage) == in_order(a, d, b, c)
    assert stage.workers.priorities(d) == [PREFETCH, NEXT]
    assert stage.workers.priorities(b) == [NEXT, PREFETCH]
    stage.do(SwapIds(d, e))
    assert decoded(stage) == in_order(a, e, b, c)
    assert stage.workers.workers[stage.chain(d)].cancelled
    assert stage.sounding == (a,)


def test_fr_001_what_is_put_in_between_is_decoded_before_what_follows(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, b, c = stage.begin("a", "b", "c")
    (new,) = stage.do(AddSongs((Song("new"),), InsertAt(0, "+")))
    assert decoded(stage) == in_order(a, new, b, c)


def test_fr_001_what_follows_a_removed_entry_moves_up(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, b, c, d, e = stage.begin("a", "b", "c", "d", "e")
    stage.do(DeleteId(b))
    assert decoded(stage) == in_order(a, c, d, e)
    stage.do(DeleteId(a))
    assert decoded(stage) == in_order(c, d, e)


def test_fr_001_options_that_change_who_follows_change_what_is_decoded(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, b = stage.begin("a", "b")
    assert decoded(stage) == in_order(a, b)
    stage.do(ChangeOptions(repeat=True))
    assert decoded(stage) == in_order(a, b, a, b)
    stage.do(ChangeOptions(repeat=False))
    assert decoded(stage) == in_order(a, b)


def test_fr_001_in_random_order_a_priority_decides_who_is_next(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, *others = stage.begin("a", "b", "c", "d", "e", "f")
    stage.do(ChangeOptions(random=True))
    for entry in others:
        stage.do(SetPriorityOfIds(200, (entry,)))
        assert decoded(stage)[:2] == in_order(a, entry)
        stage.do(SetPriorityOfIds(0, (entry,)))


def test_fr_001_while_stopped_only_current_and_next_are_decoded_and_to_the_threshold(
    stages: Stages,
) -> None:
    stage = stages.open(maximum_decode_streams=WINDOW)
    a, b, c, d = stage.add("a", "b", "c", "d")
    assert decoded(stage) == in_order(a, b)
    first = stage.workers.workers[stage.chain(a)]
    assert [grant.frames for grant in first.grants] == [THRESHOLD]
    stage.buffer(a, THRESHOLD)
    stage.settle()
    assert len(first.grants) == 1
    stage.play()
    assert decoded(stage) == in_order(a, b, c, d)
    assert first.grants[-1].frames > 10 * RATE_HZ
    stage.do(SetPause(True))
    assert decoded(stage) == in_order(a, b, c, d)
    stage.do(StopPlaying())
    assert decoded(stage) == in_order(a, b)


def random_edit(rng: Random, stage: Stage) -> QueueCommand:
    """Draw something that changes who plays next; without ``random`` the queue is the order."""
    status = stage.rig.status
    if len(status.entries) < 3:
        return AddSongs(tuple(Song(str(number)) for number in range(3)))
    here, there = rng.sample(range(len(status.entries)), 2)
    edits: list[QueueCommand] = [
        AddSongs((Song("more"),), InsertAt(here)),
        DeleteId(status.entries[here].id),
        MoveRange(here, here + 1, InsertAt(there)),
        SwapIds(status.entries[here].id, status.entries[there].id),
        PlayPosition(here),
        StopPlaying(),
        SetPause(rng.random() < 0.5),
    ]
    if status.state is not PlayerState.STOP:
        edits += [ShuffleRange(), SkipNext()]
    return rng.choice(edits)


@pytest.mark.parametrize("seed", range(3))
def test_fr_001_after_any_edit_exactly_the_window_is_decoded(stages: Stages, seed: int) -> None:
    rng = Random(seed)
    stage = stages.open(maximum_decode_streams=WINDOW)
    for _ in range(60):
        stage.engine.queue.ask(random_edit(rng, stage), timeout_s=5.0)
        status = stage.rig.status
        upcoming = [entry.id for entry in status.entries[status.current or 0 :]]
        window = 2 if status.state is PlayerState.STOP else WINDOW
        assert decoded(stage) == in_order(*upcoming[:window])
