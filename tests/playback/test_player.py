"""The player's table: every pair of state and input."""

from __future__ import annotations

from itertools import product

import pytest

from playback.errors import IllegalTransitionError
from playback.player import PlayerInput, PlayerState, next_state

S, I = PlayerState, PlayerInput  # noqa: E741 - a table reads better with short names
ALLOWED = {
    (S.STOP, I.PLAY): S.PLAY,
    (S.STOP, I.STOP): S.STOP,
    (S.PLAY, I.PLAY): S.PLAY,
    (S.PLAY, I.PAUSE): S.PAUSE,
    (S.PLAY, I.STOP): S.STOP,
    (S.PLAY, I.QUEUE_EXHAUSTED): S.STOP,
    (S.PAUSE, I.PLAY): S.PLAY,
    (S.PAUSE, I.PAUSE): S.PAUSE,
    (S.PAUSE, I.STOP): S.STOP,
    (S.PAUSE, I.QUEUE_EXHAUSTED): S.STOP,
}
PAIRS = list(product(PlayerState, PlayerInput))


@pytest.mark.parametrize(("state", "given"), [pair for pair in PAIRS if pair in ALLOWED])
def test_an_allowed_input_leads_to_its_state(state: PlayerState, given: PlayerInput) -> None:
    assert next_state(state, given) is ALLOWED[state, given]


@pytest.mark.parametrize(("state", "given"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_any_other_input_is_an_error(state: PlayerState, given: PlayerInput) -> None:
    with pytest.raises(IllegalTransitionError, match=f"{given.name} .* state {state}"):
        next_state(state, given)


def test_stopping_and_playing_are_possible_in_every_state() -> None:
    for state in PlayerState:
        assert next_state(state, PlayerInput.STOP) is PlayerState.STOP
        assert next_state(state, PlayerInput.PLAY) is PlayerState.PLAY


def test_the_states_are_mpds_words() -> None:
    assert [str(state) for state in PlayerState] == ["stop", "play", "pause"]
