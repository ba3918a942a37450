"""TC-ED: decoding and the mixer's start follow from events alone. The watchdog is off."""

from __future__ import annotations

import numpy as np

from actors.messages import (
    BufferThresholdReached,
    Enqueued,
    OutputOpened,
    PassageStarted,
    PositionUpdated,
    QueueAdvanced,
    StartCurrent,
)
from playback.plan import Priority
from playback.player import PlayerState
from tests.acceptance.doubles import numbered
from tests.acceptance.stage import ENOUGH, THRESHOLD, Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD, RATE_HZ

IMMEDIATE, NEXT, PREFETCH = Priority.IMMEDIATE, Priority.NEXT, Priority.PREFETCH


@twin(without(Enqueued, to="DecoderActor"))
def test_tc_ed_001_a_file_in_an_empty_queue_is_decoded_at_once(stages: Stages) -> None:
    """Given an empty queue, and that a client has said ``play``.

    When one file is enqueued.
    Then its decode is requested as ``IMMEDIATE``, while ``Enqueued`` is handled.
    """
    stage = stages.open()
    stage.play(None)
    (entry,) = stage.add("a")
    stage.until(lambda: bool(stage.workers.requested), "a decode request")
    (made,) = stage.workers.caused
    assert (made.entry, made.priority) == (entry, IMMEDIATE)
    assert isinstance(made.cause, Enqueued)
    assert made.cause.queue_entry_id == entry


@twin(
    without(QueueAdvanced, to="DecoderActor", when=lambda told: told.previous_current is not None)
)
def test_tc_ed_002_a_promoted_entry_is_decoded_as_next_when_the_current_one_completes(
    stages: Stages,
) -> None:
    """Given that one entry plays, with four behind it, all buffered.

    When the first completes.
    Then the one that has become next, and was the first of the others, is requested as ``NEXT``,
    while ``QueueAdvanced`` is handled; its ring is to be filled, not to the threshold only.
    """
    stage = stages.open()
    first, second, promoted, *others = stage.begin("a", "b", "c", "d", "e")
    stage.finish(first)
    stage.buffer(second)
    stage.finish(second)
    for entry in (promoted, *others):
        stage.buffer(entry, THRESHOLD)
    stage.settle()
    assert stage.workers.priorities(promoted) == [PREFETCH]
    worker = stage.workers.workers[stage.chain(promoted)]
    granted = len(worker.grants)
    stage.device.run(ENOUGH + 2 * PERIOD)
    stage.until(lambda: NEXT in stage.workers.priorities(promoted), "the promotion")
    made = stage.workers.caused[-1]
    assert (made.entry, made.priority) == (promoted, NEXT)
    assert isinstance(made.cause, QueueAdvanced)
    assert made.cause.previous_current == first
    assert (made.cause.new_current, made.cause.new_next) == (second, promoted)
    assert all(stage.workers.priorities(other) == [PREFETCH] for other in others)
    stage.until(lambda: len(worker.grants) > granted, "leave to decode on")
    assert worker.grants[-1].frames > 10 * RATE_HZ


@twin(without(Enqueued, to="DecoderActor"))
def test_tc_ed_003_three_files_are_decoded_in_the_order_in_which_they_will_play(
    stages: Stages,
) -> None:
    """Given an empty queue, stopped.

    When three files are enqueued, and played.
    Then they are requested as ``IMMEDIATE``, ``NEXT`` and ``PREFETCH``, each once; the first two
    by ``Enqueued``, and the third, which is not decoded while stopped, by playing.
    """
    stage = stages.open()
    first, second, third = stage.add("a", "b", "c")
    stage.until(lambda: len(stage.workers.requested) == 2, "two decode requests")
    assert all(isinstance(made.cause, Enqueued) for made in stage.workers.caused)
    stage.play()
    stage.until(lambda: len(stage.workers.requested) == 3, "the third decode request")
    stage.settle()
    made = [(request.entry, request.priority) for request in stage.workers.requested]
    assert made == [(first, IMMEDIATE), (second, NEXT), (third, PREFETCH)]


