"""Values into lines, lines into bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.music_directory import Folder, PlaylistFile
from library.tag_names import TAG_NAMES
from playback.errors import AckCode, AckError
from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId, Ticks, seconds_to_ticks
from protocol.rendering import (
    MAX_LINE_BYTES,
    acknowledge,
    encode,
    entry_lines,
    item_lines,
    shortest,
    shown_uri,
    song_lines,
    time_stamp,
    whole,
)

ALL = frozenset(TAG_NAMES)
SONG = Song(
    "a/b.flac",
    duration_s=40.0,
    tags=(("Artist", "One"), ("Artist", "Two"), ("Title", "T")),
    last_modified=1_577_836_800,
    audio_format="44100:16:2",
)


def test_a_song_block_is_in_mpds_order() -> None:
    assert song_lines(SONG, ALL) == (
        "file: a/b.flac",
        "Last-Modified: 2020-01-01T00:00:00Z",
        "Format: 44100:16:2",
        "Artist: One",
        "Artist: Two",
        "Title: T",
        "Time: 40",
        "duration: 40.000",
    )


def test_tags_that_a_client_does_not_want_are_left_out() -> None:
    assert "Title: T" in song_lines(SONG, frozenset({"Title"}))
    assert not any(line.startswith("Artist") for line in song_lines(SONG, frozenset({"Title"})))


def test_a_stream_has_neither_time_nor_duration() -> None:
    assert song_lines(Song("http://h/x"), ALL) == ("file: http://h/x",)


def test_a_queue_entry_ends_with_position_id_and_priority() -> None:
    entry = QueueEntry(EntryId(7), Song("x"))
    assert entry_lines(entry, 3, ALL) == ("file: x", "Pos: 3", "Id: 7")
    entry = QueueEntry(EntryId(7), Song("x"), priority=5)
    assert entry_lines(entry, 3, ALL)[-1] == "Prio: 5"


@pytest.mark.parametrize(
    ("start_s", "end_s", "shown", "duration_s"),
    [
        (5, 10, "5.000-10.000", 5),
        (5, None, "5.000-", 35),
        (0, 10, "0.000-10.000", 10),
        (2.5, 300, "2.500-", 37.5),
    ],
)
def test_a_range_shortens_the_duration(
    start_s: float, end_s: float | None, shown: str, duration_s: float
) -> None:
    end: Ticks | None = None if end_s is None else seconds_to_ticks(end_s)
    entry = QueueEntry(EntryId(1), SONG, range=(seconds_to_ticks(start_s), end))
    lines = entry_lines(entry, 0, ALL)
    assert lines[1] == f"Range: {shown}"
    assert f"duration: {duration_s:.3f}" in lines
    assert f"Time: {int(duration_s + 0.5)}" in lines


def test_directories_and_playlists_tell_their_age() -> None:
    assert item_lines(Folder("d", 0), ALL) == (
        "directory: d",
        "Last-Modified: 1970-01-01T00:00:00Z",
    )
    assert item_lines(PlaylistFile("p.m3u", 0), ALL)[0] == "playlist: p.m3u"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-17.0, "-17"),
        (-17.5, "-17.5"),
        (1e-05, "0.00001"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (100.0, "100"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
    ],
)
def test_numbers_are_short_and_decimal(value: float, shown: str) -> None:
    assert shortest(value) == shown


def test_halves_are_rounded_up_as_mpd_does() -> None:
    assert [whole(value) for value in (0.4, 0.5, 1.5, 2.5, 2.499)] == [0, 1, 2, 3, 2]


def test_times_are_utc_in_seconds() -> None:
    assert time_stamp(1_795_399_853) == "2026-11-23T02:10:53Z"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://user:secret@host:8000/x", "http://host:8000/x"),
        ("http://user@host/a@b", "http://host/a@b"),
        ("http://host/a@b", "http://host/a@b"),
        ("dir/a@b.flac", "dir/a@b.flac"),
    ],
)
def test_a_password_in_a_url_is_not_shown(uri: str, shown: str) -> None:
    assert shown_uri(uri) == shown


def test_an_ack_names_code_place_and_command() -> None:
    error = AckError(AckCode.NO_EXIST, "No such song")
    assert acknowledge(error, 3, "playid") == "ACK [50@3] {playid} No such song"


def test_a_long_line_is_cut_where_libmpdclient_would_give_up() -> None:
    assert encode(["Title: " + "x" * 5000]) == b"Title: " + b"x" * (MAX_LINE_BYTES - 7) + b"\n"


def test_a_long_line_is_not_cut_inside_a_character() -> None:
    line = encode(["Title: " + "ü" * 3000])
    assert line.decode() == "Title: " + "ü" * ((MAX_LINE_BYTES - 7) // 2) + "\n"


@given(st.lists(st.text()))
def test_no_value_breaks_the_framing(lines: list[str]) -> None:
    encoded = encode(lines)
    assert encoded.count(b"\n") == len(lines)
    assert b"\r" not in encoded
    assert all(len(line) <= MAX_LINE_BYTES for line in encoded.split(b"\n"))
    encoded.decode("utf-8")


def test_what_is_not_utf8_is_replaced() -> None:
    assert encode(["x: \udcff"]) == b"x: ?\n"
