"""What is going on, and what this server is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from library.tag_names import TAG_NAMES
from playback.options import Options, ReplayGainMode, Switch
from playback.player import PlayerState
from playback.song import Song
from playback.status import OutputStatus
from tests.protocol.talk import House, Talk, asked, entries, hub_of, run

TWO = entries(Song("a.flac", duration_s=40.0, tags=(("Title", "A"),)), Song("b.flac"))


def status(**state: Any) -> list[str]:
    house = House()
    house.show(**state)
    lines = asked(house, "status").splitlines()
    assert lines.pop() == "OK"
    return lines


def test_stopped_and_empty() -> None:
    assert status() == [
        "volume: 100",
        "repeat: 0",
        "random: 0",
        "single: 0",
        "consume: 0",
        "partition: default",
        "playlist: 1",
        "playlistlength: 0",
        "mixrampdb: 0",
        "state: stop",
    ]


def test_playing_with_everything_set() -> None:
    lines = status(
        state=PlayerState.PAUSE,
        options=Options(
            repeat=True,
            random=True,
            single=Switch.ONESHOT,
            consume=Switch.ON,
            crossfade_s=3,
            mixramp_db=-17.5,
            mixramp_delay_s=1.25,
            volume=42,
        ),
        queue_version=7,
        entries=TWO,
        current=0,
        next=1,
        elapsed_s=12.3456,
        duration_s=40.0,
        audio_format="44100:16:2",
        bitrate_kbps=320,
        error="the device is away",
        last_loaded_playlist="mix",
    )
    assert lines == [
        "volume: 42",
        "repeat: 1",
        "random: 1",
        "single: oneshot",
        "consume: 1",
        "partition: default",
        "playlist: 7",
        "playlistlength: 2",
        "mixrampdb: -17.5",
        "state: pause",
        "lastloadedplaylist: mix",
        "xfade: 3",
        "mixrampdelay: 1.25",
        "song: 0",
        "songid: 1",
        "time: 12:40",
        "elapsed: 12.346",
        "bitrate: 320",
        "duration: 40.000",
        "audio: 44100:16:2",
        "error: the device is away",
        "nextsong: 1",
        "nextsongid: 2",
    ]


def test_a_stopped_player_tells_its_song_but_no_time() -> None:
    lines = status(entries=TWO, current=1)
    assert lines[-2:] == ["song: 1", "songid: 2"]


def test_a_stream_has_no_duration() -> None:
    lines = status(state=PlayerState.PLAY, entries=TWO, current=1, elapsed_s=5.0)
    assert "time: 5:0" in lines
    assert not any(line.startswith("duration") for line in lines)


def test_elapsed_grows_with_the_clock() -> None:
    house = House()
    now_s = time.monotonic()
    house.show(
        state=PlayerState.PLAY, entries=TWO, current=0, elapsed_at_s=now_s - 10, advancing=True
    )
    (line,) = (each for each in asked(house, "status").splitlines() if each.startswith("elapsed"))
    assert 10.0 <= float(line.removeprefix("elapsed: ")) < 10.0 + (time.monotonic() - now_s) + 0.001


def test_the_current_song() -> None:
    house = House()
    assert asked(house, "currentsong") == "OK\n"
    house.show(entries=TWO, current=0)
    assert asked(house, "currentsong") == (
        "file: a.flac\nTitle: A\nTime: 40\nduration: 40.000\nPos: 0\nId: 1\nOK\n"
    )


def test_small_readings_of_the_options() -> None:
    house = House()
    house.show(options=Options(volume=33))
    assert asked(house, "getvol") == "volume: 33\nOK\n"
    assert asked(house, "replay_gain_status") == "replay_gain_mode: off\nOK\n"


@pytest.mark.parametrize("mode", ReplayGainMode)
def test_the_replay_gain_mode_is_told_as_it_was_chosen(mode: ReplayGainMode) -> None:
    house = House()
    house.show(options=Options(random=True, replay_gain_mode=mode))
    assert asked(house, "replay_gain_status") == f"replay_gain_mode: {mode.value}\nOK\n"


def test_outputs_are_listed() -> None:
    house = House()
    house.show(outputs=(OutputStatus(0, "Hall", "alsa", enabled=True, device="hw:0"),))
    assert asked(house, "outputs") == (
        "outputid: 0\noutputname: Hall\nplugin: alsa\noutputenabled: 1\nOK\n"
    )


@pytest.mark.parametrize(
    ("line", "ack"),
    [
        ("outputset 9 a b", "[50@0] {outputset} No such audio output"),
        ('outputset 0 "" b', "[2@0] {outputset} Illegal attribute name"),
        ("outputset 0 foo 1", "[2@0] {outputset} Unsupported attribute"),
        ("partition p2", "[50@0] {partition} partition does not exist"),
        ('partition ""', "[50@0] {partition} partition does not exist"),
        ("config", "[4@0] {config} Command only permitted to local clients"),
        ("binarylimit 63", "[2@0] {binarylimit} Value too small"),
        ("binarylimit x", "[2@0] {binarylimit} Integer expected: x"),
        ("binarylimit -1", "[2@0] {binarylimit} Number too large: -1"),
        ("binarylimit 99999999", "[2@0] {binarylimit} Number too large: 99999999"),
        ("tagtypes foo", "[2@0] {tagtypes} Unknown sub command"),
        ("tagtypes enable", "[2@0] {tagtypes} Not enough arguments"),
        ("tagtypes disable", "[2@0] {tagtypes} Not enough arguments"),
        ("tagtypes reset", "[2@0] {tagtypes} Not enough arguments"),
        ("tagtypes enable artist x", "[2@0] {tagtypes} Unknown tag type"),
        ("tagtypes all artist", "[2@0] {tagtypes} Too many arguments"),
        ("tagtypes clear artist", "[2@0] {tagtypes} Too many arguments"),
        ("protocol foo", "[2@0] {protocol} Unknown sub command"),
        ("protocol enable", "[2@0] {protocol} Not enough arguments"),
    ],
)
def test_what_is_refused(line: str, ack: str) -> None:
    house = House()
    house.show(outputs=(OutputStatus(0, "Hall", "alsa", enabled=True),))
    assert asked(house, line) == f"ACK {ack}\n"


def tags(reply: str) -> list[str]:
    return [line.removeprefix("tagtype: ") for line in reply.splitlines()[:-1]]


def test_tag_types_are_chosen_per_connection() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        assert tags(await talk.ask("tagtypes")) == list(TAG_NAMES)
        await talk.ask("tagtypes disable ARTIST title")
        assert tags(await talk.ask("tagtypes")) == [
            name for name in TAG_NAMES if name not in {"Artist", "Title"}
        ]
        assert await talk.ask("tagtypes clear", "tagtypes") == "OK\nOK\n"
        await talk.ask("tagtypes enable Title artist")
        assert tags(await talk.ask("tagtypes")) == ["Artist", "Title"]
        await talk.ask("tagtypes reset Genre")
        assert tags(await talk.ask("tagtypes")) == ["Genre"]
        assert tags(await talk.ask("tagtypes available")) == list(TAG_NAMES)
        await talk.ask("tagtypes all")
        assert tags(await talk.ask("tagtypes")) == list(TAG_NAMES)

    run(conversation())


def test_protocol_features_are_chosen_per_connection() -> None:
    async def conversation() -> None:
        talk = Talk(hub_of(House()))
        assert await talk.ask("protocol") == "OK\n"
        feature = "feature: hide_playlists_in_root\nOK\n"
        assert await talk.ask("protocol available") == feature
        assert await talk.ask("protocol all", "protocol") == "OK\n" + feature
        assert await talk.ask("protocol clear", "protocol") == "OK\nOK\n"
        await talk.ask("protocol enable hide_playlists_in_root")
        assert await talk.ask("protocol") == feature

    run(conversation())


def test_local_clients_learn_more(tmp_path: Path) -> None:
    house = House()
    assert asked(house, "config", is_local=True) == "music_directory: /nonexistent\nOK\n"
    assert asked(House(playlists=tmp_path), "config", is_local=True) == (
        f"music_directory: /nonexistent\nplaylist_directory: {tmp_path}\nOK\n"
    )
    assert asked(house, "urlhandlers", is_local=True).startswith("handler: file://\n")
    assert "file://" not in asked(house, "urlhandlers")
    assert "handler: http://\n" in asked(house, "urlhandlers")


def test_the_decoder_comes_before_its_suffixes_and_types() -> None:
    keys = [line.partition(":")[0] for line in asked(House(), "decoders").splitlines()]
    assert keys[0] == "plugin"
    assert keys[-1] == "OK"
    middle = keys[1:-1]
    assert middle == ["suffix"] * middle.count("suffix") + ["mime_type"] * middle.count("mime_type")
    assert "suffix: flac\n" in asked(House(), "decoders")


def test_there_is_one_partition() -> None:
    assert asked(House(), "listpartitions", "partition default") == "partition: default\nOK\nOK\n"


def test_there_are_no_stored_playlists() -> None:
    assert asked(House(), "listplaylists") == "OK\n"


def test_the_door_for_shell_commands() -> None:
    async def echo(words: Any) -> list[tuple[str, str]]:
        return [("heard", word) for word in words]

    house = House(admin={"echo": echo})
    assert asked(house, "wkmp echo a b") == "heard: a\nheard: b\nOK\n"
    assert asked(house, "wkmp") == 'ACK [2@0] {wkmp} too few arguments for "wkmp"\n'
    assert asked(house, "wkmp nope") == (
        'ACK [2@0] {wkmp} no such sub-command: "nope"; there are: echo\n'
    )
