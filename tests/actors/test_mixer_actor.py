"""MixerActor, built and not started: what it plays, keeps and tells, message by message."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from actors.messages import (
    BufferThresholdReached,
    ChooseDevice,
    CompletionReason,
    CrossfadeStarted,
    DeviceLost,
    DeviceStumbled,
    EnableOutput,
    GetMixerSnapshot,
    MixerSnapshot,
    OutputLost,
    OutputRestored,
    PassageCompleted,
    PassageStarted,
    PlanChanged,
    RingDrained,
    SettingChanged,
    StartCurrent,
    StartMixer,
    UnderrunDetected,
    XrunDetected,
)
from actors.telemetry import Count, EventPath
from audio.device import OutputFormat
from playback.plan import Slot
from playback.player import PlayerState
from playback.units import ChainId, Frames
from tests.actors.mixer_bench import (
    DECLICK,
    PERIOD,
    RATE_HZ,
    RESUME,
    THRESHOLD,
    THRESHOLD_MS,
    Bench,
    moved,
    ring_of,
    signal,
    slot,
)
from tests.lockstep import LockStepDevice

A, B, C = slot(1), slot(2), slot(3)
LENGTH = 20_000


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def snapshot(bench: Bench) -> MixerSnapshot:
    answer = bench.actor.handle(GetMixerSnapshot())
    assert isinstance(answer, MixerSnapshot)
    return answer


def enough(of: Slot) -> BufferThresholdReached:
    return BufferThresholdReached(of.entry, of.chain, THRESHOLD_MS, THRESHOLD_MS, sent_s=0.0)


def falls(frames: int = DECLICK) -> np.ndarray:
    """The gains of what leaves."""
    return (1 - np.arange(1, frames + 1) / frames)[:, None]


def step(heard: np.ndarray) -> float:
    return float(np.abs(np.diff(heard[:, 0])).max())


class TestStarting:
    def test_play_starts_a_song_whose_ring_is_filled_and_tells_once(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.run(3000)
        assert np.array_equal(bench.heard, signal(1, 3000))
        assert bench.told(PassageStarted) == [PassageStarted(A.entry, A.chain)]
        assert bench.positions[0] == (1, 0, True)

    def test_it_waits_for_the_threshold(self, bench: Bench) -> None:
        ring = ring_of(1, THRESHOLD - 1, complete=False)
        bench.ring(A, ring)
        bench.start(A)
        bench.until_opened()
        bench.actor.handle(enough(A))
        assert snapshot(bench).sounding == ()
        ring.write(signal(1, THRESHOLD)[-1:])
        bench.actor.handle(enough(A))
        assert snapshot(bench).sounding == (A.chain,)
        assert [path for path, _ in bench.telemetry.latencies] == [EventPath.THRESHOLD_TO_START]

    def test_a_complete_ring_is_enough_however_short(self, bench: Bench) -> None:
        short = slot(1, 1)
        bench.play(short)
        assert snapshot(bench).starts == 1
        assert [path for path, _ in bench.telemetry.latencies] == []

    def test_the_latency_of_a_start_by_play_is_counted(self, bench: Bench) -> None:
        bench.play(A)
        bench.stop(moved(A, 0, 5))
        bench.rings(moved(A, 0, 5))
        bench.start(moved(A, 0, 5))
        assert [path for path, _ in bench.telemetry.latencies] == [EventPath.PLAY_TO_START]

    def test_a_lower_threshold_starts_what_waited(self, bench: Bench) -> None:
        bench.ring(A, ring_of(1, 2000, complete=False))
        bench.start(A)
        bench.until_opened()
        bench.actor.handle(SettingChanged("watchdog_interval_ms", 100, 10))
        assert snapshot(bench).starts == 0
        bench.actor.handle(SettingChanged("minimum_playback_buffer_ms", THRESHOLD_MS, 40))
        assert snapshot(bench).starts == 1

    def test_nothing_starts_while_stopped_and_no_device_is_opened(self, bench: Bench) -> None:
        bench.rings(A)
        bench.change(A, state=PlayerState.STOP)
        bench.actor.handle(enough(A))
        bench.actor.handle(StartMixer())
        assert snapshot(bench).starts == 0
        assert bench.device.opens == 0
        assert snapshot(bench).output_ready

    def test_the_threshold_of_another_song_starts_nothing(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.actor.handle(enough(B))
        bench.actor.handle(StartMixer())
        assert snapshot(bench).starts == 1

    def test_an_older_plan_changes_nothing(self, bench: Bench) -> None:
        old = bench.plan(PlayerState.PLAY, B)
        bench.rings(B)
        bench.play(A)
        for message in (PlanChanged(old), StartCurrent(old, 0.0)):
            bench.actor.handle(message)
        assert snapshot(bench).sounding == (A.chain,)
        bench.run(1000)
        assert np.array_equal(bench.heard, signal(1, 1000))

    def test_the_device_stays_open_while_a_song_that_was_asked_for_is_waited_for(
        self, bench: Bench
    ) -> None:
        bench.play(A)
        bench.run(100)
        bench.stop(moved(A, 0, 5))
        assert bench.alarm_in_s is not None
        bench.start(moved(A, 0, 5))
        bench.actor.handle(StartMixer())
        assert bench.output.ready
        bench.deliver()
        assert bench.alarm_in_s is None or bench.alarm_in_s > 1


class TestGoingOn:
    def test_the_end_of_one_and_the_beginning_of_the_next_are_told_when_heard(
        self, bench: Bench
    ) -> None:
        bench.play(A, B)
        bench.run(LENGTH - PERIOD)
        assert bench.told(PassageCompleted) == []
        bench.run(2 * PERIOD)
        (ended,) = bench.told(PassageCompleted)
        assert (ended.chain_id, ended.reason, ended.frames_played) == (
            A.chain,
            CompletionReason.NATURAL,
            LENGTH,
        )
        assert [told.chain_id for told in bench.told(PassageStarted)] == [A.chain, B.chain]
        assert np.array_equal(bench.heard, np.concatenate([signal(1, LENGTH), signal(2, PERIOD)]))

    def test_the_advance_that_follows_disturbs_nothing(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.run(LENGTH + PERIOD)
        drops = bench.device.drops
        bench.start(B, C)
        bench.run(2000)
        assert bench.device.drops == drops
        assert snapshot(bench).starts == 1
        assert len(bench.told(PassageCompleted)) == 1
        assert np.array_equal(bench.heard[LENGTH:], signal(2, PERIOD + 2000))

    def test_an_overlap_is_told_with_both_sides(self, bench: Bench) -> None:
        first = slot(1, LENGTH, overlap=4000)
        bench.play(first, B)
        bench.run(LENGTH - 4000 + PERIOD)
        assert bench.told(CrossfadeStarted) == [
            CrossfadeStarted(first.entry, first.chain, B.entry, B.chain)
        ]

    def test_a_position_is_told_every_second(self, bench: Bench) -> None:
        song = slot(1, 3 * RATE_HZ)
        bench.play(song)
        bench.run(int(2.5 * RATE_HZ))
        told = [frames for _, frames, _ in bench.positions]
        assert told[0] == 0
        assert len(told) == 3
        assert all(0 <= frames - n * RATE_HZ < 5 * PERIOD for n, frames in enumerate(told))

    def test_nothing_flows_when_the_last_frame_was_heard(self, bench: Bench) -> None:
        song = slot(1, 2 * PERIOD)
        bench.play(song)
        bench.run(2 * PERIOD)
        bench.until(lambda: bool(bench.told(PassageCompleted)))
        while bench.device.play(PERIOD):
            bench.deliver()
        bench.deliver()
        assert bench.device.delay() == 0
        assert np.array_equal(bench.heard[: 2 * PERIOD], signal(1, 2 * PERIOD))
        assert not bench.heard[2 * PERIOD :].any()

    def test_a_ring_below_its_refill_mark_is_told_once(self, bench: Bench) -> None:
        ring = ring_of(1, 120_000, complete=False)
        bench.ring(A, ring)
        bench.start(slot(1, 400_000))
        bench.until_opened()
        bench.run(3000)
        assert bench.buffer.received == [RingDrained(A.chain)]

    def test_a_ring_that_runs_dry_is_told_when_mixed_and_counted_when_heard(
        self, bench: Bench
    ) -> None:
        song = slot(1, 400_000)
        bench.ring(song, ring_of(1, THRESHOLD, complete=False))
        bench.start(song)
        bench.until_opened()
        bench.run(THRESHOLD - 2 * PERIOD)
        bench.fill()
        assert bench.buffer.received[-1] == RingDrained(song.chain, dry=True)
        assert bench.told(UnderrunDetected) == []
        bench.run(2 * PERIOD + DECLICK)
        bench.until(lambda: bool(bench.told(UnderrunDetected)))
        assert bench.positions[-1] == (1, THRESHOLD, False)
        assert bench.telemetry.counts[Count.UNDERRUNS] == 1
        assert snapshot(bench).starved == (song.chain,)
        assert step(bench.heard[THRESHOLD - 10 :]) < 0.01

    def test_it_goes_on_behind_the_last_frame_when_the_ring_is_filled(self, bench: Bench) -> None:
        song = slot(1, 400_000)
        ring = ring_of(1, THRESHOLD, complete=False)
        bench.ring(song, ring)
        bench.start(song)
        bench.until_opened()
        bench.run(THRESHOLD + DECLICK)
        whole = signal(1, 40_000)
        ring.write(whole[THRESHOLD:])
        bench.actor.handle(enough(song))
        assert snapshot(bench).sounding == (song.chain,)
        before = len(bench.heard)
        bench.run(4000)
        resumed = bench.heard[before:]
        begin = int(np.argmax(resumed.any(axis=1)))
        rest = resumed[begin + DECLICK :]
        assert np.array_equal(rest, whole[THRESHOLD + DECLICK :][: len(rest)])

    def test_a_ring_that_is_filled_before_its_end_is_heard_leaves_no_gap(
        self, bench: Bench
    ) -> None:
        song = slot(1, 400_000)
        ring = ring_of(1, THRESHOLD, complete=False)
        bench.ring(song, ring)
        bench.start(song)
        bench.until_opened()
        bench.run(THRESHOLD - 2 * PERIOD)
        bench.fill()
        assert snapshot(bench).starved == (song.chain,)
        ring.write(signal(1, 40_000)[THRESHOLD:])
        bench.actor.handle(enough(song))
        bench.run(8000)
        assert bench.told(UnderrunDetected) == []
        heard = bench.heard
        assert np.array_equal(heard[: THRESHOLD - 2 * PERIOD], signal(1, THRESHOLD - 2 * PERIOD))
        assert step(heard) < 0.35  # where the signal's own sawtooth falls
        assert np.array_equal(heard[-1000:], signal(1, len(heard))[-1000:])

    def test_an_xrun_is_counted(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(2000)
        bench.fill()
        bench.device.xrun_next()
        bench.run(3 * PERIOD)
        bench.until(lambda: bool(bench.told(XrunDetected)))
        bench.run(2000)
        assert bench.told(XrunDetected) == [XrunDetected(1)]
        assert bench.telemetry.counts[Count.XRUNS] == 1
        assert np.array_equal(bench.heard, signal(1, len(bench.heard)))

    def test_news_of_an_older_session_is_no_news(self, bench: Bench) -> None:
        bench.play(A)
        bench.actor.handle(DeviceStumbled(session=99))
        assert bench.told(XrunDetected) == []


class TestPausing:
    def test_what_was_mixed_is_taken_back_and_a_resume_goes_on_at_the_frame(
        self, bench: Bench
    ) -> None:
        bench.play(A)
        bench.run(5000)
        bench.fill()
        bench.pause()
        assert bench.positions[-1] == (1, 5000, False)
        assert snapshot(bench).sounding == ()
        bench.run(PERIOD)
        assert step(bench.heard[4990:]) < 0.01
        assert not bench.heard[5000 + DECLICK :].any()
        bench.start()
        assert bench.positions[-1] == (1, 5000, True)
        bench.run(4000)
        rest = bench.heard[5000 + PERIOD :]
        assert np.array_equal(rest[RESUME:], signal(1, LENGTH)[5000 + RESUME : 5000 + len(rest)])

    def test_the_last_frames_of_a_song_are_taken_back_too(self, bench: Bench) -> None:
        """All of it was mixed: nothing sounds any more but what the device still holds."""
        bench.play(A)
        bench.run(LENGTH - 1000)
        bench.fill()
        assert snapshot(bench).completed == {A.chain}
        bench.pause()
        assert bench.positions[-1] == (1, LENGTH - 1000, False)
        assert snapshot(bench).completed == frozenset()
        bench.run(PERIOD)
        assert bench.told(PassageCompleted) == []
        bench.start()
        bench.run(1000)
        bench.until(lambda: bool(bench.told(PassageCompleted)))
        rest = bench.heard[LENGTH - 1000 + PERIOD :]
        assert np.array_equal(rest[RESUME:1000], signal(1, LENGTH)[LENGTH - 1000 + RESUME :])

    @pytest.mark.parametrize("beyond", [0, 1, 300])
    def test_right_behind_a_joint_the_new_song_is_kept(self, bench: Bench, beyond: int) -> None:
        bench.play(A, B)
        bench.run(LENGTH + beyond)
        bench.fill()
        bench.pause()
        assert [told.chain_id for told in bench.told(PassageStarted)] == [A.chain, B.chain]
        bench.run(PERIOD)
        bench.start(B)
        bench.run(3000)
        rest = bench.heard[LENGTH + beyond + PERIOD :]
        assert np.array_equal(rest[RESUME:], signal(2, LENGTH)[beyond + RESUME :][: 3000 - RESUME])
        assert len(bench.told(PassageStarted)) == 2
        assert len(bench.told(PassageCompleted)) == 1

    def test_a_second_pause_changes_nothing(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        drops = bench.device.drops
        bench.pause()
        assert bench.device.drops == drops
        assert snapshot(bench).starts == 1

    @pytest.mark.parametrize("heard", [0, 1, 100, DECLICK - 1])
    def test_a_resume_within_the_tail_goes_on_from_its_level(
        self, bench: Bench, heard: int
    ) -> None:
        bench.play(A)
        bench.run(4000)
        bench.fill()
        bench.pause()
        bench.run(heard)
        bench.start()
        bench.run(3000)
        assert step(bench.heard) < 0.005
        assert np.array_equal(bench.heard[-1000:], signal(1, len(bench.heard))[-1000:])
        assert bench.positions[-1] == (1, 4000 + heard, True)

    def test_a_ring_that_runs_dry_within_the_tail_is_told_when_it_goes_on(
        self, bench: Bench
    ) -> None:
        song = slot(1, 400_000)
        bench.ring(song, ring_of(1, THRESHOLD, complete=False))
        bench.start(song)
        bench.until_opened()
        bench.run(THRESHOLD - 50)
        bench.pause()
        bench.buffer.received.clear()
        bench.run(100)
        bench.start()
        assert RingDrained(song.chain, dry=True) in bench.buffer.received
        assert snapshot(bench).starved == (song.chain,)

    def test_a_pause_within_the_rise_of_a_resume_falls_from_there(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        bench.start()
        bench.run(300)
        bench.pause()
        bench.run(50)
        bench.start()
        bench.run(3000)
        assert step(bench.heard[4500:]) < 0.005
        assert np.array_equal(bench.heard[-1000:], signal(1, 5000 + 350 + 3000)[-1000:])

    def test_a_skip_within_the_tail_makes_no_step(self, bench: Bench) -> None:
        later = moved(B, 9000, 7)
        bench.ring(later, ring_of(2, 9000))
        bench.play(A)
        bench.run(4000)
        bench.pause()
        bench.run(60)
        bench.start(later)
        bench.run(3000)
        assert step(bench.heard[3000:]) < 0.005
        assert snapshot(bench).sounding == (later.chain,)

    def test_skip_pause_and_skip_in_a_row_make_no_step(self, bench: Bench) -> None:
        """What was leaving when the pause came leaves on."""
        later = moved(B, 9000, 7)
        bench.play(A)
        bench.run(4000)
        bench.start(moved(C, 5000, 6))  # which is not decoded yet
        bench.pause()
        bench.start(later)
        bench.ring(later, ring_of(2, 9000))
        bench.run(3000)
        assert step(bench.heard[3000:]) < 0.005
        assert len(bench.told(PassageCompleted)) == 1

    def test_the_device_is_given_back_after_five_seconds_and_a_resume_opens_it(
        self, bench: Bench
    ) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        assert bench.alarm_in_s == 5.0
        bench.pass_time(4.99)
        assert bench.output.ready
        bench.pass_time()
        bench.device.wait_closed()
        bench.start()
        bench.until_opened()
        bench.run(3000)
        rest = bench.heard[5000 + PERIOD :]
        assert np.array_equal(rest[RESUME:], signal(1, LENGTH)[5000 + RESUME : 8000])
        assert (bench.device.opens, snapshot(bench).starts) == (2, 1)

    def test_a_volume_that_changes_in_a_pause_is_there_after_the_resume(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        bench.change(A, volume=0)
        bench.start(volume=0)
        bench.run(4000)
        assert not bench.heard[-2000:].any()
        assert step(bench.heard[4900:]) < 0.01

    def test_a_seek_in_a_pause_is_where_a_resume_begins(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        there = moved(A, 9000, 4)
        bench.ring(there, ring_of(9, 9000))
        bench.change(there)
        assert bench.told(PassageCompleted)[-1].reason is CompletionReason.REMOVED
        bench.start(there)
        bench.run(3000)
        rest = bench.heard[5000 + PERIOD :]
        assert np.array_equal(rest[DECLICK:], signal(9, 3000)[DECLICK:])


class TestStopping:
    def test_it_falls_silent_within_five_ms_and_closes_the_device(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.fill()
        bench.stop(moved(A, 0, 5))
        bench.run(PERIOD)
        leaving = bench.heard[5000 : 5000 + DECLICK]
        assert np.abs(leaving - signal(1, 5240)[5000:] * falls()).max() < 1e-6
        assert not bench.heard[5000 + DECLICK :].any()
        (completed,) = bench.told(PassageCompleted)
        assert (completed.reason, completed.frames_played) == (CompletionReason.STOPPED, 5000)
        assert bench.alarm_in_s is not None
        assert bench.alarm_in_s <= 0.25

    def test_the_last_frames_of_a_song_are_not_heard_either(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(LENGTH - 1000)
        bench.fill()
        bench.stop(moved(A, 0, 5))
        bench.run(PERIOD)
        assert not bench.heard[LENGTH - 1000 + DECLICK :].any()

    def test_an_edit_right_behind_it_does_not_cut_the_ramp(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.stop(moved(A, 0, 5))
        drops = bench.device.drops
        bench.change(moved(A, 0, 5), B)
        assert bench.device.drops == drops

    def test_a_stop_from_a_pause_keeps_the_silence(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        bench.stop(moved(A, 0, 5))
        assert bench.device.delay() == 0
        assert bench.told(PassageCompleted)[-1].reason is CompletionReason.STOPPED

    def test_a_stop_while_starved_ends_it(self, bench: Bench) -> None:
        song = slot(1, 400_000)
        bench.ring(song, ring_of(1, THRESHOLD, complete=False))
        bench.start(song)
        bench.until_opened()
        bench.run(THRESHOLD + DECLICK)
        bench.stop(moved(song, 0, 5))
        assert snapshot(bench).starved == ()
        bench.rings(slot(6, 3000))
        bench.start(slot(6, 3000))
        before = len(bench.heard)
        bench.run(2000)
        rest = bench.heard[before:]
        begin = int(np.argmax(rest.any(axis=1)))
        assert np.array_equal(rest[begin:], signal(6, len(rest) - begin))

    def test_play_while_it_falls_silent_starts_beside_it(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        again = moved(A, 0, 5)
        bench.stop(again)
        bench.run(100)
        bench.ring(again, ring_of(5, LENGTH))
        bench.start(again)
        bench.run(2000)
        expected = signal(5, 2000)
        expected[: DECLICK - 100] += signal(1, 5240)[5100:] * falls()[100:]
        assert np.abs(bench.heard[5100:] - expected).max() < 1e-6


class TestSkipping:
    def test_next_leaves_within_five_ms_and_begins_at_once(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.run(5000)
        bench.fill()
        bench.start(B)
        bench.run(2000)
        expected = signal(2, 2000)
        expected[:DECLICK] += signal(1, 5240)[5000:] * falls()
        assert np.abs(bench.heard[5000:] - expected).max() < 1e-6
        assert bench.told(PassageCompleted)[-1].reason is CompletionReason.SKIPPED

    def test_next_when_all_of_the_song_was_mixed_still_skips_its_end(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.run(LENGTH - 1000)
        bench.fill()
        bench.start(B)
        bench.run(2000)
        assert np.array_equal(bench.heard[LENGTH - 1000 + DECLICK :], signal(2, 2000)[DECLICK:])
        reasons = [told.reason for told in bench.told(PassageCompleted)]
        assert reasons == [CompletionReason.SKIPPED]

    def test_a_seek_in_the_last_song_when_all_of_it_was_mixed_is_followed_at_once(
        self, bench: Bench
    ) -> None:
        bench.play(A)
        bench.run(LENGTH - 1000)
        bench.fill()
        there = moved(A, 100, 4)
        bench.start(there)
        bench.ring(there, ring_of(9, 19_900))
        bench.run(2000)
        rest = bench.heard[LENGTH - 1000 :]
        begin = int(np.argmax(np.all(rest == signal(9, 5000)[DECLICK], axis=1)))
        assert 0 < begin <= 2 * PERIOD + DECLICK
        assert np.array_equal(rest[begin:], signal(9, 5000)[DECLICK:][: len(rest) - begin])

    def test_several_skips_before_anything_is_heard_play_the_last_alone(self, bench: Bench) -> None:
        slots = [slot(chain) for chain in range(1, 9)]
        bench.rings(*slots)
        for left in range(len(slots)):
            bench.start(*slots[left:])
        bench.until_opened()
        bench.run(2000)
        assert np.array_equal(bench.heard, signal(8, 2000))

    def test_removing_the_current_and_the_next_in_an_overlap_plays_what_is_behind(
        self, bench: Bench
    ) -> None:
        first = slot(1, LENGTH, overlap=8000)
        bench.play(first, B, C)
        bench.run(LENGTH - 4000)
        bench.fill()
        bench.change(C)
        bench.run(3000)
        assert snapshot(bench).sounding == (C.chain,)
        assert np.array_equal(bench.heard[LENGTH - 4000 + DECLICK :], signal(3, 3000)[DECLICK:])
        reasons = {told.chain_id: told.reason for told in bench.told(PassageCompleted)}
        assert reasons == {
            ChainId(1): CompletionReason.REMOVED,
            ChainId(2): CompletionReason.REMOVED,
        }

    def test_a_song_that_is_mixed_whole_and_removed_unheard_is_not_heard(
        self, bench: Bench
    ) -> None:
        short = slot(2, 100)
        bench.play(A, short, C)
        bench.run(LENGTH - 500)
        bench.fill()
        bench.change(A, C)
        bench.run(2000)
        assert np.array_equal(bench.heard, np.concatenate([signal(1, LENGTH), signal(3, 1500)]))
        assert [told.chain_id for told in bench.told(PassageStarted)] == [A.chain, C.chain]


class TestLosing:
    def lose(self, bench: Bench, heard: int = 5000) -> None:
        bench.play(A, B)
        bench.run(heard)
        bench.fill()
        bench.device.lose()
        bench.until_lost()

    def test_the_position_is_kept_and_told_and_the_loss_is_told_once(self, bench: Bench) -> None:
        self.lose(bench)
        assert bench.positions[-1] == (1, 5000, False)
        assert len(bench.told(OutputLost)) == 1
        assert not snapshot(bench).output_ready
        bench.pass_time()
        bench.until_lost(2)
        assert len(bench.told(OutputLost)) == 1

    def test_it_is_tried_again_with_growing_patience(self, bench: Bench) -> None:
        self.lose(bench)
        waits = []
        for times in range(2, 10):
            waits.append(bench.alarm_in_s)
            bench.pass_time()
            bench.until_lost(times)
        assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]

    def test_it_goes_on_at_the_frame_when_it_is_back(self, bench: Bench) -> None:
        self.lose(bench)
        bench.device.come_back()
        bench.pass_time()
        bench.until_opened()
        bench.run(4000)
        rest = bench.heard[5000:]
        assert np.array_equal(rest[RESUME:], signal(1, 9000)[5000 + RESUME :])
        assert len(bench.told(OutputRestored)) == 1
        assert snapshot(bench).starts == 1
        assert snapshot(bench).output_ready

    def test_lost_in_the_last_frames_nothing_is_skipped(self, bench: Bench) -> None:
        self.lose(bench, LENGTH - 1000)
        bench.device.come_back()
        bench.pass_time()
        bench.until_opened()
        bench.run(3000)
        both = np.concatenate([signal(1, LENGTH), signal(2, 5000)])
        rest = bench.heard[LENGTH - 1000 :]
        expected = both[LENGTH - 1000 :][: len(rest)]
        assert np.array_equal(rest[RESUME:], expected[RESUME:])

    def test_paused_then_lost_then_back_it_waits_for_a_resume(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.run(PERIOD)
        bench.device.lose()
        bench.start()  # the loss shows now
        bench.until_lost()
        bench.device.come_back()
        bench.pass_time()
        bench.until_opened()
        bench.run(3000)
        rest = bench.heard[5000 + PERIOD :]
        assert np.array_equal(rest[RESUME:], signal(1, 9000)[5000 + RESUME :][: 3000 - RESUME])

    def test_lost_and_paused_it_is_left_alone_and_play_tries_at_once(self, bench: Bench) -> None:
        self.lose(bench)
        bench.pause()
        bench.pass_time()
        assert not bench.output.opening
        bench.device.come_back()
        bench.start()
        bench.until_opened()
        bench.run(3000)
        assert np.array_equal(bench.heard[5000 + RESUME :], signal(1, 8000)[5000 + RESUME :])

    @pytest.mark.parametrize("tried", [False, True])
    def test_lost_behind_a_stop_the_next_play_starts_its_song(
        self, bench: Bench, tried: bool
    ) -> None:
        """Whether or not the time to try again has passed meanwhile.

        What was falling silent is not taken for what is to go on.
        """
        bench.play(A)
        bench.run(5000)
        again = moved(A, 0, 5)
        bench.stop(again)
        bench.run(60)
        bench.device.lose()
        assert bench.output.stretch is not None
        bench.actor.handle(DeviceLost(bench.output.stretch[0], "gone"))
        bench.device.come_back()
        bench.ring(again, ring_of(5, LENGTH))
        if tried:
            bench.pass_time()
        bench.start(again)
        if not tried:
            bench.pass_time()
        bench.until_opened()
        before = len(bench.heard)
        bench.run(2000)
        assert np.array_equal(bench.heard[before:], signal(5, 2000))

    def test_lost_paused_and_sought_in_it_plays_from_there(self, bench: Bench) -> None:
        self.lose(bench)
        there = moved(A, 9000, 4)
        bench.ring(there, ring_of(9, 9000))
        bench.pause(there)
        bench.pass_time()
        bench.device.come_back()
        bench.start(there)
        bench.until_opened()
        bench.run(3000)
        assert np.array_equal(bench.heard[5000 + DECLICK :], signal(9, 3000)[DECLICK:])

    def test_a_skip_while_it_is_lost_is_what_goes_on(self, bench: Bench) -> None:
        self.lose(bench)
        bench.start(B)
        bench.device.come_back()
        bench.pass_time()
        bench.until_opened()
        bench.run(2000)
        assert np.array_equal(bench.heard[5000:], signal(2, 2000))

    def test_a_device_that_is_not_there_at_the_start_plays_from_the_first_frame_when_it_is(
        self, bench: Bench
    ) -> None:
        bench.device.lose()
        bench.rings(A)
        bench.start(A)
        bench.until_lost()
        assert len(bench.told(OutputLost)) == 1
        bench.device.come_back()
        bench.pass_time()
        bench.until_opened()
        bench.run(2000)
        assert np.array_equal(bench.heard, signal(1, 2000))

    def test_the_loss_of_a_session_that_was_given_up_is_no_news(self, bench: Bench) -> None:
        bench.play(A)
        bench.actor.handle(DeviceLost(99, "long ago"))
        assert bench.told(OutputLost) == []
        assert snapshot(bench).output_ready


class TestHanging:
    def test_a_device_that_takes_nothing_for_long_is_lost_at_its_frame(self) -> None:
        bench = Bench(hung_after_s=8.0)
        try:
            bench.play(A)
            bench.run(5000)
            bench.fill()
            assert bench.alarm_in_s == 8.0
            bench.device.hang()
            bench.pass_time()
            assert len(bench.told(OutputLost)) == 1
            assert bench.positions[-1] == (1, 5000, False)
            bench.device.recover()
        finally:
            bench.close()

    def test_a_session_that_hung_closes_its_device_when_that_recovers(self) -> None:
        bench = Bench(hung_after_s=8.0)
        try:
            bench.play(A)
            bench.run(5000)
            bench.fill()
            hung = bench.device
            hung.wait_blocked()
            hung.hang()
            bench.pass_time()
            bench.actor.handle(ChooseDevice("lockstep", "second"))
            hung.recover()
            hung.play(10 * PERIOD)
            hung.wait_closed()
        finally:
            bench.close()

    def test_a_device_that_does_not_come_back_from_open_is_lost(self) -> None:
        bench = Bench(hung_after_s=8.0)
        try:
            stuck = StuckInOpen()
            bench.devices["first"] = stuck
            bench.rings(A)
            bench.start(A)
            assert bench.alarm_in_s == 8.0
            bench.pass_time()
            assert len(bench.told(OutputLost)) == 1
            stuck.let_go()
            stuck.wait_closed()
        finally:
            bench.close()


class StuckInOpen(LockStepDevice):
    """A device whose ``open`` does not return until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self._may_open = False

    def open(self, wanted: OutputFormat) -> OutputFormat:
        with self._changed:
            self._changed.wait_for(lambda: self._may_open, self.timeout_s)
        return super().open(wanted)

    def let_go(self) -> None:
        with self._changed:
            self._may_open = True
            self._changed.notify_all()


