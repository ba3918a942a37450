"""Random play order against a model that has never seen an order, over every command."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from playback.errors import AckError
from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.units import EntryId
from tests.playback.queues import at as insert_at
from tests.playback.queues import songs
from tests.playback.reference_round import ReferenceRound

PLACE = st.integers(0, 7)
SWITCH = st.sampled_from(list(Switch))


class RandomContract(RuleBasedStateMachine):
    """Only what a listener notices is looked at: which song sounds after which."""

    @initialize(seed=st.integers(0, 1000), names=st.text("abcdef", max_size=7))
    def begin(self, seed: int, names: str) -> None:
        self.queue = PlayQueue(Random(seed))
        self.queue.change_options(random=True)
        self.round = ReferenceRound()
        self.playing = False
        self.add(names or "a", None)

    # What the rules share

    @property
    def ids(self) -> list[EntryId]:
        return [row.id for row in self.queue.entries]

    @property
    def priorities(self) -> dict[int, int]:
        return {row.id: row.priority for row in self.queue.entries}

    def draw_anew(self) -> None:
        """A new round is drawn, whose first song is the current one if there is one."""
        self.round.begin(self.ids, self.queue.current)

    def expect(self, entry: EntryId | None, permitted: set[int], everybody: set[int]) -> None:
        """Check who has followed: one of this round, or if it is over, of the next one."""
        if permitted:
            assert entry in permitted
            assert entry is not None
            self.round.go_on(entry)
            return
        if self.queue.options.repeat and everybody:
            assert entry in everybody
            early = any(self.priorities.values())  # it may have been drawn before they were set
            self.round.begin(everybody, entry, is_sorted=not early)
            return
        assert entry is None
        assert self.queue.current is None
        self.playing = False
        self.draw_anew()

    def leave(self, leaving: Collection[int]) -> tuple[set[int], set[int]]:
        """Return who may follow in this round, and who in the next."""
        return (
            self.round.may_follow(self.priorities, leaving),
            {int(entry) for entry in self.ids}.difference(leaving),
        )

    # Edits

    @precondition(lambda self: len(self.queue) < 9)
    @rule(names=st.text("abcdef", min_size=1, max_size=3), place=st.none() | PLACE)
    def add(self, names: str, place: int | None) -> None:
        announced = self.queue.announced_next()
        stays = bool(self.round.waiting or self.round.ahead)
        where = None if place is None else insert_at(str(min(place, len(self.queue))))
        self.round.add(self.queue.add(songs(names), where))
        if self.queue.current is not None and stays:
            assert self.queue.announced_next() == announced

    @rule(names=st.text("abcdef", min_size=1, max_size=2))
    def load_after_the_current(self, names: str) -> None:
        if self.queue.current is not None and len(self.queue) < 9:
            self.round.add(self.queue.add([Song(name) for name in names], insert_at("+0")))

    @rule(start=PLACE, count=st.integers(1, 3))
    def delete(self, start: int, count: int) -> None:
        leaving = set(self.ids[start : start + count])
        self.take_out(leaving, lambda: self.queue.delete(start, start + count, **self.so))

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data())
    def delete_id(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.ids))
        self.take_out({entry}, lambda: self.queue.delete_id(entry, **self.so))

    @property
    def so(self) -> dict[str, bool]:
        return {"is_playing": self.playing}

    def take_out(self, leaving: set[EntryId], delete: Callable[[], None]) -> None:
        if not leaving:
            return
        current, options = self.queue.current, self.queue.options
        permitted, others = self.leave(leaving)
        only_this = options.single is not Switch.OFF and options.repeat
        goes_on = self.playing and not (only_this and options.consume is Switch.OFF)
        delete()
        if current in leaving and goes_on:
            self.expect(self.queue.current, permitted, others)
        elif current in leaving:
            assert self.queue.current is None
            self.playing = False
            self.draw_anew()
        self.round.remove(leaving)

    @rule(start=PLACE, count=st.integers(1, 3), to=PLACE)
    def move(self, start: int, count: int, to: int) -> None:
        if start + count <= len(self.queue) and to + count <= len(self.queue):
            self.queue.move(start, start + count, insert_at(str(to)))

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data())
    def swap_and_move_by_id(self, data: st.DataObject) -> None:
        first, second = (data.draw(st.sampled_from(self.ids)) for _ in range(2))
        self.queue.swap_ids(first, second)
        self.queue.move_id(first, insert_at("0"))

    @rule(start=PLACE, count=st.integers(2, 9))
    def shuffle(self, start: int, count: int) -> None:
        if start + 2 > len(self.queue):
            return
        self.queue.shuffle(start, start + count, is_playing=self.playing)
        if not self.playing:
            assert self.queue.current is None
            self.draw_anew()

    @precondition(lambda self: len(self.queue) > 0)
    @rule(priority=st.integers(0, 3), data=st.data())
    def prioritise(self, priority: int, data: st.DataObject) -> None:
        self.raise_or_lower(
            priority, set(data.draw(st.lists(st.sampled_from(self.ids), max_size=3)))
        )

    @precondition(lambda self: len(self.round.played) > 1)
    @rule(current=st.integers(1, 3), priority=st.integers(0, 3), data=st.data())
    def prioritise_the_current_and_one_that_was_played(
        self, current: int, priority: int, data: st.DataObject
    ) -> None:
        self.raise_or_lower(current, {EntryId(self.round.played[-1])})
        played = data.draw(st.sampled_from(self.round.played[:-1]))
        self.raise_or_lower(priority, {EntryId(played)})

    def raise_or_lower(self, priority: int, chosen: set[EntryId]) -> None:
        was = self.priorities
        if len(chosen) == 1:
            (at,) = (self.queue.position(entry) for entry in chosen)
            self.queue.set_priority(priority, [(at, at + 1)])
        else:
            self.queue.set_priority_of_ids(priority, chosen)
        changed = {int(entry): was[entry] for entry in chosen if was[entry] != priority}
        if changed:
            of_current = self.priorities.get(self.queue.current or 0, 0)
            self.round.prioritise(priority, changed, of_current)

    @precondition(lambda self: len(self.queue) > 7)
    @rule()
    def clear(self) -> None:
        self.queue.clear()
        self.playing = False
        self.draw_anew()

    # Options

    @rule(repeat=st.booleans(), single=SWITCH, consume=SWITCH, which=st.integers(0, 3))
    def change_options(self, repeat: bool, single: Switch, consume: Switch, which: int) -> None:
        if which == 0:
            self.queue.change_options(single=single)
        elif which == 1:
            self.queue.change_options(consume=consume)
        else:
            self.queue.change_options(repeat=repeat)

    @rule()
    def turn_random_off_and_on(self) -> None:
        self.queue.change_options(random=False)
        self.queue.change_options(random=True)
        self.draw_anew()

    # Moves

    @rule()
    def play(self) -> None:
        permitted = self.round.may_follow(self.priorities)
        waits = self.queue.current is None
        started = self.queue.play(**self.so)
        if waits:
            assert started in permitted if permitted else started is None
            if started is not None:
                self.round.go_on(started)
        self.playing = started is not None

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data(), by_id=st.booleans())
    def play_one(self, data: st.DataObject, by_id: bool) -> None:
        entry = data.draw(st.sampled_from(self.ids))
        if by_id:
            self.queue.play_id(entry, **self.so)
        else:
            self.queue.play(self.queue.position(entry), **self.so)
        assert self.queue.current == entry
        if self.playing:
            self.round.jump(entry)
        else:
            self.round.begin(self.ids, entry, is_sorted=self.round.sorted)
        self.playing = True

    @precondition(lambda self: self.playing)
    @rule()
    def finish(self) -> None:
        left, options = self.queue.current, self.queue.options
        assert left is not None
        consumed = {left} if options.consume is not Switch.OFF else set()
        permitted, others = self.leave(consumed)
        stays = options.single is not Switch.OFF and options.repeat and not consumed
        following = self.queue.finish()
        if stays:
            assert following == left
            return
        self.expect(following, permitted, others)
        self.round.remove(consumed)

    @precondition(lambda self: self.playing)
    @rule()
    def next(self) -> None:
        left = self.queue.current
        assert left is not None
        consumed = {left} if self.queue.options.consume is not Switch.OFF else set()
        permitted, others = self.leave(consumed)
        self.expect(self.queue.skip_next(), permitted, others)
        self.round.remove(consumed)

    @precondition(lambda self: self.playing)
    @rule()
    def previous(self) -> None:
        repeat = self.queue.options.repeat
        permitted = self.round.may_precede(self.priorities, repeat=repeat)
        entry = self.queue.skip_previous()
        assert entry in permitted
        assert entry is not None
        self.round.go_back(entry)

    @precondition(lambda self: self.playing)
    @rule()
    def play_a_whole_round(self) -> None:
        """From a fresh round on, every song is heard once, and then it is over."""
        self.queue.change_options(single=Switch.OFF, consume=Switch.OFF, repeat=False)
        self.queue.stop()
        self.draw_anew()
        heard = [self.queue.current, *(self.queue.finish() for _ in self.ids)]
        assert heard.pop() is None
        assert set(heard) == set(self.ids)
        self.playing = False
        self.draw_anew()

    @precondition(lambda self: self.playing)
    @rule()
    def stop(self) -> None:
        self.queue.stop()
        self.playing = False
        self.draw_anew()

    @rule(count=st.integers(1, 12))
    def look_ahead(self, count: int) -> None:
        """Looking changes nothing: the model is not told."""
        assert len(self.queue.upcoming(count)) <= count

    @rule()
    def restart(self) -> None:
        """What is saved and comes back goes on in the same round."""
        queue = self.queue
        self.queue = PlayQueue.restore(
            entries=queue.entries,
            current=queue.current,
            options=queue.options,
            version=queue.version,
            next_entry_id=queue.next_entry_id,
            order=queue.order,
            rng=Random(queue.version),
        )
        assert self.ids == [row.id for row in queue.entries]

    @invariant()
    def the_model_knows_every_song_once(self) -> None:
        known = self.round
        seen = [*known.played, *known.skipped, *known.ahead, *known.waiting]
        assert sorted(seen) == sorted(self.ids)
        assert known.current == self.queue.current

    @invariant()
    def the_announced_song_is_a_permitted_one(self) -> None:
        announced, options = self.queue.announced_next(), self.queue.options
        if self.queue.current is None:
            assert announced is None
            return
        if options.single is not Switch.OFF and options.repeat:
            assert announced == self.queue.current
            return
        consumed = {self.queue.current} if options.consume is not Switch.OFF else set()
        permitted, others = self.leave(consumed)
        if permitted:
            assert announced in permitted
        elif options.repeat and others:
            assert announced in others
        else:
            assert announced is None


RandomContract.TestCase.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
TestRandomContract = RandomContract.TestCase


def test_the_model_refuses_an_order_that_plays_a_song_twice() -> None:
    """The model itself: a song of this round that has been played may not follow."""
    model = ReferenceRound()
    model.begin((1, 2, 3), 1)
    model.go_on(2)

    assert model.may_follow({1: 0, 2: 0, 3: 0}) == {3}


def test_a_refused_edit_of_random_order_changes_nothing() -> None:
    queue = PlayQueue(Random(1))
    queue.add(songs("abc"))
    queue.change_options(random=True)
    before = queue.order
    for edit in (
        lambda: queue.delete(9),
        lambda: queue.set_priority(256, [(0, 1)]),
        lambda: queue.set_priority_of_ids(3, [EntryId(1), EntryId(99)]),
        lambda: queue.add(songs("x"), insert_at("9")),
        lambda: queue.play(7),
        lambda: queue.play_id(EntryId(99)),
    ):
        try:
            edit()
        except AckError:
            continue
        raise AssertionError("not refused")
    assert queue.order == before
