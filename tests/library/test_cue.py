"""What is read from CUE sheets, whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.cue import tracks_of
from playback.units import TICKS_PER_SECOND

FRAME = TICKS_PER_SECOND // 75


def places(text: str) -> list[tuple[int, str, int | None, int | None]]:
    return [(track.number, track.file, track.start, track.end) for track in tracks_of(text)]


def test_a_track_ends_where_the_next_one_of_the_same_file_begins() -> None:
    sheet = """
        FILE "a b.wav" WAVE
          TRACK 01 AUDIO
            INDEX 00 00:00:00
            INDEX 01 00:02:01
          TRACK 02 AUDIO
            INDEX 01 01:00:74
        FILE c.wav WAVE
          TRACK 03 AUDIO
            INDEX 01 100:00:00
    """
    assert places(sheet) == [
        (1, "a b.wav", 151 * FRAME, (60 * 75 + 74) * FRAME),
        (2, "a b.wav", (60 * 75 + 74) * FRAME, None),
        (3, "c.wav", 6_000 * 75 * FRAME, None),
    ]


def test_what_stands_before_the_tracks_is_of_the_album_and_comes_first() -> None:
    sheet = """
        TITLE "An Album"
        PERFORMER 'x
        FILE f WAVE
        TRACK 07 AUDIO
        TITLE Song
        PERFORMER "Some one"
        SONGWRITER W
        REM DATE 1988
        INDEX 01 0:0:0
    """
    (track,) = tracks_of(sheet)
    assert track.tags == [
        ("Album", "An Album"),
        ("AlbumArtist", "'x"),
        ("Track", "07"),
        ("Title", "Song"),
        ("Artist", "Some one"),
        ("Composer", "W"),
        ("Date", "1988"),
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        "",
        "TRACK 01 AUDIO\nINDEX 01 00:00:00",
        "FILE f WAVE\nTRACK 01 AUDIO",
        "FILE f WAVE\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00",
        "FILE f WAVE\nINDEX 01 00:00:00",
        "FILE f WAVE\nTRACK 01 AUDIO\nINDEX 01 nonsense",
    ],
)
def test_what_has_no_file_no_beginning_or_no_sound_is_no_track(sheet: str) -> None:
    assert tracks_of(sheet) == ()


def test_a_track_that_begins_no_earlier_than_the_next_is_left_out() -> None:
    index = "TRACK {0:02} AUDIO\nINDEX 01 00:{1:02}:00\n"
    sheet = "FILE f WAVE\n" + index.format(1, 5) + index.format(2, 5) + index.format(3, 9)
    assert [track.number for track in tracks_of(sheet)] == [2, 3]


words = st.sampled_from(
    ["FILE", "TRACK", "INDEX", "REM", "TITLE", '"', "AUDIO", "01", "00:00:00", "\n", " ", "x", "\0"]
)


@given(st.lists(words | st.text(max_size=3), max_size=40).map("".join))
def test_nothing_is_an_error_and_every_track_can_be_played(text: str) -> None:
    for track in tracks_of(text):
        assert track.file
        assert track.start is not None
        assert track.end is None or track.end > track.start >= 0
