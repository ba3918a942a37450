"""Each command that changes something: which message it becomes, and what it refuses itself."""

from __future__ import annotations

import math
from typing import Any

import pytest

from actors.address import Request
from actors.messages import (
    AddTag,
    ChangeOptions,
    ClearError,
    ClearQueue,
    ClearTags,
    DeleteId,
    DeleteRange,
    MoveId,
    MoveRange,
    PlayId,
    PlayPosition,
    SeekCurrent,
    SeekId,
    SeekPosition,
    SetPause,
    SetPriority,
    SetPriorityOfIds,
    SetRange,
    ShuffleRange,
    SkipNext,
    SkipPrevious,
    StopPlaying,
    SwapIds,
    SwapPositions,
    SwitchOutput,
)
from playback.insertion import InsertAt
from playback.options import Options, ReplayGainMode, Switch
from playback.units import EntryId, seconds_to_ticks
from tests.protocol.talk import House, asked

ID, OTHER = EntryId(7), EntryId(8)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("play", PlayPosition(None)),
        ("play 3", PlayPosition(3)),
        ("play -1", PlayPosition(None)),
        ("play ", PlayPosition(None)),
        ("playid", PlayPosition(None)),
        ("playid 7", PlayId(ID)),
        ("playid -1", PlayPosition(None)),
        ("pause", SetPause(None)),
        ("pause 1", SetPause(paused=True)),
        ("pause 0", SetPause(paused=False)),
        ("stop", StopPlaying()),
        ("next", SkipNext()),
        ("previous", SkipPrevious()),
        ("seek 2 1.5", SeekPosition(2, 1.5)),
        ("seekid 7 3", SeekId(ID, 3.0)),
        ("seekcur 5", SeekCurrent(5.0)),
        ("seekcur +5", SeekCurrent(5.0, relative=True)),
        ("seekcur -5", SeekCurrent(-5.0, relative=True)),
        ("random 1", ChangeOptions(random=True)),
        ("repeat 0", ChangeOptions(repeat=False)),
        ("single oneshot", ChangeOptions(single=Switch.ONESHOT)),
        ("consume 1", ChangeOptions(consume=Switch.ON)),
        ("crossfade 3", ChangeOptions(crossfade_s=3)),
        ('mixrampdb "-17.000000"', ChangeOptions(mixramp_db=-17.0)),
        ("mixrampdelay 1.25", ChangeOptions(mixramp_delay_s=1.25)),
        ("replay_gain_mode track", ChangeOptions(replay_gain_mode=ReplayGainMode.TRACK)),
        ("setvol 42", ChangeOptions(volume=42)),
        ("volume 5", ChangeOptions(volume=55)),
        ("volume -5", ChangeOptions(volume=45)),
        ("volume +60", ChangeOptions(volume=100)),
        ("volume -60", ChangeOptions(volume=0)),
        ("clear", ClearQueue()),
        ("delete 3", DeleteRange(3, 4)),
        ("delete 1:3", DeleteRange(1, 3)),
        ("delete 1:", DeleteRange(1, None)),
        ("delete -1", DeleteRange(0, None)),
        ("deleteid 7", DeleteId(ID)),
        ("move 1 0", MoveRange(1, 2, InsertAt(0))),
        ('move "2:3" "0"', MoveRange(2, 3, InsertAt(0))),
        ("move 1:3 +0", MoveRange(1, 3, InsertAt(0, "+"))),
        ("moveid 7 -1", MoveId(ID, InsertAt(1, "-"))),
        ("swap 1 2", SwapPositions(1, 2)),
        ("swapid 7 8", SwapIds(ID, OTHER)),
        ("shuffle", ShuffleRange(0, None)),
        ("shuffle 1:3", ShuffleRange(1, 3)),
        ("prio 5 0", SetPriority(5, ((0, 1),))),
        ("prio 5 0:2 4:", SetPriority(5, ((0, 2), (4, None)))),
        ("prioid 255 7 8", SetPriorityOfIds(255, (ID, OTHER))),
        ("rangeid 7 5:10", SetRange(ID, (seconds_to_ticks(5), seconds_to_ticks(10)))),
        ("rangeid 7 :", SetRange(ID, None)),
        ("addtagid 7 artist Someone", AddTag(ID, "Artist", "Someone")),
        ("cleartagid 7", ClearTags(ID, None)),
        ("cleartagid 7 TITLE", ClearTags(ID, "Title")),
        ("clearerror", ClearError()),
        ("enableoutput 1", SwitchOutput(1, enabled=True)),
        ("disableoutput 0", SwitchOutput(0, enabled=False)),
        ("toggleoutput 0", SwitchOutput(0, enabled=None)),
    ],
)
def test_a_command_becomes_a_message(line: str, message: Request[Any]) -> None:
    house = House()
    house.show(options=Options(volume=50))
    assert asked(house, line) == "OK\n"
    assert house.queue.asked == [message]


def test_a_mixramp_delay_of_nan_is_passed_on() -> None:
    house = House()
    assert asked(house, "mixrampdelay nan") == "OK\n"
    (change,) = house.queue.asked
    assert isinstance(change, ChangeOptions)
    assert change.mixramp_delay_s is not None
    assert math.isnan(change.mixramp_delay_s)


@pytest.mark.parametrize(
    ("line", "ack"),
    [
        ("play -2", "[2@0] {play} Bad song index"),
        ("play a", "[2@0] {play} Integer expected: a"),
        ("playid -2", "[50@0] {playid} No such song"),
        ("pause 2", "[2@0] {pause} Boolean (0/1) expected: 2"),
        ("seek -1 1", "[2@0] {seek} Number too large: -1"),
        ("seek 0 -5", "[2@0] {seek} Negative value not allowed: -5"),
        ("seekcur x", "[2@0] {seekcur} Float expected: x"),
        ("setvol 101", "[2@0] {setvol} Number too large: 101"),
        ("setvol -5", "[2@0] {setvol} Number too large: -5"),
        ("volume 101", "[2@0] {volume} Number too large: 101"),
        ("crossfade 3.5", "[2@0] {crossfade} Integer expected: 3.5"),
        ("crossfade -1", "[2@0] {crossfade} Number too large: -1"),
        ("mixrampdb abc", "[2@0] {mixrampdb} Float expected: abc"),
        ("mixrampdb nan", "[2@0] {mixrampdb} Float expected: nan"),
        ("replay_gain_mode loud", "[2@0] {replay_gain_mode} Unrecognized replay gain mode"),
        ("move 0: 1", "[2@0] {move} Open-ended range not supported"),
        ("move -1 0", "[2@0] {move} Open-ended range not supported"),
        ("move 3:1 0", "[2@0] {move} Malformed range: 3:1"),
        ("prio 300 0", "[2@0] {prio} Number too large: 300"),
        ("prio 5", '[2@0] {prio} too few arguments for "prio"'),
        ("prioid -1 1", "[2@0] {prioid} Number too large: -1"),
        ("rangeid 1 10:5", "[2@0] {rangeid} Bad range"),
        ("addtagid 1 nosuch x", "[2@0] {addtagid} Unknown tag type: nosuch"),
        ("enableoutput -1", "[2@0] {enableoutput} Number too large: -1"),
    ],
)
def test_a_bad_argument_reaches_nobody(line: str, ack: str) -> None:
    house = House()
    assert asked(house, line) == f"ACK {ack}\n"
    assert house.queue.asked == []