@twin(without(BufferThresholdReached, to="MixerActor"))
def test_tc_ed_004_crossing_the_threshold_starts_the_mixer(stages: Stages) -> None:
    """Given the state *play*, a current entry, an idle mixer and a ring below the threshold.

    When pushes of frames cross it.
    Then there is one ``BufferThresholdReached``, the mixer plays because of it, and there is one
    ``PassageStarted``.
    """
    stage = stages.open()
    (entry,) = stage.add("a")
    stage.play()
    stage.until_open()
    stage.buffer(entry, THRESHOLD - 1)
    stage.settle()
    assert stage.rings().rings[stage.chain(entry)].level == THRESHOLD - 1
    assert stage.sounding == ()
    stage.buffers.fill(stage.chain(entry), ENOUGH, step=ENOUGH)
    stage.until_sounding(entry)
    begun = stage.tap.of(PositionUpdated, "QueueActor")[0]
    assert isinstance(begun.cause, BufferThresholdReached)
    assert (begun.message.frames, begun.message.advancing) == (0, True)
    stage.device.run(3 * PERIOD)
    stage.until(lambda: bool(stage.tap.of(PassageStarted)), "the start to be told")
    stage.settle()
    (reached,) = stage.tap.messages(BufferThresholdReached)
    assert (reached.queue_entry_id, reached.chain_id) == (entry, stage.chain(entry))
    assert reached.threshold_ms == 100
    assert 100 <= reached.buffer_level_ms <= ENOUGH * 1000 // RATE_HZ
    assert stage.tap.messages(PassageStarted) == [PassageStarted(entry, stage.chain(entry))]


@twin(without(BufferThresholdReached, to="MixerActor", when=lambda told: told.queue_entry_id == 2))
def test_tc_ed_005_the_threshold_of_another_entry_changes_nothing(stages: Stages) -> None:
    """Given that A plays, and B follows with an empty ring.

    When B's ring crosses the threshold.
    Then the mixer hears of it, and A goes on: nothing is dropped, nothing started again.
    """
    stage = stages.open()
    first, second = stage.begin("a", "b")
    stage.device.run(2 * PERIOD)
    stage.until(lambda: bool(stage.tap.of(PassageStarted)), "A to be heard")
    before = stage.mixer()
    drops = stage.device.drops
    stage.buffer(second)
    stage.until(
        lambda: bool(
            stage.tap.of(BufferThresholdReached, "MixerActor", lambda m: m.queue_entry_id == second)
        ),
        "the threshold of B",
    )
    stage.settle()
    assert stage.mixer() == before
    assert stage.device.drops == drops
    stage.device.run(2 * PERIOD)
    assert stage.tap.messages(PassageStarted) == [PassageStarted(first, stage.chain(first))]
    assert np.array_equal(stage.device.heard, numbered(0, 4 * PERIOD))


@twin(without(StartCurrent, to="MixerActor"))
def test_tc_ed_006_play_starts_what_is_buffered(stages: Stages) -> None:
    """Given that the player is stopped, and the current entry is buffered.

    When a client says ``play``.
    Then the mixer plays because of ``StartCurrent``, and there is one ``PassageStarted``.
    """
    stage = stages.open()
    (entry,) = stage.add("a")
    stage.buffer(entry)
    stage.settle()
    assert stage.sounding == ()
    stage.play()
    stage.until(lambda: stage.device.opens == 1, "the device to be opened")
    stage.until_sounding(entry)
    (start,) = stage.tap.of(StartCurrent)
    begun = stage.tap.of(PositionUpdated, "QueueActor")[0]
    # The device is closed while nothing plays: ``StartCurrent`` opens it, and its answer starts.
    assert isinstance(begun.cause, OutputOpened)
    opened = stage.tap.of(OutputOpened)[0]
    assert start.at_s < opened.at_s < begun.at_s
    stage.device.run(3 * PERIOD)
    stage.until(lambda: bool(stage.tap.of(PassageStarted)), "the start to be told")
    stage.settle()
    assert stage.tap.messages(PassageStarted) == [PassageStarted(entry, stage.chain(entry))]


@twin(without(BufferThresholdReached, to="MixerActor"))
def test_tc_ed_007_nothing_starts_while_stopped(stages: Stages) -> None:
    """Given that the player is stopped.

    When a file is enqueued and its ring crosses the threshold.
    Then the mixer hears of it, and nothing starts.
    """
    stage = stages.open()
    (entry,) = stage.add("a")
    stage.buffer(entry)
    stage.until(lambda: bool(stage.tap.of(BufferThresholdReached, "MixerActor")), "the threshold")
    stage.settle()
    assert stage.rig.status.state is PlayerState.STOP
    assert stage.sounding == ()
    assert stage.device.opens == 0
    assert stage.tap.of(PassageStarted) == []
