"""Edits and controls while two songs overlap: what is heard, exact to the frame.

Four songs of noise with a crossfade of one second; the commands come in the middle of the first
overlap. ``A`` and ``X`` are the length of a song and of an overlap in frames, ``HALF`` half of
the latter; what was heard before ``CUT`` cannot be changed any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from actors.messages import (
    ChangeOptions,
    DeleteId,
    DeleteRange,
    GetQueueSnapshot,
    MoveId,
    PlayId,
    PlayPosition,
    SeekCurrent,
    SetPause,
    SkipNext,
    SkipPrevious,
    StopPlaying,
)
from playback.insertion import InsertAt
from playback.options import Switch
from playback.player import PlayerState
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.integration.music import (
    DECLICK,
    RESUME,
    SLEW,
    Frames,
    Music,
    cut,
    falling,
    leaving,
    resuming,
    rising,
)

A = 4 * RATE_HZ
X = RATE_HZ
HALF = X // 2
CUT = A - HALF
THRESHOLD_S = 0.5
Mix = npt.NDArray[np.float64]


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path, 4, 4, 4, 4)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, settings={"minimum_playback_buffer_ms": 500}) as rig:
        yield rig


def play_into_the_overlap(rig: Rig, music: Music) -> None:
    """Let the first half of the first overlap be heard, with all songs decoded ahead."""
    music.play(rig, crossfade_s=1)
    decode_ahead(rig)
    rig.device.run(CUT)
    rig.device.wait_filled()


def decode_ahead(rig: Rig) -> None:
    """Wait until the first two are decoded to their ends and the others up to the threshold."""
    rig.wait_decoded()
    plan = rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan

    def decoded() -> bool:
        levels = rig.engine.ring_levels_s()
        return all(levels.get(slot.chain, 0) >= THRESHOLD_S for slot in plan.slots[2:])

    rig.until(lambda _: decoded(), timeout_s=10.0)


def overlap(a: Frames, b: Frames) -> Mix:
    """A whole overlap of one second: the end of one song and the beginning of the other."""
    mixed: Mix = a[-X:] * falling(X) + b[:X] * rising(X)
    return mixed


def faded(song: Frames) -> Mix:
    """The second half of the fade-out of a song, from the cut to its end."""
    end: Mix = song[CUT:] * falling(X)[HALF:]
    return end


def going(frames: Mix | Frames) -> Mix:
    """The first frames of what leaves, under the ramp; silence behind it."""
    left = np.zeros((A, 2))
    left[:DECLICK] = frames[:DECLICK] * leaving()
    return left


def entered(song: Frames) -> Mix:
    """The song that has been entering, from the cut on: in the middle of its fade-in."""
    rest: Mix = song[HALF:].astype(np.float64)
    rest[:HALF] *= rising(X)[HALF:]
    return rest


def freed(song: Frames) -> Mix:
    """The same song as the only one: its gain goes to 1 within the slew."""
    rest: Mix = song[HALF:].astype(np.float64)
    missing = 1 - float(rising(X)[HALF, 0])
    rest[:SLEW] *= 1 - missing * leaving(SLEW)
    return rest


def alone(song: Frames) -> Mix:
    """The first song as the only one: it ends at full gain."""
    rest: Mix = song[CUT:].astype(np.float64)
    missing = 1 - float(falling(X)[HALF, 0])
    rest[:SLEW] *= 1 - missing * leaving(SLEW)
    return rest


def assert_heard(rig: Rig, expected: Mix, frames: int, behind: int = 0) -> None:
    """Let frames be heard, and compare all of them from so many behind the cut on."""
    rig.wait_decoded()
    rig.device.run(frames)
    heard = rig.device.heard[CUT + behind : CUT + behind + frames]
    assert np.abs(heard - expected[:frames]).max() < 1e-5


def test_undisturbed_it_goes_on_to_its_end(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    a, b = music.songs[:2]
    expected = np.concatenate([overlap(a, b)[HALF:], b[X:]])
    assert_heard(rig, expected, A - 2 * X)


@pytest.mark.parametrize(
    "change",
    [
        ChangeOptions(crossfade_s=0),
        ChangeOptions(crossfade_s=3),
        ChangeOptions(repeat=True),
        ChangeOptions(consume=Switch.ON),
        MoveId,
        DeleteRange(2, 3),
    ],
    ids=["no crossfade", "a longer crossfade", "repeat", "consume", "move behind", "delete behind"],
)
def test_what_concerns_only_what_comes_behind_does_not_disturb_it(
    rig: Rig, music: Music, change: object
) -> None:
    play_into_the_overlap(rig, music)
    drops = rig.device.drops
    if change is MoveId:
        change = MoveId(rig.status.entries[3].id, InsertAt(2))
    rig.do(change)  # type: ignore[arg-type]
    a, b = music.songs[:2]
    expected = np.concatenate([overlap(a, b)[HALF:], b[X:]])
    assert_heard(rig, expected, HALF + PERIOD)
    assert rig.device.drops == drops


def test_next_leaves_the_first_and_keeps_the_second_where_it_is(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, SkipNext())
    a, b = music.songs[:2]
    assert_heard(rig, going(faded(a))[: A - HALF] + freed(b), A - X - HALF - 1)
    assert rig.until(lambda status: status.current == 1).state is PlayerState.PLAY


def test_removing_the_first_does_the_same(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, DeleteId(rig.status.entries[0].id))
    a, b = music.songs[:2]
    assert_heard(rig, going(faded(a))[: A - HALF] + freed(b), A - X - HALF - 1)
    assert rig.status.current == 0


def test_removing_the_second_lets_the_third_take_its_place_in_what_is_left(
    rig: Rig, music: Music
) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, DeleteId(rig.status.entries[1].id))
    a, b, c = music.songs[:3]
    expected = c.astype(np.float64)
    expected[:HALF] *= rising(HALF)
    expected[:HALF] += faded(a)
    expected += going(entered(b))
    assert_heard(rig, expected, A - X - 1)


def test_removing_the_second_and_all_behind_it_lets_the_first_go_on_at_full_gain(
    rig: Rig, music: Music
) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, DeleteRange(1, 4))
    a, b = music.songs[:2]
    assert_heard(rig, alone(a) + going(entered(b))[:HALF], HALF)
    rig.device.play(PERIOD)
    rig.until(lambda status: status.state is PlayerState.STOP)


def test_removing_both_starts_the_third_at_its_beginning(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, DeleteRange(0, 2))
    a, b, c = music.songs[:3]
    both = going(faded(a)) + going(entered(b))
    assert_heard(rig, c + both, A - X - 1)
    assert (rig.status.current, len(rig.status.entries)) == (0, 2)


def test_a_song_put_in_between_takes_the_place_of_the_second_which_comes_whole_later(
    rig: Rig, music: Music
) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, MoveId(rig.status.entries[3].id, InsertAt(0, "+")))
    a, b, _, d = music.songs
    expected = np.zeros((2 * A - X, 2))
    expected[:A] += d
    expected[:HALF] *= rising(HALF)
    expected[:HALF] += faded(a)
    expected[:A] += going(entered(b))
    expected[A - X : A] = overlap(d, b)
    expected[A:] = b[X:]
    decode_ahead(rig)
    rig.device.run(HALF)
    decode_ahead(rig)
    assert_heard(rig, expected[HALF:], A + X - HALF, behind=HALF)
    assert rig.until(lambda status: status.current == 2).next == 3


def test_previous_begins_the_first_anew_and_leaves_both(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, SkipPrevious())
    assert_restarted(rig, music, begin=0, song=0)


def test_a_seek_in_the_first_leaves_both(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, SeekCurrent(1.0))
    assert_restarted(rig, music, begin=RATE_HZ, song=0)


def test_playing_the_second_begins_it_anew(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, PlayId(rig.status.entries[1].id))
    assert_restarted(rig, music, begin=0, song=1)


def assert_restarted(rig: Rig, music: Music, begin: int, song: int) -> None:
    """Both have left, and some time later a song begins at a frame, once it is decoded."""
    rig.until(lambda status: status.advancing)
    rig.wait_decoded()
    rig.device.run(40_000)
    heard = rig.device.heard[CUT:]
    start = music.songs[song][begin : begin + 20_000]
    mark = start[2 * DECLICK]
    found = np.flatnonzero(np.all(heard == mark, axis=1))
    at = int(found[0]) - 2 * DECLICK
    expected = np.zeros((at + 20_000, 2))
    left = going(faded(music.songs[0])) + going(entered(music.songs[1]))
    shared = min(len(expected), len(left))
    expected[:shared] += left[:shared]
    entering = start.astype(np.float64)
    if begin:
        entering[:DECLICK] *= 1 - leaving()
    expected[at:] += entering
    assert np.abs(heard[: at + 20_000] - expected).max() < 1e-5


def test_a_pause_falls_silent_from_both_and_a_resume_goes_on_with_both(
    rig: Rig, music: Music
) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, SetPause(True))
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    a, b = music.songs[:2]
    both = overlap(a, b)[HALF:]
    tail = rig.device.heard[CUT:]
    fall = (np.arange(DECLICK - 1, -1, -1) / DECLICK)[:, None]
    assert np.abs(tail[:DECLICK] - both[:DECLICK] * fall).max() < 1e-6
    assert not tail[DECLICK:].any()
    rig.do(SetPause(False))
    rig.device.run(HALF + 10_000)
    resumed = rig.device.heard[CUT + PERIOD :]
    both[:RESUME] *= resuming()
    assert np.abs(resumed[:HALF] - both).max() < 1e-6
    assert np.array_equal(resumed[HALF:], b[X : X + 10_000])


def test_single_lets_the_first_end_alone_and_the_second_wait_at_its_beginning(
    rig: Rig, music: Music
) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, ChangeOptions(single=Switch.ON))
    a, b = music.songs[:2]
    rig.device.run(HALF)
    expected = alone(a) + going(entered(b))[:HALF]
    assert np.abs(rig.device.heard[CUT : CUT + HALF] - expected).max() < 1e-5
    rig.device.play(PERIOD)
    status = rig.until(lambda status: status.state is PlayerState.PAUSE)
    assert (status.current, status.elapsed_s) == (1, 0.0)
    rig.wait_decoded()
    before = len(rig.device.heard)
    rig.do(SetPause(False))
    rig.until(lambda status: status.advancing)
    rig.device.run(20_000)
    heard = rig.device.heard[before:]
    begin = int(np.argmax(heard.any(axis=1)))
    assert np.array_equal(heard[begin + RESUME :], b[RESUME : len(heard) - begin])


def test_a_stop_leaves_both_and_play_begins_the_first_anew(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, StopPlaying())
    rig.device.wait_level(PERIOD)
    rig.device.play(PERIOD)
    left = going(faded(music.songs[0])) + going(entered(music.songs[1]))
    assert np.abs(rig.device.heard[CUT:] - left[:PERIOD]).max() < 1e-6
    rig.do(PlayPosition(None))
    rig.wait_decoded()
    rig.until(lambda status: status.advancing)
    before = len(rig.device.heard)
    rig.device.run(5_000)
    heard = rig.device.heard[before:]
    begin = int(np.argmax(heard.any(axis=1)))
    assert np.array_equal(heard[begin:], music.songs[0][: 5_000 - begin])


def test_three_songs_that_overlap_one_after_another(tmp_path: Path, rig: Rig) -> None:
    """Each is half covered by the one before and half by the one behind; never three at once."""
    music = Music(tmp_path, 1.5, 1.5, 1.5)
    music.play(rig, crossfade_s=1)
    decode_ahead(rig)
    length, x = round(1.5 * RATE_HZ), round(0.75 * RATE_HZ)
    a, b, c = music.songs
    expected = np.zeros((3 * length - 2 * x, 2))
    expected[:length] += a
    expected[length - x : length] *= falling(x)
    middle = b.astype(np.float64)
    middle[:x] *= rising(x)
    middle[-x:] *= falling(x)
    expected[length - x : 2 * length - x] += middle
    last = c.astype(np.float64)
    last[:x] *= rising(x)
    expected[2 * length - 2 * x :] += last
    rig.device.run(length)
    rig.until(lambda status: status.current == 1)
    rig.wait_decoded()
    rig.device.run(len(expected) - length)
    assert np.abs(rig.device.heard - expected).max() < 1e-5


def test_a_single_song_that_repeats_overlaps_itself(tmp_path: Path, rig: Rig) -> None:
    music = Music(tmp_path, 2.0)
    rig.do(ChangeOptions(repeat=True, single=Switch.ON))
    music.play(rig, crossfade_s=1)
    length, x = 2 * RATE_HZ, RATE_HZ
    (song,) = music.songs
    rounds = 4
    expected = np.zeros((length + (rounds - 1) * (length - x), 2))
    for number in range(rounds):
        part = song.astype(np.float64)
        if number:
            part[:x] *= rising(x)
        part[-x:] *= falling(x)
        at = number * (length - x)
        expected[at : at + length] += part
    for _ in range(rounds - 1):
        rig.wait_decoded()
        rig.device.run(length - x)
    heard = rig.device.heard
    assert np.abs(heard - expected[: len(heard)]).max() < 1e-5
    assert rig.status.current == 0


def test_songs_of_one_frame_are_heard_between_the_others(tmp_path: Path, rig: Rig) -> None:
    frame = 1 / RATE_HZ
    music = Music(tmp_path, 1.0, frame, frame, 1.0)
    music.play(rig)
    decode_some(rig)
    rig.device.run(RATE_HZ + 10_000)
    rig.until(lambda status: status.current == 3)
    rig.wait_decoded()
    rig.device.run(RATE_HZ - 10_000 + 2)
    assert np.array_equal(rig.device.heard, np.concatenate(music.songs))


def decode_some(rig: Rig) -> None:
    """Wait until every planned song has something in its ring."""
    plan = rig.engine.queue.ask(GetQueueSnapshot(), timeout_s=5.0).plan

    def begun() -> bool:
        levels = rig.engine.ring_levels_s()
        last = plan.slots[-1].chain
        return all(levels.get(slot.chain, 0) > 0 for slot in plan.slots) and levels[last] > 0.4

    rig.until(lambda _: begun())


def test_a_song_that_ends_with_a_period_is_followed_without_a_gap(tmp_path: Path, rig: Rig) -> None:
    music = Music(tmp_path, 40 * PERIOD / RATE_HZ, 40 * PERIOD / RATE_HZ)
    music.play(rig)
    rig.device.run(80 * PERIOD)
    assert np.array_equal(rig.device.heard, np.concatenate(music.songs))
    rig.device.play(PERIOD)
    rig.until(lambda status: status.state is PlayerState.STOP)
    assert rig.status.current is None


def test_a_seek_into_the_last_moments_shortens_the_overlap(rig: Rig, music: Music) -> None:
    music.play(rig, crossfade_s=1)
    decode_ahead(rig)
    rig.device.run(10_000)
    cut(rig, SeekCurrent(3.9))
    rig.until(lambda status: status.advancing and status.elapsed_s >= 3.9)
    rig.wait_decoded()
    begin, left = round(3.9 * RATE_HZ), round(0.1 * RATE_HZ)
    rig.device.run(30_000)
    a, b = music.songs[:2]
    end = a[begin:] * falling(X)[-left:]
    end[:DECLICK] *= 1 - leaving()
    expected = np.concatenate([end + b[:left] * rising(left), b[left : left + 5_000]])
    heard = rig.device.heard[10_000:]
    at = int(np.flatnonzero(np.all(heard == b[left], axis=1))[0]) - left
    gone = np.zeros_like(expected)
    shared = max(0, DECLICK - at)
    gone[:shared] = a[10_000 + at : 10_000 + at + shared] * leaving()[at : at + shared]
    assert np.abs(heard[at : at + left + 5_000] - expected - gone).max() < 1e-5
    assert rig.until(lambda status: status.current == 1).state is PlayerState.PLAY


def test_a_seek_past_the_end_in_an_overlap_goes_on_with_the_second(rig: Rig, music: Music) -> None:
    play_into_the_overlap(rig, music)
    cut(rig, SeekCurrent(100.0))
    a, b = music.songs[:2]
    assert_heard(rig, going(faded(a))[: A - HALF] + freed(b), HALF)
    assert rig.until(lambda status: status.current == 1).state is PlayerState.PLAY
