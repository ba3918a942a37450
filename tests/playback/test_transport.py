"""What play, pause, stop, skip and seek mean, and what follows when a song ends or fails."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from playback.errors import AckCode, AckError
from playback.known_passages import SourceFacts
from playback.levels import Levelling
from playback.options import ReplayGainMode, Switch
from playback.passage import Passage
from playback.planner import Planner
from playback.player import PlayerState
from playback.transport import Cue, Transport
from playback.units import ZERO_TICKS, ChainId, EntryId, Ticks, seconds_to_ticks
from tests.playback.passages import ticks
from tests.playback.queues import current, id_of, queue_of

STOP, PLAY, PAUSE = PlayerState.STOP, PlayerState.PLAY, PlayerState.PAUSE
LIMIT = 12


class Player:
    """A transport over a queue of one song per letter, which settles after each step.

    Every song is 60 s long unless ``known`` is False.
    """

    def __init__(self, letters: str, *, known: bool = True, **options: Any) -> None:
        self.queue = queue_of(letters, **options)
        self.transport = Transport(self.queue, Planner())
        if known:
            for row in self.queue.entries:
                self.transport.passages.learned(row.id, SourceFacts(ticks(60), "44100:16:2", 900))
        self.cue: Cue | None = None
        self.settle()

    def settle(self) -> None:
        """Plan, and note what the mixer was told, as QueueActor does after each message."""
        self.transport.make_plan(LIMIT)
        self.cue, self.transport.cue = self.transport.cue, None
        self.jumped, self.transport.jumped = self.transport.jumped, False

    def do(self, name: str, *arguments: Any, **more: Any) -> Any:
        """Give a command of the transport, and settle."""
        answer = getattr(self.transport, name)(*arguments, **more)
        self.settle()
        return answer

    def edit(self, name: str, *arguments: Any) -> None:
        """Edit the queue, and settle."""
        getattr(self.queue, name)(*arguments)
        self.do("edited")

    def sound(self, place: int = 0, seconds: float = 0.0) -> ChainId:
        """The slot at a place of the plan sounds, and has got so far."""
        chain = self.chain(place)
        self.transport.started(chain)
        self.transport.heard(chain, seconds_to_ticks(seconds), 100.0, advancing=True)
        self.settle()
        return chain

    def chain(self, place: int = 0) -> ChainId:
        return self.transport.plan.slots[place].chain

    def fail(self, letter: str) -> None:
        """The newest chain of a song cannot be decoded."""
        entry = id_of(self.queue, letter)
        slot = next(slot for slot in self.transport.plan.slots if slot.entry == entry)
        self.do("cannot_decode", entry, slot.chain)

    @property
    def planned(self) -> str:
        entries = {row.id: row.song.uri[0] for row in self.queue.entries}
        return "".join(entries[slot.entry] for slot in self.transport.plan.slots)

    @property
    def state(self) -> tuple[PlayerState, str, Cue | None]:
        return self.transport.state, current(self.queue), self.cue


def playing(letters: str, position: int = 0, **options: Any) -> Player:
    """A player in which the song at ``position`` sounds."""
    player = Player(letters, **options)
    player.do("play", position)
    player.sound()
    return player


class TestPlaying:
    def test_play_starts_the_first_song_if_none_is_current(self) -> None:
        player = Player("abc")
        player.do("play", None)
        assert player.state == (PLAY, "a", Cue.START)
        assert player.planned == "abc"
        assert player.jumped

    def test_play_of_an_empty_queue_stays_stopped(self) -> None:
        player = Player("")
        player.do("play", None)
        assert player.state == (STOP, "-", None)

    def test_play_of_a_position_that_is_not_there_is_refused(self) -> None:
        player = playing("ab")
        with pytest.raises(AckError) as caught:
            player.do("play", 2)
        assert caught.value.code is AckCode.ARG
        assert player.state[:2] == (PLAY, "a")

    def test_play_without_a_position_lets_what_sounds_sound(self) -> None:
        player = playing("ab")
        chain = player.chain()
        player.do("play", None)
        assert (player.cue, player.chain()) == (None, chain)

    def test_play_of_the_sounding_song_begins_it_anew(self) -> None:
        player = playing("ab")
        chain = player.chain()
        player.do("play", 0)
        assert player.cue is Cue.START
        assert player.chain() != chain

    def test_playing_an_entry_starts_it_at_its_start(self) -> None:
        player = playing("abc")
        player.do("play_id", id_of(player.queue, "c"))
        assert player.state == (PLAY, "c", Cue.START)
        assert player.planned == "c"


class TestPausing:
    @pytest.mark.parametrize("paused", [True, False, None])
    def test_while_stopped_pause_means_nothing(self, paused: bool | None) -> None:
        player = Player("ab")
        player.do("pause", paused)
        assert player.state == (STOP, "-", None)

    @pytest.mark.parametrize(
        ("before", "wanted", "after", "cue"),
        [
            (PLAY, True, PAUSE, Cue.PAUSE),
            (PLAY, None, PAUSE, Cue.PAUSE),
            (PLAY, False, PLAY, None),
            (PAUSE, True, PAUSE, None),
            (PAUSE, None, PLAY, Cue.START),
            (PAUSE, False, PLAY, Cue.START),
        ],
    )
    def test_pause_and_its_opposite(
        self, before: PlayerState, wanted: bool | None, after: PlayerState, cue: Cue | None
    ) -> None:
        player = playing("ab")
        if before is PAUSE:
            player.do("pause", True)
        chain = player.chain()
        player.do("pause", wanted)
        assert player.state == (after, "a", cue)
        assert player.chain() == chain

    def test_play_goes_on_from_a_pause(self) -> None:
        player = playing("ab")
        player.do("pause", True)
        player.do("play", None)
        assert player.state == (PLAY, "a", Cue.START)


class TestStopping:
    def test_the_song_stays_current_and_will_begin_at_its_start(self) -> None:
        player = playing("ab")
        chain = player.sound(seconds=20)
        player.do("stop")
        assert player.state == (STOP, "a", Cue.STOP)
        assert (player.transport.elapsed_s(), player.chain() != chain) == (0.0, True)

    def test_what_was_prepared_stays_prepared(self) -> None:
        player = playing("ab")
        following = player.chain(1)
        player.do("stop")
        assert player.chain(1) == following

    def test_a_second_stop_means_nothing(self) -> None:
        player = playing("ab")
        player.do("stop")
        player.do("stop")
        assert player.cue is None


class TestSkipping:
    @pytest.mark.parametrize("command", ["next", "previous"])
    def test_while_stopped_it_is_refused(self, command: str) -> None:
        with pytest.raises(AckError, match="Not playing") as caught:
            Player("ab").do(command)
        assert caught.value.code is AckCode.PLAYER_SYNC

    def test_next_goes_on_with_the_prepared_chain(self) -> None:
        player = playing("abc")
        following = player.chain(1)
        player.do("next")
        assert player.state == (PLAY, "b", Cue.START)
        assert (player.chain(), player.planned) == (following, "bc")

    def test_next_in_an_overlap_goes_on_with_what_sounds_already(self) -> None:
        player = playing("abc", crossfade_s=5)
        following = player.sound(1)
        player.do("next")
        assert player.chain() == following
        assert player.transport.planner.did_begin(following)

    def test_next_several_times_in_a_row_passes_as_many_songs(self) -> None:
        player = playing("abcdef")
        chains = [player.chain(place) for place in range(6)]
        for _ in range(4):
            player.do("next")
        assert (current(player.queue), player.chain()) == ("e", chains[4])

    def test_next_behind_the_last_song_stops(self) -> None:
        player = playing("ab", 1)
        player.do("next")
        assert player.state == (STOP, "-", Cue.STOP)

    def test_next_in_a_pause_plays(self) -> None:
        player = playing("ab")
        player.do("pause", True)
        player.do("next")
        assert player.state == (PLAY, "b", Cue.START)

    def test_previous_goes_back_and_the_one_left_is_prepared_anew(self) -> None:
        player = playing("ab", 1)
        chain = player.chain()
        player.do("previous")
        assert player.state == (PLAY, "a", Cue.START)
        assert player.planned == "ab"
        assert player.chain(1) != chain

    def test_previous_of_the_first_song_begins_it_anew(self) -> None:
        player = playing("ab")
        chain = player.chain()
        player.do("previous")
        assert player.state == (PLAY, "a", Cue.START)
        assert player.chain() != chain

    def test_previous_in_an_overlap_gives_both_songs_new_chains(self) -> None:
        player = playing("ab", crossfade_s=5)
        player.sound(1)
        before = {player.chain(0), player.chain(1)}
        player.do("previous")
        assert not before & {player.chain(0), player.chain(1)}


class TestSeeking:
    def test_the_current_song_is_decoded_from_the_point(self) -> None:
        player = playing("ab")
        following = player.chain(1)
        player.do("seek", id_of(player.queue, "a"), 33.5)
        head, second = player.transport.plan.slots
        assert (head.offset, second.chain) == (ticks(33.5), following)
        assert player.state == (PLAY, "a", Cue.START)
        assert player.transport.elapsed_s() == pytest.approx(33.5)

    def test_another_song_becomes_current_there(self) -> None:
        player = playing("abc")
        player.do("seek", id_of(player.queue, "c"), 10)
        assert player.state == (PLAY, "c", Cue.START)
        assert player.transport.plan.slots[0].offset == ticks(10)

    def test_in_a_pause_it_stays_a_pause(self) -> None:
        player = playing("ab")
        player.do("pause", True)
        player.do("seek", id_of(player.queue, "a"), 10)
        assert player.state == (PAUSE, "a", None)
        assert player.transport.elapsed_s() == 10

    def test_while_stopped_it_starts(self) -> None:
        player = Player("ab")
        player.do("seek", id_of(player.queue, "b"), 10)
        assert player.state == (PLAY, "b", Cue.START)

    def test_before_the_start_is_the_start(self) -> None:
        player = playing("ab")
        player.do("seek_current", -100.0, 100.0, relative=True)
        assert player.transport.plan.slots[0].offset == ZERO_TICKS

    @pytest.mark.parametrize(("relative", "point_s"), [(True, 25.5), (False, 4.0)])
    def test_relative_is_relative_to_what_is_heard_now(
        self, relative: bool, point_s: float
    ) -> None:
        player = playing("ab")
        player.sound(seconds=20)  # at the reading 100 s
        player.do("seek_current", 4.0, 101.5, relative=relative)
        assert player.transport.plan.slots[0].offset == ticks(point_s)

    def test_seeks_add_up_before_anything_has_sounded(self) -> None:
        player = playing("ab")
        player.sound(seconds=20)
        for _ in range(3):
            player.do("seek_current", 5.0, 100.0, relative=True)
        assert player.transport.elapsed_s() == 35

    def test_seeking_in_the_current_song_needs_one_that_plays(self) -> None:
        with pytest.raises(AckError, match="Not playing"):
            Player("ab").do("seek_current", 1.0, 0.0, relative=False)

    def test_a_song_of_unknown_length_is_trusted(self) -> None:
        player = playing("ab", known=False)
        player.do("seek", id_of(player.queue, "a"), 5000)
        assert player.transport.plan.slots[0].offset == seconds_to_ticks(5000)

    def test_the_point_counts_from_the_start_of_the_passage(self) -> None:
        player = Player("ab")
        player.queue.set_range(id_of(player.queue, "b"), (ticks(20), ticks(50)), is_playing=False)
        player.do("seek", id_of(player.queue, "b"), 7)
        assert player.transport.plan.slots[0].offset == ticks(27)
        assert player.transport.elapsed_s() == 7

    def test_past_the_end_in_an_overlap_goes_on_with_what_sounds(self) -> None:
        player = playing("abc", crossfade_s=5)
        following = player.sound(1)
        player.do("seek", id_of(player.queue, "a"), 60)
        assert (current(player.queue), player.chain()) == ("b", following)


class TestPosition:
    def test_it_is_what_the_mixer_reported_of_the_current_chain(self) -> None:
        player = playing("ab")
        player.sound(seconds=12.25)
        assert player.transport.elapsed_s() == 12.25
        assert player.transport.position_now(101.0) == ticks(13.25)

    def test_after_a_seek_reports_count_from_the_point(self) -> None:
        player = playing("ab")
        player.do("seek", id_of(player.queue, "a"), 30)
        player.sound(seconds=2)
        assert player.transport.elapsed_s() == 32

    def test_news_of_a_chain_that_is_not_planned_moves_nothing(self) -> None:
        player = playing("ab")
        player.sound(seconds=5)
        old = player.chain()
        player.do("seek", id_of(player.queue, "a"), 30)
        player.transport.heard(old, ticks(6), 101.0, advancing=True)
        assert player.transport.elapsed_s() == 30

    def test_it_is_never_beyond_the_end(self) -> None:
        player = playing("ab")
        player.sound(seconds=59)
        assert player.transport.position_now(500.0) == ticks(60)

    def test_nothing_has_elapsed_without_a_current_song(self) -> None:
        assert Player("ab").transport.elapsed_s() == 0.0
        assert Player("ab").transport.position_now(5.0) == ZERO_TICKS


def end(player: Player) -> None:
    """The current song sounds to its end."""
    player.do("completed", player.sound(seconds=60))


class TestEnding:
    def test_the_next_song_goes_on_with_its_chain(self) -> None:
        player = playing("abc")
        following = player.chain(1)
        end(player)
        assert player.state == (PLAY, "b", Cue.START)
        assert (player.chain(), player.transport.elapsed_s()) == (following, 0.0)

    def test_the_last_song_ends_the_playing(self) -> None:
        player = playing("ab", 1)
        end(player)
        assert player.state == (STOP, "-", Cue.STOP)

    def test_in_a_pause_the_next_song_waits(self) -> None:
        """The end was heard just before the pause."""
        player = playing("ab")
        chain = player.chain()
        player.do("pause", True)
        player.do("completed", chain)
        assert player.state == (PAUSE, "b", None)

    @pytest.mark.parametrize("switch", [Switch.ON, Switch.ONESHOT])
    def test_single_waits_at_the_next_song(self, switch: Switch) -> None:
        player = playing("abc", single=switch)
        assert player.planned == "a"
        end(player)
        assert player.state == (PAUSE, "b", Cue.PAUSE)
        assert player.queue.options.single is (Switch.OFF if switch is Switch.ONESHOT else switch)

    def test_single_with_repeat_plays_the_song_again(self) -> None:
        player = playing("ab", single=Switch.ON, repeat=True)
        again = player.chain(1)
        end(player)
        assert player.state == (PLAY, "a", Cue.START)
        assert player.chain() == again

    @pytest.mark.parametrize("switch", [Switch.ON, Switch.ONESHOT])
    def test_consume_takes_the_song_out_of_the_queue(self, switch: Switch) -> None:
        player = playing("abc", consume=switch)
        following = player.chain(1)
        end(player)
        assert player.state == (PLAY, "b", Cue.START)
        assert [row.song.uri for row in player.queue.entries] == ["b.flac", "c.flac"]
        assert player.chain() == following

    def test_repeat_goes_round_with_a_new_chain(self) -> None:
        player = playing("ab", 1, repeat=True)
        end(player)
        assert current(player.queue) == "a"
        assert player.planned == "ab" * 6

    def test_news_of_another_chain_ends_nothing(self) -> None:
        player = playing("ab")
        assert not player.do("completed", ChainId(999))
        assert player.state[:2] == (PLAY, "a")

    def test_a_song_that_ended_within_its_overlap_is_passed_in_its_turn(self) -> None:
        player = playing("abc", crossfade_s=5)
        first, second, third = (player.chain(place) for place in range(3))
        assert not player.do("completed", second)
        assert player.state[:2] == (PLAY, "a")
        player.do("completed", first)
        assert (current(player.queue), player.chain()) == ("c", third)


class TestFailing:
    @pytest.mark.parametrize(
        ("bad", "plan"), [("a", "bcd"), ("b", "acd"), ("c", "abd"), ("d", "abc"), ("bc", "ad")]
    )
    def test_what_cannot_be_decoded_is_left_out_of_the_plan(self, bad: str, plan: str) -> None:
        player = Player("abcd")
        player.do("play", 0)
        for letter in bad:
            player.fail(letter)
        assert player.planned == plan
        assert player.state[:2] == (PLAY, plan[0])
        assert len(player.queue) == 4

    def test_the_last_song_that_fails_ends_the_playing(self) -> None:
        player = Player("abc")
        player.do("play", 2)
        player.fail("c")
        assert player.state == (STOP, "-", Cue.STOP)

    @pytest.mark.parametrize("repeat", [False, True])
    def test_a_queue_of_nothing_but_failures_stops_after_one_round(self, repeat: bool) -> None:
        player = Player("abc", repeat=repeat)
        player.do("play", 0)
        for letter in "abc":
            assert player.state[0] is PLAY
            player.fail(letter)
        assert player.state[0] is STOP
        assert player.planned == ""

    def test_the_current_song_that_fails_in_a_pause_is_passed_in_silence(self) -> None:
        player = Player("abc")
        player.transport.queue.play(0, is_playing=False)
        player.transport.resume_at(ticks(20), PAUSE)
        player.settle()
        player.fail("a")
        assert player.state == (PAUSE, "b", None)
        assert player.transport.elapsed_s() == 0.0

    def test_while_stopped_the_current_song_stays_current(self) -> None:
        player = playing("abc")
        player.do("stop")
        player.fail("a")
        assert player.state == (STOP, "a", None)
        assert player.planned == "bc"

    def test_a_failure_of_what_has_begun_to_sound_skips_nothing(self) -> None:
        player = playing("abc")
        player.fail("a")
        assert player.state[:2] == (PLAY, "a")
        assert player.planned == "abc"

    def test_a_failure_of_a_chain_that_is_not_planned_is_nobodys(self) -> None:
        player = playing("abc")
        assert not player.do("cannot_decode", id_of(player.queue, "b"), ChainId(999))
        assert player.planned == "abc"

    @pytest.mark.parametrize("command", ["next", "previous"])
    def test_skipping_passes_it_over(self, command: str) -> None:
        player = playing("abc", 0 if command == "next" else 2)
        if command == "next":
            player.fail("b")
        else:
            player.transport.failed.add(id_of(player.queue, "b"))
        player.do(command)
        assert current(player.queue) == ("c" if command == "next" else "a")

    def test_consume_keeps_it(self) -> None:
        player = Player("abc", consume=Switch.ON)
        player.do("play", 0)
        player.fail("a")
        end(player)
        assert [row.song.uri for row in player.queue.entries] == ["a.flac", "c.flac"]

    def test_single_does_not_stop_at_it(self) -> None:
        player = Player("abc", single=Switch.ON)
        player.do("play", 0)
        player.fail("a")
        assert player.state == (PLAY, "b", Cue.START)

    @pytest.mark.parametrize("again", [("play", 0), ("seek", None)])
    def test_it_is_tried_again_when_somebody_asks_for_it(self, again: tuple[str, Any]) -> None:
        player = Player("abc")
        player.do("play", 0)
        player.fail("a")
        if again[0] == "play":
            player.do("play", 0)
        else:
            player.do("seek", id_of(player.queue, "a"), 5)
        assert player.planned == "abc"

    def test_an_entry_that_left_the_queue_has_not_failed(self) -> None:
        player = Player("abc")
        player.do("play", 0)
        player.fail("b")
        player.edit("delete", 1, 2)
        assert not player.transport.failed


class TestEditing:
    def test_removing_the_current_song_goes_on_with_the_next(self) -> None:
        player = playing("abc")
        following = player.chain(1)
        player.edit("delete", 0, 1)
        assert player.state == (PLAY, "b", None)
        assert player.chain() == following
        assert player.jumped

    def test_removing_the_current_and_the_next_in_an_overlap_goes_on_behind_them(self) -> None:
        player = playing("abcd", crossfade_s=5)
        player.sound(1)
        third = player.chain(2)
        player.edit("delete", 0, 2)
        assert (current(player.queue), player.chain(), player.planned) == ("c", third, "cd")

    def test_removing_the_current_song_in_a_pause_stops(self) -> None:
        player = playing("abc")
        player.do("pause", True)
        player.edit("delete", 0, 1)
        assert player.state[0::2] == (STOP, Cue.STOP)

    @pytest.mark.parametrize(("bad", "then"), [("b", (PLAY, "c")), ("bc", (STOP, "b"))])
    def test_removing_the_current_song_passes_over_what_cannot_be_decoded(
        self, bad: str, then: tuple[PlayerState, str]
    ) -> None:
        player = playing("abc")
        for letter in bad:
            player.fail(letter)
        player.edit("delete", 0, 1)
        assert player.state[:2] == then

    def test_clearing_stops(self) -> None:
        player = playing("abc")
        player.edit("clear")
        assert player.state == (STOP, "-", Cue.STOP)
        assert player.planned == ""

    def test_an_edit_behind_the_current_song_cues_nothing(self) -> None:
        player = playing("abc")
        chain = player.chain()
        player.edit("delete", 1, 2)
        assert player.state == (PLAY, "a", None)
        assert (player.chain(), player.planned, player.jumped) == (chain, "ac", False)

    def test_a_range_of_the_next_song_is_decoded_anew(self) -> None:
        player = playing("ab")
        chain = player.chain(1)
        entry = id_of(player.queue, "b")
        player.queue.set_range(entry, (ZERO_TICKS, ticks(30)), is_playing=False)
        player.do("range_changed", entry)
        slot = player.transport.plan.slots[1]
        assert (slot.chain != chain, slot.passage.end) == (True, ticks(30))

    def test_facts_of_entries_that_are_gone_are_forgotten(self) -> None:
        player = playing("abc")
        a, b = (id_of(player.queue, letter) for letter in "ab")
        player.edit("delete", 1, 3)
        known = [player.transport.passages.facts(entry) is not None for entry in (a, b)]
        assert known == [True, False]


class TestPassages:
    def test_the_end_is_the_nearest_of_those_known(self) -> None:
        player = Player("ab")
        entry = id_of(player.queue, "a")
        player.queue.set_range(entry, (ticks(5), ticks(20)), is_playing=False)
        assert player.transport.passages.of(entry) == Passage(
            "a.flac", start=ticks(5), end=ticks(20)
        )
        player.queue.set_range(entry, (ticks(5), None), is_playing=False)
        assert player.transport.passages.of(entry).end == ticks(60)

    def test_it_is_the_same_object_until_more_is_known(self) -> None:
        player = Player("ab", known=False)
        entry = id_of(player.queue, "a")
        before = player.transport.passages.of(entry)
        assert before.end is None
        assert player.transport.passages.of(entry) is before
        player.transport.passages.learned(entry, SourceFacts(ticks(9), "44100:16:2", 900))
        assert player.transport.passages.of(entry).end == ticks(9)

    def test_a_stored_passage_has_its_points(self) -> None:
        stored = Passage("a.flac", 7, start=ticks(3), end=ticks(50), lead_out=ticks(45))
        queue = queue_of("ab")
        transport = Transport(queue, Planner(), {"a.flac": stored}.get)
        assert transport.passages.of(id_of(queue, "a")) == stored
        assert transport.passages.of(id_of(queue, "b")) == Passage("b.flac")


@pytest.mark.parametrize("state", [PLAY, PAUSE])
def test_a_restart_goes_on_where_the_last_run_ended(state: PlayerState) -> None:
    player = Player("abc", current=1)
    player.transport.resume_at(ticks(17), state)
    player.settle()
    cue = Cue.START if state is PLAY else Cue.PAUSE
    assert player.state == (state, "b", cue)
    assert player.transport.plan.slots[0].offset == ticks(17)
    assert player.transport.elapsed_s() == 17


def test_a_restart_of_a_stopped_player_cues_nothing() -> None:
    player = Player("abc", current=1)
    player.transport.resume_at(ticks(17), STOP)
    player.settle()
    assert player.state == (STOP, "b", None)
    assert player.transport.plan.slots[0].offset == ZERO_TICKS


@pytest.mark.parametrize("seed", range(25))
def test_after_whatever_happens_the_plan_begins_with_the_current_song(seed: int) -> None:
    """And with one that can be played; the heard position is inside it."""
    rng = Random(seed)
    player = Player("abcdefgh")
    for _ in range(120):
        act(player, rng)
        transport, queue = player.transport, player.queue
        entry = queue.current
        if transport.state is STOP or entry is None:
            assert transport.state is STOP
            continue
        slot = transport.plan.slots[0]
        assert slot.entry == entry
        assert entry not in transport.failed
        assert ZERO_TICKS <= slot.offset < Ticks(ticks(60))
        assert 0 <= transport.elapsed_s() <= 60


def act(player: Player, rng: Random) -> None:
    """Do something at random."""
    queue, transport = player.queue, player.transport
    entries: list[EntryId] = [row.id for row in queue.entries]
    slots = transport.plan.slots
    match rng.randrange(12):
        case 0 if entries:
            player.do("play", rng.randrange(len(entries)))
        case 1:
            player.do("pause", rng.choice((True, False, None)))
        case 2 if transport.state is not STOP:
            player.do(rng.choice(("next", "previous")))
        case 3 if entries:
            player.do("seek", rng.choice(entries), rng.choice((0.0, 30.0, 59.9, 60.0, 99.0)))
        case 4 if rng.random() < 0.3:
            player.do("stop")
        case 5 if len(entries) > 2:
            start = rng.randrange(len(entries))
            player.edit("delete", start, start + rng.randint(1, 2))
        case 6:
            queue.change_options(
                repeat=rng.random() < 0.5,
                random=rng.random() < 0.5,
                single=rng.choice(list(Switch)),
                consume=rng.choice(list(Switch)) if len(entries) > 3 else Switch.OFF,
                crossfade_s=rng.choice((0, 5)),
            )
            player.settle()
        case 7 if slots:
            slot = rng.choice(slots[:3])
            player.do("cannot_decode", slot.entry, slot.chain)
        case 8 if slots and transport.state is PLAY:
            player.do("completed", player.sound(seconds=60))
        case 9 if len(slots) > 1 and transport.state is PLAY:
            player.sound()
            player.sound(1)
        case 10 if len(slots) > 1:
            player.do("completed", slots[1].chain)
        case _:
            player.settle()


def test_the_plan_says_what_is_made_of_levels_by_wkmp_ini_and_the_options() -> None:
    queue = queue_of("ab")
    from_ini = Levelling(preamp_db=1.5, missing_preamp_db=-3.0, limit=False)
    transport = Transport(queue, Planner(), levelling=from_ini)
    track = replace(from_ini, mode=ReplayGainMode.TRACK)
    album = replace(from_ini, mode=ReplayGainMode.ALBUM)
    assert transport.make_plan(LIMIT).levelling == from_ini
    queue.change_options(replay_gain_mode=ReplayGainMode.AUTO)
    assert transport.make_plan(LIMIT).levelling == album
    queue.change_options(random=True)
    assert transport.make_plan(LIMIT).levelling == track
    queue.change_options(replay_gain_mode=ReplayGainMode.OFF)
    assert transport.make_plan(LIMIT).levelling == from_ini