class TestSwitching:
    def test_another_device_goes_on_at_the_frame(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.fill()
        first = bench.device
        bench.actor.handle(ChooseDevice("lockstep", "second"))
        assert bench.positions[-1] == (1, 5000, False)
        bench.until_opened()
        bench.run(4000)
        first.wait_closed()
        assert np.array_equal(bench.heard[RESUME:], signal(1, 9000)[5000 + RESUME :])
        assert bench.told(OutputLost) == []
        assert len(first.heard) == 5000

    def test_another_device_in_the_last_frames_loses_none(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(LENGTH - 1000)
        bench.fill()
        bench.actor.handle(ChooseDevice("lockstep", "second"))
        bench.until_opened()
        bench.run(1000)
        bench.until(lambda: bool(bench.told(PassageCompleted)))
        assert np.array_equal(bench.heard[RESUME:1000], signal(1, LENGTH)[LENGTH - 1000 + RESUME :])

    def test_a_device_chosen_in_a_pause_is_opened_by_the_resume(self, bench: Bench) -> None:
        bench.play(A)
        bench.run(5000)
        bench.pause()
        bench.actor.handle(ChooseDevice("lockstep", "second"))
        assert not bench.output.opening
        bench.start()
        bench.until_opened()
        bench.run(3000)
        assert np.array_equal(bench.heard[RESUME:], signal(1, 8000)[5000 + RESUME :])

    def test_switched_off_it_keeps_its_place_and_goes_on_when_switched_on(
        self, bench: Bench
    ) -> None:
        bench.play(A)
        bench.run(5000)
        bench.fill()
        bench.actor.handle(EnableOutput(0, False))
        bench.device.wait_closed()
        assert bench.positions[-1] == (1, 5000, False)
        assert not snapshot(bench).output_ready
        for message in (StartMixer(), enough(A)):
            bench.actor.handle(message)
        assert not bench.output.opening
        bench.actor.handle(EnableOutput(0, True))
        bench.until_opened()
        bench.run(3000)
        assert np.array_equal(bench.heard[5000 + RESUME :], signal(1, 8000)[5000 + RESUME :])
        assert bench.told(OutputLost) == []

    def test_what_is_chosen_while_it_is_off_starts_when_it_is_on(self, bench: Bench) -> None:
        bench.play(A, B)
        bench.run(5000)
        bench.actor.handle(EnableOutput(0, False))
        bench.start(B)
        assert not bench.output.opening
        bench.actor.handle(EnableOutput(0, True))
        bench.until_opened()
        bench.run(2000)
        assert np.array_equal(bench.heard[5000:], signal(2, 2000))

    def test_the_next_session_waits_until_the_last_has_closed_the_device(
        self, bench: Bench
    ) -> None:
        """A card can be open only once."""
        bench.devices["first"] = OnlyOnce()
        bench.play(A)
        bench.run(5000)
        for _ in range(5):
            bench.actor.handle(EnableOutput(0, False))
            bench.actor.handle(EnableOutput(0, True))
        bench.until_opened()
        bench.run(3000)
        assert bench.told(OutputLost) == []


class OnlyOnce(LockStepDevice):
    """A card: busy while it is open."""

    def open(self, wanted: OutputFormat) -> OutputFormat:
        with self._changed:
            assert self._format is None, "the device is busy"
        return super().open(wanted)


def test_release_ends_the_sink_thread() -> None:
    bench = Bench()
    bench.play(A)
    bench.close()
    bench.device.wait_closed()
    assert not bench.output.ready


def test_the_frames_of_a_passage_are_counted_when_it_is_over(bench: Bench) -> None:
    bench.play(slot(1, 3000), slot(2, 3000))
    bench.run(3000 + PERIOD)
    assert bench.telemetry.counts[Count.FRAMES_MIXED] == Frames(3000)
