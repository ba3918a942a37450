"""Every control while music sounds: the exact samples, and no click.

Tones, because in them a click is heard best: each channel of each song has one of its own.
Every control comes once in the middle of a song and once in the middle of an overlap. What must
be heard is summed up from the songs and the specified ramps (``score.py``); around the moment of
the command there must be no more above 10 kHz than there (``clicks.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from actors.address import Request
from actors.messages import (
    AddSongs,
    ChangeOptions,
    ClearQueue,
    DeleteId,
    DeleteRange,
    Done,
    GetQueueSnapshot,
    MoveId,
    PlayId,
    PlayPosition,
    SeekCurrent,
    SetPause,
    ShuffleRange,
    SkipNext,
    SkipPrevious,
    StopPlaying,
    SwapPositions,
)
from playback.insertion import InsertAt
from playback.options import Switch
from playback.player import PlayerState
from playback.song import Song
from tests import sounds
from tests.engine_rig import BUFFER, PERIOD, RATE_HZ, Rig
from tests.integration.clicks import assert_no_click, energy_above_10_khz
from tests.integration.music import (
    DECLICK,
    RESUME,
    SLEW,
    cut,
    falling,
    leaving,
    resuming,
    rising,
)
from tests.integration.score import Mix, Score
from tests.sounds import Codec

A = 3 * RATE_HZ
"""Frames of a song."""
X = RATE_HZ
HALF = X // 2
THRESHOLD_S = 0.5
CLOSE = 1e-6 * 4
"""Four roundings of float32 at full scale: two songs, two gains."""
LOW_HZ = (100.0, 137.0, 173.0, 211.0)
TONES = {
    "low": (LOW_HZ, 0.4),
    "high": ((997.0, 811.0, 641.0, 503.0), 0.4),
    "loud": (LOW_HZ, 0.7),
}
"""Pitches and levels; two loud ones together reach full scale, which needs no look-ahead gain."""


@dataclass(frozen=True)
class Situation:
    """Where the command comes: what was heard, and with which gains the songs sound on."""

    crossfade_s: int
    heard: int
    falls: Mix | None
    """Of the first song."""
    rises: Mix | None
    """Of the second, which is in its middle; None = it does not sound yet."""


PLAIN = Situation(0, 50_000, None, None)
OVERLAP = Situation(1, A - HALF, falling(X)[HALF:], rising(X)[HALF:])
SITUATIONS = pytest.mark.parametrize(
    "where", [PLAIN, OVERLAP], ids=["in the middle", "in an overlap"]
)


class Tones:
    """Four songs of two tones each."""

    def __init__(self, directory: Path, kind: str) -> None:
        pitches_hz, level = TONES[kind]
        self.paths: list[Path] = []
        self.songs: list[npt.NDArray[np.float32]] = []
        for number, hz in enumerate(pitches_hz):
            tone = sounds.sine(A, hz=hz, level=level)
            path = sounds.make(directory / f"{number}.wav", tone, Codec.WAV_FLOAT)
            self.paths.append(path)
            self.songs.append(sounds.as_decoded(tone, Codec.WAV_FLOAT))


class Listener:
    """Plays the songs up to a situation, and compares what is heard from there on."""

    def __init__(self, rig: Rig, tones: Tones, where: Situation) -> None:
        self.rig = rig
        self.tones = tones
        self.where = where
        rig.do(ChangeOptions(crossfade_s=where.crossfade_s))
        rig.add(*tones.paths)
        rig.do(PlayPosition(0))
        self.decode_ahead()
        rig.until(lambda status: status.advancing)
        rig.device.run(where.heard)
        rig.device.wait_filled()
        self.score = Score(tones.songs)

    def decode_ahead(self) -> None:
        """Wait until whoever may come next could begin at once."""
        self.rig.wait_decoded()
        plan = self.rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan

        def decoded() -> bool:
            levels = self.rig.engine.ring_levels_s()
            return all(levels.get(slot.chain, 0) >= THRESHOLD_S for slot in plan.slots[2:])

        self.rig.until(lambda _: decoded(), timeout_s=10.0)

    def cut(self, request: Request[Done[None]]) -> None:
        """Give a command that changes what sounds."""
        cut(self.rig, request)

    def hears(self, frames: int, *, event: int = 0) -> None:
        """Hear so many frames behind the command: the score's, and no click."""
        self.rig.device.run(frames)
        self.compare(frames, event)

    def compare(self, frames: int, event: int = 0) -> None:
        """Compare what has been heard behind the command."""
        begin = self.where.heard
        heard = self.rig.device.heard[: begin + frames]
        assert len(heard) == begin + frames
        mix = self.score.mix(frames).clip(-1, 1)
        assert np.abs(heard[begin:] - mix).max() < CLOSE
        reference = np.concatenate([heard[:begin].astype(np.float64), mix])
        assert_no_click(heard, reference, begin + event)

    # What sounds on or falls silent

    def first_goes_on(self) -> None:
        self.score.plays(0, self.where.heard, gains=self.where.falls)

    def second_goes_on(self) -> None:
        if self.where.rises is not None:
            self.score.plays(1, HALF, gains=self.where.rises)

    def first_leaves(self) -> None:
        self.score.leaves(0, self.where.heard, self.where.falls)

    def second_leaves(self) -> None:
        if self.where.rises is not None:
            self.score.leaves(1, HALF, self.where.rises)

    def both_leave(self) -> None:
        self.first_leaves()
        self.second_leaves()

    def second_takes_over(self) -> None:
        """It begins; or it is there already, and its gain goes to 1 within 50 ms."""
        if self.where.rises is None:
            self.score.plays(1, 0)
        else:
            self.score.plays(1, HALF, gains=slewed(self.where.rises))

    def first_stays_alone(self) -> None:
        """It goes on at full gain, where it arrives within 50 ms."""
        falls = self.where.falls
        gains = None if falls is None else slewed(falls)
        self.score.plays(0, self.where.heard, gains=gains)


