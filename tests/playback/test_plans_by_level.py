"""Plans whose overlaps follow from both ends, and songs whose silence is found out late."""

from __future__ import annotations

from typing import Any

import pytest

from playback.known_passages import SourceFacts
from playback.levels import Levelling, Levels
from playback.options import ReplayGainMode
from playback.overlap import Transition, plan_transition
from playback.plan import EnginePlan
from playback.planner import Planner
from playback.player import PlayerState
from playback.profile import Profile
from playback.transport import Transport
from playback.units import EntryId, Ticks
from tests.playback.passages import passage, ticks
from tests.playback.queues import queue_of

PROFILE = Profile(
    Levels(track_gain_db=-2.0),
    start=((-20.0, 0.25), (-16.0, 1.25)),
    end=((-20.0, 0.5), (-16.0, 2.5)),
)
SILENT_ENDS = Profile(trim_before=ticks(2), trim_after=ticks(3))


class Player:
    """A transport over songs of 60 s, each planned and opened as far as a test says."""

    def __init__(self, letters: str, **options: Any) -> None:
        self.transport = Transport(queue_of(letters, **options), Planner(), levelling=Levelling())
        self.plan()

    @property
    def entries(self) -> list[EntryId]:
        return [row.id for row in self.transport.queue.entries]

    def learn(self, profile: Profile, *entries: EntryId) -> EnginePlan:
        for entry in entries or self.entries:
            self.transport.passages.learned(
                entry, SourceFacts(ticks(60), "44100:16:2", 900, profile)
            )
        return self.plan()

    def change(self, **options: Any) -> EnginePlan:
        self.transport.queue.change_options(**options)
        return self.plan()

    def plan(self) -> EnginePlan:
        return self.transport.make_plan(12)


def overlaps(plan: EnginePlan) -> list[Ticks]:
    return [slot.overlap for slot in plan.slots[:-1]]


def faded(plan: EnginePlan) -> bool:
    envelopes = [slot.envelope for slot in plan.slots]
    return any(each.fade_in_end or each.fade_out_start for each in envelopes)


def test_what_is_known_of_the_ends_joins_songs_as_soon_as_it_is_asked_for() -> None:
    player = Player("abc", crossfade_s=4)
    player.transport.play(0)
    plan = player.learn(PROFILE)
    assert overlaps(plan) == [ticks(4), ticks(4)]
    assert faded(plan)
    plan = player.change(mixramp_db=-16.0, mixramp_delay_s=0.75)
    assert overlaps(plan) == [ticks(3), ticks(3)]
    assert not faded(plan)
    assert overlaps(player.change(mixramp_db=-20.0)) == [0, 0]
    assert overlaps(player.change(mixramp_delay_s=0.5)) == [ticks(0.25), ticks(0.25)]
    assert overlaps(player.change(mixramp_db=-18.0)) == [ticks(1.75), ticks(1.75)]
    assert overlaps(player.change(replay_gain_mode=ReplayGainMode.TRACK)) == [ticks(3.25)] * 2
    assert overlaps(player.change(mixramp_delay_s=None)) == [ticks(4), ticks(4)]


def test_a_song_that_has_not_been_opened_is_crossed_with_until_it_is() -> None:
    player = Player("abc", crossfade_s=4, mixramp_db=-16.0, mixramp_delay_s=0.75)
    player.transport.play(0)
    a, b, c = player.entries
    player.learn(Profile(), a, b, c)
    assert overlaps(player.learn(PROFILE, a, b)) == [ticks(3), ticks(4)]
    assert overlaps(player.learn(PROFILE, c)) == [ticks(3), ticks(3)]


def test_a_plan_without_news_has_the_very_same_slots() -> None:
    player = Player("abcd", mixramp_db=-16.0, mixramp_delay_s=0.75)
    player.transport.play(0)
    first = player.learn(PROFILE)
    second = player.plan()
    assert overlaps(first) == [ticks(3)] * 3
    assert all(a is b for a, b in zip(first.slots, second.slots, strict=True))


def test_a_song_after_itself_joins_its_own_ends() -> None:
    player = Player("a", repeat=True, mixramp_db=-16.0, mixramp_delay_s=0.75)
    player.transport.play(0)
    assert overlaps(player.learn(PROFILE))[:2] == [ticks(3), ticks(3)]


def test_a_joint_is_that_of_its_passages() -> None:
    assert plan_transition(passage(), passage(), 4, ticks(3)) == Transition(ticks(3), None, None)


# Silence that is left out is known once the file is open: the chain is bound by then.


def test_what_has_not_begun_begins_behind_its_silence_with_a_chain_of_its_own() -> None:
    player = Player("ab")
    player.transport.play(0)
    before = player.plan()
    after = player.learn(SILENT_ENDS)
    assert [slot.offset for slot in after.slots] == [ticks(2), ticks(2)]
    assert [slot.passage.end for slot in after.slots] == [ticks(57), ticks(57)]
    assert not {slot.chain for slot in before.slots} & {slot.chain for slot in after.slots}
    again = player.learn(SILENT_ENDS)  # by the new chains
    assert [slot.chain for slot in again.slots] == [slot.chain for slot in after.slots]


def test_what_has_begun_goes_on_with_its_chain() -> None:
    player = Player("ab")
    player.transport.play(0)
    chain = player.plan().slots[0].chain
    player.transport.started(chain)
    head = player.learn(SILENT_ENDS).slots[0]
    assert (head.chain, head.offset, head.passage.end) == (chain, 0, ticks(57))


@pytest.mark.parametrize("state", [PlayerState.PLAY, PlayerState.PAUSE])
def test_after_a_restart_it_goes_on_where_it_was_for_all_its_silence(state: PlayerState) -> None:
    player = Player("ab")
    player.transport.queue.play(0, is_playing=False)
    player.transport.resume_at(ticks(30), state)
    before = player.plan().slots[0]
    after = player.learn(SILENT_ENDS).slots[0]
    assert (before.offset, after.offset) == (ticks(30), ticks(30))
    assert after.chain == before.chain
    assert player.transport.elapsed_s() == 28.0


def test_a_seek_into_the_silence_of_a_file_that_is_not_open_goes_to_its_end() -> None:
    player = Player("ab")
    player.transport.seek(player.entries[0], 1.0)
    assert player.plan().slots[0].offset == ticks(1)
    assert player.learn(SILENT_ENDS).slots[0].offset == ticks(2)


def test_seconds_are_counted_from_the_end_of_the_silence() -> None:
    player = Player("ab")
    player.learn(SILENT_ENDS)
    player.transport.seek(player.entries[0], 5.0)
    assert player.plan().slots[0].offset == ticks(7)
