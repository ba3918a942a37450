"""TC-WD-005: what looks stuck and is not. Twenty rounds in each situation find nothing.

In each a further event follows first, and its twin shows that the rounds are not blind there:
if that event is lost, they find it.
"""

from __future__ import annotations

import numpy as np

from actors.messages import (
    AddSongs,
    DecodeFailed,
    Enqueued,
    OutputLost,
    QueueAdvanced,
    RingDrained,
    StreamLimitChanged,
    UnderrunDetected,
)
from playback.errors import DecodeError, FailureKind
from playback.insertion import InsertAt
from playback.song import Song
from playback.units import EntryId
from tests.acceptance.doubles import SlowDevice, numbered
from tests.acceptance.stage import ENOUGH, Stage, Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD

ROUNDS = 20
CHOSEN = 3
"""The entry id of the third song, which two-entry windows do not reach until it is chosen."""


def open_stage(stages: Stages, *, window: int, device: SlowDevice | None = None) -> Stage:
    """Open a stage whose rounds run when the test says so."""
    return stages.open(device=device, watchdog_interval_ms=2000, maximum_decode_streams=window)


chosen_without_decoder = twin(
    without(QueueAdvanced, to="DecoderActor", when=lambda told: told.new_current == CHOSEN),
    found=True,
)


@chosen_without_decoder
def test_tc_wd_005_a_lost_output_is_not_stuck(stages: Stages) -> None:
    """Given that music plays and the device goes away.

    When another song is chosen, and twenty rounds run.
    Then none intervenes, although the ring of what played is full and the mixer idle.
    """
    stage = open_stage(stages, window=2)
    first, *_ = stage.begin("a", "b", "c")
    stage.device.lose()
    stage.until(lambda: bool(stage.tap.of(OutputLost)), "the loss of the output")
    assert stage.run_rounds(ROUNDS) == []
    assert stage.rings().rings[stage.chain(first)].level > stage.rings().threshold
    assert (stage.mixer().sounding, stage.mixer().output_ready) == ((), False)
    stage.play(2)
    assert stage.run_rounds(ROUNDS) == []


@chosen_without_decoder
def test_tc_wd_005_an_output_that_is_being_opened_is_not_stuck(stages: Stages) -> None:
    """Given a device that takes its time to open, and a current entry that is buffered.

    When another song is chosen, and twenty rounds run.
    Then none intervenes; and once the device is open, the song plays.
    """
    device = SlowDevice()
    stage = open_stage(stages, window=2, device=device)
    first, _, third = stage.add("a", "b", "c")
    stage.buffer(first)
    stage.play()
    assert device.asked.wait(5.0)
    assert stage.run_rounds(ROUNDS) == []
    assert stage.rings().rings[stage.chain(first)].level > stage.rings().threshold
    assert (stage.mixer().sounding, stage.mixer().output_ready) == ((), False)
    stage.play(2)
    assert stage.run_rounds(ROUNDS) == []
    stage.buffer(third)
    device.let_open()
    stage.until_sounding(third)


@twin(
    without(Enqueued, to="DecoderActor", when=lambda told: told.queue_entry_id == CHOSEN),
    found=True,
)
def test_tc_wd_005_an_entry_that_cannot_be_decoded_is_not_stuck(stages: Stages) -> None:
    """Given that music plays and the next entry's decode fails, so that it has no buffer.

    When a third song is added, and twenty rounds run.
    Then none intervenes, and the entry that failed is not requested again.
    """
    stage = open_stage(stages, window=4)
    first, failing = stage.begin("a", "b")
    chain = stage.chain(failing)
    stage.buffers.fail(chain, failing)
    stage.until(lambda: bool(stage.tap.of(DecodeFailed, "QueueActor")), "the failure")
    assert stage.run_rounds(ROUNDS) == []
    assert chain not in stage.rings().rings
    assert failing in stage.queue().failed
    stage.add("c")
    assert stage.run_rounds(ROUNDS) == []
    assert len(stage.workers.priorities(failing)) == 1
    assert stage.sounding == (first,)


