"""QueueActor, built and not started: whom each message makes it tell what, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from actors.messages import (
    AddSongs,
    ChangeOptions,
    ChooseDevice,
    ClearError,
    ClearQueue,
    CompletionReason,
    CrossfadeStarted,
    DecodeFailed,
    DeleteId,
    DeleteRange,
    EnableOutput,
    EndpointDiscovered,
    Enqueued,
    GetQueueSnapshot,
    GiveSignOfLife,
    MoveId,
    MusicLost,
    MusicRestored,
    OutputLost,
    OutputRestored,
    PassageStarted,
    Pause,
    PeerRestarted,
    PlanChanged,
    PlayerStateChanged,
    PlayId,
    PlayPosition,
    QueueAdvanced,
    QueueSnapshot,
    ResumePlaying,
    SaveChange,
    SaveNow,
    SeekCurrent,
    SeekId,
    SeekPosition,
    SetPause,
    SetRange,
    SetSetting,
    SettingChanged,
    SkipNext,
    SkipPrevious,
    StartCurrent,
    StateSaved,
    Stop,
    StopPlaying,
    StorageFailed,
    StorageRecovered,
    StreamLimitChanged,
    Subsystem,
    SubsystemsChanged,
    SwitchOutput,
    UnderrunDetected,
    UseDevice,
)
from actors.telemetry import EventPath
from playback.errors import AckCode, AckError, FailureKind
from playback.insertion import InsertAt
from playback.options import Switch
from playback.player import PlayerState
from playback.saved import SavedPlayer, SavedState
from playback.song import Song
from playback.status import OutputStatus, QueueEntry
from playback.units import ChainId, EntryId, Ticks
from tests.actors.mixer_bench import FORMAT
from tests.actors.queue_bench import EMPTY, OUTPUTS, SETTINGS, Bench, Noted
from tests.playback.passages import ticks

PLAYER, PLAYLIST = Subsystem.PLAYER, Subsystem.PLAYLIST


@pytest.fixture
def bench() -> Bench:
    return Bench()


def kinds(messages: list[Any]) -> list[str]:
    return [type(message).__name__ for message in messages]


def failure(bench: Bench, letter: str, kind: FailureKind = FailureKind.MISSING) -> DecodeFailed:
    """The decoder cannot decode a planned song."""
    slot = next(slot for slot in bench.plan.slots if slot.passage.uri[0] == letter)
    return DecodeFailed(slot.entry, slot.chain, kind, f"{letter} is missing")


class TestTellingTheEngine:
    def test_a_song_that_is_added_is_enqueued_with_the_plan_that_follows(
        self, bench: Bench
    ) -> None:
        (entry,) = bench.add("a")
        (told,) = bench.decoder.received
        assert isinstance(told, Enqueued)
        assert (told.queue_entry_id, told.position, told.passage_id) == (entry, 0, None)
        assert [slot.entry for slot in told.plan.slots] == [entry]
        assert bench.mixer.received == [PlanChanged(told.plan)]

    def test_a_burst_is_told_once_with_all_of_it_in_the_plan(self, bench: Bench) -> None:
        bench.playing("a")
        bench.forget()
        entries = bench.add("bcd")
        assert kinds(bench.decoder.received) == ["Enqueued"]
        assert tuple(slot.entry for slot in bench.plan.slots[1:]) == entries

    def test_stopped_only_current_and_next_are_planned(self, bench: Bench) -> None:
        entries = bench.add("abc")
        assert tuple(slot.entry for slot in bench.plan.slots) == entries[:2]

    def test_after_a_stop_what_comes_behind_the_next_has_other_chains(self, bench: Bench) -> None:
        bench.playing("abcd")
        before = {slot.chain for slot in bench.plan.slots[2:]}
        bench.do(StopPlaying())
        bench.do(PlayPosition(2))
        assert not before & {slot.chain for slot in bench.plan.slots}

    def test_play_tells_the_mixer_first_then_the_decoder_then_the_watchdog(
        self, bench: Bench
    ) -> None:
        bench.add("ab")
        bench.forget()
        bench.do(PlayPosition(0))
        assert bench.order[:3] == ["mixer", "decoder", "watchdog"]
        assert kinds(bench.mixer.received) == ["StartCurrent"]
        assert kinds(bench.decoder.received) == ["QueueAdvanced"]
        assert bench.watchdog.received == [PlayerStateChanged(PlayerState.PLAY)]

    @pytest.mark.parametrize(
        ("command", "kind"),
        [
            (SetPause(True), Pause),
            (StopPlaying(), Stop),
            (SkipNext(), StartCurrent),
            (SkipPrevious(), StartCurrent),
            (SeekCurrent(5.0), StartCurrent),
            (PlayPosition(2), StartCurrent),
            (ChangeOptions(volume=40), PlanChanged),
            (ChangeOptions(repeat=True), PlanChanged),
        ],
        ids=lambda value: type(value).__name__ if not isinstance(value, type) else "",
    )
    def test_each_control_has_its_word_for_the_mixer(
        self, bench: Bench, command: Any, kind: type
    ) -> None:
        bench.playing("abc")
        bench.forget()
        bench.do(command)
        assert [type(told) for told in bench.mixer.received] == [kind]

    def test_what_changes_nothing_tells_nobody(self, bench: Bench) -> None:
        bench.playing("abc")
        bench.forget()
        bench.do(ChangeOptions(repeat=False))
        bench.do(PlayPosition(None))
        bench.actor.handle(GiveSignOfLife())
        for spy in (bench.mixer, bench.decoder, bench.watchdog, bench.storage):
            assert spy.received == []

    def test_another_current_song_is_an_advance(self, bench: Bench) -> None:
        a, b, c = bench.playing("abc")
        bench.forget()
        bench.do(SkipNext())
        (told,) = bench.decoder.of(QueueAdvanced)
        assert (told.previous_current, told.new_current, told.new_next) == (a, b, c)

    def test_the_end_of_the_current_song_advances_and_its_latency_is_counted(
        self, bench: Bench
    ) -> None:
        a, b, _ = bench.playing("abc")
        bench.forget()
        bench.end()
        assert kinds(bench.mixer.received) == ["StartCurrent"]
        (told,) = bench.decoder.of(QueueAdvanced)
        assert (told.previous_current, told.new_current) == (a, b)
        assert [path for path, _ in bench.telemetry.latencies] == [EventPath.COMPLETE_TO_ADVANCE]
        assert bench.current == "b"

    @pytest.mark.parametrize("reason", [r for r in CompletionReason if r != "natural"])
    def test_any_other_ending_advances_nothing(
        self, bench: Bench, reason: CompletionReason
    ) -> None:
        bench.playing("ab")
        bench.end(reason)
        assert bench.current == "a"

    def test_removing_the_current_song_advances(self, bench: Bench) -> None:
        a, b = bench.playing("ab")
        bench.forget()
        bench.do(DeleteId(a))
        (told,) = bench.decoder.of(QueueAdvanced)
        assert (told.previous_current, told.new_current) == (a, b)
        assert [slot.entry for slot in bench.plan.slots] == [b]

    def test_a_range_of_the_next_song_binds_it_to_a_new_chain(self, bench: Bench) -> None:
        _, b = bench.playing("ab")
        chain = bench.plan.slots[1].chain
        bench.do(SetRange(b, (Ticks(0), ticks(30))))
        assert bench.plan.slots[1].chain != chain
        assert bench.plan.slots[1].passage.end == ticks(30)

    def test_the_window_is_the_setting_or_what_the_decoder_can_bear(self, bench: Bench) -> None:
        bench.playing("abcdefghijklmnop")
        assert len(bench.plan.slots) == 12
        bench.do(SetSetting("maximum_decode_streams", "5"))
        assert len(bench.plan.slots) == 5
        bench.tell(StreamLimitChanged(3))
        assert len(bench.plan.slots) == 3
        bench.tell(StreamLimitChanged(0))
        assert len(bench.plan.slots) == 5

    def test_a_real_end_corrects_the_plan(self, bench: Bench) -> None:
        a, _ = bench.playing("ab")
        bench.do(ChangeOptions(crossfade_s=10))
        bench.tell(EndpointDiscovered(a, bench.plan.slots[0].chain, ticks(8), "44100:16:2", 900))
        assert bench.plan.slots[0].passage.end == ticks(8)
        assert bench.plan.slots[0].overlap == ticks(4)

    def test_what_sounds_in_an_overlap_goes_on_after_next(self, bench: Bench) -> None:
        bench.do(ChangeOptions(crossfade_s=5))
        bench.playing("ab")
        first, second = bench.plan.slots
        bench.tell(CrossfadeStarted(first.entry, first.chain, second.entry, second.chain))
        bench.do(SkipNext())
        assert bench.plan.slots[0].chain == second.chain

    def test_the_round_is_told_the_newest_plan_and_what_has_failed(self, bench: Bench) -> None:
        _, b, _ = bench.playing("abc")
        bench.tell(failure(bench, "b"))
        answer = bench.actor.handle(GetQueueSnapshot())
        assert isinstance(answer, QueueSnapshot)
        assert (answer.plan, answer.failed) == (bench.plan, frozenset({b}))


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "code", "text"),
        [
            (PlayPosition(9), AckCode.ARG, "Bad song index"),
            (PlayId(EntryId(99)), AckCode.NO_EXIST, "No such song"),
            (SeekPosition(9, 1.0), AckCode.ARG, "Bad song index"),
            (SeekPosition(-1, 1.0), AckCode.ARG, "Bad song index"),
            (SeekId(EntryId(99), 1.0), AckCode.NO_EXIST, "No such song"),
            (DeleteId(EntryId(99)), AckCode.NO_EXIST, "No such song"),
            (DeleteRange(9, None), AckCode.ARG, "Bad song index"),
            (MoveId(EntryId(1), InsertAt(50)), AckCode.ARG, "Number too large: 50"),
            (SetRange(EntryId(1), None), AckCode.PERMISSION, "Cannot edit the current song"),
            (SwitchOutput(1, True), AckCode.NO_EXIST, "No such audio output"),
            (SwitchOutput(-1, True), AckCode.NO_EXIST, "No such audio output"),
            (SetSetting("volume", "3"), AckCode.ARG, "There is no setting 'volume'"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_refused_changes_and_tells_nothing(
        self, bench: Bench, command: Any, code: AckCode, text: str
    ) -> None:
        bench.playing("ab")
        before = bench.status
        bench.forget()
        with pytest.raises(AckError, match=text) as caught:
            bench.do(command)
        assert caught.value.code is code
        assert bench.status is before
        assert bench.mixer.received + bench.decoder.received + bench.changes == []

    @pytest.mark.parametrize("command", [SkipNext(), SkipPrevious(), SeekCurrent(1.0)])
    def test_while_stopped_some_commands_are_refused(self, bench: Bench, command: Any) -> None:
        bench.add("ab")
        with pytest.raises(AckError, match="Not playing"):
            bench.do(command)

    def test_adding_answers_with_the_new_ids(self, bench: Bench) -> None:
        done = bench.do(AddSongs((Song("a.flac"), Song("b.flac"))))
        assert done.value == (EntryId(1), EntryId(2))
        assert done.change > 0

    @pytest.mark.parametrize("delay_s", [float("nan"), 0.0, -1.0])
    def test_a_mixramp_delay_that_is_none_switches_it_off(
        self, bench: Bench, delay_s: float
    ) -> None:
        bench.do(ChangeOptions(mixramp_delay_s=2.0))
        assert bench.status.options.mixramp_delay_s == 2.0
        bench.do(ChangeOptions(mixramp_delay_s=delay_s))
        assert bench.status.options.mixramp_delay_s is None

    def test_the_queue_has_a_largest_length(self) -> None:
        bench = Bench(maximum_length=2)
        bench.add("ab")
        with pytest.raises(AckError, match="Playlist is too large"):
            bench.add("c")


class TestStatus:
    def test_it_is_there_when_the_command_is_answered(self, bench: Bench) -> None:
        bench.add("ab")
        bench.do(PlayPosition(1))
        assert (bench.status.state, bench.current, bench.status.next) == (
            PlayerState.PLAY,
            "b",
            None,
        )

    def test_elapsed_is_what_was_heard_and_grows_while_sound_comes(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.position(12.5, at_s=200.0)
        status = bench.status
        assert (status.elapsed_s, status.elapsed_at_s, status.advancing) == (12.5, 200.0, True)
        assert status.elapsed_now_s(201.0) == 13.5
        bench.do(SetPause(True))
        bench.position(12.75, advancing=False, at_s=200.3)
        assert bench.status.elapsed_now_s(900.0) == 12.75

    def test_the_source_is_described_while_something_plays(self, bench: Bench) -> None:
        bench.playing("a")
        status = bench.status
        assert (status.audio_format, status.bitrate_kbps, status.duration_s) == (
            "44100:16:2",
            900,
            60.0,
        )
        bench.do(StopPlaying())
        assert (bench.status.audio_format, bench.status.bitrate_kbps) == (None, None)

    def test_a_duration_that_is_not_known_yet_is_that_of_the_tags(self, bench: Bench) -> None:
        bench.do(AddSongs((Song("a.flac", duration_s=33.0),)))
        bench.do(PlayPosition(0))
        assert bench.status.duration_s == 33.0

    def test_play_time_counts_what_was_heard(self, bench: Bench) -> None:
        bench.playing("abc")
        bench.position(20.0)
        assert bench.status.play_time_s == 20.0
        bench.end()
        assert bench.status.play_time_s == 60.0
        bench.position(5.0)
        assert bench.status.play_time_s == 65.0

    @pytest.mark.parametrize(
        ("act", "woken"),
        [
            (lambda b: b.add("x"), {PLAYLIST}),
            (lambda b: b.do(SkipNext()), {PLAYER}),
            (lambda b: b.do(SetPause(True)), {PLAYER}),
            (lambda b: b.do(SeekCurrent(3.0)), {PLAYER}),
            (lambda b: b.do(PlayPosition(0)), {PLAYER}),
            (lambda b: b.sound(), {PLAYER}),
            (lambda b: b.position(5.0), set()),
            (lambda b: b.do(ChangeOptions(volume=5)), {Subsystem.MIXER}),
            (lambda b: b.do(ChangeOptions(repeat=True)), {Subsystem.OPTIONS}),
            (
                lambda b: b.do(ChangeOptions(crossfade_s=3, volume=5)),
                {Subsystem.OPTIONS, Subsystem.MIXER},
            ),
            (lambda b: b.do(SwitchOutput(0, False)), {Subsystem.OUTPUT}),
            (lambda b: b.tell(OutputLost("gone")), {PLAYER}),
            (lambda b: b.do(ClearQueue()), {PLAYER, PLAYLIST}),
            (lambda b: b.do(ChangeOptions(repeat=False)), set()),
        ],
    )
    def test_idle_clients_are_woken_for_what_has_changed(
        self, bench: Bench, act: Callable[[Bench], Any], woken: set[Subsystem]
    ) -> None:
        bench.playing("abc")
        bench.forget()
        act(bench)
        assert bench.woken == woken

    def test_clients_find_the_new_status_when_they_are_woken(self, bench: Bench) -> None:
        seen: list[int] = []

        class Client(Noted):
            def tell(self, message: SubsystemsChanged) -> None:
                super().tell(message)
                seen.append(len(bench.status.entries))

        bench.clients = Client("clients", bench.order)
        bench.build(EMPTY)
        bench.add("abc")
        assert seen == [3]


class TestFailures:
    def test_a_song_that_cannot_be_decoded_is_passed_over_with_its_reason(
        self, bench: Bench
    ) -> None:
        bench.add("abc")
        bench.do(PlayPosition(0))
        bench.forget()
        bench.tell(failure(bench, "a"))
        assert (bench.current, bench.status.error) == ("b", "a is missing")
        assert kinds(bench.mixer.received) == ["StartCurrent"]
        assert kinds(bench.decoder.received) == ["QueueAdvanced"]

    def test_a_damaged_song_is_played_as_far_as_it_goes(self, bench: Bench) -> None:
        bench.add("ab")
        bench.do(PlayPosition(0))
        bench.tell(failure(bench, "a", FailureKind.DAMAGED))
        assert (bench.current, bench.status.error) == ("a", "a is missing")

    def test_while_stopped_nobody_need_know(self, bench: Bench) -> None:
        bench.add("ab")
        bench.tell(failure(bench, "a"))
        assert bench.status.error is None

    def test_a_new_start_forgets_it(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.tell(failure(bench, "b"))
        bench.do(PlayPosition(0))
        assert bench.status.error is None
        assert len(bench.plan.slots) == 2

    def test_it_is_forgotten_with_the_song(self, bench: Bench) -> None:
        _, b, c = bench.playing("abc")
        bench.tell(failure(bench, "b"))
        bench.do(DeleteId(c))
        assert bench.status.error == "b is missing"
        bench.do(DeleteId(b))
        assert bench.status.error is None

    def test_news_of_it_that_comes_after_the_song_has_left_is_no_news(self, bench: Bench) -> None:
        _, b = bench.playing("ab")
        late = failure(bench, "b")
        bench.do(DeleteId(b))
        bench.tell(late)
        assert bench.status.error is None

    def test_problems_are_shown_by_urgency_and_go_with_their_cause(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.tell(failure(bench, "b"))
        bench.tell(StorageFailed("changes are not being saved: disk full"))
        bench.tell(OutputLost("no card"))
        assert bench.status.error == "no card"
        bench.tell(OutputRestored(FORMAT))
        assert bench.status.error == "changes are not being saved: disk full"
        bench.tell(StorageRecovered())
        assert bench.status.error == "changes are not being saved: disk full"
        bench.tell(StateSaved())
        assert bench.status.error == "b is missing"
        bench.do(ClearError())
        assert bench.status.error is None

    def test_without_the_music_directory_song_position_and_state_are_kept(
        self, bench: Bench
    ) -> None:
        bench.playing("ab")
        bench.do(SeekCurrent(30))
        plan = bench.plan
        bench.tell(MusicLost("the stick is not there"))
        assert bench.status.error == "the stick is not there"
        assert (bench.status.state, bench.status.current) == (PlayerState.PLAY, 0)
        assert bench.status.elapsed_s == 30
        assert bench.plan.slots == plan.slots
        bench.tell(MusicRestored())
        assert bench.status.error is None

    def test_a_dry_ring_is_no_news_while_the_music_directory_is_known_to_be_absent(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        (entry,) = bench.playing("a")
        dry = UnderrunDetected(entry, bench.plan.slots[0].chain)
        bench.tell(MusicLost("the stick is not there"))
        bench.tell(dry)
        assert caplog.records == []
        bench.tell(MusicRestored())
        bench.tell(dry)
        assert len(caplog.records) == 1

    def test_a_replaced_decoder_finds_out_anew_whether_there_is_music(self, bench: Bench) -> None:
        bench.playing("a")
        bench.tell(MusicLost("the stick is not there"))
        bench.tell(PeerRestarted("DecoderActor"))
        assert bench.status.error is None

    def test_damage_that_was_found_while_stopped_is_shown_once_the_song_is_played(
        self, bench: Bench
    ) -> None:
        (entry,) = bench.add("a")
        chain = bench.plan.slots[0].chain
        bench.tell(failure(bench, "a", FailureKind.DAMAGED))
        assert bench.status.error is None
        bench.do(PlayPosition(0))
        assert bench.plan.slots[0].chain == chain
        assert bench.status.error is None
        bench.tell(PassageStarted(entry, chain))
        assert bench.status.error == "a is missing"

    def test_when_saving_works_again_everything_is_saved(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.tell(StorageFailed("disk full"))
        bench.forget()
        bench.tell(StorageRecovered())
        assert bench.changes[0].whole
        assert len(bench.changes[0].upserts) == 2


class TestOutputs:
    @pytest.mark.parametrize("enabled", [False, None])
    def test_switching_off_is_told_saved_and_shown(
        self, bench: Bench, enabled: bool | None
    ) -> None:
        done = bench.do(SwitchOutput(0, enabled))
        assert bench.mixer.received == [EnableOutput(0, False)]
        assert done.change > 0
        assert not bench.status.outputs[0].enabled

    def test_switching_on_what_is_on_tells_nobody(self, bench: Bench) -> None:
        done = bench.do(SwitchOutput(0, True))
        assert (bench.mixer.received, done.change) == ([], 0)

    def test_an_output_that_is_switched_off_has_no_problem(self, bench: Bench) -> None:
        bench.playing("a")
        bench.tell(OutputLost("no card"))
        bench.do(SwitchOutput(0, False))
        assert bench.status.error is None

    def test_another_device_is_told_saved_and_ends_the_old_ones_problem(self, bench: Bench) -> None:
        bench.tell(OutputLost("no card"))
        bench.forget()
        bench.do(UseDevice("alsa", "hw:1"))
        assert bench.mixer.received == [ChooseDevice("alsa", "hw:1")]
        (output,) = bench.status.outputs
        assert (output.device, output.chosen, output.name) == ("hw:1", True, "Speakers")
        assert bench.status.error is None
        assert bench.changes[-1].player is not None
        assert bench.changes[-1].player.outputs == (output,)

    @pytest.mark.parametrize("event", [ResumePlaying(), PeerRestarted("MixerActor")])
    def test_a_mixer_that_begins_is_told_what_was_switched_and_chosen(self, event: Any) -> None:
        output = OutputStatus(0, "Speakers", "alsa", enabled=False, device="hw:1", chosen=True)
        bench = Bench(replace(EMPTY, player=SavedPlayer(outputs=(output,))))
        bench.actor.handle(event)
        assert bench.mixer.received[:2] == [EnableOutput(0, False), ChooseDevice("alsa", "hw:1")]

    def test_a_mixer_with_nothing_switched_or_chosen_is_told_nothing_of_it(
        self, bench: Bench
    ) -> None:
        bench.actor.handle(ResumePlaying())
        assert bench.mixer.received == []


class TestSettings:
    def test_a_changed_setting_is_told_to_all_who_live_by_it_and_saved(self, bench: Bench) -> None:
        done = bench.do(SetSetting("minimum_playback_buffer_ms", "500"))
        told = SettingChanged("minimum_playback_buffer_ms", 3000, 500)
        for spy in (bench.decoder, bench.buffer, bench.mixer, bench.watchdog):
            assert spy.received == [told]
        assert done.value == 500
        assert bench.changes[-1].settings == (("minimum_playback_buffer_ms", "500"),)

    @pytest.mark.parametrize(
        ("text", "used", "says"),
        [("50", 100, "out of range"), ("99999", 12_000, "out of range"), ("soon", 3000, "number")],
    )
    def test_a_bad_value_is_put_right_with_a_warning(
        self, bench: Bench, caplog: pytest.LogCaptureFixture, text: str, used: int, says: str
    ) -> None:
        assert bench.do(SetSetting("minimum_playback_buffer_ms", text)).value == used
        assert says in caplog.text

    def test_the_same_value_tells_nobody(self, bench: Bench) -> None:
        done = bench.do(SetSetting("minimum_playback_buffer_ms", "3000"))
        assert (bench.mixer.received, done.change) == ([], 0)


class TestRestarts:
    @pytest.mark.parametrize("name", ["QueueActor", "DecoderActor", "BufferActor", "MixerActor"])
    def test_a_replaced_actor_gets_new_chains_from_what_was_heard(
        self, bench: Bench, name: str
    ) -> None:
        bench.playing("ab")
        bench.position(20.0, advancing=False)
        before = {slot.chain for slot in bench.plan.slots}
        bench.forget()
        bench.tell(PeerRestarted(name))
        assert kinds(bench.mixer.received) == ["StartCurrent"]
        head, second = bench.plan.slots
        assert (head.offset, second.offset) == (ticks(20), 0)
        assert not before & {head.chain, second.chain}

    def test_a_pause_stays_a_pause(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.do(SetPause(True))
        bench.forget()
        bench.tell(PeerRestarted("MixerActor"))
        assert kinds(bench.mixer.received) == ["Pause"]

    def test_a_replaced_watchdog_is_told_the_state_alone(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.forget()
        bench.tell(PeerRestarted("WatchdogActor"))
        assert bench.watchdog.received == [PlayerStateChanged(PlayerState.PLAY)]
        assert bench.mixer.received == []

    def test_a_replaced_storage_is_given_everything(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.forget()
        bench.tell(PeerRestarted("StorageActor"))
        assert bench.changes[0].whole

    def test_a_successor_goes_on_from_memory_and_uses_no_number_twice(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.position(20.0, advancing=False)
        chains = {slot.chain for slot in bench.plan.slots}
        version = bench.plan.version
        bench.forget()
        bench.build(bench.memory.latest)
        bench.tell(PeerRestarted("QueueActor"))
        assert (bench.current, bench.status.state) == ("a", PlayerState.PLAY)
        assert bench.plan.version > version
        assert not chains & {slot.chain for slot in bench.plan.slots}
        assert bench.plan.slots[0].offset == ticks(20)
        assert bench.watchdog.received == [PlayerStateChanged(PlayerState.PLAY)]


def saved(state: PlayerState, **more: Any) -> SavedState:
    entries = tuple(
        QueueEntry(EntryId(number), Song(f"{letter}.flac"))
        for number, letter in enumerate("abc", start=1)
    )
    player = SavedPlayer(
        state=state,
        current=EntryId(2),
        elapsed=ticks(17),
        next_entry_id=9,
        queue_version=40,
        outputs=OUTPUTS,
    )
    return SavedState(replace(player, **more), entries, SETTINGS)


class TestStarting:
    @pytest.mark.parametrize(
        ("state", "word"), [(PlayerState.PLAY, "StartCurrent"), (PlayerState.PAUSE, "Pause")]
    )
    def test_it_goes_on_where_the_last_run_ended(self, state: PlayerState, word: str) -> None:
        bench = Bench(saved(state))
        assert bench.mixer.received == []
        bench.actor.handle(ResumePlaying())
        assert kinds(bench.mixer.received) == [word]
        assert (bench.current, bench.status.elapsed_s) == ("b", 17.0)
        assert bench.plan.slots[0].offset == ticks(17)
        assert bench.add("x") == (EntryId(9),)
        assert bench.status.queue_version == 41

    def test_what_was_stopped_starts_nothing(self) -> None:
        bench = Bench(saved(PlayerState.STOP))
        bench.actor.handle(ResumePlaying())
        assert kinds(bench.mixer.received) == ["PlanChanged"]
        assert bench.status.state is PlayerState.STOP

    def test_a_song_that_ended_the_process_is_passed_over_and_said(self) -> None:
        bench = Bench(saved(PlayerState.PLAY), poisoned=frozenset({"b.flac"}))
        bench.actor.handle(ResumePlaying())
        assert bench.current == "c"
        assert [slot.passage.uri for slot in bench.plan.slots] == ["c.flac"]
        assert bench.plan.slots[0].offset == 0
        assert "b.flac is passed over" in (bench.status.error or "")
        bench.do(PlayId(EntryId(2)))
        assert (bench.current, bench.status.error) == ("b", None)

    def test_if_all_songs_ended_the_process_it_stops(self) -> None:
        bad = frozenset({"a.flac", "b.flac", "c.flac"})
        bench = Bench(saved(PlayerState.PLAY), poisoned=bad)
        bench.actor.handle(ResumePlaying())
        assert bench.status.state is PlayerState.STOP
        assert bench.status.error is not None


class TestSaving:
    def test_a_command_is_answered_with_the_change_that_must_be_on_disk(self, bench: Bench) -> None:
        done = bench.do(AddSongs((Song("a.flac"),)))
        (told,) = bench.storage.of(SaveChange)
        assert told.number == done.change
        assert [entry.song.uri for _, entry in told.change.upserts] == ["a.flac"]
        assert not told.change.relaxed

    def test_the_engine_is_told_before_the_disk(self, bench: Bench) -> None:
        bench.add("a")
        assert bench.order == ["decoder", "mixer", "storage", "clients"]

    @pytest.mark.parametrize(
        "command",
        [
            SetPause(True),
            StopPlaying(),
            SkipNext(),
            SeekCurrent(30.0),
            SeekPosition(0, 3.0),
            SeekId(EntryId(1), 3.0),
            ChangeOptions(single=Switch.ONESHOT),
        ],
        ids=lambda command: type(command).__name__,
    )
    def test_controls_are_durable_too(self, bench: Bench, command: Any) -> None:
        bench.playing("ab")
        done = bench.do(command)
        assert done.change > 0
        assert not bench.changes[-1].relaxed
        assert bench.changes[-1].player is not None

    def test_the_position_of_a_pause_is_saved_as_it_was_heard(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.do(SetPause(True))
        bench.position(12.75, advancing=False)
        assert bench.changes[-1].player is not None
        assert bench.changes[-1].player.elapsed == ticks(12.75)
        assert not bench.changes[-1].relaxed

    def test_the_position_is_saved_every_five_seconds_and_may_be_lost(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now_s = [1000.0]
        monkeypatch.setattr("time.monotonic", lambda: now_s[0])
        bench.playing("ab")
        bench.forget()
        for second in range(1, 13):
            now_s[0] = 1000.0 + second
            bench.position(second, at_s=now_s[0])
        saved = [change.player.elapsed for change in bench.changes if change.player]
        assert saved == [ticks(5), ticks(10)]
        assert all(change.relaxed for change in bench.changes)

    def test_the_end_saves_what_is_heard_now(self, bench: Bench) -> None:
        bench.playing("ab")
        bench.position(33.0, advancing=False)
        bench.forget()
        number = bench.actor.handle(SaveNow())
        (told,) = bench.storage.of(SaveChange)
        assert told.number == number
        assert told.change.player is not None
        assert told.change.player.elapsed == ticks(33)

    def test_numbers_of_changes_grow_by_one(self, bench: Bench) -> None:
        bench.playing("abc")
        bench.do(SkipNext())
        bench.do(ChangeOptions(volume=3))
        numbers = [told.number for told in bench.storage.of(SaveChange)]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_a_successor_would_begin_from_what_is(self, bench: Bench) -> None:
        bench.playing("abc")
        bench.position(7.0, advancing=False)
        memory = bench.memory.latest
        assert memory.player.elapsed == ticks(7)
        assert memory.entries == bench.status.entries
        assert memory.player.state is PlayerState.PLAY


def test_a_start_is_told_to_clients_even_if_nothing_else_changes(bench: Bench) -> None:
    bench.playing("a")
    head = bench.plan.slots[0]
    bench.forget()
    bench.tell(PassageStarted(head.entry, head.chain))
    assert bench.woken == {PLAYER}


def test_news_of_chains_that_are_gone_changes_nothing(bench: Bench) -> None:
    bench.playing("ab")
    before = replace(bench.status, play_time_s=0)
    bench.tell(DecodeFailed(EntryId(2), ChainId(999), FailureKind.DAMAGED, "x"))
    bench.do(ClearError())
    bench.tell(CrossfadeStarted(EntryId(1), ChainId(998), EntryId(2), ChainId(999)))
    assert replace(bench.status, play_time_s=0) == before
