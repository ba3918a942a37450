"""The play queue against a naive model, over random edits, options and moves."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from playback.errors import AckError
from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId
from tests.playback.passages import ticks
from tests.playback.queues import at as insert_at
from tests.playback.queues import state_of
from tests.playback.reference_queue import ReferenceQueue, Refused

PLACE = st.integers(-1, 9)
SPAN = st.tuples(PLACE, st.none() | PLACE)
AT = st.builds("{}{}".format, st.sampled_from(["", "+", "-"]), st.integers(0, 5))
NAMES = st.text("abcdefgh", min_size=1, max_size=4)
SWITCH = st.sampled_from(list(Switch))
Content = tuple[EntryId, Song, int, object]


def content(row: QueueEntry) -> Content:
    return (row.id, row.song, row.priority, row.range)


class Comparison(RuleBasedStateMachine):
    """Every command goes to both; everything visible must agree."""

    @initialize(seed=st.integers(0, 1000), names=st.text("abcdefgh", min_size=3, max_size=8))
    def begin(self, seed: int, names: str) -> None:
        self.queue = PlayQueue(Random(seed))
        self.model = ReferenceQueue()
        self.playing = False
        self.known: set[EntryId] = set()
        self.mirrors: list[tuple[int, list[Content]]] = []
        self.add(names, None)
        self.play(0)

    def both(self, real: Callable[[], object], model: Callable[[], None]) -> bool:
        """Run both; returns whether the command was accepted, by both or by none."""
        before = state_of(self.queue)
        code, expected = None, None
        try:
            model()
        except Refused as refused:
            expected = refused.code
        try:
            real()
        except AckError as refused:
            code = int(refused.code)
        assert code == expected
        if code is not None:
            assert state_of(self.queue) == before
        return code is None

    # Edits

    @rule(names=NAMES, at=st.none() | AT)
    def add(self, names: str, at: str | None) -> None:
        order = self.queue.order
        upcoming = self.queue.upcoming(2)
        place = None if at is None else insert_at(at)
        accepted = self.both(
            lambda: self.queue.add([Song(name) for name in names], place),
            lambda: self.model.add(names, at),
        )
        if accepted and self.queue.options.random:
            assert [entry for entry in self.queue.order if entry in order] == list(order)
            if self.queue.current is not None:
                played = order.index(self.queue.current) + 1
                assert self.queue.order[:played] == order[:played]
                rest_of_round = order[played:]
                if rest_of_round and len(upcoming) == 2 and upcoming[1] == rest_of_round[0]:
                    assert self.queue.upcoming(2) == upcoming

    @rule(span=SPAN)
    def delete(self, span: tuple[int, int | None]) -> None:
        start, end = span
        self.take_out(start, end if end is None else max(start, end), by_id=False)

    def take_out(self, start: int, end: int | None, *, by_id: bool) -> None:
        order, current = self.queue.order, self.queue.current
        self.sync_order()
        leaving = {row.id for row in self.model.rows[max(start, 0) : end]}
        in_round = self.model.rest_of_round(leaving)
        may_follow: list[int] | None = None

        def delete_from_model() -> None:
            nonlocal may_follow
            may_follow = self.model.delete(start, end, self.playing)

        def delete() -> None:
            if by_id:
                self.queue.delete_id(self.queue.entries[start].id, is_playing=self.playing)
            else:
                self.queue.delete(start, end, is_playing=self.playing)

        self.both(delete, delete_from_model)
        if may_follow is not None:
            self.follow(self.queue.current, may_follow, in_round, stays=False)
        if self.queue.current == current and current is not None:
            left = self.queue.order
            assert [entry for entry in order if entry in left] == list(left)
        if self.queue.current is None:
            self.playing = False

    @rule(start=PLACE, count=st.integers(0, 3), to=AT)
    def move(self, start: int, count: int, to: str) -> None:
        self.keeping_order(
            lambda: self.both(
                lambda: self.queue.move(start, start + count, insert_at(to)),
                lambda: self.model.move(start, start + count, to),
            )
        )

    @rule(first=PLACE, second=PLACE)
    def swap(self, first: int, second: int) -> None:
        self.keeping_order(
            lambda: self.both(
                lambda: self.queue.swap(first, second), lambda: self.model.swap(first, second)
            )
        )

    @rule(span=SPAN)
    def shuffle(self, span: tuple[int, int | None]) -> None:
        start, end = span
        if not 0 <= start <= len(self.queue) or (end is not None and end < start):
            return
        before = [row.id for row in self.queue.entries]
        current = self.queue.current
        self.queue.shuffle(start, end, is_playing=self.playing)
        after = [row.id for row in self.queue.entries]
        end = len(before) if end is None else min(end, len(before))
        assert (after[:start], after[end:]) == (before[:start], before[end:])
        assert sorted(after) == sorted(before)
        if end - start > 1 and not self.playing:
            current = None
        if end - start > 1 and current in before[start:end]:
            assert after[start] == current
        assert self.queue.current == current
        self.model.current = current
        self.model.rows.sort(key=lambda row: after.index(EntryId(row.id)))

    @rule(priority=st.integers(0, 3), spans=st.lists(SPAN, min_size=1, max_size=2))
    def prioritise(self, priority: int, spans: list[tuple[int, int | None]]) -> None:
        spans = [(start, end if end is None else max(start, end)) for start, end in spans]
        self.both(
            lambda: self.queue.set_priority(priority, spans),
            lambda: self.model.set_priority(priority, spans),
        )

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data(), to=AT)
    def move_id(self, data: st.DataObject, to: str) -> None:
        entry, start = self.one_of_them(data)
        self.keeping_order(
            lambda: self.both(
                lambda: self.queue.move_id(entry, insert_at(to)),
                lambda: self.model.move(start, start + 1, to),
            )
        )

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data())
    def swap_ids(self, data: st.DataObject) -> None:
        (first, at), (second, with_) = self.one_of_them(data), self.one_of_them(data)
        self.keeping_order(
            lambda: self.both(
                lambda: self.queue.swap_ids(first, second), lambda: self.model.swap(at, with_)
            )
        )

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data(), priority=st.integers(0, 3))
    def prioritise_ids(self, data: st.DataObject, priority: int) -> None:
        (first, at), (second, other) = self.one_of_them(data), self.one_of_them(data)
        self.both(
            lambda: self.queue.set_priority_of_ids(priority, [first, second]),
            lambda: self.model.set_priority(priority, [(at, at + 1), (other, other + 1)]),
        )

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data(), start_s=st.integers(0, 9), length_s=st.none() | st.integers(1, 9))
    def set_range(self, data: st.DataObject, start_s: int, length_s: int | None) -> None:
        entry, _ = self.one_of_them(data)
        span = ticks(start_s), None if length_s is None else ticks(start_s + length_s)
        is_refused = self.playing and entry == self.queue.current
        before, version = self.queue.order, self.queue.version
        try:
            self.queue.set_range(entry, span, is_playing=self.playing)
        except AckError:
            assert is_refused
            assert self.queue.version == version
        else:
            assert not is_refused
            assert self.queue.entry(entry).range == span
        assert self.queue.order == before

    @rule(unknown=st.integers(1, 9))
    def name_an_entry_that_is_not_there(self, unknown: int) -> None:
        gone = EntryId(self.queue.next_entry_id + unknown)
        before = state_of(self.queue)
        for command in (
            lambda: self.queue.delete_id(gone),
            lambda: self.queue.play_id(gone),
            lambda: self.queue.move_id(gone, insert_at("0")),
            lambda: self.queue.swap_ids(gone, gone),
            lambda: self.queue.set_priority_of_ids(1, [gone]),
            lambda: self.queue.set_range(gone, None, is_playing=False),
        ):
            with pytest.raises(AckError, match="No such song"):
                command()
        assert state_of(self.queue) == before

    def one_of_them(self, data: st.DataObject) -> tuple[EntryId, int]:
        """Draw an entry; returns its id and position, the latter found by counting."""
        ids = [row.id for row in self.queue.entries]
        entry = data.draw(st.sampled_from(ids))
        return entry, ids.index(entry)

    @precondition(lambda self: len(self.queue) > 11)
    @rule()
    def clear(self) -> None:
        self.queue.clear()
        self.model.rows, self.model.current = [], None
        self.playing = False

    # Options

    @rule(
        repeat=st.booleans(),
        random=st.booleans(),
        single=SWITCH,
        consume=SWITCH,
        chosen=st.sets(st.sampled_from(["repeat", "random", "single", "consume"])),
    )
    def change_options(
        self, repeat: bool, random: bool, single: Switch, consume: Switch, chosen: set[str]
    ) -> None:
        changes = {"repeat": repeat, "random": random, "single": single, "consume": consume}
        self.queue.change_options(**{name: changes[name] for name in chosen})
        for name in chosen:
            value = changes[name]
            setattr(self.model, name, value.value if isinstance(value, Switch) else value)

    # Moves

    @rule(position=st.none() | PLACE)
    def play(self, position: int | None) -> None:
        expected = self.queue.upcoming(1)
        try:
            started = self.queue.play(position, is_playing=self.playing)
        except AckError:
            assert position is not None
            assert not 0 <= position < len(self.queue)
            return
        if position is not None:
            assert started == self.queue.entries[position].id
        elif started is not None:
            assert (started,) == expected
        if position is not None or not self.playing:
            self.model.start(started)
        self.playing = started is not None

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data())
    def play_id(self, data: st.DataObject) -> None:
        entry, _ = self.one_of_them(data)
        assert self.queue.play_id(entry, is_playing=self.playing) == entry
        self.model.start(entry)
        self.playing = True

    @precondition(lambda self: len(self.queue) > 0)
    @rule(data=st.data())
    def delete_id(self, data: st.DataObject) -> None:
        _, start = self.one_of_them(data)
        self.take_out(start, start + 1, by_id=True)

    @precondition(lambda self: self.playing)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        ids = [row.id for row in self.queue.entries]
        skip = (
            frozenset(data.draw(st.sets(st.sampled_from(ids))))
            if data.draw(st.booleans())
            else frozenset()
        )
        failed = self.queue.current in skip
        pauses = self.queue.pauses_after_current and not failed
        ahead = self.queue.upcoming(3, skip)
        self.sync_order()
        in_round = self.model.rest_of_round(set(skip))
        may_follow = self.model.finish(set(skip))
        following = self.queue.finish(skip)
        self.follow(following, may_follow, in_round, stays=set(ids) <= skip)
        if following is not None and not pauses:
            assert ahead[0 if failed else 1] == following

    @precondition(lambda self: self.playing)
    @rule(count=st.integers(1, 8))
    def play_through(self, count: int) -> None:
        ahead = self.queue.upcoming(count + 1)
        for expected in ahead[1:]:
            self.sync_order()
            self.model.finish(set())
            assert self.queue.finish() == expected
            self.model.start(expected)
        if len(ahead) <= count:
            ends = not self.queue.pauses_after_current
            self.sync_order()
            may_follow = self.model.finish(set())
            following = self.queue.finish()
            assert not ends or following is None
            self.follow(following, may_follow, [], stays=False)

    @rule()
    def skip_next(self) -> None:
        self.sync_order()
        in_round = self.model.rest_of_round(set())
        may_follow: list[int] = []
        accepted = self.both(
            self.queue.skip_next, lambda: may_follow.extend(self.model.skip_next())
        )
        if accepted:
            self.follow(self.queue.current, may_follow, in_round, stays=False)

    @rule()
    def skip_previous(self) -> None:
        self.sync_order()
        self.keeping_order(
            lambda: self.both(
                self.queue.skip_previous, lambda: self.model.start(self.model.previous())
            )
        )

    @precondition(lambda self: self.playing)
    @rule(starts_again=st.booleans())
    def stop(self, starts_again: bool) -> None:
        self.queue.stop()
        self.playing = False
        if starts_again:
            self.play(None)

    @rule()
    def restart(self) -> None:
        queue = self.queue
        self.queue = PlayQueue.restore(
            entries=queue.entries,
            current=queue.current,
            options=queue.options,
            version=queue.version,
            next_entry_id=queue.next_entry_id,
            order=queue.order,
            rng=Random(len(queue)),
        )

    # What both the rules and the invariants need

    def follow(
        self, following: EntryId | None, may_follow: list[int], in_round: list[int], *, stays: bool
    ) -> None:
        """Check what follows: exact inside a round, any of the next round after it."""
        if following is None:
            assert not may_follow
            assert stays or self.queue.current is None
            self.model.current = self.queue.current
            self.playing = False
            return
        exact = not self.model.random or (in_round and may_follow[0] == in_round[0])
        assert following == may_follow[0] if exact else following in may_follow
        self.model.start(following)

    def keeping_order(self, edit: Callable[[], object]) -> None:
        before = self.queue.order
        edit()
        assert self.queue.order == before

    def sync_order(self) -> None:
        self.model.order = list(self.queue.order)

    @invariant()
    def entries_agree(self) -> None:
        seen = [(row.id, row.song.uri, row.priority) for row in self.queue.entries]
        assert seen == [(row.id, row.name, row.priority) for row in self.model.rows]
        assert self.queue.current == self.model.current
        assert self.queue.options.single.value == self.model.single
        assert self.queue.options.consume.value == self.model.consume
        for position, row in enumerate(self.queue.entries):
            assert self.queue.position(row.id) == position

    @invariant()
    def order_is_a_permutation(self) -> None:
        ids = [row.id for row in self.queue.entries]
        expected = sorted(ids) if self.queue.options.random else []
        assert sorted(self.queue.order) == expected

    @invariant()
    def ids_are_unique_and_never_come_back(self) -> None:
        ids = [row.id for row in self.queue.entries]
        assert len(set(ids)) == len(ids)
        new = set(ids) - self.known
        assert all(entry > max(self.known, default=0) for entry in new)
        self.known |= new
        assert self.queue.next_entry_id > max(self.known, default=0)

    @invariant()
    def a_client_that_asks_for_changes_has_the_queue(self) -> None:
        now = [content(row) for row in self.queue.entries]
        for version, mirror in self.mirrors:
            assert version <= self.queue.version
            patched = [*mirror[: len(now)], *[None] * (len(now) - len(mirror))]
            for position in self.queue.changed_since(version):
                patched[position] = now[position]
            assert patched == now
            assert version < self.queue.version or mirror == now
        self.mirrors = [*self.mirrors[-6:], (self.queue.version, now)]

    @invariant()
    def what_is_upcoming_begins_with_the_current_song_and_does_not_change_by_looking(self) -> None:
        ahead = self.queue.upcoming(7)
        assert self.queue.upcoming(7) == ahead
        assert self.queue.upcoming(3) == ahead[:3]
        if self.queue.current is not None:
            assert ahead[0] == self.queue.current
        assert bool(ahead) == bool(self.queue.entries)
        state = self.queue.options
        if len(ahead) > 1 and state.single is Switch.OFF:
            assert ahead[1] == self.queue.announced_next() or self.queue.current is None


Comparison.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestPlayQueueAgainstItsModel = Comparison.TestCase
