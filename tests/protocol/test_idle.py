"""idle and noidle: who hears what, when, and how often."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import Subsystem
from playback.errors import AckError
from protocol.idle import ALL, IdleState, subsystem
from tests.protocol.talk import CLOSED, House, Talk, answer, hub_of, run

PLAYER, MIXER, OPTIONS = Subsystem.PLAYER, Subsystem.MIXER, Subsystem.OPTIONS
PLAYLIST = Subsystem.PLAYLIST


# The state alone


def test_a_change_is_told_once_to_who_waits_for_it() -> None:
    state = IdleState()
    assert state.begin(ALL) == ()
    assert state.changed({PLAYER}) == (PLAYER,)
    assert not state.waiting
    assert state.begin(ALL) == ()


def test_what_changed_before_is_told_at_once() -> None:
    state = IdleState()
    assert state.changed({MIXER}) == ()
    assert state.begin(frozenset({MIXER, PLAYER})) == (MIXER,)
    assert not state.waiting


def test_only_what_is_awaited_is_told_and_taken_away() -> None:
    state = IdleState()
    state.changed({MIXER, OPTIONS})
    assert state.begin(frozenset({PLAYER})) == ()
    assert state.changed({PLAYER}) == (PLAYER,)
    assert state.begin(ALL) == (MIXER, OPTIONS)


def test_changes_are_told_in_mpds_order() -> None:
    state = IdleState()
    state.begin(ALL)
    assert state.changed(reversed(Subsystem)) == tuple(Subsystem)


def test_what_was_not_told_outlives_noidle() -> None:
    state = IdleState()
    state.changed({MIXER})
    state.begin(frozenset({PLAYER}))
    state.cancel()
    assert not state.waiting
    assert state.begin(ALL) == (MIXER,)


SETS = st.frozensets(st.sampled_from(Subsystem))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("idle"), SETS.map(lambda awaited: awaited or ALL)),
        st.tuples(st.just("changed"), SETS),
        st.tuples(st.just("noidle"), st.just(ALL)),
    )
)


@given(STEPS)
def test_every_change_is_told_exactly_once_in_the_end(
    steps: list[tuple[str, frozenset[Subsystem]]],
) -> None:
    state = IdleState()
    owed: set[Subsystem] = set()
    for step, subsystems in steps:
        if step == "noidle":
            state.cancel()
            continue
        if step == "changed":
            owed |= subsystems
            told = state.changed(subsystems)
        elif state.waiting:
            continue
        else:
            told = state.begin(subsystems)
        assert set(told) <= owed
        assert list(told) == sorted(told, key=list(Subsystem).index)
        owed -= set(told)
    state.cancel()
    assert set(state.begin(ALL)) == owed


@pytest.mark.parametrize("name", ["player", "PLAYER", "Stored_Playlist"])
def test_names_are_read_in_any_case(name: str) -> None:
    assert subsystem(name).value == name.lower()


@pytest.mark.parametrize("name", ["", "foo", "player "])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(AckError, match=f"Unrecognized idle event: {name}"):
        subsystem(name)


# In a conversation


def test_idle_is_silent_until_something_changes() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        assert await talk.ask("idle") == ""
        talk.hub.changed({PLAYER})
        assert talk.heard() == "changed: player\nOK\n"
        talk.hub.changed({PLAYER})
        assert talk.heard() == ""
        assert await talk.ask("ping") == "OK\n"
        assert await talk.ask("idle") == "changed: player\nOK\n"

    run(conversation())


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_subset_can_be_awaited(count: int) -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        for names in itertools.combinations(Subsystem, count):
            assert await talk.ask("idle " + " ".join(names)) == ""
            others = ALL - set(names)
            talk.hub.changed(others)
            assert talk.heard() == ""
            talk.hub.changed(names[:1])
            assert talk.heard() == f"changed: {names[0]}\nOK\n"
            await talk.ask("idle")

    run(conversation())


def test_events_are_collected_from_the_first_moment() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        talk.hub.changed({MIXER, PLAYER})
        assert await talk.ask("idle player mixer") == "changed: player\nchanged: mixer\nOK\n"

    run(conversation())


def test_a_new_client_knows_nothing_of_what_was_before() -> None:
    async def conversation() -> None:
        hub = hub_of(House())
        hub.changed(ALL)
        assert await Talk(hub).ask("idle") == ""

    run(conversation())


def test_a_client_hears_of_its_own_changes() -> None:
    async def conversation() -> None:
        house = House()
        talk = Talk(hub_of(house))
        house.queue.on_ask = lambda: talk.hub.changed({MIXER})
        assert await talk.ask("setvol 5", "idle") == "OK\nchanged: mixer\nOK\n"

    run(conversation())


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        (["idle", "noidle"], "OK\n"),
        (["idle", "noidle", "ping"], "OK\nOK\n"),
        (["noidle"], ""),
        (["noidle", "ping"], "OK\n"),
        (["idle", "noidle", "noidle", "ping"], "OK\nOK\n"),
        (["idle", "noidle", "idle", "noidle"], "OK\nOK\n"),
        (["idle player", "noidle "], "OK\n"),
        (["idle player player", "noidle"], "OK\n"),
        (["idle", "status"], CLOSED),
        (["idle", "idle"], CLOSED),
        (["idle", "close"], CLOSED),
        (["idle", "command_list_begin"], CLOSED),
        (["idle", "foo"], CLOSED),
        (["idle foo", "ping"], "ACK [2@0] {idle} Unrecognized idle event: foo\nOK\n"),
        (["idle player foo", "ping"], "ACK [2@0] {idle} Unrecognized idle event: foo\nOK\n"),
        (['idle ""', "ping"], "ACK [2@0] {idle} Unrecognized idle event: \nOK\n"),
    ],
)
def test_noidle_and_all_else_are_answered_as_mpd_does(lines: list[str], reply: str) -> None:
    assert answer(*lines) == reply


def test_noidle_after_the_event_was_told_is_silent() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        await talk.send("idle")
        talk.hub.changed({PLAYER})
        assert await talk.ask("noidle", "ping") == "changed: player\nOK\nOK\n"

    run(conversation())


def test_noidle_keeps_what_nobody_asked_for() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        await talk.send("idle player")
        talk.hub.changed({MIXER, OPTIONS})
        assert await talk.ask("noidle", "idle") == "OK\nchanged: mixer\nchanged: options\nOK\n"

    run(conversation())


def test_what_a_command_list_changes_is_one_piece_of_news() -> None:
    async def conversation() -> None:
        house = House()
        hub = hub_of(house)
        listener, talk = Talk(hub), Talk(hub)
        await listener.send("idle playlist options")
        changes = iter([{PLAYLIST}, {OPTIONS}])
        house.queue.on_ask = lambda: hub.changed(next(changes))
        await talk.send("command_list_begin", "clear", "random 1", "command_list_end")
        assert listener.heard() == "changed: playlist\nchanged: options\nOK\n"
        assert await talk.ask("idle") == "OK\nchanged: playlist\nchanged: options\nOK\n"

    run(conversation())


def test_a_long_command_list_does_not_keep_the_news_from_others() -> None:
    async def conversation() -> None:
        house = House()
        hub = hub_of(house)
        listener, talk = Talk(hub), Talk(hub)
        await listener.send("idle")
        house.queue.is_silent = True
        house.queue.on_ask = lambda: hub.changed({PLAYLIST})
        work = hub.loop.create_task(talk.send("command_list_begin", "clear", "command_list_end"))
        await listener.told.wait()
        assert listener.heard() == "changed: playlist\nOK\n"
        assert not work.done()
        work.cancel()

    run(conversation())


def test_outside_command_lists_news_is_told_at_once() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        await talk.send("idle")
        talk.hub.changed({PLAYER})
        assert talk.heard()

    run(conversation())
