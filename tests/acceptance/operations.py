"""Everything a listener may do, at random: legal operations on a queue that stays short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from actors.messages import (
    AddSongs,
    ChangeOptions,
    ClearQueue,
    DeleteId,
    DeleteRange,
    MoveRange,
    PlayId,
    PlayPosition,
    QueueCommand,
    SeekCurrent,
    SeekId,
    SetPause,
    SetPriority,
    SetRange,
    SetSetting,
    ShuffleRange,
    SkipNext,
    SkipPrevious,
    StopPlaying,
    SwapPositions,
    SwitchOutput,
)
from playback.insertion import InsertAt
from playback.options import Switch
from playback.player import PlayerState
from playback.song import Song
from playback.status import PlayerStatus
from playback.units import seconds_to_ticks

LONGEST = 12


class Listener:
    """Draws one legal command after another; the same ones for the same seed.

    Args:
        rng: the source of all choices.
        files: what may be added, by path.
        windows: what ``maximum_decode_streams`` may be set to.
    """

    def __init__(self, rng: Random, files: Sequence[Path], windows: Sequence[int]) -> None:
        self._rng = rng
        self._files = files
        self._windows = windows

    def next(self, status: PlayerStatus) -> QueueCommand:
        """Return a command that is legal in this state."""
        if not status.entries:
            return self._add(status)
        choices: list[tuple[int, Callable[[PlayerStatus], QueueCommand]]] = [
            (8 if len(status.entries) < LONGEST else 0, self._add),
            (3 if status.state is PlayerState.PLAY else 9, self._play),
            (4, self._remove),
            (8, self._rearrange),
            (5, self._option),
            (1, lambda _: SetPause(self._rng.choice((True, False, None)))),
            (1, lambda _: StopPlaying()),
            (1, self._setting),
            (1, self._output),
        ]
        if status.state is not PlayerState.STOP:
            choices += [(4, self._skip), (3, self._seek)]
        makers = [maker for _, maker in choices]
        return self._rng.choices(makers, [weight for weight, _ in choices])[0](status)

    def _place(self, status: PlayerStatus) -> int:
        return self._rng.randrange(len(status.entries))

    def _add(self, status: PlayerStatus) -> QueueCommand:
        songs = tuple(Song(str(path)) for path in self._rng.choices(self._files, k=3))
        at = InsertAt(self._rng.randint(0, len(status.entries)))
        return AddSongs(songs[: self._rng.randint(1, 3)], self._rng.choice((None, at)))

    def _play(self, status: PlayerStatus) -> QueueCommand:
        place = self._place(status)
        return self._rng.choice((PlayPosition(place), PlayId(status.entries[place].id)))

    def _remove(self, status: PlayerStatus) -> QueueCommand:
        place = self._place(status)
        some = DeleteRange(place, min(place + 2, len(status.entries)))
        draw = self._rng.random()
        if draw < 0.05:
            return ClearQueue()
        return some if draw < 0.4 else DeleteId(status.entries[place].id)

    def _rearrange(self, status: PlayerStatus) -> QueueCommand:
        here, there = self._place(status), self._place(status)
        span = (seconds_to_ticks(0.05), seconds_to_ticks(0.3))
        commands: list[QueueCommand] = [
            MoveRange(here, here + 1, InsertAt(there)),
            SwapPositions(here, there),
            SetPriority(self._rng.randrange(256), ((here, None),)),
            ShuffleRange(min(here, there)),
        ]
        if here != status.current:
            commands.append(SetRange(status.entries[here].id, self._rng.choice((None, span))))
        return self._rng.choice(commands)

    def _option(self, _: PlayerStatus) -> QueueCommand:
        switch = self._rng.choice(tuple(Switch))
        flag = self._rng.random() < 0.5
        return self._rng.choice(
            (
                ChangeOptions(repeat=flag),
                ChangeOptions(random=flag),
                ChangeOptions(single=switch),
                ChangeOptions(consume=switch),
                ChangeOptions(crossfade_s=self._rng.choice((0, 0, 1))),
                ChangeOptions(volume=self._rng.randint(0, 100)),
            )
        )

    def _setting(self, _: PlayerStatus) -> QueueCommand:
        key, values = self._rng.choice(
            (
                ("minimum_playback_buffer_ms", (100, 200, 500)),
                ("maximum_decode_streams", self._windows),
            )
        )
        return SetSetting(key, str(self._rng.choice(values)))

    def _output(self, status: PlayerStatus) -> QueueCommand:
        off = status.outputs[0].enabled and self._rng.random() < 0.3
        return SwitchOutput(0, not off)

    def _skip(self, _: PlayerStatus) -> QueueCommand:
        return self._rng.choice((SkipNext(), SkipNext(), SkipPrevious()))

    def _seek(self, status: PlayerStatus) -> QueueCommand:
        place = self._place(status)
        return self._rng.choice(
            (
                SeekCurrent(self._rng.uniform(0.0, 0.6)),
                SeekCurrent(self._rng.uniform(-0.3, 0.3), relative=True),
                SeekId(status.entries[place].id, self._rng.uniform(0.0, 0.6)),
            )
        )
