"""The play queue beside a real MPD: the same commands, the same queue, refusals and changes.

Without ``random``, whose choices cannot be compared. What the queue does better on purpose is
left out where it is found: see ``Both.known_difference``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

import pytest

from playback.errors import AckError
from playback.insertion import InsertAt
from playback.options import Switch
from playback.play_queue import PlayQueue
from playback.song import Song
from playback.units import EntryId
from tests.mpd_server import MpdClient, running_mpd
from tests.playback.queues import at as insert_at

SONGS = "abcdef"
COMMANDS_PER_SEED = 150


@pytest.fixture(scope="module")
def mpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdClient]:
    folder = tmp_path_factory.mktemp("mpd")
    with running_mpd(folder, [(f"{name}.wav", 120.0) for name in SONGS]) as client:
        yield client


class Both:
    """MPD and a queue that are given the same commands."""

    def __init__(self, mpd: MpdClient, chance: Random) -> None:
        self.mpd = mpd
        self.chance = chance
        self.queue = PlayQueue(chance)
        self.playing = False
        self.ids: dict[EntryId, str] = {}
        for command in ("stop", "clear", "random 0", "repeat 0", "single 0", "consume 0"):
            assert mpd.send(command)[1] == "OK"

    def step(self) -> None:
        """Give both one random command and compare."""
        commands = [self.add, self.add, self.delete, self.delete_id, self.move, self.move_id]
        commands += [self.swap, self.prioritise, self.set_option, self.play, self.play_id]
        commands += [self.next, self.previous, self.stop]
        mpd_version = int(self.mpd.status()["playlist"])
        version = self.queue.version
        command, ours = self.chance.choice(commands)()
        refusal = self.run(ours)
        pairs, answer = self.mpd.send(command)
        theirs = None if answer == "OK" else answer
        assert (refusal is None) == (theirs is None), f"{command}: {refusal} / {theirs}"
        if refusal is not None and theirs is not None:
            found = re.fullmatch(r"ACK \[(\d+)@0\] \{\w+\} (.*)", theirs)
            assert found
            assert (str(int(refusal.code)), str(refusal)) == found.groups(), command
        if command.startswith("addid") and refusal is None:
            self.ids[self.queue.entries[self.added].id] = dict(pairs)["Id"]
        self.compare(command, mpd_version, version)

    def run(self, ours: Callable[[], object]) -> AckError | None:
        try:
            ours()
        except AckError as refusal:
            return refusal
        if self.queue.current is None:
            self.playing = False
        return None

    def compare(self, command: str, mpd_version: int, version: int) -> None:
        status = self.mpd.status()
        pairs = self.mpd.send("playlistinfo")[0]
        files = [value for key, value in pairs if key == "file"]
        ids = [value for key, value in pairs if key == "Id"]
        rows = self.queue.entries
        assert [row.song.uri for row in rows] == files, command
        assert [self.ids[row.id] for row in rows] == ids, command
        assert sum(row.priority for row in rows) == sum(
            int(value) for key, value in pairs if key == "Prio"
        ), command
        assert self.shown(self.queue.current) == status.get("song"), command
        assert self.playing == (status["state"] != "stop"), command
        if not self.known_difference():
            assert self.shown(self.queue.announced_next()) == status.get("nextsong"), command
        changes = self.mpd.send(f"plchangesposid {mpd_version}")[0]
        assert [str(at) for at in self.queue.changed_since(version)] == [
            value for key, value in changes if key == "cpos"
        ], command

    def known_difference(self) -> bool:
        """MPD announces a last song again that it will have consumed."""
        options = self.queue.options
        consumes = options.consume is Switch.ON and options.repeat
        return consumes and len(self.queue) == 1

    def shown(self, entry: EntryId | None) -> str | None:
        return None if entry is None else str(self.queue.position(entry))

    # Commands: MPD's line, and the same for the queue

    def place(self) -> int:
        return self.chance.randint(0, len(self.queue) + 1)

    def some_id(self) -> EntryId:
        return self.chance.choice([*self.ids, EntryId(9999)])

    def theirs(self, entry: EntryId) -> str:
        return self.ids.get(entry, "99999")

    def add(self) -> tuple[str, Callable[[], object]]:
        song = Song(f"{self.chance.choice(SONGS)}.wav", duration_s=120.0)
        where = self.chance.choice(["", "", "{}", "+{}", "-{}"]).format(self.chance.randint(0, 6))
        place = insert_at(where) if where else None

        def ours() -> None:
            (entry,) = self.queue.add([song], place)
            self.added = self.queue.position(entry)

        return f"addid {song.uri} {where}", ours

    def delete(self) -> tuple[str, Callable[[], object]]:
        start = self.place()
        end = start + self.chance.randint(1, 3)
        return f"delete {start}:{end}", lambda: self.queue.delete(
            start, end, is_playing=self.playing
        )

    def delete_id(self) -> tuple[str, Callable[[], object]]:
        entry = self.some_id()
        return f"deleteid {self.theirs(entry)}", lambda: self.queue.delete_id(
            entry, is_playing=self.playing
        )

    def destination(self) -> tuple[str, InsertAt]:
        # ``-N`` is left to the tests of rows: MPD 0.23.12 refuses good ones and dies of bad ones
        sign = self.chance.choice(["", "+"])
        text = f"{sign}{self.place()}"
        return text, insert_at(text)

    def move(self) -> tuple[str, Callable[[], object]]:
        start = self.place()
        end = start + self.chance.randint(1, 3)
        if end <= (self.queue.current_position or 0):
            end = start + 1  # MPD 0.23.12 takes another song for the current one after some moves
        text, to = self.destination()
        return f"move {start}:{end} {text}", lambda: self.queue.move(start, end, to)

    def move_id(self) -> tuple[str, Callable[[], object]]:
        entry = self.some_id()
        text, to = self.destination()
        return f"moveid {self.theirs(entry)} {text}", lambda: self.queue.move_id(entry, to)

    def swap(self) -> tuple[str, Callable[[], object]]:
        first, second = self.chance.sample(range(len(self.queue) + 2), 2)
        return f"swap {first} {second}", lambda: self.queue.swap(first, second)

    def prioritise(self) -> tuple[str, Callable[[], object]]:
        start = self.place()
        end = start + self.chance.randint(1, 3)
        priority = self.chance.choice([0, 7, 255])
        return f"prio {priority} {start}:{end}", lambda: self.queue.set_priority(
            priority, [(start, end)]
        )

    def set_option(self) -> tuple[str, Callable[[], object]]:
        name = self.chance.choice(["repeat", "single", "consume"])
        on = self.chance.random() < 0.4
        value = on if name == "repeat" else Switch(str(int(on)))
        return f"{name} {int(on)}", lambda: self.queue.change_options(**{name: value})

    def play(self) -> tuple[str, Callable[[], object]]:
        position = self.chance.choice([None, self.place(), self.place()])

        def ours() -> None:
            started = self.queue.play(position, is_playing=self.playing)
            self.playing = started is not None

        return "play" if position is None else f"play {position}", ours

    def play_id(self) -> tuple[str, Callable[[], object]]:
        entry = self.some_id()

        def ours() -> None:
            self.queue.play_id(entry, is_playing=self.playing)
            self.playing = True

        return f"playid {self.theirs(entry)}", ours

    def next(self) -> tuple[str, Callable[[], object]]:
        return "next", self.queue.skip_next if self.playing else self.not_playing

    def previous(self) -> tuple[str, Callable[[], object]]:
        return "previous", self.queue.skip_previous if self.playing else self.not_playing

    def not_playing(self) -> None:
        PlayQueue().skip_next()  # the words of a refusal for want of a current song

    def stop(self) -> tuple[str, Callable[[], object]]:
        def ours() -> None:
            self.queue.stop()
            self.playing = False

        return "stop", ours


@pytest.mark.parametrize("seed", range(16))
def test_the_queue_does_what_mpd_does(mpd: MpdClient, seed: int) -> None:
    both = Both(mpd, Random(seed))

    for _ in range(COMMANDS_PER_SEED):
        both.step()
