"""Levels out of texts: what taggers write, and what some of them get wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.level_tags import levels_of, profile_of
from playback.levels import UNKNOWN, Levels
from playback.profile import NO_PROFILE, Profile


def test_the_four_tags_in_whatever_case() -> None:
    tags = {
        "REPLAYGAIN_TRACK_GAIN": "-7.03 dB",
        "replaygain_track_peak": "1.02",
        "ReplayGain_Album_Gain": "+0.50 dB",
        "replaygain_album_PEAK": "0.988312",
        "title": "-3 dB",
    }
    assert levels_of(tags) == Levels(-7.03, 1.02, 0.5, 0.988312)


def test_without_tags_nothing_is_known() -> None:
    assert levels_of({}) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "gain_db"),
    [
        ("-7.03", -7.03),
        ("-7.03dB", -7.03),
        (" +3.25 DB", 3.25),
        ("-7,03 dB", -7.03),
        (".5 dB", 0.5),
        ("3. dB", 3.0),
        ("-1e1 dB", -10.0),
        ("-6 dB;-6 dB", -6.0),
        ("0.00 dB", 0.0),
        ("64.82 dB", 64.82),
        ("", None),
        ("dB", None),
        ("loud", None),
        ("nan", None),
        ("-inf dB", None),
        ("-", None),
        ("-200 dB", None),
        ("1e9 dB", None),
        ("1e999 dB", None),
    ],
)
def test_a_gain_is_the_number_in_front(text: str, gain_db: float | None) -> None:
    assert levels_of({"REPLAYGAIN_TRACK_GAIN": text}).track_gain_db == gain_db


@pytest.mark.parametrize(
    ("text", "peak"),
    [
        ("0.5", 0.5),
        ("1,25", 1.25),
        ("3.05e-05", 3.05e-05),
        ("0", None),
        ("0.000000", None),
        ("-0.5", None),
        ("32767", None),
        ("", None),
        ("nan", None),
    ],
)
def test_a_peak_is_above_zero_and_makes_sense(text: str, peak: float | None) -> None:
    assert levels_of({"REPLAYGAIN_ALBUM_PEAK": text}).album_peak == peak


@pytest.mark.parametrize(
    ("text", "gain_db"),
    [
        ("0", 5.0),
        ("-256", 4.0),
        ("-1280", 0.0),
        ("640", 7.5),
        ("+1", 5.00390625),
        ("-3.5", None),
        ("many", None),
        ("", None),
        ("99999", None),
        ("1000000", None),
    ],
)
def test_the_gains_of_opus_are_steps_of_a_256th_from_another_reference(
    text: str, gain_db: float | None
) -> None:
    tags = {"R128_TRACK_GAIN": text, "R128_ALBUM_GAIN": "-1280"}
    assert levels_of(tags) == Levels(gain_db, None, 0.0, None)


def test_of_both_kinds_the_one_of_opus_counts_and_the_other_fills_in() -> None:
    tags = {
        "R128_TRACK_GAIN": "-256",
        "REPLAYGAIN_TRACK_GAIN": "-9 dB",
        "REPLAYGAIN_TRACK_PEAK": "0.7",
        "REPLAYGAIN_ALBUM_GAIN": "-8 dB",
    }
    assert levels_of(tags) == Levels(4.0, 0.7, -8.0, None)


@given(st.text(), st.text())
def test_any_text_gives_levels_that_make_sense(gain: str, peak: str) -> None:
    levels = levels_of(
        {"R128_TRACK_GAIN": gain, "REPLAYGAIN_ALBUM_GAIN": gain, "REPLAYGAIN_ALBUM_PEAK": peak}
    )
    for gain_db in (levels.track_gain_db, levels.album_gain_db):
        assert gain_db is None or abs(gain_db) < 100
    assert levels.album_peak is None or 0 < levels.album_peak < 100


@given(st.floats(-60, 60), st.floats(0.001, 2))
def test_what_is_written_is_what_is_read(gain_db: float, peak: float) -> None:
    tags = {"REPLAYGAIN_TRACK_GAIN": f"{gain_db:+.2f} dB", "REPLAYGAIN_TRACK_PEAK": f"{peak:.6f}"}
    levels = levels_of(tags)
    assert levels.track_gain_db == pytest.approx(gain_db, abs=0.005)
    assert levels.track_peak == pytest.approx(peak, abs=1e-6)


def test_the_ramps_of_mix_ramp_in_whatever_case_beside_the_levels() -> None:
    tags = {
        "MIXRAMP_START": "-24.00 0.10;-17.00 0.62;",
        "mixramp_end": "-30.5 1.00",
        "ReplayGain_Track_Gain": "-3 dB",
    }
    start, end = ((-24.0, 0.1), (-17.0, 0.62)), ((-30.5, 1.0),)
    assert profile_of(tags) == Profile(Levels(-3.0), start, end)


@pytest.mark.parametrize("tags", [{}, {"MIXRAMP_START": "loud", "MIXRAMP_END": ""}])
def test_without_ramps_nothing_is_known_of_the_ends(tags: dict[str, str]) -> None:
    assert profile_of(tags) == NO_PROFILE
