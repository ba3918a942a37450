"""NFR-001 as far as a test can promise it: order and cause, and the middle of fifty times.

Time is taken from the sender's ``tell`` until the receiver has acted. The act must have been done
while the very message was handled: then no timer, no poll and no watchdog, which is off, lies
between. What the slowest times are is the benchmark's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from actors.messages import (
    BufferThresholdReached,
    ClearQueue,
    Enqueued,
    PassageCompleted,
    PositionUpdated,
    QueueAdvanced,
    SeekCurrent,
    SetPause,
    SkipNext,
    StartCurrent,
)
from playback.plan import Priority
from tests.acceptance.stage import ENOUGH, Stage, Stages
from tests.engine_rig import PERIOD, RATE_HZ
from tests.wiretap import Told

TIMES = 50
MEDIAN_S = 1e-3

Act = tuple[object, float]
"""The message that was being handled, and when the act was done."""


def expect_quick(stage: Stage, kind: type, to: str, acts: Sequence[Act]) -> None:
    """Each act was caused by a message of a kind, and most followed it within a millisecond."""
    told = {id(each.message): each for each in stage.tap.of(kind, to)}
    causes = [told.get(id(cause)) for cause, _ in acts]
    others = [type(act[0]).__name__ for act, cause in zip(acts, causes, strict=True) if not cause]
    assert not others, f"not caused by {kind.__name__}"
    took_s = [at_s - cause.at_s for cause, (_, at_s) in zip(causes, acts, strict=True) if cause]
    assert len(took_s) >= TIMES
    assert min(took_s) >= 0
    assert median(took_s) < MEDIAN_S
    assert stage.telemetry.rounds == 0


def acts_of(told: Sequence[Told]) -> list[Act]:
    """Return acts that consist in telling somebody something."""
    return [(each.cause, each.at_s) for each in told]


def test_nfr_001_from_enqueue_to_the_decode_request(stages: Stages) -> None:
    stage = stages.open()
    for _ in range(TIMES):
        (entry,) = stage.add("a")
        stage.chain(entry)
        stage.do(ClearQueue())
    acts = [(made.cause, made.at_s) for made in stage.workers.caused]
    expect_quick(stage, Enqueued, "DecoderActor", acts)


def test_nfr_001_from_the_threshold_to_the_mixer_start(stages: Stages) -> None:
    stage = stages.open()
    (entry,) = stage.begin("a")
    starts = []
    for _ in range(TIMES):
        before = stage.chain(entry)
        stage.do(SeekCurrent(0.0))
        stage.until(lambda old=before: stage.chain(entry) != old, "a new chain")  # type: ignore[misc]
        chain = stage.chain(entry)
        stage.settle()  # the mixer has the ring before anything is in it
        stage.buffer(entry)
        stage.until_sounding(entry)
        starts += stage.tap.of(PositionUpdated, when=lambda m, of=chain: m.chain_id == of)  # type: ignore[misc]
    expect_quick(stage, BufferThresholdReached, "MixerActor", acts_of(starts))


def test_nfr_001_from_play_to_the_mixer_start(stages: Stages) -> None:
    stage = stages.open()
    (entry,) = stage.begin("a")
    stage.buffer(entry, 10 * RATE_HZ)
    stage.until(lambda: stage.rig.status.advancing, "the first start")
    starts: list[Told] = []
    for _ in range(4 * TIMES):
        drops = stage.device.drops
        stage.do(SetPause(True))
        stage.device.wait_drops(drops + 1)
        stage.device.wait_level(PERIOD)
        stage.device.play(PERIOD)  # the ramp with which it falls silent
        stage.settle()
        stage.do(SetPause(False))
        stage.until(lambda: stage.rig.status.advancing, "the music to go on")
        told = stage.tap.of(PositionUpdated, when=lambda m: m.advancing)
        # Before the ramp's end was told, it is that which lets the music go on.
        starts = [each for each in told[1:] if isinstance(each.cause, StartCurrent)]
        if len(starts) >= TIMES:
            break
    expect_quick(stage, StartCurrent, "MixerActor", acts_of(starts))


def test_nfr_001_from_an_advance_to_the_decode_of_the_promoted_entry(stages: Stages) -> None:
    stage = stages.open(maximum_decode_streams=3)
    stage.begin(*("a" for _ in range(TIMES + 3)))
    stage.settle()
    begun = len(stage.workers.caused)
    for _ in range(TIMES):
        stage.do(SkipNext())
    stage.settle()
    promoted = [
        (made.cause, made.at_s)
        for made in stage.workers.caused[begun:]
        if made.priority is Priority.NEXT
    ]
    expect_quick(stage, QueueAdvanced, "DecoderActor", promoted)


def test_nfr_001_from_the_end_of_a_passage_to_the_advance(stages: Stages) -> None:
    window, length = 30, 1_000
    stage = stages.open(maximum_decode_streams=window)
    for _ in range(2):
        first, *others = stage.begin(*("a" for _ in range(window)))
        for entry in others:
            stage.buffer(entry, length)
        for entry in (first, *others):
            stage.finish(entry)
        stage.settle()
        stage.device.run(ENOUGH - length)
        for _ in range(window):
            stage.device.run(length)
            stage.settle()  # no faster than the engine follows: that would measure the crowd
        stage.device.play(PERIOD)  # an end is told with the period behind it
        stage.until(lambda: stage.current is None, "the end of the queue")
        stage.do(ClearQueue())
    advances = stage.tap.of(QueueAdvanced, when=lambda m: m.new_next is not None)
    completed = [each for each in advances if each.message.previous_current is not None]
    expect_quick(stage, PassageCompleted, "QueueActor", acts_of(completed))
