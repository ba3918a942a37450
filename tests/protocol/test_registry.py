"""The table of commands: how many arguments, in which words that is refused, and for whom."""

from __future__ import annotations

import pytest

from playback.errors import AckCode, AckError
from protocol.arguments import text, unsigned
from protocol.permissions import EVERYTHING, Permission, permissions_of
from protocol.registry import Command, Parameter, Registry, any_number_of, optional


def command(*parameters: Parameter, permission: Permission = Permission.READ) -> Command:
    return Command("x", lambda: None, parameters, permission, lambda _client: True)


NONE = command()
TWO = command(Parameter(unsigned), Parameter(unsigned))
ONE_OR_TWO = command(Parameter(unsigned), optional(text))
MANY = command(Parameter(unsigned), Parameter(unsigned), any_number_of(unsigned))


@pytest.mark.parametrize(
    ("row", "given", "values"),
    [
        (NONE, [], []),
        (TWO, ["1", "2"], [1, 2]),
        (ONE_OR_TWO, ["1"], [1]),
        (ONE_OR_TWO, ["1", "a"], [1, "a"]),
        (MANY, ["1", "2"], [1, 2]),
        (MANY, ["1", "2", "3", "4"], [1, 2, 3, 4]),
    ],
)
def test_arguments_are_converted_one_by_one(
    row: Command, given: list[str], values: list[object]
) -> None:
    assert row.arguments(given, EVERYTHING) == values


@pytest.mark.parametrize(
    ("row", "given", "problem"),
    [
        (NONE, ["a"], 'wrong number of arguments for "x"'),
        (TWO, ["1"], 'wrong number of arguments for "x"'),
        (TWO, ["1", "2", "3"], 'wrong number of arguments for "x"'),
        (ONE_OR_TWO, [], 'too few arguments for "x"'),
        (ONE_OR_TWO, ["1", "2", "3"], 'too many arguments for "x"'),
        (MANY, ["1"], 'too few arguments for "x"'),
        (TWO, ["1", "b"], "Integer expected: b"),
        (MANY, ["1", "2", "c"], "Integer expected: c"),
    ],
)
def test_what_does_not_fit_is_refused_in_mpds_words(
    row: Command, given: list[str], problem: str
) -> None:
    with pytest.raises(AckError) as refusal:
        row.arguments(given, EVERYTHING)
    assert (refusal.value.code, str(refusal.value)) == (AckCode.ARG, problem)


def test_permission_is_looked_at_before_the_arguments() -> None:
    row = command(permission=Permission.ADMIN)
    with pytest.raises(AckError) as refusal:
        row.arguments(["too", "many"], EVERYTHING & ~Permission.ADMIN)
    assert refusal.value.code is AckCode.PERMISSION
    assert str(refusal.value) == 'you don\'t have permission for "x"'


def test_what_needs_no_permission_is_for_everybody() -> None:
    assert command(permission=Permission.NONE).arguments([], Permission.NONE) == []


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(AckError, match=r'^unknown command "foo"$') as refusal:
        Registry().find("foo", None)
    assert refusal.value.code is AckCode.UNKNOWN


def test_what_this_server_does_not_offer_is_unknown() -> None:
    table = Registry()
    table.add(Command("x", lambda: None, (), Permission.NONE, lambda client: client == "friend"))
    assert table.find("x", "friend").name == "x"
    with pytest.raises(AckError, match=r'^unknown command "x"$'):
        table.find("x", "stranger")


def test_a_name_is_entered_once() -> None:
    table = Registry()
    table.add(NONE)
    with pytest.raises(ValueError, match="command x is there already"):
        table.add(TWO)


def test_control_brings_player_along() -> None:
    assert permissions_of(["control"]) == Permission.CONTROL | Permission.PLAYER
    assert permissions_of([]) == Permission.NONE
    assert permissions_of(["read", "add", "control", "admin"]) == EVERYTHING