def slewed(gains: Mix) -> Mix:
    """From the first of some gains to 1 in a straight line."""
    return 1 - float(1 - gains[0, 0]) * leaving(SLEW)


@pytest.fixture(params=list(TONES))
def tones(tmp_path: Path, request: pytest.FixtureRequest) -> Tones:
    return Tones(tmp_path, request.param)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 500}) as rig:
        yield rig


def test_a_cut_without_a_ramp_would_be_found() -> None:
    tone = sounds.sine(A, hz=100.0, level=0.9)
    hard, soft = tone.copy(), tone.copy()
    hard[20_000:] = 0
    soft[20_000 : 20_000 + DECLICK] *= leaving()
    soft[20_000 + DECLICK :] = 0

    assert energy_above_10_khz(hard, 20_000) > 1_000 * energy_above_10_khz(soft, 20_000)
    assert_no_click(soft, soft, 20_000)
    with pytest.raises(AssertionError, match="dB too much"):
        assert_no_click(hard, soft, 20_000)


def test_a_ramp_half_as_long_would_be_found() -> None:
    tone = sounds.sine(A, hz=100.0, level=0.9)
    short, specified = tone.copy(), tone.copy()
    for ramped, length in ((short, DECLICK // 2), (specified, DECLICK)):
        ramped[20_000 : 20_000 + length] *= leaving(length)
        ramped[20_000 + length :] = 0

    with pytest.raises(AssertionError, match="dB too much"):
        assert_no_click(short, specified, 20_000)


@SITUATIONS
def test_pause_and_resume(rig: Rig, tones: Tones, where: Situation) -> None:
    listener = Listener(rig, tones, where)
    listener.cut(SetPause(True))
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    listener.both_leave()
    listener.compare(PERIOD)

    rig.do(SetPause(False))
    resumed = Score(tones.songs)
    listener.score, paused = resumed, listener.score
    listener.first_goes_on()
    listener.second_goes_on()
    rig.device.run(RESUME + 5_000)
    heard = rig.device.heard
    rise = resumed.mix(RESUME + 5_000).copy()
    rise[:RESUME] *= resuming()
    rise = rise.clip(-1, 1)
    begin = where.heard + PERIOD
    assert np.abs(heard[begin:] - rise).max() < CLOSE
    reference = np.concatenate([heard[: where.heard], paused.mix(PERIOD), rise])
    assert_no_click(heard, reference, begin)
    assert_no_click(heard, reference, begin + RESUME)


Silencing = pytest.mark.parametrize("command", [StopPlaying(), ClearQueue()], ids=["stop", "clear"])


@Silencing
@SITUATIONS
def test_whatever_ends_the_music_lets_it_fall_silent(
    rig: Rig, tones: Tones, where: Situation, command: Request[Done[None]]
) -> None:
    listener = Listener(rig, tones, where)
    listener.cut(command)
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    listener.both_leave()
    listener.compare(PERIOD)
    assert rig.status.state is PlayerState.STOP


@pytest.mark.parametrize("by", ["next", "removal", "seek past the end"])
@SITUATIONS
def test_whatever_leaves_the_first_song_goes_on_with_the_second(
    rig: Rig, tones: Tones, where: Situation, by: str
) -> None:
    listener = Listener(rig, tones, where)
    first = rig.status.entries[0].id
    requests: dict[str, Request[Done[None]]] = {
        "next": SkipNext(),
        "removal": DeleteId(first),
        "seek past the end": SeekCurrent(100.0),
    }
    listener.cut(requests[by])
    begins_s = HALF / RATE_HZ if where is OVERLAP else 0.0
    status = rig.until(
        lambda status: status.advancing and status.entries[status.current or 0].id != first
    )
    assert abs(status.elapsed_s - begins_s) < 1e-3  # told at once, not with the next second
    listener.first_leaves()
    listener.second_takes_over()
    listener.hears(20_000)


@pytest.mark.parametrize(
    ("command", "song", "begin"),
    [
        (SkipPrevious(), 0, 0),
        (SeekCurrent(0.25), 0, RATE_HZ // 4),
        (SeekCurrent(1.8), 0, round(1.8 * RATE_HZ)),
        (PlayPosition(0), 0, 0),
        (PlayPosition(2), 2, 0),
        (PlayId, 3, 0),
    ],
    ids=["previous", "seek back", "seek near the overlap", "play again", "play", "playid"],
)
@SITUATIONS
def test_whatever_goes_elsewhere_leaves_all_that_sounds(
    rig: Rig, tones: Tones, where: Situation, command: object, song: int, begin: int
) -> None:
    listener = Listener(rig, tones, where)
    if command is PlayId:
        command = PlayId(rig.status.entries[song].id)
    listener.cut(command)  # type: ignore[arg-type]
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    listener.both_leave()
    entered = None
    if begin and where is OVERLAP:
        alone = A - X - begin
        entered = np.concatenate([np.ones((max(0, alone), 1)), falling(X)])
        listener.score.plays(1, 0, at=alone, gains=rising(X))
    listener.score.plays(song, begin, gains=entered, arrives=begin > 0)
    listener.hears(20_000)


@SITUATIONS
def test_removing_the_following_song(rig: Rig, tones: Tones, where: Situation) -> None:
    """In an overlap the third takes its place in what is left of it."""
    listener = Listener(rig, tones, where)
    second = DeleteId(rig.status.entries[1].id)
    if where is OVERLAP:
        listener.cut(second)
        listener.second_leaves()
        listener.score.plays(2, 0, gains=rising(HALF))
    else:
        rig.do(second)
    listener.first_goes_on()
    listener.hears(20_000)


@pytest.mark.parametrize(
    "command",
    [DeleteRange(1, 4), ChangeOptions(single=Switch.ON), ChangeOptions(single=Switch.ONESHOT)],
    ids=["removal of all behind", "single", "single oneshot"],
)
@SITUATIONS
def test_whatever_takes_the_second_away_lets_the_first_go_on_alone(
    rig: Rig, tones: Tones, where: Situation, command: Request[Done[None]]
) -> None:
    listener = Listener(rig, tones, where)
    if where is OVERLAP:
        listener.cut(command)
    else:
        rig.do(command)
    listener.second_leaves()
    listener.first_stays_alone()
    listener.hears(SLEW + 5_000)


@SITUATIONS
def test_a_song_put_in_between(rig: Rig, tones: Tones, where: Situation) -> None:
    """In an overlap the second leaves, and the first goes on alone until the new one is there.

    What is mixed ahead meanwhile, four periods at most, depends on the decoder's haste.
    """
    listener = Listener(rig, tones, where)
    inserted = AddSongs((Song(str(tones.paths[3])),), InsertAt(0, "+"))
    if where is PLAIN:
        rig.do(inserted)
        listener.first_goes_on()
        listener.hears(15_000)
        return
    listener.cut(inserted)  # type: ignore[arg-type]
    listener.decode_ahead()
    rig.device.run(15_000)
    heard = rig.device.heard[where.heard :]
    ahead = range(0, BUFFER + 2 * PERIOD, PERIOD)
    scores = [
        put_in_between(tones, known, begin) for begin in ahead for known in ahead if known <= begin
    ]
    listener.score = min(
        scores, key=lambda score: np.abs(heard - score.mix(15_000).clip(-1, 1)).max()
    )
    listener.compare(15_000)


def put_in_between(tones: Tones, known: int, begin: int) -> Score:
    """The last song enters an overlap of the first two.

    Args:
        tones: the songs.
        known: frames behind the command at which its length was known, so that it may overlap.
        begin: frames behind the command at which it enters.
    """
    falls, rises = falling(X)[HALF:], rising(X)[HALF:]
    alone = np.ones((len(falls), 1))
    alone[:SLEW] = slewed(falls)
    residue = float(alone[known, 0] - falls[known, 0])
    gains = np.concatenate([alone[:known], falls[known:]])
    gains[known : known + SLEW] += residue * leaving(SLEW)
    score = Score(tones.songs)
    score.leaves(1, HALF, rises)
    score.plays(0, A - HALF, gains=gains)
    score.plays(3, 0, at=begin, gains=rising(HALF - begin))
    return score


@pytest.mark.parametrize("how", ["move", "moveid", "swap", "shuffle", "delete behind"])
@SITUATIONS
def test_what_is_edited_behind_the_two_disturbs_nothing(
    rig: Rig, tones: Tones, where: Situation, how: str
) -> None:
    listener = Listener(rig, tones, where)
    drops = rig.device.drops
    requests: dict[str, Request[Done[None]]] = {
        "move": MoveId(rig.status.entries[2].id, InsertAt(3)),
        "moveid": MoveId(rig.status.entries[3].id, InsertAt(1, "+")),
        "swap": SwapPositions(2, 3),
        "shuffle": ShuffleRange(2, 4),
        "delete behind": DeleteRange(2, 4),
    }
    rig.do(requests[how])
    goes_on(listener)
    assert rig.device.drops == drops


@pytest.mark.parametrize(
    "command",
    [
        ChangeOptions(crossfade_s=0),
        ChangeOptions(crossfade_s=2),
        ChangeOptions(repeat=True),
        ChangeOptions(consume=Switch.ON),
        ChangeOptions(consume=Switch.ONESHOT),
    ],
    ids=["no crossfade", "a longer crossfade", "repeat", "consume", "consume oneshot"],
)
@SITUATIONS
def test_options_that_concern_what_comes_later_disturb_nothing(
    rig: Rig, tones: Tones, where: Situation, command: Request[Done[None]]
) -> None:
    listener = Listener(rig, tones, where)
    drops = rig.device.drops
    rig.do(command)
    goes_on(listener)
    assert rig.device.drops == drops


def goes_on(listener: Listener) -> None:
    """Nothing has happened."""
    listener.first_goes_on()
    listener.second_goes_on()
    listener.hears(15_000)


@SITUATIONS
def test_moving_the_current_song_to_the_end(rig: Rig, tones: Tones, where: Situation) -> None:
    """Nothing follows it any more: the second leaves, the first goes on alone."""
    listener = Listener(rig, tones, where)
    moved = MoveId(rig.status.entries[0].id, InsertAt(3))
    if where is OVERLAP:
        listener.cut(moved)
    else:
        rig.do(moved)
    listener.second_leaves()
    listener.first_stays_alone()
    listener.hears(SLEW + 5_000)


@SITUATIONS
def test_random_goes_on_with_the_song_that_is_drawn(
    rig: Rig, tones: Tones, where: Situation
) -> None:
    listener = Listener(rig, tones, where)
    drops = rig.device.drops
    rig.do(ChangeOptions(random=True))
    drawn = rig.status.next
    assert drawn is not None
    if where is PLAIN or drawn == 1:
        goes_on(listener)
        assert rig.device.drops == drops
        return
    rig.device.wait_drops(drops + 1)
    listener.second_leaves()
    listener.first_goes_on()
    listener.score.plays(drawn, 0, gains=rising(HALF))
    listener.hears(20_000)


@pytest.mark.parametrize("volume", [0, 50, 90])
@SITUATIONS
def test_a_volume_is_reached_within_one_period_of_what_is_mixed_next(
    rig: Rig, tones: Tones, where: Situation, volume: int
) -> None:
    listener = Listener(rig, tones, where)
    rig.device.wait_blocked()
    rig.do(ChangeOptions(volume=volume))
    mixed = (where.heard + BUFFER) // PERIOD + 1  # periods: the device's, and the one that waits
    begin = mixed * PERIOD - where.heard
    assert begin < 0.2 * RATE_HZ
    listener.first_goes_on()
    listener.second_goes_on()
    rig.device.run(20_000)
    gain = np.expm1(volume / 25) / np.expm1(4)
    mix = listener.score.mix(20_000)
    mix[begin : begin + PERIOD] *= 1 - (1 - gain) * (1 - leaving(PERIOD))
    mix[begin + PERIOD :] *= gain
    listener.compare(20_000, event=begin)
    listener.compare(20_000, event=begin + PERIOD)