@chosen_without_decoder
def test_tc_wd_005_a_current_stream_that_is_connecting_is_not_stuck(stages: Stages) -> None:
    """Given a current entry whose source has been asked for and gives no answer yet.

    When twenty rounds run, another song is chosen, and twenty more run.
    Then none intervenes, and the mixer waits.
    """
    stage = open_stage(stages, window=2)
    stream, _, _ = stage.add("http://radio.example/", "b", "c")
    stage.play()
    stage.until_open()
    assert stage.run_rounds(ROUNDS) == []
    assert stage.chain(stream) in stage.decoder().connecting
    assert stage.sounding == ()
    stage.play(2)
    assert stage.run_rounds(ROUNDS) == []


@twin(
    without(Enqueued, to="DecoderActor", when=lambda told: told.queue_entry_id == CHOSEN),
    found=True,
)
def test_tc_wd_005_a_next_stream_that_is_connecting_is_not_stuck(stages: Stages) -> None:
    """Given that music plays and the next entry's source gives no answer yet.

    When a third song is added, and twenty rounds run.
    Then none intervenes.
    """
    stage = open_stage(stages, window=4)
    first, stream = stage.begin("a", "http://radio.example/")
    assert stage.run_rounds(ROUNDS) == []
    assert stage.chain(stream) in stage.decoder().connecting
    stage.add("c")
    assert stage.run_rounds(ROUNDS) == []
    assert stage.sounding == (first,)


@chosen_without_decoder
def test_tc_wd_005_entries_beyond_the_window_are_not_stuck(stages: Stages) -> None:
    """Given that music plays, and more songs are queued than may be decoded at once.

    When another song is chosen, and twenty rounds run.
    Then none intervenes, and those beyond the window have no buffer.
    """
    stage = open_stage(stages, window=2)
    *_, third, fourth = stage.begin("a", "b", "c", "d")
    assert stage.run_rounds(ROUNDS) == []
    assert stage.workers.priorities(third) == stage.workers.priorities(fourth) == []
    stage.play(2)
    assert stage.run_rounds(ROUNDS) == []


def refuse_entry(stage: Stage, entry: EntryId) -> None:
    """Let the machine have nothing left for one entry's decoder."""
    error = DecodeError(FailureKind.RESOURCES, "too many open files")
    stage.workers.refuse = lambda request: error if request.queue_entry_id == entry else None


@twin(without(Enqueued, to="DecoderActor", when=lambda told: told.queue_entry_id == 4), found=True)
def test_tc_wd_005_entries_beyond_a_lowered_limit_are_not_stuck(stages: Stages) -> None:
    """Given that music plays and the machine has resources for two decoders only.

    When a song is put right behind the current one, and twenty rounds run.
    Then none intervenes, although the window of the settings is longer.
    """
    stage = open_stage(stages, window=4)
    first, second = stage.begin("a", "b")
    stage.buffer(second)
    stage.settle()
    refused = EntryId(CHOSEN)
    refuse_entry(stage, refused)
    assert stage.add("c") == (refused,)
    stage.until(lambda: bool(stage.tap.of(StreamLimitChanged)), "a lower limit")
    assert stage.run_rounds(ROUNDS) == []
    assert stage.decoder().stream_limit == 2
    stage.do(AddSongs((Song("d"),), InsertAt(0, "+")))
    assert stage.run_rounds(ROUNDS) == []
    assert stage.sounding == (first,)


@twin(without(RingDrained, to="BufferActor", when=lambda told: told.dry), found=True)
def test_tc_wd_005_a_mixer_that_has_run_dry_is_not_stuck(stages: Stages) -> None:
    """Given a mixer that has mixed all there is, of which most has not been heard yet.

    When twenty rounds run, and then its ring is filled again.
    Then none intervenes, although BufferActor had last seen a ring at the threshold; and what is
    heard has no gap.
    """
    stage = open_stage(stages, window=2)
    (entry,) = stage.begin("a")
    unheard = 3 * PERIOD
    stage.device.run(ENOUGH - unheard)
    stage.until(lambda: bool(stage.mixer().starved), "a mixer that has run dry")
    assert stage.run_rounds(ROUNDS) == []
    stage.buffer(entry, 2 * ENOUGH)
    stage.until_sounding(entry)
    stage.device.run(ENOUGH)
    assert stage.tap.of(UnderrunDetected) == []
    assert np.array_equal(stage.device.heard, numbered(0, 2 * ENOUGH - unheard))
