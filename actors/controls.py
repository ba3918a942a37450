"""Which message is which of the transport's controls, or which options."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias, assert_never

from actors.messages import (
    ChangeOptions,
    PlayId,
    PlayPosition,
    SeekCurrent,
    SeekId,
    SeekPosition,
    SetPause,
    SkipNext,
    SkipPrevious,
    StopPlaying,
)
from actors.queue_edits import entry_at
from playback.transport import Transport

Move: TypeAlias = SetPause | SeekPosition | SeekId | SeekCurrent
"""What changes where the current song goes on."""
Control: TypeAlias = PlayPosition | PlayId | StopPlaying | SkipNext | SkipPrevious | Move


def apply_control(transport: Transport, control: Control, now_s: float) -> None:
    """Carry a control out.

    Args:
        transport: what is controlled.
        control: what is asked for.
        now_s: a ``time.monotonic()`` reading.

    Raises:
        AckError: it is refused; nothing has changed.
    """
    match control:
        case PlayPosition(position):
            transport.play(position)
        case PlayId(id=entry):
            transport.play_id(entry)
        case SetPause(paused):
            transport.pause(paused)
        case StopPlaying():
            transport.stop()
        case SkipNext():
            transport.next()
        case SkipPrevious():
            transport.previous()
        case SeekPosition(position, seconds):
            transport.seek(entry_at(transport.queue, position), seconds)
        case SeekId(id=entry, seconds=seconds):
            transport.seek(transport.queue.entry(entry).id, seconds)
        case SeekCurrent(seconds, relative):
            transport.seek_current(seconds, now_s, relative=relative)
        case _:
            assert_never(control)


def options_in(command: ChangeOptions) -> dict[str, Any]:
    """Return the options that a command changes; a MixRamp delay that is none is None."""
    given = {
        field.name: getattr(command, field.name)
        for field in fields(command)
        if getattr(command, field.name) is not None
    }
    delay_s = given.get("mixramp_delay_s")
    if delay_s is not None and not delay_s > 0:
        given["mixramp_delay_s"] = None
    return given
