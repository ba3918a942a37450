"""The four stuck states, each forced by losing the one event that would prevent it.

Each function brings a playing stage into one of them and returns the entry it is about. Nothing
but the watchdog helps then: no further event comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from actors.messages import BufferThresholdReached, Enqueued, QueueAdvanced, StuckState
from playback.units import EntryId
from tests.acceptance.stage import Stage, Stages


def open_stage(stages: Stages, *, window: int = 2) -> Stage:
    """Open a stage with quick rounds and a short decode window."""
    return stages.open(watchdog_interval_ms=10, maximum_decode_streams=window)


def lose_buffer_of_current(stages: Stages) -> tuple[Stage, EntryId]:
    """``play 2``: the song chosen is beyond the window, and DecoderActor hears nothing of it."""
    stage = open_stage(stages)
    *_, chosen = stage.begin("a", "b", "c")
    stage.tap.lose(QueueAdvanced, "DecoderActor", lambda told: told.new_current == chosen)
    stage.play(2)
    return stage, chosen


def lose_start_of_mixer(stages: Stages) -> tuple[Stage, EntryId]:
    """The current ring holds enough, and MixerActor hears nothing of it."""
    stage = open_stage(stages)
    (current,) = stage.add("a")
    stage.play()
    stage.until_open()
    stage.settle()
    stage.tap.lose(BufferThresholdReached, "MixerActor")
    stage.buffer(current)
    return stage, current


def lose_buffer_of_next(stages: Stages) -> tuple[Stage, EntryId]:
    """A second song is added, and DecoderActor hears nothing of it."""
    stage = open_stage(stages)
    stage.begin("a")
    stage.tap.lose(Enqueued, "DecoderActor")
    (following,) = stage.add("b")
    return stage, following


def lose_buffer_of_queued(stages: Stages) -> tuple[Stage, EntryId]:
    """A third song is added, and DecoderActor hears nothing of it."""
    stage = open_stage(stages, window=3)
    _, following = stage.begin("a", "b")
    stage.buffer(following)
    stage.tap.lose(Enqueued, "DecoderActor")
    (queued,) = stage.add("c")
    return stage, queued


SITUATIONS: Final[Mapping[StuckState, Callable[[Stages], tuple[Stage, EntryId]]]] = {
    StuckState.MISSING_CURRENT_BUFFER: lose_buffer_of_current,
    StuckState.MIXER_NOT_STARTED: lose_start_of_mixer,
    StuckState.MISSING_NEXT_BUFFER: lose_buffer_of_next,
    StuckState.MISSING_QUEUED_BUFFER: lose_buffer_of_queued,
}
