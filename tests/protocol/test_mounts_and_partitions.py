"""One partition, one storage: what is asked beyond is refused in MPD's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playback.status import OutputStatus
from tests.mpd_server import MpdClient, running_mpd
from tests.protocol.talk import House, answer, asked

NOT_OFFERED = (
    "delpartition", "listneighbors", "mount", "moveoutput", "newpartition", "unmount",
)  # fmt: skip
SAME_AS_MPD = [
    "listmounts", "listmounts x", "listneighbors", "listneighbors x", "mount foo nosuch://x/",
    'mount "" nosuch://x/', "mount a/b /etc", "mount ../b /etc", "mount a/ /etc", "mount foo etc",
    "mount x", "unmount foo", "unmount a/b", 'unmount ""', "unmount", "listpartitions",
    'newpartition ""', 'newpartition "a b"', "newpartition ä", "newpartition default",
    "newpartition", "partition nosuch", 'partition ""', "partition default x", "partition default",
    "delpartition default", "delpartition nosuch", 'delpartition ""', 'delpartition "a b"',
    "moveoutput nosuch", 'moveoutput ""', "moveoutput null",
]  # fmt: skip


@pytest.fixture(name="mpd", scope="module")
def fixture_mpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdClient]:
    with running_mpd(tmp_path_factory.mktemp("mpd"), ()) as client:
        yield client


@pytest.mark.parametrize("line", SAME_AS_MPD)
def test_the_answer_is_mpds(mpd: MpdClient, line: str) -> None:
    house = House()
    house.show(outputs=(OutputStatus(0, "null", "null", True, ""),))
    pairs, end = mpd.send(line)
    assert asked(house, line).splitlines() == [*(f"{k}: {v}" for k, v in pairs), end]


def test_there_is_room_for_one_partition() -> None:
    assert answer("newpartition x") == "ACK [5@0] {newpartition} too many partitions\n"


def test_clients_of_this_machine_are_told_where_the_music_is(tmp_path: Path) -> None:
    heard = asked(House(music=tmp_path), "listmounts", is_local=True)
    assert heard == f"mount: \nstorage: {tmp_path}\nOK\n"


def test_what_only_says_no_is_not_among_the_commands() -> None:
    listed = answer("commands", "notcommands").splitlines()
    assert not {f"command: {name}" for name in NOT_OFFERED} & set(listed)
    assert {"command: listmounts", "command: partition", "command: listpartitions"} <= set(listed)
