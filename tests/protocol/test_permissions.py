"""Who may do what, with and without a password."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from protocol.permissions import EVERYTHING, Permission, permissions_of
from protocol.registry import COMMANDS
from tests.protocol.talk import House, answer, asked

READ = Permission.READ


def refusal(command: str, index: int = 0) -> str:
    return f'ACK [4@{index}] {{{command}}} you don\'t have permission for "{command}"\n'


def guarded(unasked: Permission = Permission.NONE) -> House:
    house = House(unasked=unasked)
    house.passwords = {"readpw": READ, "sekret": permissions_of(["read", "add", "control"])}
    return house


@pytest.mark.parametrize("command", ["status", "idle", "add x", "enableoutput 0", "wkmp x"])
def test_without_permission_a_command_is_refused(command: str) -> None:
    name = command.partition(" ")[0]
    assert answer(command, house=guarded()) == refusal(name)


@pytest.mark.parametrize(
    "command", ["ping", "commands", "notcommands", "tagtypes", "protocol", "binarylimit 64"]
)
def test_some_commands_are_for_everybody(command: str) -> None:
    assert answer(command, house=guarded()).endswith("OK\n")


def test_a_refusal_comes_before_the_arguments_are_looked_at() -> None:
    assert answer("setvol", house=guarded()) == refusal("setvol")


def test_a_refusal_in_a_list_names_place_and_command() -> None:
    house = guarded(READ)
    replies = answer("command_list_ok_begin", "ping", "play", "command_list_end", house=house)
    assert replies == "list_OK\n" + refusal("play", 1)


def test_a_password_gives_permissions() -> None:
    replies = answer("status", "password readpw", "getvol", "play", house=guarded())
    assert replies == refusal("status") + "OK\nvolume: 100\nOK\n" + refusal("play")


def test_a_password_replaces_what_was_permitted() -> None:
    house = guarded()
    assert answer("password sekret", "play", "password readpw", "play", house=house) == (
        "OK\nOK\nOK\n" + refusal("play")
    )


def test_a_wrong_password_changes_nothing() -> None:
    replies = answer("password sekret", "password nope", "play", house=guarded())
    assert replies == "OK\nACK [3@0] {password} incorrect password\nOK\n"


def test_control_does_not_give_admin() -> None:
    replies = answer("password sekret", "enableoutput 0", house=guarded())
    assert replies == "OK\n" + refusal("enableoutput")


def test_where_there_are_no_passwords_none_is_right() -> None:
    assert asked(House(), "password x") == "ACK [3@0] {password} incorrect password\n"


def names(reply: str) -> list[str]:
    lines = reply.splitlines()
    assert lines.pop() == "OK"
    assert all(line.startswith("command: ") for line in lines)
    return [line.removeprefix("command: ") for line in lines]


def test_commands_and_notcommands_share_out_the_table() -> None:
    house = guarded(READ)
    may, may_not = names(asked(house, "commands")), names(asked(house, "notcommands"))
    client = SimpleNamespace(services=house.services())
    offered = {each.name for each in COMMANDS if each.listed and each.available(client)}
    assert set(may) | set(may_not) == offered
    assert not set(may) & set(may_not)
    assert may == sorted(may)
    assert {"status", "ping"} <= set(may)
    assert {"play", "wkmp", "add"} <= set(may_not)


def test_with_every_permission_nothing_is_kept_back() -> None:
    assert asked(House(unasked=EVERYTHING), "notcommands") == "OK\n"


def test_kill_is_there_only_where_it_is_wanted() -> None:
    unwanted = House()
    assert asked(unwanted, "kill") == 'ACK [5@0] {} unknown command "kill"\n'
    assert "kill" not in names(asked(unwanted, "commands"))
    wanted = House(shut_downs=[])
    assert "kill" in names(asked(wanted, "commands"))
    assert answer("kill", house=wanted) == "<closed>"
    assert wanted.shut_downs == [None]


def test_kill_needs_admin() -> None:
    house = House(unasked=EVERYTHING & ~Permission.ADMIN, shut_downs=[])
    assert asked(house, "kill") == refusal("kill")
    assert house.shut_downs == []
