"""The player's states, and the only table that says how they may change."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from playback.errors import IllegalTransitionError


class PlayerState(enum.StrEnum):
    """MPD's three words, so that no frontend needs a translation table."""

    STOP = "stop"
    PLAY = "play"
    PAUSE = "pause"


class PlayerInput(enum.Enum):
    """What can happen to the player."""

    PLAY = enum.auto()
    PAUSE = enum.auto()
    STOP = enum.auto()
    QUEUE_EXHAUSTED = enum.auto()


_S, _I = PlayerState, PlayerInput

TRANSITIONS: Final[Mapping[PlayerState, Mapping[PlayerInput, PlayerState]]] = {
    _S.STOP: {_I.PLAY: _S.PLAY, _I.STOP: _S.STOP},
    _S.PLAY: {
        _I.PLAY: _S.PLAY,
        _I.PAUSE: _S.PAUSE,
        _I.STOP: _S.STOP,
        _I.QUEUE_EXHAUSTED: _S.STOP,
    },
    _S.PAUSE: {
        _I.PLAY: _S.PLAY,
        _I.PAUSE: _S.PAUSE,
        _I.STOP: _S.STOP,
        _I.QUEUE_EXHAUSTED: _S.STOP,
    },
}


def next_state(state: PlayerState, given: PlayerInput) -> PlayerState:
    """Look the transition up.

    Raises:
        IllegalTransitionError: the table has no row; nothing may change then.
    """
    try:
        return TRANSITIONS[state][given]
    except KeyError:
        raise IllegalTransitionError(f"{given.name} is not allowed in state {state}") from None
